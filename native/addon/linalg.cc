#include <napi.h>

#include <string>

#include "addon/arguments.h"
#include "addon/families.h"
#include "addon/job.h"
#include "kernels/inverse/inverse.h"

namespace numcore::addon {
namespace {

using inverse::Assume;
using inverse::Method;

// Below this order a second thread costs more than it saves.
constexpr std::int64_t kSmallOrder = 96;

Assume to_assume(const std::string& name) {
  if (name == "general") return Assume::general;
  if (name == "symmetric") return Assume::symmetric;
  if (name == "positive-definite") return Assume::positive_definite;
  return Assume::automatic;
}

const char* name_of(Method method) {
  switch (method) {
    case Method::cholesky:
      return "cholesky";
    case Method::ldlt:
      return "ldlt";
    case Method::bunch_kaufman:
      return "bunch-kaufman";
    case Method::lu:
      return "lu";
  }
  return "unknown";
}

Finish finish(const inverse::Report& report, int threads) {
  return [report, threads](Napi::Env env) -> Napi::Value {
    Napi::Object result = Napi::Object::New(env);
    result.Set("method", name_of(report.method));
    result.Set("rcond", report.rcond);
    result.Set("residual", report.residual);
    result.Set("growth", report.growth);
    result.Set("positive", static_cast<double>(report.positive));
    result.Set("negative", static_cast<double>(report.negative));
    result.Set("zero", static_cast<double>(report.zero));
    result.Set("inertiaKnown", report.inertia_known);
    result.Set("repaired", report.repaired);
    result.Set("threads", threads);
    return result;
  };
}

template <class T>
Work invert(const Napi::Value& a, const Napi::Value& x, std::int64_t n, Assume assume) {
  return [from = view<const T>(a), to = view<T>(x), n, assume](JobContext& context) {
    return finish(inverse::invert<T>(from, to, n, assume, context), context.threads());
  };
}

// inv(a, x, n, assume, control): a and x are n * n row-major, of one type; x may be a itself.
Napi::Value inv(const Napi::CallbackInfo& call) {
  const std::int64_t n = integer(call[2]);
  const Assume assume = to_assume(text(call[3]));
  Work work = is_float32(call[0]) ? invert<float>(call[0], call[1], n, assume)
                                  : invert<double>(call[0], call[1], n, assume);
  return submit(call, call[4].As<Napi::Object>(), n <= kSmallOrder ? Size::small : Size::wide,
                {call[0], call[1]}, std::move(work));
}

}  // namespace

void init_linalg(Napi::Env env, Napi::Object exports) {
  exports.Set("inv", Napi::Function::New(env, inv, "inv"));
}

}  // namespace numcore::addon
