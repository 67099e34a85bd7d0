#include "kernels/correlation/word_correlation.h"

#include <algorithm>
#include <atomic>
#include <bit>
#include <exception>
#include <memory>
#include <vector>

#include "runtime/failure.h"

namespace numcore::correlation {
namespace {

// The text is worked on in blocks of positions. A block looks `timesteps` positions past its end and keeps a
// counter a word, so it is made large against both; otherwise small enough for its lists to stay in the
// cache. A sentence has some twenty tokens.
constexpr std::size_t kBlockTokens = std::size_t{1} << 15;
constexpr std::size_t kBlockSentences = std::size_t{1} << 11;

// Cost model, in units of one pair counted from sorted positions (about 1 ns): one lag of the bitset method
// costs this much for each 64 tokens. Measured with the popcnt instruction; without it the bitset method is a
// few times dearer than the model thinks, which still bounds the worst case.
constexpr double kBitsetCost = 1.2;

// Units of work between two looks at whether the job has been cancelled.
constexpr std::size_t kPollUnits = std::size_t{1} << 18;

constexpr std::uint32_t kNotChosen = 0xFFFF'FFFF;

// sum of popcount(sources & (all >> lag)) over `words` words; `all` has lag / 64 + 1 more of them.
[[gnu::always_inline]] inline std::uint64_t pairs_at(const std::uint64_t* sources, const std::uint64_t* all,
                                                     std::size_t words, std::size_t lag) {
  const std::uint64_t* const from = all + lag / 64;
  const unsigned shift = lag % 64;
  std::uint64_t count = 0;
  for (std::size_t i = 0; i < words; ++i) {
    // The upper part is shifted in two steps, because a shift by 64 is undefined.
    const std::uint64_t later = (from[i] >> shift) | ((from[i + 1] << 1) << (63 - shift));
    count += static_cast<std::uint64_t>(std::popcount(sources[i] & later));
  }
  return count;
}
using PairsAt = std::uint64_t (*)(const std::uint64_t*, const std::uint64_t*, std::size_t, std::size_t);

std::uint64_t pairs_at_baseline(const std::uint64_t* sources, const std::uint64_t* all, std::size_t words,
                                std::size_t lag) {
  return pairs_at(sources, all, words, lag);
}
#if defined(__x86_64__)
[[gnu::target("popcnt")]] std::uint64_t pairs_at_popcnt(const std::uint64_t* sources,
                                                        const std::uint64_t* all, std::size_t words,
                                                        std::size_t lag) {
  return pairs_at(sources, all, words, lag);
}
PairsAt choose_pairs_at() { return __builtin_cpu_supports("popcnt") ? pairs_at_popcnt : pairs_at_baseline; }
#else
PairsAt choose_pairs_at() { return pairs_at_baseline; }
#endif

struct Shape {
  std::size_t words;  // distinct
  std::size_t lags;   // min(timesteps, positions): beyond that every count is 0
  std::size_t block;  // positions
  std::size_t first;
};

// What one thread needs for a block, kept from block to block.
class BlockCounter {
 public:
  BlockCounter(const Shape& shape, PairsAt pairs, const JobContext& context)
      : shape_(shape),
        pairs_at_(pairs),
        context_(context),
        row_end_(shape.words + 1),
        histogram_(shape.lags, 0) {}

  // Adds the block's share, the pairs whose earlier position is in [begin, begin + block), to `counts` and
  // `occurrences`.
  void add(const Axis& axis, std::span<const std::uint32_t> row_of, std::size_t begin, std::uint64_t* counts,
           std::uint64_t* occurrences) {
    const std::size_t left = axis.length() - begin, block = std::min(shape_.block, left);
    const std::size_t seen = std::min(block + shape_.lags - 1, left);
    sort_positions(axis.by_sentence() ? choose_sentences(axis, begin, seen, row_of)
                                      : choose_tokens(axis.ids.subspan(begin, seen), row_of));

    const std::size_t skipped = shape_.first > begin ? std::min(shape_.first - begin, block) : 0;
    std::size_t row_begin = 0;
    for (std::size_t row = 0; row < shape_.words; ++row) {
      if (context_.cancelled()) return;
      const std::span<const std::uint32_t> all(positions_.data() + row_begin, row_end_[row] - row_begin);
      row_begin = row_end_[row];
      if (all.empty() || all.front() >= block) continue;
      const auto from = std::lower_bound(all.begin(), all.end(), skipped);
      const auto to = std::lower_bound(from, all.end(), block);
      std::atomic_ref(occurrences[row])
          .fetch_add(static_cast<std::uint64_t>(to - all.begin()), std::memory_order_relaxed);
      if (from == to) continue;

      const auto sources = static_cast<std::size_t>(to - from);
      const double density = static_cast<double>(all.size()) / static_cast<double>(seen);
      const auto lags = static_cast<double>(shape_.lags);
      const double by_positions = static_cast<double>(sources) * (1 + density * lags);
      const double by_bitset = kBitsetCost * lags * static_cast<double>(block / 64 + 1);
      if (by_positions <= by_bitset) {
        walk(all.subspan(static_cast<std::size_t>(from - all.begin())), sources);
      } else {
        intersect(all, skipped, block);
      }
      flush(counts + row * shape_.lags);
    }
  }

