// Matrices of four element types as lib/linalg passes them: a matrix is five arguments (array, rows, columns,
// leading, transposed), and whether its numbers are pairs is said once for all of them.
#pragma once

#include <napi.h>

#include <complex>
#include <cstdint>
#include <span>
#include <vector>

#include "addon/arguments.h"
#include "addon/job.h"
#include "kernels/linalg/operand.h"

namespace numcore::addon {

inline constexpr std::size_t kOperandArguments = 5;

template <class T>
std::span<T> elements(const Napi::Value& value) {
  using Part = linalg::Real<std::remove_const_t<T>>;
  const auto parts = view<Part>(value);
  return {reinterpret_cast<T*>(parts.data()), parts.size() * sizeof(Part) / sizeof(T)};
}

template <class T>
linalg::Operand<T> operand(const Napi::CallbackInfo& call, std::size_t at) {
  return {elements<const T>(call[at]).data(), integer(call[at + 1]), integer(call[at + 2]),
          integer(call[at + 3]), call[at + 4].As<Napi::Boolean>().Value()};
}

inline bool flag(const Napi::Value& value) { return value.As<Napi::Boolean>().Value(); }

// f.template operator()<T>() for the element type of `array`, whose elements are pairs when `pairs`.
template <class F>
auto by_type(const Napi::Value& array, bool pairs, const F& f) {
  if (is_float32(array)) {
    return pairs ? f.template operator()<std::complex<float>>() : f.template operator()<float>();
  }
  return pairs ? f.template operator()<std::complex<double>>() : f.template operator()<double>();
}

template <class T>
T scalar(double re, [[maybe_unused]] double im) {
  if constexpr (linalg::is_complex<T>) {
    return {static_cast<linalg::Real<T>>(re), static_cast<linalg::Real<T>>(im)};
  } else {
    return static_cast<T>(re);
  }
}

// What a report tells is written to an array of the caller's, number by number: an object would take longer
// to make than a small matrix to invert.
template <class... Numbers>
void write_report(double* to, Numbers... numbers) {
  ((*to++ = static_cast<double>(numbers)), ...);
}

inline Finish nothing() {
  return [](Napi::Env env) -> Napi::Value { return env.Undefined(); };
}

}  // namespace numcore::addon
