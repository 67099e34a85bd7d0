// Memory for packed operands, on cache lines; and the size of the tiles they are used in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>

namespace numcore::inverse {

struct PackedDelete {
  template <class T>
  void operator()(T* p) const {
    ::operator delete[](p, std::align_val_t{64});
  }
};
template <class T>
using Packed = std::unique_ptr<T[], PackedDelete>;

template <class T>
Packed<T> packed(std::int64_t count) {
  void* memory = ::operator new[](static_cast<std::size_t>(count) * sizeof(T), std::align_val_t{64});
  return Packed<T>(static_cast<T*>(memory));
}

// Side of the square tiles of one update task: small enough that a small matrix still feeds several
// threads, large enough that a row group of one operand stays in the first-level cache while the tile's
// panels of the other come from the second. A multiple of every block width, and never of the threads.
inline std::int64_t tile_side(std::int64_t n) { return n <= 768 ? 96 : n <= 1536 ? 192 : 384; }

}  // namespace numcore::inverse
