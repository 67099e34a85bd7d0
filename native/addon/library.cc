// Shared libraries that numcore is not linked against and that the machine may have: MPI.
#include <dlfcn.h>
#include <napi.h>

#include "addon/arguments.h"
#include "addon/families.h"

namespace numcore::addon {
namespace {

// openLibrary(file): its symbols are there for whatever is loaded after it, and it stays. The reason when it
// cannot.
Napi::Value open_library(const Napi::CallbackInfo& call) {
  if (dlopen(text(call[0]).c_str(), RTLD_NOW | RTLD_GLOBAL | RTLD_NODELETE) != nullptr)
    return call.Env().Undefined();
  const char* reason = dlerror();
  return Napi::String::New(call.Env(), reason != nullptr ? reason : "unknown reason");
}

// hasSymbol(name): whether any library that was opened so has it.
Napi::Value has_symbol(const Napi::CallbackInfo& call) {
  return Napi::Boolean::New(call.Env(), dlsym(RTLD_DEFAULT, text(call[0]).c_str()) != nullptr);
}

}  // namespace

void init_library(Napi::Env env, Napi::Object exports) {
  exports.Set("openLibrary", Napi::Function::New(env, open_library, "openLibrary"));
  exports.Set("hasSymbol", Napi::Function::New(env, has_symbol, "hasSymbol"));
}

}  // namespace numcore::addon
