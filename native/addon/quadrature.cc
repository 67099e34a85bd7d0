#include <napi.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
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
#include "kernels/quadrature/quasi.h"

namespace numcore::addon {
namespace {

using quadrature::Expression;
using quadrature::Integral;

Finish finish(const Integral& integral) {
  return [integral](Napi::Env env) -> Napi::Value {
    Napi::Object result = Napi::Object::New(env);
    result.Set("value", integral.value);
    result.Set("error", integral.error);
    result.Set("l1", integral.l1);
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
      call, call[7], size, {},
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
  return submit(call, call[2], Size::small, {call[0], call[1]}, [session, values](JobContext&) -> Finish {
    session->give(values);
    return [](Napi::Env env) -> Napi::Value { return env.Undefined(); };
  });
}

// gridFinish(session, control): the integral.
Napi::Value grid_finish(const Napi::CallbackInfo& call) {
  quadrature::GridSession* const session = call[0].As<Napi::External<Session>>().Data()->get();
  return submit(call, call[1], Size::small, {call[0]},
                [session](JobContext&) { return finish(session->finish()); });
}

Napi::Value bytes_of(Napi::Env env, const std::vector<std::byte>& bytes) {
  auto array = Napi::Uint8Array::New(env, bytes.size());
  if (!bytes.empty()) std::memcpy(array.Data(), bytes.data(), bytes.size());
  return array;
}

// integrateParts(expression, names, a, b, bins, rule, order, first, last, control): what a process has of a
// rule that several share.
Napi::Value integrate_parts(const Napi::CallbackInfo& call) {
  const auto bins = static_cast<std::uint64_t>(integer(call[4]));
  const auto order = static_cast<int>(integer(call[6]));
  return submit(call, call[9].As<Napi::Object>(), Size::wide, {},
                [source = text(call[0]), known = names(call[1]), a = number(call[2]), b = number(call[3]),
                 bins, rule = grid_rule(call[5]), order, first = static_cast<std::uint64_t>(integer(call[7])),
                 last = static_cast<std::uint64_t>(integer(call[8]))](JobContext& context) -> Finish {
                  quadrature::GridParts parts = quadrature::integrate_parts(
                      Expression(source, known), a, b, bins, rule, order, first, last, context);
                  return [parts = std::move(parts)](Napi::Env env) -> Napi::Value {
                    Napi::Object result = Napi::Object::New(env);
                    result.Set("bytes", bytes_of(env, parts.bytes));
                    result.Set("threads", parts.threads);
                    return result;
                  };
                });
}

// gridChunks(session): into how many pieces its rule can be shared out.
Napi::Value grid_chunks(const Napi::CallbackInfo& call) {
  const quadrature::GridSession& session = **call[0].As<Napi::External<Session>>().Data();
  return Napi::Number::New(call.Env(), static_cast<double>(session.chunks()));
}

// gridSelect(session, first, last): which of them are evaluated here.
Napi::Value grid_select(const Napi::CallbackInfo& call) {
  quadrature::GridSession& session = **call[0].As<Napi::External<Session>>().Data();
  session.select(static_cast<std::uint64_t>(integer(call[1])), static_cast<std::uint64_t>(integer(call[2])));
  return call.Env().Undefined();
}

// gridParts(session): what came of them.
Napi::Value grid_parts(const Napi::CallbackInfo& call) {
  const quadrature::GridSession& session = **call[0].As<Napi::External<Session>>().Data();
  return bytes_of(call.Env(), session.parts());
}

// gridTake(session, parts, control): adds the parts that follow.
Napi::Value grid_take(const Napi::CallbackInfo& call) {
  quadrature::GridSession* const session = call[0].As<Napi::External<Session>>().Data()->get();
  const std::span<const std::uint8_t> parts = view<const std::uint8_t>(call[1]);
  return submit(call, call[2].As<Napi::Object>(), Size::small, {call[0], call[1]},
                [session, parts](JobContext&) -> Finish {
                  session->take(std::as_bytes(parts));
                  return [](Napi::Env env) -> Napi::Value { return env.Undefined(); };
                });
}

// A compiled expression as JavaScript holds it: freed with its last handle or job.
using Handle = std::shared_ptr<const Expression>;

// compileExpression(expression, names, control): a handle for sampleExpression.
Napi::Value compile_expression(const Napi::CallbackInfo& call) {
  return submit(call, call[2], Size::small, {},
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
  return submit(call, call[3], small ? Size::small : Size::wide, std::move(lent),
                [f, variables = std::move(variables), out](JobContext& context) -> Finish {
                  quadrature::evaluate(*f, variables, out, context);
                  return [](Napi::Env env) -> Napi::Value { return env.Undefined(); };
                });
}

quadrature::Quasi quasi(const Napi::Value& value) {
  const auto given = value.As<Napi::Object>();
  const auto low = view<const double>(given.Get("low"));
  const auto high = view<const double>(given.Get("high"));
  const auto shifts = view<const std::uint32_t>(given.Get("shifts"));
  return {{low.begin(), low.end()},
          {high.begin(), high.end()},
          {shifts.begin(), shifts.end()},
          {number(given.Get("absTolerance")), number(given.Get("relTolerance")),
           static_cast<std::uint64_t>(integer(given.Get("most")))}};
}

Finish finish(const quadrature::QuasiResult& result) {
  return [result](Napi::Env env) -> Napi::Value {
    Napi::Object object = Napi::Object::New(env);
    object.Set("value", result.value);
    object.Set("error", result.error);
    object.Set("l1", result.l1);
    object.Set("evaluations", static_cast<double>(result.evaluations));
    object.Set("converged", result.converged);
    return object;
  };
}

// qmc(expression, names, settings, control)
Napi::Value qmc(const Napi::CallbackInfo& call) {
  std::string source = text(call[0]);
  const auto most = static_cast<std::uint64_t>(integer(call[2].As<Napi::Object>().Get("most")));
  const Size size = quadrature::is_small(source, most) ? Size::small : Size::wide;
  const auto rule = std::make_shared<quadrature::Quasi>(quasi(call[2]));
  return submit(call, call[3], size, {},
                [source = std::move(source), known = names(call[1]), rule](JobContext& context) {
                  return finish(rule->run(Expression(source, known), context));
                });
}

// qmcSession(settings): for an integrand that is JavaScript.
using QuasiHandle = std::shared_ptr<quadrature::Quasi>;

Napi::Value qmc_session(const Napi::CallbackInfo& call) {
  return Napi::External<QuasiHandle>::New(
      call.Env(), new QuasiHandle(std::make_shared<quadrature::Quasi>(quasi(call[0]))),
      [](Napi::Env, QuasiHandle* each) { delete each; });
}

// qmcPoints(session, dimensions): an array of coordinates for each, where the next values are wanted; empty
// ones at the end.
Napi::Value qmc_points(const Napi::CallbackInfo& call) {
  const QuasiHandle& session = *call[0].As<Napi::External<QuasiHandle>>().Data();
  const auto dimensions = static_cast<std::uint32_t>(integer(call[1]));
  auto arrays = Napi::Array::New(call.Env(), dimensions);
  std::vector<double*> out;
  for (std::uint32_t i = 0; i < dimensions; ++i) {
    auto each = Napi::Float64Array::New(call.Env(), session->size());
    out.push_back(each.Data());
    arrays.Set(i, each);
  }
  if (session->size() > 0) session->points(out);
  return arrays;
}

// qmcGive(session, values, control): takes the values there.
Napi::Value qmc_give(const Napi::CallbackInfo& call) {
  const QuasiHandle session = *call[0].As<Napi::External<QuasiHandle>>().Data();
  const std::span<const double> values = view<const double>(call[1]);
  return submit(call, call[2], Size::small, {call[1]}, [session, values](JobContext&) -> Finish {
    session->give(values);
    return [](Napi::Env env) -> Napi::Value { return env.Undefined(); };
  });
}

// qmcResult(session)
Napi::Value qmc_result(const Napi::CallbackInfo& call) {
  return finish((*call[0].As<Napi::External<QuasiHandle>>().Data())->result())(call.Env());
}

}  // namespace

void init_quadrature(Napi::Env env, Napi::Object exports) {
  exports.Set("integrate", Napi::Function::New(env, integrate, "integrate"));
  exports.Set("gridSession", Napi::Function::New(env, grid_session, "gridSession"));
  exports.Set("gridPoints", Napi::Function::New(env, grid_points, "gridPoints"));
  exports.Set("gridGive", Napi::Function::New(env, grid_give, "gridGive"));
  exports.Set("gridFinish", Napi::Function::New(env, grid_finish, "gridFinish"));
  exports.Set("integrateParts", Napi::Function::New(env, integrate_parts, "integrateParts"));
  exports.Set("gridChunks", Napi::Function::New(env, grid_chunks, "gridChunks"));
  exports.Set("gridSelect", Napi::Function::New(env, grid_select, "gridSelect"));
  exports.Set("gridParts", Napi::Function::New(env, grid_parts, "gridParts"));
  exports.Set("gridTake", Napi::Function::New(env, grid_take, "gridTake"));
  exports.Set("compileExpression", Napi::Function::New(env, compile_expression, "compileExpression"));
  exports.Set("sampleExpression", Napi::Function::New(env, sample_expression, "sampleExpression"));
  exports.Set("qmc", Napi::Function::New(env, qmc, "qmc"));
  exports.Set("qmcSession", Napi::Function::New(env, qmc_session, "qmcSession"));
  exports.Set("qmcPoints", Napi::Function::New(env, qmc_points, "qmcPoints"));
  exports.Set("qmcGive", Napi::Function::New(env, qmc_give, "qmcGive"));
  exports.Set("qmcResult", Napi::Function::New(env, qmc_result, "qmcResult"));
}

}  // namespace numcore::addon
