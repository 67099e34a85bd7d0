#include "kernels/text/numbering.h"

#include <algorithm>
#include <bit>
#include <cstring>
#include <limits>
#include <memory>
#include <utility>

#include "kernels/text/parallel.h"
#include "runtime/failure.h"

namespace numcore::text {
namespace {

using Dictionaries = std::span<const Dictionary* const>;

// Words of all dictionaries in one task of unite().
constexpr std::size_t kWordsATask = 4096;

// How much of the vocabulary.
struct Share {
  std::uint32_t words = 0;
  std::uint64_t bytes = 0;
};

// Where a word is.
struct Where {
  std::uint32_t dictionary, id;
};
constexpr std::uint32_t kNowhere = 0xFFFF'FFFF;

// Of a word that several readers have met, the one that met it in the earliest piece owns it and has all
// their counts; the others' count is 0. `piece` and `spare` of all tell where the next one of them is: a list
// that begins with the owner.
bool is_owned(const Word& word) { return word.count != 0; }
Where next_of(const Word& word) { return {word.piece, word.spare}; }
void set_next(Word& word, Where next) {
  word.piece = next.dictionary;
  word.spare = next.id;
}

// Finds the words that several dictionaries have: those whose tags have the same leading bits at a time.
class Union {
 public:
  Union(Dictionaries dictionaries, std::size_t pieces) : dictionaries_(dictionaries), lost_(pieces) {}

  void unite(std::uint32_t range, unsigned bits) {
    met_.clear();
    ends_.clear();
    for (const Dictionary* each : dictionaries_) {
      const std::size_t begin = met_.size();
      each->append_range(range, bits, met_);
      for (std::size_t m = begin; m < met_.size(); ++m) __builtin_prefetch(&each->words()[met_[m].id]);
      ends_.push_back(met_.size());
    }
    // The bits behind those of the range, which all have in common, are the places in the table.
    const auto log = static_cast<unsigned>(std::bit_width(2 * met_.size()));
    const unsigned shift = bits + log < 32 ? 32 - bits - log : 0;
    mask_ = (std::size_t{1} << log) - 1;
    table_.assign(mask_ + 1, kNowhere);
    entries_.clear();
    std::uint32_t dictionary = 0;
    for (std::size_t m = 0; m < met_.size(); ++m) {
      while (m == ends_[dictionary]) ++dictionary;
      add(met_[m].tag, {dictionary, met_[m].id}, met_[m].tag >> shift);
    }
    for (const Entry& each : entries_) set_next(word(each.owner), each.next);
  }

  // By piece: new words of its reader that others own.
  [[nodiscard]] std::span<const Share> lost() const { return lost_; }

 private:
  // A word and those of the other dictionaries that are the same.
  struct Entry {
    std::uint32_t tag;
    Where owner, next;
  };

  [[nodiscard]] Word& word(Where at) const { return dictionaries_[at.dictionary]->words()[at.id]; }

  void add(std::uint32_t tag, Where mine, std::size_t home) {
    for (std::size_t at = home & mask_;; at = (at + 1) & mask_) {
      if (table_[at] == kNowhere) {
        table_[at] = static_cast<std::uint32_t>(entries_.size());
        entries_.push_back({tag, mine, {kNowhere, kNowhere}});
        return;
      }
      Entry& entry = entries_[table_[at]];
      if (entry.tag != tag) continue;
      const Word &owner = word(entry.owner), &other = word(mine);
      if (!same(owner, other)) continue;
      const Where loser = other.piece < owner.piece ? std::exchange(entry.owner, mine) : mine;
      lose(word(loser), word(entry.owner), entry.next);
      entry.next = loser;
      return;
    }
  }
  void lose(Word& loser, Word& owner, Where next) {
    Share& lost = lost_[loser.piece];
    ++lost.words;
    lost.bytes += loser.length + 1;
    owner.count += std::exchange(loser.count, 0);
    set_next(loser, next);
  }
  static bool same(const Word& a, const Word& b) {
    if (a.low != b.low || a.length != b.length) return false;
    return a.length <= Key::kShort ? a.high == b.high : a.bytes() == b.bytes();
  }

