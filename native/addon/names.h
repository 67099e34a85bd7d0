// What an expression may name, as lib/expression.ts passes it: { variables: string[], params: string[],
// values: Float64Array }.
#pragma once

#include <napi.h>

#include <cstdint>

#include "addon/arguments.h"
#include "kernels/quadrature/parser.h"

namespace numcore::addon {

inline quadrature::Names names(const Napi::Value& value) {
  const auto given = value.As<Napi::Object>();
  const auto variables = given.Get("variables").As<Napi::Array>();
  const auto params = given.Get("params").As<Napi::Array>();
  const auto values = view<const double>(given.Get("values"));
  quadrature::Names result{{}, {}};
  for (std::uint32_t i = 0; i < variables.Length(); ++i) result.variables.push_back(text(variables.Get(i)));
  for (std::uint32_t i = 0; i < params.Length(); ++i) {
    result.params.emplace_back(text(params.Get(i)), values[i]);
  }
  return result;
}

}  // namespace numcore::addon
