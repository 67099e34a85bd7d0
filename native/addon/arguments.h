// Reading what lib/ passes. It has been validated there; here the types are only taken at their word, except
// that a typed array's pointer is asked for at the last moment, because a detached buffer has none.
#pragma once

#include <napi.h>

#include <cstdint>
#include <span>
#include <string>

namespace numcore::addon {

template <class T>
std::span<T> view(const Napi::Value& value) {
  auto array = Napi::TypedArrayOf<std::remove_const_t<T>>(value.Env(), value);
  return {array.Data(), array.ElementLength()};
}

inline bool is_float32(const Napi::Value& value) {
  return value.As<Napi::TypedArray>().TypedArrayType() == napi_float32_array;
}

inline std::int64_t integer(const Napi::Value& value) { return value.As<Napi::Number>().Int64Value(); }
inline double number(const Napi::Value& value) { return value.As<Napi::Number>().DoubleValue(); }
inline std::string text(const Napi::Value& value) { return value.As<Napi::String>().Utf8Value(); }

}  // namespace numcore::addon
