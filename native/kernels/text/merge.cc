#include "kernels/text/merge.h"

#include <array>
#include <bit>
#include <cstring>
#include <limits>
#include <numeric>
#include <string>
#include <utility>

#include "kernels/text/parallel.h"
#include "runtime/failure.h"

namespace numcore::text {
namespace {

// Words are dealt out by their hash, so that each part can be merged without regard to the others. More parts
// than threads, so that they end together; not so many that small texts only deal out.
constexpr unsigned kPartBits = 6;
constexpr std::size_t kParts = std::size_t{1} << kPartBits;

// A word by who knows it: the reader, and the reader's id for it.
struct Name {
  std::uint32_t reader, id;
};

struct Known {
  Key key;
  Place first;
  std::uint32_t id;
  std::uint32_t slot = 0;  // where its part's table has it
};

// One reader's words, dealt out.
struct Hand {
  std::vector<Known> words;
  std::array<std::size_t, kParts + 1> begins{};
  std::vector<Name> owner;           // by id: who saw the word first of all
  std::vector<std::uint32_t> total;  // by id, for those it owns: how often all have seen it

  [[nodiscard]] std::span<Known> part(std::size_t p) {
    return {words.data() + begins[p], begins[p + 1] - begins[p]};
  }
};

void deal(const Reader& reader, Hand& hand) {
  const Vocabulary& vocabulary = reader.words.vocabulary();
  const std::size_t size = vocabulary.size();
  const std::size_t readable = vocabulary.arena().size();
  const auto key_of = [&](std::size_t id) {
    const std::string_view word = vocabulary[id];
    const bool has_room = vocabulary.begins()[id] + Key::kShort <= readable;
    return has_room ? Key::of(word.data(), word.size()) : Key::of(word);
  };
  const auto part_of = [](const Key& key) { return key.hash >> (64 - kPartBits); };
  for (std::size_t id = 0; id < size; ++id) ++hand.begins[part_of(key_of(id)) + 1];
  std::partial_sum(hand.begins.begin(), hand.begins.end(), hand.begins.begin());
  std::array<std::size_t, kParts> next;
  std::copy_n(hand.begins.begin(), kParts, next.begin());
  hand.words.resize(size);
  for (std::size_t id = 0; id < size; ++id) {
    const Key key = key_of(id);
    hand.words[next[part_of(key)]++] = {key, reader.firsts[id], static_cast<std::uint32_t>(id)};
  }
  hand.owner.resize(size);
  hand.total.resize(size);
}

struct Entry {
  Key key;
  Place first;
  Name owner;
  std::uint32_t count;  // 0: free
};

// Finds out, for every word of one part, who owns it.
void settle(const std::vector<Reader>& readers, std::vector<Hand>& hands, std::size_t part,
            std::vector<Entry>& table) {
  std::size_t most = 0;
  for (Hand& hand : hands) most += hand.part(part).size();
  table.assign(std::bit_ceil(2 * most + 1), Entry{});
  const std::size_t mask = table.size() - 1;
  const auto word = [&](Name name) { return readers[name.reader].words.vocabulary()[name.id]; };
  const auto same = [&](const Entry& entry, const Key& key, Name name) {
    if (entry.key.low != key.low || entry.key.high != key.high || entry.key.length != key.length)
      return false;
    return key.length <= Key::kShort || word(entry.owner) == word(name);
  };
  for (std::uint32_t r = 0; r < hands.size(); ++r) {
    for (Known& known : hands[r].part(part)) {
      const Name name{r, known.id};
      std::size_t at = known.key.hash & mask;
      while (table[at].count != 0 && !same(table[at], known.key, name)) at = (at + 1) & mask;
      Entry& here = table[at];
      if (here.count == 0 || known.first < here.first) {
        here.key = known.key;
        here.first = known.first;
        here.owner = name;
      }
      here.count += readers[r].counts[known.id];
      known.slot = static_cast<std::uint32_t>(at);
    }
  }
  for (std::uint32_t r = 0; r < hands.size(); ++r) {
    for (const Known& known : hands[r].part(part)) {
      const Entry& here = table[known.slot];
      hands[r].owner[known.id] = here.owner;
      if (here.owner.reader == r) hands[r].total[known.id] = here.count;
    }
  }
}

}  // namespace

Merged merge(std::vector<Reader>& readers, std::size_t pieces, int threads) {
  const std::size_t count = readers.size();
  std::vector<Hand> hands(count);
  for_each(threads, count, [&](std::size_t r) { deal(readers[r], hands[r]); });
  for_each_with<std::vector<Entry>>(threads, kParts, [&](std::size_t part, std::vector<Entry>& table) {
    settle(readers, hands, part, table);
  });

  // A piece was read by one reader, so the words that are new in it are that reader's own, in the order of
  // its ids: the id of a word is the number of words new in earlier pieces, and then its turn in this one.
  const auto owns = [&](std::size_t r, std::size_t id) { return hands[r].owner[id].reader == r; };
  std::vector<std::uint32_t> new_before(pieces + 1, 0);
  std::vector<std::size_t> bytes(count, 0);
  for_each(threads, count, [&](std::size_t r) {
    for (std::size_t id = 0; id < hands[r].owner.size(); ++id) {
      if (!owns(r, id)) continue;
      ++new_before[readers[r].firsts[id].piece + 1];
      bytes[r] += readers[r].words.vocabulary()[id].size() + 1;
    }
  });
  std::partial_sum(new_before.begin(), new_before.end(), new_before.begin());
  const std::size_t words = new_before.back();
  const std::size_t arena_bytes = std::accumulate(bytes.begin(), bytes.end(), std::size_t{0});
  if (arena_bytes > std::numeric_limits<std::uint32_t>::max()) {
    throw Failure{"ERR_INVALID_ARGUMENT", "Expected a text whose distinct words take at most 4 GiB"};
  }

  Merged merged;
  merged.counts.resize(words);
  merged.ids.resize(count);
  std::vector<std::uint32_t> begins(words + 1, 0);
  for_each(threads, count, [&](std::size_t r) {
    std::vector<std::uint32_t>& ids = merged.ids[r];
    ids.resize(hands[r].owner.size());
    std::size_t piece = pieces;
    std::uint32_t next = 0;
    for (std::size_t id = 0; id < ids.size(); ++id) {
      if (!owns(r, id)) continue;
      if (readers[r].firsts[id].piece != piece) next = new_before[piece = readers[r].firsts[id].piece];
      merged.counts[next] = hands[r].total[id];
      begins[next + 1] = static_cast<std::uint32_t>(readers[r].words.vocabulary()[id].size() + 1);
      ids[id] = next++;
    }
  });
  std::partial_sum(begins.begin(), begins.end(), begins.begin());
  std::string arena(arena_bytes, '\n');
  for_each(threads, count, [&](std::size_t r) {
    for (std::size_t id = 0; id < merged.ids[r].size(); ++id) {
      if (owns(r, id)) {
        const std::string_view word = readers[r].words.vocabulary()[id];
        std::memcpy(arena.data() + begins[merged.ids[r][id]], word.data(), word.size());
      } else {
        const Name owner = hands[r].owner[id];
        merged.ids[r][id] = merged.ids[owner.reader][owner.id];
      }
    }
  });
  merged.vocabulary = Vocabulary(std::move(arena), std::move(begins));
  return merged;
}

}  // namespace numcore::text
