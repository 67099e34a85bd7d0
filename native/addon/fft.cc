#include <napi.h>

#include <algorithm>
#include <string>

#include "addon/arguments.h"
#include "addon/families.h"
#include "addon/job.h"
#include "kernels/fft/transform.h"

namespace numcore::addon {
namespace {

// Below this many points a second thread costs more than it saves (about 0.2 ms).
constexpr std::size_t kSmallPoints = std::size_t{1} << 15;

Size size_of(std::size_t points) { return points <= kSmallPoints ? Size::small : Size::wide; }

// fft(from, to, n, kind, backward, scale, control): what `from` lacks is zero, what it has too much is not
// read.
Napi::Value transform(const Napi::CallbackInfo& call) {
  const auto from = view<const double>(call[0]);
  const auto to = view<double>(call[1]);
  const auto n = static_cast<std::size_t>(integer(call[2]));
  const std::string kind = text(call[3]);
  const fft::Manner manner{call[4].As<Napi::Boolean>(), number(call[5])};
  return submit(call, call[6], size_of(n), {call[0], call[1]}, [=](JobContext& context) -> Finish {
    const std::size_t needed = kind == "complex" ? 2 * n : kind == "inverse-half" ? 2 * (n / 2 + 1) : n;
    const double* data = from.data();
    fft::Buffer padded;
    if (from.size() < needed) {
      padded = fft::make_buffer(needed);
      std::copy(from.begin(), from.end(), padded.get());
      std::fill(padded.get() + from.size(), padded.get() + needed, 0.0);
      data = padded.get();
    }
    if (kind == "complex") {
      fft::transform(*fft::find_plan(n, false, context), data, to.data(), manner, context);
    } else if (kind == "real") {
      fft::transform_widened(data, to.data(), n, manner, context);
    } else if (kind == "half") {
      fft::transform_real(data, to.data(), n, manner, context);
    } else {
      fft::transform_to_real(data, to.data(), n, manner, context);
    }
    return [](Napi::Env env) { return env.Undefined(); };
  });
}

// fft2(from, to, rows, columns, real, backward, scale, control)
Napi::Value transform2(const Napi::CallbackInfo& call) {
  const auto from = view<const double>(call[0]);
  const auto to = view<double>(call[1]);
  const auto rows = static_cast<std::size_t>(integer(call[2])),
             columns = static_cast<std::size_t>(integer(call[3]));
  const bool real = call[4].As<Napi::Boolean>();
  const fft::Manner manner{call[5].As<Napi::Boolean>(), number(call[6])};
  return submit(
      call, call[7], size_of(rows * columns), {call[0], call[1]}, [=](JobContext& context) -> Finish {
        if (real) {
          // From the end, so that `to` may be where `from` is.
          for (std::size_t i = rows * columns; i-- > 0;) {
            to[2 * i] = from[i];
            to[2 * i + 1] = 0;
          }
        }
        fft::transform_2d(real ? to.data() : from.data(), to.data(), rows, columns, manner, context);
        return [](Napi::Env env) { return env.Undefined(); };
      });
}

}  // namespace

void init_fft(Napi::Env env, Napi::Object exports) {
  exports.Set("fft", Napi::Function::New(env, transform, "fft"));
  exports.Set("fft2", Napi::Function::New(env, transform2, "fft2"));
}

}  // namespace numcore::addon
