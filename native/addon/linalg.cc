#include <napi.h>

#include <cstddef>

#include "addon/families.h"
#include "addon/job.h"
#include "addon/operands.h"
#include "kernels/inverse/inverse.h"
#include "runtime/huge_pages.h"

namespace numcore::addon {
namespace {

using inverse::Assume;

// Below this order a second thread costs more than it saves.
constexpr std::int64_t kSmallOrder = 112;

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

// preferHugePages(array)
void prefer_huge_pages(const Napi::CallbackInfo& call) {
  const std::span<std::byte> bytes = view<std::byte>(call[0]);  // its length is in elements
  const std::size_t size = is_float32(call[0]) ? sizeof(float) : sizeof(double);
  numcore::prefer_huge_pages(bytes.data(), bytes.size() * size);
}

}  // namespace

void init_linalg(Napi::Env env, Napi::Object exports) {
  exports.Set("preferHugePages", Napi::Function::New(env, prefer_huge_pages, "preferHugePages"));
  exports.Set("inv", Napi::Function::New(env, inv, "inv"));
}

}  // namespace numcore::addon
