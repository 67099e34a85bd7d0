// Reading what lib/ passes. It has been validated there; here the types are only taken at their word, except
// that a typed array's pointer is asked for at the last moment, because a detached buffer has none.
#pragma once

#include <napi.h>

#include <cstdint>
#include <span>
#include <string>

namespace numcore::addon {

// Without asking for the ArrayBuffer too, which Napi::TypedArray does and which takes as long again.
template <class T>
std::span<T> view(const Napi::Value& value) {
  void* data = nullptr;
  std::size_t length = 0;
  const napi_status status =
      napi_get_typedarray_info(value.Env(), value, nullptr, &length, &data, nullptr, nullptr);
  if (status != napi_ok) throw Napi::Error::New(value.Env());
  return {static_cast<T*>(data), length};
}

inline bool is_float32(const Napi::Value& value) {
  napi_typedarray_type type = napi_float64_array;
  napi_get_typedarray_info(value.Env(), value, &type, nullptr, nullptr, nullptr, nullptr);
  return type == napi_float32_array;
}

inline std::int64_t integer(const Napi::Value& value) { return value.As<Napi::Number>().Int64Value(); }
inline double number(const Napi::Value& value) { return value.As<Napi::Number>().DoubleValue(); }
inline std::string text(const Napi::Value& value) { return value.As<Napi::String>().Utf8Value(); }

}  // namespace numcore::addon
