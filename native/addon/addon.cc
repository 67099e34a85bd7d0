// The add-on's entry: called once in every environment (main thread, each worker) that loads it.
#include <napi.h>

#include "addon/families.h"
#include "addon/job.h"

namespace {

Napi::Object init(Napi::Env env, Napi::Object exports) {
  numcore::addon::init_jobs(env);
  numcore::addon::init_threads(env, exports);
  numcore::addon::init_library(env, exports);
  numcore::addon::init_linalg(env, exports);
  numcore::addon::init_products(env, exports);
  numcore::addon::init_factor(env, exports);
  numcore::addon::init_solve(env, exports);
  numcore::addon::init_eigen(env, exports);
  numcore::addon::init_batch(env, exports);
  numcore::addon::init_expression(env, exports);
  numcore::addon::init_quadrature(env, exports);
  numcore::addon::init_text(env, exports);
  numcore::addon::init_correlation(env, exports);
  numcore::addon::init_fft(env, exports);
  numcore::addon::init_roof(env, exports);
  numcore::addon::init_shared(env, exports);
  return exports;
}

}  // namespace

NODE_API_MODULE(numcore, init)
