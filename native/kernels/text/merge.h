// The words of several readers as one vocabulary.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/text/reader.h"

namespace numcore::text {

struct Merged {
  Vocabulary vocabulary;
  std::vector<std::uint32_t> counts;
  // Of reader r: its own id to the id in the vocabulary.
  std::vector<std::vector<std::uint32_t>> ids;
};

// Ids in the order of the words' first places in the text, which is what one reader alone would have given.
// O(total words) time, on `threads` threads; each table is given up once it is not needed any more.
Merged merge(std::vector<Reader>& readers, std::size_t pieces, int threads);

}  // namespace numcore::text
