#include <napi.h>

#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "addon/arguments.h"
#include "addon/families.h"
#include "addon/job.h"
#include "addon/names.h"
#include "kernels/quadrature/evaluate.h"
#include "kernels/quadrature/expression.h"
#include "kernels/quadrature/grid_rules.h"
#include "kernels/quadrature/midpoint.h"

namespace numcore::addon {
namespace {

using quadrature::Expression;
using quadrature::Integral;

Finish finish(const Integral& integral) {
  return [integral](Napi::Env env) -> Napi::Value {
    Napi::Object result = Napi::Object::New(env);
    result.Set("value", integral.value);
    result.Set("error", integral.error);
    result.Set("evaluations", static_cast<double>(integral.evaluations));
    result.Set("threads", integral.threads);
    return result;
  };
}

quadrature::GridRule grid_rule(const Napi::Value& value) {
  using quadrature::GridRule;
  const std::string name = text(value);
  if (name == "midpoint") return GridRule::midpoint;
  if (name == "trapezoid") return GridRule::trapezoid;
  return name == "simpson" ? GridRule::simpson : GridRule::gauss;
}

// integrate(expression, names, a, b, bins, rule, order, control)
Napi::Value integrate(const Napi::CallbackInfo& call) {
  std::string source = text(call[0]);
  quadrature::Names known = names(call[1]);
  const double a = number(call[2]);
  const double b = number(call[3]);
  const auto bins = static_cast<std::uint64_t>(integer(call[4]));
  const quadrature::GridRule rule = grid_rule(call[5]);
  const auto order = static_cast<int>(integer(call[6]));
  const std::uint64_t points =
      bins * static_cast<std::uint64_t>(rule == quadrature::GridRule::simpson ? 2 : order);
  const Size size = quadrature::is_small(source, points) ? Size::small : Size::wide;
  // The text is parsed by the job: a long one takes longer than the event loop should wait.
  return submit(
      call, call[7].As<Napi::Object>(), size, {},
      [source = std::move(source), known = std::move(known), a, b, bins, rule, order](JobContext& context) {
        return finish(
            quadrature::integrate_grid(Expression(source, known), a, b, bins, rule, order, context));
      });
}

// A fixed-grid rule whose integrand is JavaScript: all on the calling thread.
using Session = std::unique_ptr<quadrature::GridSession>;

// gridSession(a, b, bins, rule, order)
Napi::Value grid_session(const Napi::CallbackInfo& call) {
  auto session =
      quadrature::grid_session(number(call[0]), number(call[1]), static_cast<std::uint64_t>(integer(call[2])),
                               grid_rule(call[3]), static_cast<int>(integer(call[4])));
  return Napi::External<Session>::New(call.Env(), new Session(std::move(session)),
                                      [](Napi::Env, Session* each) { delete each; });
}

// gridPoints(session): where the next values are wanted; empty at the end.
Napi::Value grid_points(const Napi::CallbackInfo& call) {
  quadrature::GridSession& session = **call[0].As<Napi::External<Session>>().Data();
  auto points = Napi::Float64Array::New(call.Env(), session.size());
  if (points.ElementLength() > 0) session.points({points.Data(), points.ElementLength()});
  return points;
}

// gridGive(session, values, control): takes the values there.
Napi::Value grid_give(const Napi::CallbackInfo& call) {
  quadrature::GridSession* const session = call[0].As<Napi::External<Session>>().Data()->get();
  const std::span<const double> values = view<const double>(call[1]);
  return submit(call, call[2].As<Napi::Object>(), Size::small, {call[0], call[1]},
                [session, values](JobContext&) -> Finish {
                  session->give(values);
                  return [](Napi::Env env) -> Napi::Value { return env.Undefined(); };
                });
}

// gridFinish(session, control): the integral.
Napi::Value grid_finish(const Napi::CallbackInfo& call) {
  quadrature::GridSession* const session = call[0].As<Napi::External<Session>>().Data()->get();
  return submit(call, call[1].As<Napi::Object>(), Size::small, {call[0]},
                [session](JobContext&) { return finish(session->finish()); });
}

// A compiled expression as JavaScript holds it: freed with its last handle or job.
using Handle = std::shared_ptr<const Expression>;

// compileExpression(expression, names, control): a handle for sampleExpression.
Napi::Value compile_expression(const Napi::CallbackInfo& call) {
  return submit(call, call[2].As<Napi::Object>(), Size::small, {},
                [source = text(call[0]), known = names(call[1])](JobContext&) -> Finish {
                  const auto f = std::make_shared<const Expression>(source, known);
                  return [f](Napi::Env env) -> Napi::Value {
                    return Napi::External<Handle>::New(env, new Handle(f),
                                                       [](Napi::Env, Handle* handle) { delete handle; });
                  };
                });
}

// sampleExpression(handle, arrays, out, control): the values at the points whose coordinates are in `arrays`.
Napi::Value sample_expression(const Napi::CallbackInfo& call) {
  const Handle f = *call[0].As<Napi::External<Handle>>().Data();
  const auto arrays = call[1].As<Napi::Array>();
  std::vector<Napi::Value> lent{call[2]};
  std::vector<const double*> variables;
  for (std::uint32_t i = 0; i < arrays.Length(); ++i) {
    lent.push_back(arrays.Get(i));
    variables.push_back(view<const double>(lent.back()).data());
  }
  const std::span<double> out = view<double>(call[2]);
  const bool small = f->program().cost * static_cast<double>(out.size()) <= 50'000;
  return submit(call, call[3].As<Napi::Object>(), small ? Size::small : Size::wide, std::move(lent),
                [f, variables = std::move(variables), out](JobContext& context) -> Finish {
                  quadrature::evaluate(*f, variables, out, context);
                  return [](Napi::Env env) -> Napi::Value { return env.Undefined(); };
                });
}

}  // namespace

void init_quadrature(Napi::Env env, Napi::Object exports) {
  exports.Set("integrate", Napi::Function::New(env, integrate, "integrate"));
  exports.Set("gridSession", Napi::Function::New(env, grid_session, "gridSession"));
  exports.Set("gridPoints", Napi::Function::New(env, grid_points, "gridPoints"));
  exports.Set("gridGive", Napi::Function::New(env, grid_give, "gridGive"));
  exports.Set("gridFinish", Napi::Function::New(env, grid_finish, "gridFinish"));
  exports.Set("compileExpression", Napi::Function::New(env, compile_expression, "compileExpression"));
  exports.Set("sampleExpression", Napi::Function::New(env, sample_expression, "sampleExpression"));
}

}  // namespace numcore::addon
