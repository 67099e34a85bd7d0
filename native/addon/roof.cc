#include "kernels/roof/roof.h"

#include <napi.h>

#include "addon/arguments.h"
#include "addon/families.h"
#include "addon/job.h"

namespace numcore::addon {
namespace {

// roofMultiply(workspace, n, times, control); workspace: 3 n^2 numbers for each thread.
Napi::Value multiply(const Napi::CallbackInfo& call) {
  const auto workspace = view<double>(call[0]);
  const auto n = static_cast<std::size_t>(integer(call[1]));
  const std::int64_t times = integer(call[2]);
  return submit(call, call[3], Size::wide, {call[0]}, [=](JobContext& context) -> Finish {
    roof::multiply(workspace, n, times, context);
    return [](Napi::Env env) { return env.Undefined(); };
  });
}

// roofRoots(count, width, control) gives the number of roots that were taken.
Napi::Value roots(const Napi::CallbackInfo& call) {
  const std::int64_t count = integer(call[0]);
  const auto width = static_cast<int>(integer(call[1]));
  return submit(call, call[2], Size::wide, {}, [=](JobContext& context) -> Finish {
    const auto taken = static_cast<double>(roof::square_roots(count, width, context));
    return [=](Napi::Env env) { return Napi::Number::New(env, taken); };
  });
}

// roofWidths() gives the widths that roofRoots takes.
Napi::Value widths(const Napi::CallbackInfo& call) {
  const auto all = roof::widths();
  auto list = Napi::Array::New(call.Env(), all.size());
  for (std::uint32_t i = 0; i < all.size(); ++i) list.Set(i, all[i]);
  return list;
}

// roofCopy(from, to, control)
Napi::Value copy(const Napi::CallbackInfo& call) {
  const auto from = view<const double>(call[0]);
  const auto to = view<double>(call[1]);
  return submit(call, call[2], Size::wide, {call[0], call[1]}, [=](JobContext& context) -> Finish {
    roof::copy(from, to, context);
    return [](Napi::Env env) { return env.Undefined(); };
  });
}

}  // namespace

void init_roof(Napi::Env env, Napi::Object exports) {
  exports.Set("roofMultiply", Napi::Function::New(env, multiply, "roofMultiply"));
  exports.Set("roofRoots", Napi::Function::New(env, roots, "roofRoots"));
  exports.Set("roofWidths", Napi::Function::New(env, widths, "roofWidths"));
  exports.Set("roofCopy", Napi::Function::New(env, copy, "roofCopy"));
}

}  // namespace numcore::addon
