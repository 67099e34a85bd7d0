// Autocorrelation of words: how often a word follows itself t tokens later.
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

// With m the 0/1 indicator of words[w] over the n tokens `ids`:
//   counts[w][t] = sum of m[i] * m[i + t] for i = first .. n - t - 1
//   occurrences[w] = sum of m[i] over all i
//   values[w][t] = counts[w][t] / occurrences[w], which is NaN for a word that does not occur
//
// Ids from `vocabulary` on are words that nobody asked for. Sums of integers, so the same for every thread
// count. O(n + pairs) time, where pairs are occurrences less than `timesteps` apart; for frequent words
// O(n * timesteps / 64).
void correlate_words(std::span<const std::uint32_t> ids, std::size_t vocabulary,
                     std::span<const std::uint32_t> words, std::size_t timesteps, std::size_t first,
                     const WordCorrelation& result, JobContext& context);

}  // namespace numcore::correlation
