// Direction numbers of S. Joe and F. Y. Kuo, "Constructing Sobol sequences with better two-dimensional
// projections", SIAM J. Sci. Comput. 30, 2635-2654 (2008), the first 21 dimensions of new-joe-kuo-6.21201.
// Their licence, of the numbers:
//
// Copyright (c) 2008, Frances Y. Kuo and Stephen Joe
// All rights reserved.
//
// Redistribution and use in source and binary forms, with or without modification, are permitted provided
// that the following conditions are met:
//
// - Redistributions of source code must retain the above copyright notice, this list of conditions and the
// following
//   disclaimer.
// - Redistributions in binary form must reproduce the above copyright notice, this list of conditions and the
//   following disclaimer in the documentation and/or other materials provided with the distribution.
// - Neither the names of the copyright holders nor the names of the University of New South Wales and the
// University
//   of Waikato and its contributors may be used to endorse or promote products derived from this software
//   without specific prior written permission.
//
// THIS SOFTWARE IS PROVIDED BY THE COPYRIGHT HOLDERS ``AS IS'' AND ANY EXPRESS OR IMPLIED WARRANTIES,
// INCLUDING, BUT NOT LIMITED TO, THE IMPLIED WARRANTIES OF MERCHANTABILITY AND FITNESS FOR A PARTICULAR
// PURPOSE ARE DISCLAIMED. IN NO EVENT SHALL THE COPYRIGHT HOLDERS OR CONTRIBUTORS BE LIABLE FOR ANY DIRECT,
// INDIRECT, INCIDENTAL, SPECIAL, EXEMPLARY, OR CONSEQUENTIAL DAMAGES (INCLUDING, BUT NOT LIMITED TO,
// PROCUREMENT OF SUBSTITUTE GOODS OR SERVICES; LOSS OF USE, DATA, OR PROFITS; OR BUSINESS INTERRUPTION)
// HOWEVER CAUSED AND ON ANY THEORY OF LIABILITY, WHETHER IN CONTRACT, STRICT LIABILITY, OR TORT (INCLUDING
// NEGLIGENCE OR OTHERWISE) ARISING IN ANY WAY OUT OF THE USE OF THIS SOFTWARE, EVEN IF ADVISED OF THE
// POSSIBILITY OF SUCH DAMAGE.

#include "kernels/quadrature/sobol.h"

#include <bit>

namespace numcore::quadrature {

namespace {

constexpr int bits = 32;

// A primitive polynomial, as bits, and the initial numbers, for each dimension after the first.
struct Dimension {
  std::uint32_t polynomial;
  std::uint32_t initial[7];
};
constexpr Dimension table[Sobol::most_dimensions - 1] = {
    {3, {1}},
    {7, {1, 3}},
    {11, {1, 3, 1}},
    {13, {1, 1, 1}},
    {19, {1, 1, 3, 3}},
    {25, {1, 3, 5, 13}},
    {37, {1, 1, 5, 5, 17}},
    {41, {1, 1, 5, 5, 5}},
    {47, {1, 1, 7, 11, 19}},
    {55, {1, 1, 5, 1, 1}},
    {59, {1, 1, 1, 3, 11}},
    {61, {1, 3, 5, 5, 31}},
    {67, {1, 3, 3, 9, 7, 49}},
    {91, {1, 1, 1, 15, 21, 21}},
    {97, {1, 3, 1, 13, 27, 49}},
    {103, {1, 1, 1, 15, 7, 5}},
    {109, {1, 3, 1, 15, 13, 25}},
    {115, {1, 1, 5, 5, 19, 61}},
    {131, {1, 3, 7, 11, 23, 15, 103}},
    {137, {1, 3, 7, 13, 13, 15, 69}},
};

void fill_directions(int dimension, std::uint32_t* v) {
  if (dimension == 0) {
    for (int k = 0; k < bits; ++k) v[k] = std::uint32_t{1} << (bits - 1 - k);
    return;
  }
  const Dimension& row = table[dimension - 1];
  const int degree = std::bit_width(row.polynomial) - 1;
  for (int k = 0; k < bits; ++k) {
    if (k < degree) {
      v[k] = row.initial[k] << (bits - 1 - k);
      continue;
    }
    v[k] = v[k - degree] ^ (v[k - degree] >> degree);
    for (int j = 1; j < degree; ++j) {
      if ((row.polynomial >> (degree - j) & 1) != 0) v[k] ^= v[k - j];
    }
  }
}

// The point of this index in Gray's order, in which one direction changes a point into the next.
std::uint32_t point(const std::uint32_t* directions, std::uint64_t index) {
  std::uint32_t x = 0;
  for (std::uint64_t gray = index ^ (index >> 1); gray != 0; gray &= gray - 1) {
    x ^= directions[std::countr_zero(gray)];
  }
  return x;
}

}  // namespace

Sobol::Sobol(int dimensions) : axes_(static_cast<std::size_t>(dimensions)) {
  for (int i = 0; i < dimensions; ++i) {
    Axis& axis = axes_[static_cast<std::size_t>(i)];
    fill_directions(i, axis.directions);
    for (std::size_t k = 0; k < block_size; ++k) axis.block[k] = point(axis.directions, k);
  }
}

void Sobol::place(int dimension, std::uint64_t first, std::size_t count, std::uint32_t shift, double low,
                  double width, double* out) const {
  const Axis& axis = axes_[static_cast<std::size_t>(dimension)];
  // Bits of the block's place and of the place in the block do not meet in Gray's order either, so that a
  // point is the exclusive or of two. The top bit is turned because processors convert signed numbers.
  const std::uint32_t base = point(axis.directions, first) ^ shift ^ 0x80000000U;
  for (std::size_t k = 0; k < count; ++k) {
    const auto x = static_cast<std::int32_t>(base ^ axis.block[k]);
    out[k] = low + width * ((static_cast<double>(x) + (0x1p31 + 0.5)) * 0x1p-32);
  }
}

}  // namespace numcore::quadrature
