// The tokens of a text as its readers leave them: piece by piece, in the ids of the reader's own dictionary.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <deque>
#include <utility>
#include <vector>

#include "kernels/text/pages.h"

namespace numcore::text {

// Some megabytes of ids, given back when the last of its pieces has been taken.
struct TokenBlock {
  Pages<std::uint32_t> ids;
  std::atomic<std::uint32_t> pieces{0};
};

// One reader's blocks.
class TokenStore {
 public:
  // `huge`: for so many tokens that the last of some huge pages may be empty.
  explicit TokenStore(bool huge) : huge_(huge) {}
  TokenStore(TokenStore&&) = default;
  TokenStore& operator=(TokenStore&&) = default;

  // Where the next piece's ids go: room for `count`.
  std::uint32_t* place(std::size_t count);
  // That `count` of them, more than none, are there now; the block that has them.
  TokenBlock* keep(std::size_t count) noexcept;

 private:
  bool huge_;
  std::deque<TokenBlock> blocks_;
  std::size_t used_ = 0;  // of the last block
};

// What has been read of one piece.
struct ReadPiece {
  std::uint32_t reader = 0;
  std::uint32_t count = 0;  // of its tokens
  std::size_t first = 0;    // its first among all tokens
  const std::uint32_t* ids = nullptr;
  TokenBlock* block = nullptr;  // that has the ids
  // The words that its reader met here first: ids of its dictionary from `first_word` up to `end_word`.
  std::uint32_t first_word = 0, end_word = 0;
  std::size_t word_bytes = 0;  // of these, each with a newline
};

// Whoever has the tokens asks for them once.
class Tokens {
 public:
  Tokens() = default;
  // `ids`: for each reader what its dictionary's ids are in the vocabulary; empty when they are the same.
  Tokens(std::vector<ReadPiece> pieces, std::vector<TokenStore> stores,
         std::vector<std::vector<std::uint32_t>> ids)
      : pieces_(std::move(pieces)), stores_(std::move(stores)), ids_(std::move(ids)) {}

  // Writes the vocabulary's ids of all tokens to `target` on `threads` threads. Gives back the memory as it
  // goes, so that there are never two whole copies.
  void take(std::uint32_t* target, int threads) noexcept;

 private:
  std::vector<ReadPiece> pieces_;
  std::vector<TokenStore> stores_;
  std::vector<std::vector<std::uint32_t>> ids_;
};

}  // namespace numcore::text