 private:
  // Leaves what is of the chosen words in chosen_, in the order of the text, and returns how many.
  std::size_t choose_tokens(std::span<const std::uint32_t> ids, std::span<const std::uint32_t> row_of) {
    if (chosen_.size() <= ids.size()) chosen_.resize(ids.size() + 1);
    std::size_t found = 0;
    for (std::size_t i = 0; i < ids.size(); ++i) {
      // Written always and kept if chosen: a branch here would be mispredicted at every frequent word.
      const std::uint32_t id = ids[i], row = id < row_of.size() ? row_of[id] : kNotChosen;
      chosen_[found] = {static_cast<std::uint32_t>(i), row};
      found += row != kNotChosen;
    }
    return found;
  }

  // The same of `seen` sentences from `begin` on: a word that a sentence has twice is there once.
  std::size_t choose_sentences(const Axis& axis, std::size_t begin, std::size_t seen,
                               std::span<const std::uint32_t> row_of) {
    last_.assign(shape_.words, kNotChosen);
    std::size_t found = 0;
    for (std::size_t s = 0; s < seen; ++s) {
      const std::size_t from = axis.starts[begin + s];
      const std::size_t to =
          begin + s + 1 < axis.starts.size() ? axis.starts[begin + s + 1] : axis.ids.size();
      if (chosen_.size() < found + (to - from)) chosen_.resize(2 * (found + (to - from)));
      const auto here = static_cast<std::uint32_t>(s);
      for (std::size_t i = from; i < to; ++i) {
        const std::uint32_t id = axis.ids[i], row = id < row_of.size() ? row_of[id] : kNotChosen;
        if (row == kNotChosen || last_[row] == here) continue;
        last_[row] = here;
        chosen_[found++] = {here, row};
      }
    }
    return found;
  }

  // Brings the positions of what was chosen to positions_, word by word and rising: a counting sort.
  void sort_positions(std::size_t found) {
    if (positions_.size() < found) positions_.resize(found);
    std::fill(row_end_.begin(), row_end_.end(), 0);
    for (std::size_t i = 0; i < found; ++i) ++row_end_[chosen_[i].row + 1];
    for (std::size_t row = 0; row < shape_.words; ++row) row_end_[row + 1] += row_end_[row];
    // row_end_[row] is still where the row begins, and is the row's end when it has been filled.
    for (std::size_t i = 0; i < found; ++i) positions_[row_end_[chosen_[i].row]++] = chosen_[i].position;
  }

  // From each of the first `sources` positions on to those less than `lags` further.
  void walk(std::span<const std::uint32_t> positions, std::size_t sources) {
    std::size_t units = 0;
    for (std::size_t j = 0; j < sources; ++j) {
      const std::uint32_t here = positions[j];
      std::size_t k = j;
      for (; k < positions.size() && positions[k] - here < shape_.lags; ++k)
        ++histogram_[positions[k] - here];
      units += k - j;
      if (units > kPollUnits) {
        if (context_.cancelled()) return;
        units = 0;
      }
    }
  }

  // The indicator as bits, against itself shifted by every lag.
  void intersect(std::span<const std::uint32_t> positions, std::size_t skipped, std::size_t block) {
    const std::size_t words = (block + 63) / 64;
    sources_.assign(words, 0);
    all_.assign((block + shape_.lags) / 64 + 2, 0);
    for (const std::uint32_t position : positions) {
      const std::uint64_t bit = std::uint64_t{1} << (position % 64);
      all_[position / 64] |= bit;
      if (position >= skipped && position < block) sources_[position / 64] |= bit;
    }
    std::size_t units = 0;
    for (std::size_t lag = 0; lag < shape_.lags; ++lag) {
      histogram_[lag] = pairs_at_(sources_.data(), all_.data(), words, lag);
      units += words;
      if (units > kPollUnits) {
        if (context_.cancelled()) return;
        units = 0;
      }
    }
  }

