#include "kernels/text/tokens.h"

#include <algorithm>
#include <cstring>

#include "runtime/huge_pages.h"

namespace numcore::text {
namespace {

// Two megabytes, a huge page, or a quarter of it.
constexpr std::size_t kHugeBlock = std::size_t{1} << 19, kBlock = kHugeBlock / 4;

}  // namespace

std::uint32_t* TokenStore::place(std::size_t count) {
  if (blocks_.empty() || blocks_.back().ids.size() - used_ < count) {
    blocks_.emplace_back().ids = huge_ ? Pages<std::uint32_t>(std::max(count, kHugeBlock), Taking::huge)
                                       : Pages<std::uint32_t>(std::max(count, kBlock));
    used_ = 0;
  }
  return blocks_.back().ids.data() + used_;
}

TokenBlock* TokenStore::keep(std::size_t count) noexcept {
  used_ += count;
  ++blocks_.back().pieces;
  return &blocks_.back();
}

void Tokens::take(std::uint32_t* target, int threads) noexcept {
  if (!pieces_.empty()) {
    const std::size_t length = pieces_.back().first + pieces_.back().count;
    prefer_huge_pages(target, length * sizeof(std::uint32_t));
  }
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1) if (threads > 1 && pieces_.size() > 1)
  for (std::size_t p = 0; p < pieces_.size(); ++p) {
    const ReadPiece& piece = pieces_[p];
    if (piece.count == 0) continue;
    std::uint32_t* const to = target + piece.first;
    if (ids_.empty()) {
      std::memcpy(to, piece.ids, piece.count * sizeof(std::uint32_t));
    } else {
      const std::uint32_t* const id_of = ids_[piece.reader].data();
      for (std::size_t i = 0; i < piece.count; ++i) to[i] = id_of[piece.ids[i]];
    }
    if (--piece.block->pieces == 0) piece.block->ids = {};
  }
}

}  // namespace numcore::text
