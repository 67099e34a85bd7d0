// Word counts in the order in which the lesson's program lists them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string_view>
#include <vector>

namespace numcore::text {

// Ids of the words of at least `min_length` characters (code points), by falling count; words of equal count
// in the order of their ids, that is of first appearance. `arena` and `begins` are a Vocabulary's. O(v log
// v). Throws Failure ERR_INVALID_ARGUMENT when the three do not fit together.
std::vector<std::uint32_t> order_by_count(std::string_view arena, std::span<const std::uint32_t> begins,
                                          std::span<const std::uint32_t> counts, std::size_t min_length);

// The ids of `words`. Throws Failure ERR_INVALID_ARGUMENT (where: index in `words`) naming the first that
// does not occur.
std::vector<std::uint32_t> find_words(std::string_view arena, std::span<const std::uint32_t> begins,
                                      std::span<const std::string_view> words);

}  // namespace numcore::text
