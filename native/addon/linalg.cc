#include <napi.h>

#include "addon/families.h"
#include "addon/job.h"
#include "addon/operands.h"
#include "kernels/inverse/inverse.h"

namespace numcore::addon {
namespace {

using inverse::Assume;

// Below this order a second thread costs more than it saves.
constexpr std::int64_t kSmallOrder = 96;

// inv(a, x, n, assume, report, control): a and x are n * n row-major, of one type; x may be a itself.
// `assume` is Assume as a number, and `report` gets the ten numbers of Report and the threads.
Napi::Value inv(const Napi::CallbackInfo& call) {
  const std::int64_t n = integer(call[2]);
  const auto assume = static_cast<Assume>(integer(call[3]));
  double* const report = view<double>(call[4]).data();
  const auto invert = [&]<class T>() {
    return submit(
        call, call[5], n <= kSmallOrder ? Size::small : Size::wide, {call[0], call[1], call[4]},
        [from = view<const T>(call[0]), to = view<T>(call[1]), n, assume, report](JobContext& context) {
          const inverse::Report r = inverse::invert<T>(from, to, n, assume, context);
          write_report(report, r.method, r.rcond, r.residual, r.growth, r.positive, r.negative, r.zero,
                       r.inertia_known, r.repaired, context.threads());
          return nothing();
        });
  };
  return is_float32(call[0]) ? invert.template operator()<float>() : invert.template operator()<double>();
}

}  // namespace

void init_linalg(Napi::Env env, Napi::Object exports) {
  exports.Set("inv", Napi::Function::New(env, inv, "inv"));
}

}  // namespace numcore::addon
