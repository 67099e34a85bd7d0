#include "runtime/threads.h"

#include <napi.h>

#include <string>

#include "addon/arguments.h"
#include "addon/families.h"
#include "runtime/blas_cores.h"
#include "runtime/compute_queue.h"

extern "C" {
char* openblas_get_config(void);
char* openblas_get_corename(void);
int openblas_get_parallel(void);
}

namespace numcore::addon {
namespace {

// The configuration reads "OpenBLAS 0.3.21 NO_LAPACKE DYNAMIC_ARCH ... MAX_THREADS=64".
std::string word_after(const std::string& text, const std::string& mark) {
  const auto at = text.find(mark);
  if (at == std::string::npos) return {};
  const auto start = at + mark.size();
  return text.substr(start, text.find(' ', start) - start);
}

Napi::Value info(const Napi::CallbackInfo& call) {
  const Napi::Env env = call.Env();
  static constexpr const char* kLayers[] = {"none", "pthreads", "OpenMP"};
  const int layer = openblas_get_parallel();
  const std::string config = openblas_get_config();
  Napi::Object blas = Napi::Object::New(env);
  blas.Set("version", word_after(config, "OpenBLAS "));
  blas.Set("config", config);
  blas.Set("coreType", openblas_get_corename());
  blas.Set("coreTypeSource", std::string(choose_blas_cores()));
  blas.Set("threadingLayer", layer >= 0 && layer <= 2 ? kLayers[layer] : "unknown");

  const Cpus cpus = read_cpus();
  Napi::Array affinity = Napi::Array::New(env, cpus.affinity.size());
  for (std::uint32_t i = 0; i < cpus.affinity.size(); ++i) affinity.Set(i, cpus.affinity[i]);
  const ComputeQueue::Load load = ComputeQueue::instance().load();
  Napi::Object queue = Napi::Object::New(env);
  queue.Set("queued", static_cast<double>(load.queued));
  queue.Set("running", static_cast<double>(load.running));

  const ThreadDecision made = default_threads();
  Napi::Object threads = Napi::Object::New(env);
  threads.Set("count", made.count);
  threads.Set("source", made.source);

  Napi::Object result = Napi::Object::New(env);
  result.Set("version", NUMCORE_VERSION);
  result.Set("openblas", blas);
  result.Set("openmp", std::to_string(_OPENMP));
  result.Set("threads", threads);
  result.Set("online", cpus.online);
  result.Set("affinity", affinity);
  result.Set("quota", cpus.quota ? Napi::Value(Napi::Number::New(env, *cpus.quota)) : env.Null());
  result.Set("available", cpus.available);
  result.Set("maxThreads", kMaxThreads);
  result.Set("queue", queue);
  return result;
}

// A number alone: every call of every function asks for it.
Napi::Value get_default_threads(const Napi::CallbackInfo& call) {
  return Napi::Number::New(call.Env(), default_threads().count);
}

void set_threads(const Napi::CallbackInfo& call) { set_default_threads(static_cast<int>(integer(call[0]))); }

}  // namespace

void init_threads(Napi::Env env, Napi::Object exports) {
  choose_blas_cores();
  default_threads();  // reads OMP_NUM_THREADS now, at load, as OpenMP itself does
  exports.Set("info", Napi::Function::New(env, info, "info"));
  exports.Set("defaultThreads", Napi::Function::New(env, get_default_threads, "defaultThreads"));
  exports.Set("setDefaultThreads", Napi::Function::New(env, set_threads, "setDefaultThreads"));
}

}  // namespace numcore::addon
