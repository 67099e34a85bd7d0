#include "kernels/quadrature/expression.h"

#include <napi.h>

#include <cstddef>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "addon/arguments.h"
#include "addon/families.h"
#include "addon/job.h"
#include "addon/names.h"
#include "kernels/quadrature/evaluate.h"

namespace numcore::addon {
namespace {

using quadrature::Expression;
using quadrature::Variable;

// evaluate(expression, x, control): the value at x; with x undefined, of an expression without x.
Napi::Value evaluate(const Napi::CallbackInfo& call) {
  const bool constant = call[1].IsUndefined();
  const double x = constant ? 0 : number(call[1]);
  return submit(call, call[2], Size::small, {}, [source = text(call[0]), x, constant](JobContext&) -> Finish {
    const Expression f(source, constant ? Variable::refused : Variable::allowed);
    return [value = f.at(x)](Napi::Env env) -> Napi::Value { return Napi::Number::New(env, value); };
  });
}

// evaluateArrays(expression, names, arrays, out, control): fills `out`; an array for each variable, as long.
Napi::Value evaluate_arrays(const Napi::CallbackInfo& call) {
  std::string source = text(call[0]);
  quadrature::Names known = names(call[1]);
  const auto given = call[2].As<Napi::Array>();
  std::vector<Napi::Value> lent{call[3]};
  std::vector<const double*> variables;
  for (std::uint32_t i = 0; i < given.Length(); ++i) {
    lent.push_back(given.Get(i));
    variables.push_back(view<const double>(lent.back()).data());
  }
  const std::span<double> out = view<double>(call[3]);
  const Size size = quadrature::is_small(source, out.size()) ? Size::small : Size::wide;
  return submit(call, call[4], size, std::move(lent),
                [source = std::move(source), known = std::move(known), variables = std::move(variables),
                 out](JobContext& context) -> Finish {
                  quadrature::evaluate(Expression(source, known), variables, out, context);
                  return [](Napi::Env env) -> Napi::Value { return env.Undefined(); };
                });
}

}  // namespace

void init_expression(Napi::Env env, Napi::Object exports) {
  exports.Set("evaluate", Napi::Function::New(env, evaluate, "evaluate"));
  exports.Set("evaluateArrays", Napi::Function::New(env, evaluate_arrays, "evaluateArrays"));
}

}  // namespace numcore::addon
