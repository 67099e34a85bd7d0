// Scratch of doubles, aligned for the widest vectors and not set to anything.
#pragma once

#include <cstddef>
#include <cstdlib>
#include <memory>
#include <new>

#include "runtime/huge_pages.h"

namespace numcore::fft {

struct Free {
  void operator()(double* data) const noexcept { std::free(data); }
};
using Buffer = std::unique_ptr<double[], Free>;

inline Buffer make_buffer(std::size_t doubles) {
  constexpr std::size_t huge = std::size_t{1} << 21, most = ~std::size_t{0} / sizeof(double) - huge;
  if (doubles > most) throw std::bad_alloc();
  const std::size_t wanted = (doubles == 0 ? 1 : doubles) * sizeof(double);
  const std::size_t alignment = wanted < huge ? 64 : huge;
  const std::size_t bytes = (wanted + alignment - 1) / alignment * alignment;
  void* const data = std::aligned_alloc(alignment, bytes);
  if (data == nullptr) throw std::bad_alloc();
  // Columns touch a page a row, and large pages need one entry of the page cache for 512 small ones.
  if (alignment == huge) prefer_huge_pages(data, bytes);
  return Buffer(static_cast<double*>(data));
}

}  // namespace numcore::fft
