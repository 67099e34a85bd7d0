// What several readers have seen, as one vocabulary.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <vector>

#include "kernels/text/reader.h"

namespace numcore::text {

struct Numbered {
  Vocabulary vocabulary;
  std::vector<std::uint32_t> counts;
  // The dictionary's id to the id in the vocabulary; empty when they are the same.
  std::vector<std::uint32_t> ids;
};

// Ids in the order of the words' first places in the text, which is what one reader alone has given.
// `words` is the size of the dictionary. O(words * readers) time, on `threads` threads.
Numbered number_words(const std::deque<Reader>& readers, std::size_t words, std::size_t pieces, int threads);

}  // namespace numcore::text