  void flush(std::uint64_t* counts) {
    for (std::size_t lag = 0; lag < shape_.lags; ++lag) {
      if (histogram_[lag] == 0) continue;
      std::atomic_ref(counts[lag]).fetch_add(histogram_[lag], std::memory_order_relaxed);
      histogram_[lag] = 0;
    }
  }

  struct Chosen {
    std::uint32_t position, row;
  };

  const Shape& shape_;
  const PairsAt pairs_at_;
  const JobContext& context_;
  std::vector<Chosen> chosen_;
  std::vector<std::uint32_t> positions_, last_;
  std::vector<std::size_t> row_end_;
  std::vector<std::uint64_t> histogram_, sources_, all_;
};

std::size_t block_length(const Axis& axis, std::size_t lags, std::size_t words) {
  const std::size_t least = axis.by_sentence() ? kBlockSentences : kBlockTokens;
  return std::min(axis.length(), std::max({least, 4 * lags, words}));
}

void add_blocks(const Axis& axis, std::span<const std::uint32_t> row_of, const Shape& shape,
                std::vector<std::uint64_t>& counts, std::vector<std::uint64_t>& occurrences, double share,
                JobContext& context) {
  const std::size_t blocks = (axis.length() + shape.block - 1) / shape.block;
  const int threads =
      static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(context.threads()), blocks));
  const PairsAt pairs = choose_pairs_at();

  std::vector<std::exception_ptr> errors(blocks);
  std::atomic<bool> failed{false};
  std::atomic<std::size_t> finished{0};
#pragma omp parallel num_threads(threads)
  {
    std::unique_ptr<BlockCounter> counter;
#pragma omp for schedule(dynamic, 1)
    for (std::size_t b = 0; b < blocks; ++b) {
      if (failed || context.cancelled()) continue;
      try {
        if (!counter) counter = std::make_unique<BlockCounter>(shape, pairs, context);
        counter->add(axis, row_of, b * shape.block, counts.data(), occurrences.data());
        context.progress(share * static_cast<double>(++finished) / static_cast<double>(blocks));
      } catch (...) {
        errors[b] = std::current_exception();
        failed = true;
      }
    }
  }
  context.check();
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
}

}  // namespace

void check_starts(std::span<const std::uint32_t> starts, std::size_t tokens) {
  bool sound = starts.size() <= tokens && (starts.empty() || starts.back() < tokens);
  for (std::size_t s = 1; sound && s < starts.size(); ++s) sound = starts[s] > starts[s - 1];
  if (!sound)
    throw Failure{"ERR_INVALID_ARGUMENT", "Expected the sentences of a text but received changed ones"};
}

void correlate_words(const Axis& axis, std::size_t vocabulary, std::span<const std::uint32_t> words,
                     std::size_t timesteps, std::size_t first, const WordCorrelation& result,
                     JobContext& context, double share) {
  // A word asked for twice is computed once.
  std::vector<std::uint32_t> row_of(vocabulary, kNotChosen);
  std::uint32_t rows = 0;
  for (const std::uint32_t word : words) {
    if (word >= vocabulary) throw Failure{"ERR_INVALID_ARGUMENT", "Expected words of the text's vocabulary"};
    if (row_of[word] == kNotChosen) row_of[word] = rows++;
  }

  const std::size_t lags = std::min(timesteps, axis.length());
  std::vector<std::uint64_t> counts(rows * lags, 0), occurrences(rows, 0);
  if (!counts.empty()) {
    add_blocks(axis, row_of, {rows, lags, block_length(axis, lags, rows), first}, counts, occurrences, share,
               context);
  }

  for (std::size_t w = 0; w < words.size(); ++w) {
    context.check();
    const std::size_t row = row_of[words[w]];
    const auto occurs = static_cast<double>(occurrences[row]);
    result.occurrences[w] = occurs;
    for (std::size_t t = 0; t < timesteps; ++t) {
      const double count = t < lags ? static_cast<double>(counts[row * lags + t]) : 0.0;
      result.counts[w * timesteps + t] = count;
      result.values[w * timesteps + t] = count / occurs;
    }
  }
}

}  // namespace numcore::correlation
