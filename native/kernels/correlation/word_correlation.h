// Autocorrelation of words: how often a word follows itself t tokens, or sentences, later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "runtime/job_context.h"

namespace numcore::correlation {

// Where the results go: rows of `timesteps`, one a word, in the order of the words. Whole numbers are exact
// in doubles.
struct WordCorrelation {
  std::span<double> counts, values;  // words x timesteps, row-major
  std::span<double> occurrences;     // words
};

// What positions are counted in: tokens, or sentences when `starts` has the first token of each. Then tokens
// before the first start belong to none.
struct Axis {
  std::span<const std::uint32_t> ids;
  std::span<const std::uint32_t> starts;

  [[nodiscard]] bool by_sentence() const noexcept { return !starts.empty(); }
  [[nodiscard]] std::size_t length() const noexcept { return by_sentence() ? starts.size() : ids.size(); }
};

// Throws Failure ERR_INVALID_ARGUMENT unless `starts` rises and stays below `tokens`.
void check_starts(std::span<const std::uint32_t> starts, std::size_t tokens);

// With m the 0/1 indicator of words[w] over the n positions of the axis (of a sentence: whether the word is
// in it):
//   counts[w][t] = sum of m[i] * m[i + t] for i = first .. n - t - 1
//   occurrences[w] = sum of m[i] over all i
//   values[w][t] = counts[w][t] / occurrences[w], which is NaN for a word that does not occur
//
// Ids from `vocabulary` on are words that nobody asked for. Sums of integers, so the same for every thread
// count. O(tokens + pairs) time, where pairs are occurrences less than `timesteps` apart; for frequent words
// O(n * timesteps / 64). `share` is this part of the job, for its progress.
void correlate_words(const Axis& axis, std::size_t vocabulary, std::span<const std::uint32_t> words,
                     std::size_t timesteps, std::size_t first, const WordCorrelation& result,
                     JobContext& context, double share = 1);

}  // namespace numcore::correlation