  Dictionaries dictionaries_;
  std::vector<Share> lost_;
  std::vector<Dictionary::Tagged> met_;
  std::vector<std::size_t> ends_;
  std::vector<Entry> entries_;
  std::vector<std::uint32_t> table_;  // their numbers
  std::size_t mask_ = 0;
};

// What of the vocabulary comes before each piece's own, and behind that all of it. A piece was read by one
// reader, so its part is the words that were new to that reader without those that others own.
std::vector<Share> share_out(Dictionaries dictionaries, std::span<const ReadPiece> pieces, int threads) {
  std::vector<Union> unions;
  if (dictionaries.size() > 1) {
    std::size_t words = 0;
    for (const Dictionary* each : dictionaries) words += each->size();
    const auto bits = static_cast<unsigned>(std::bit_width(words / kWordsATask));
    unions.assign(static_cast<std::size_t>(threads), Union(dictionaries, pieces.size()));
    for_each_with(std::span(unions), std::size_t{1} << bits, [bits](std::size_t range, Union& together) {
      together.unite(static_cast<std::uint32_t>(range), bits);
    });
  }
  std::vector<Share> shares(pieces.size() + 1);
  for (std::size_t p = 0; p < pieces.size(); ++p) {
    shares[p + 1] = {shares[p].words + (pieces[p].end_word - pieces[p].first_word),
                     shares[p].bytes + pieces[p].word_bytes};
    for (const Union& each : unions) {
      shares[p + 1].words -= each.lost()[p].words;
      shares[p + 1].bytes -= each.lost()[p].bytes;
    }
  }
  if (shares.back().bytes > std::numeric_limits<std::uint32_t>::max()) {
    throw Failure{"ERR_INVALID_ARGUMENT", "Expected a text whose distinct words take at most 4 GiB"};
  }
  return shares;
}

// `end`: of what may be written to.
char* append(char* to, const Word& word, const char* end) {
  // A fixed length is one instruction. What it writes too much is written over by the next word.
  if (word.length <= Key::kShort && end - to >= static_cast<std::ptrdiff_t>(Key::kShort)) {
    std::memcpy(to, &word.low, Key::kShort);
  } else {
    const std::string_view bytes = word.bytes();
    std::memcpy(to, bytes.data(), bytes.size());
  }
  to += word.length;
  *to = '\n';
  return to + 1;
}

}  // namespace

Numbered number_words(Dictionaries dictionaries, std::span<const ReadPiece> pieces, int threads) {
  const std::vector<Share> shares = share_out(dictionaries, pieces, threads);
  Numbered numbered;
  numbered.counts.resize(shares.back().words);
  std::vector<std::uint32_t> begins(numbered.counts.size() + 1);
  auto arena = std::make_unique_for_overwrite<char[]>(shares.back().bytes);
  const bool several = dictionaries.size() > 1;
  for (std::size_t d = 0; several && d < dictionaries.size(); ++d) {
    numbered.ids.emplace_back(dictionaries[d]->size());
  }

  for_each(threads, pieces.size(), [&](std::size_t p) {
    const ReadPiece& piece = pieces[p];
    std::uint32_t id = shares[p].words;
    char* to = arena.get() + shares[p].bytes;
    const char* const end = arena.get() + shares[p + 1].bytes;
    const std::span<const Word> words = dictionaries[piece.reader]->words();
    for (std::uint32_t w = piece.first_word; w < piece.end_word; ++w) {
      const Word& word = words[w];
      if (!is_owned(word)) continue;
      numbered.counts[id] = word.count;
      to = append(to, word, end);
      begins[id + 1] = static_cast<std::uint32_t>(to - arena.get());
      if (several) {
        numbered.ids[piece.reader][w] = id;
        for (Where at = next_of(word); at.id != kNowhere;) {
          numbered.ids[at.dictionary][at.id] = id;
          at = next_of(dictionaries[at.dictionary]->words()[at.id]);
        }
      }
      ++id;
    }
  });
  numbered.vocabulary = Vocabulary(std::move(arena), std::move(begins));
  return numbered;
}

}  // namespace numcore::text
