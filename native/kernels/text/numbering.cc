#include "kernels/text/numbering.h"

#include <algorithm>
#include <cstring>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "kernels/text/parallel.h"
#include "runtime/failure.h"

namespace numcore::text {
namespace {

constexpr std::size_t kWordsATask = 4096;

// Every word of the dictionary by its id, with the newline that follows it in the arena counted in.
std::vector<WordStore::Word> all_words(const std::deque<Reader>& readers, std::size_t count, int threads) {
  std::vector<WordStore::Word> words(count);
  for_each(threads, readers.size(), [&](std::size_t r) {
    for (const WordStore::Word& each : readers[r].store.words()) words[each.id] = each;
  });
  return words;
}

std::vector<std::uint32_t> ends_of(std::vector<std::uint32_t> lengths) {
  std::uint64_t end = 0;
  for (std::uint32_t& each : lengths) {
    end += each;
    each = static_cast<std::uint32_t>(end);
  }
  if (end > std::numeric_limits<std::uint32_t>::max()) {
    throw Failure{"ERR_INVALID_ARGUMENT", "Expected a text whose distinct words take at most 4 GiB"};
  }
  return lengths;
}

}  // namespace

Numbered number_words(const std::deque<Reader>& readers, std::size_t count, std::size_t pieces, int threads) {
  const std::vector<WordStore::Word> words = all_words(readers, count, threads);
  const std::size_t tasks = (count + kWordsATask - 1) / kWordsATask;
  const bool alone = readers.size() == 1;
  Numbered numbered;
  numbered.counts.resize(count);

  if (!alone) {
    // Which reader came upon the word first of all, and how often all have seen it.
    std::vector<std::uint32_t> owner(count), total(count);
    for_each(threads, tasks, [&](std::size_t task) {
      const std::size_t begin = task * kWordsATask, end = std::min(count, begin + kWordsATask);
      std::vector<Place> first(end - begin, kNowhere);
      for (std::uint32_t r = 0; r < readers.size(); ++r) {
        const Reader& reader = readers[r];
        for (std::size_t id = begin; id < std::min(end, reader.counts.size()); ++id) {
          total[id] += reader.counts[id];
          if (reader.firsts[id] >= first[id - begin]) continue;
          first[id - begin] = reader.firsts[id];
          owner[id] = r;
        }
      }
    });
    // A piece was read by one reader, so the words that are new in it are in that reader's order: the id of a
    // word is the number of words new in earlier pieces, and then its turn in this one.
    std::vector<std::uint32_t> new_before(pieces + 1, 0);
    for_each(threads, readers.size(), [&](std::size_t r) {
      for (const std::uint32_t id : readers[r].seen) {
        if (owner[id] == r) ++new_before[(readers[r].firsts[id] >> 32) + 1];
      }
    });
    std::partial_sum(new_before.begin(), new_before.end(), new_before.begin());
    numbered.ids.resize(count);
    for_each(threads, readers.size(), [&](std::size_t r) {
      std::size_t piece = pieces;
      std::uint32_t next = 0;
      for (const std::uint32_t id : readers[r].seen) {
        if (owner[id] != r) continue;
        if (const std::size_t here = readers[r].firsts[id] >> 32; here != piece)
          next = new_before[piece = here];
        numbered.counts[next] = total[id];
        numbered.ids[id] = next++;
      }
    });
  } else if (count > 0) {
    std::copy_n(readers[0].counts.begin(), count, numbered.counts.begin());
  }

  const auto id_of = [&](std::size_t word) { return alone ? word : numbered.ids[word]; };
  std::vector<std::uint32_t> begins(count + 1, 0);
  for_each(threads, tasks, [&](std::size_t task) {
    const std::size_t begin = task * kWordsATask, end = std::min(count, begin + kWordsATask);
    for (std::size_t word = begin; word < end; ++word) begins[id_of(word) + 1] = words[word].length + 1;
  });
  begins = ends_of(std::move(begins));
  std::string arena(begins.back(), '\n');
  for_each(threads, tasks, [&](std::size_t task) {
    const std::size_t begin = task * kWordsATask, end = std::min(count, begin + kWordsATask);
    for (std::size_t word = begin; word < end; ++word) {
      std::memcpy(arena.data() + begins[id_of(word)], words[word].bytes, words[word].length);
    }
  });
  numbered.vocabulary = Vocabulary(std::move(arena), std::move(begins));
  return numbered;
}

}  // namespace numcore::text
