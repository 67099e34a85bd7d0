// What several readers have read, as one vocabulary.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "kernels/text/dictionary.h"
#include "kernels/text/tokens.h"
#include "kernels/text/vocabulary.h"

namespace numcore::text {

struct Numbered {
  Vocabulary vocabulary;
  std::vector<std::uint32_t> counts;
  // For each dictionary what its ids are in the vocabulary; empty when there is only one, for then they are
  // the same.
  std::vector<std::vector<std::uint32_t>> ids;
};

// Ids in the order of the words' first places in the text, which is what one reader alone has given. O(words
// of all dictionaries) time, on `threads` threads. Leaves the dictionaries' words in no state to be used.
// Throws Failure ERR_INVALID_ARGUMENT when the words take more than 4 GiB.
Numbered number_words(std::span<const Dictionary* const> dictionaries, std::span<const ReadPiece> pieces,
                      int threads);

}  // namespace numcore::text
