#include "kernels/text/reader.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cstring>
#include <limits>

#include "kernels/text/unicode.h"
#include "runtime/failure.h"

namespace numcore::text {
namespace {

// Bytes between two rounds of scanning and looking up: the edges stay in the first cache.
constexpr std::size_t kWindow = 4096;

// Words whose places in the table are asked for before the first is looked at.
constexpr std::size_t kBatch = 32;

bool is_ascii(const Key& key, std::string_view word) noexcept {
  constexpr std::uint64_t kTopBits = 0x8080'8080'8080'8080;
  if (key.length <= Key::kShort) return ((key.low | key.high) & kTopBits) == 0;
  return std::all_of(word.begin(), word.end(),
                     [](char byte) { return static_cast<unsigned char>(byte) < 128; });
}

}  // namespace

struct Reader::Run {
  std::uint32_t number;
  std::size_t offset;
  std::uint32_t* out;
  std::size_t token = 0;
  std::size_t end = 0;  // of the last word that was looked up
};

std::size_t Reader::read(std::string_view piece, std::size_t number, std::size_t offset, std::uint32_t* out,
                         PieceSentences* sentences, const JobContext& context) {
  if (piece.size() >= std::numeric_limits<std::uint32_t>::max() - kBlock) {
    throw Failure{"ERR_INVALID_ARGUMENT", "Expected words of less than 4 GiB"};
  }
  if (const std::size_t needed = piece.size() + kBlock + Key::kShort; room_ < needed) {
    lowered_.reset();
    lowered_.reset(new char[needed]);
    std::memset(lowered_.get(), 0, needed);
    room_ = needed;
  }
  if (edges_.empty()) edges_.resize(kWindow + kBlock + kEdgeSlack);

  Run run{static_cast<std::uint32_t>(number), offset, out};
  if (sentences == nullptr) return read_piece<false>(run, piece, context);
  finder_.begin_piece();
  read_piece<true>(run, piece, context);
  finder_.separators({lowered_.get() + run.end, piece.size() - run.end});
  *sentences = finder_.end_piece();
  return run.token;
}

template <bool kSentences>
std::size_t Reader::read_piece(Run& run, std::string_view piece, const JobContext& context) {
  bool inside = false;
  std::size_t waiting = 0;  // 1: the word that began last has not ended yet
  for (std::size_t at = 0; at < piece.size(); at += kWindow) {
    if (context.cancelled()) throw Cancelled{};
    const std::size_t bytes = std::min(kWindow, piece.size() - at), blocks = bytes / kBlock;
    std::size_t edges = waiting + scan_(piece.data() + at, blocks, lowered_.get() + at,
                                        static_cast<std::uint32_t>(at), inside, edges_.data() + waiting);
    if (const std::size_t rest = bytes % kBlock; rest != 0) {
      // The last block, filled up with spaces.
      char block[kBlock];
      std::memset(block, ' ', kBlock);
      std::memcpy(block, piece.data() + at + blocks * kBlock, rest);
      const std::size_t begin = at + blocks * kBlock;
      edges += scan_(block, 1, lowered_.get() + begin, static_cast<std::uint32_t>(begin), inside,
                     edges_.data() + edges);
    }
    if (inside && at + bytes == piece.size()) edges_[edges++] = static_cast<std::uint32_t>(piece.size());
    resolve<kSentences>(run, edges / 2);
    waiting = edges % 2;
    if (waiting != 0) edges_[0] = edges_[edges - 1];
  }
  return run.token;
}

// Looks up the words between the first 2 * `tokens` edges.
template <bool kSentences>
void Reader::resolve(Run& run, std::size_t tokens) {
  const char* const text = lowered_.get();
  std::array<Key, kBatch> keys;
  std::array<std::uint32_t, kBatch> guesses;
  for (std::size_t first = 0; first < tokens; first += kBatch) {
    const std::size_t batch = std::min(kBatch, tokens - first);
    const std::uint32_t* const edges = edges_.data() + 2 * first;
    for (std::size_t i = 0; i < batch; ++i) {
      keys[i] = Key::of(text + edges[2 * i], edges[2 * i + 1] - edges[2 * i]);
      words_.prefetch(keys[i]);
    }
    for (std::size_t i = 0; i < batch; ++i) guesses[i] = words_.guess(keys[i]);
    for (std::size_t i = 0; i < batch; ++i) {
      const char* const word = text + edges[2 * i];
      std::uint32_t id = guesses[i];
      if (id == Dictionary::kNone || !words_.is(id, keys[i], word)) [[unlikely]]
        id = words_.find(keys[i], word);  // an alias, or a word that is new in this batch
      if constexpr (kSentences) {
        finder_.separators({text + run.end, static_cast<std::size_t>(word - text) - run.end});
        run.end = edges[2 * i + 1];
      }
      if (id != Dictionary::kNone) [[likely]] {
        if constexpr (kSentences) finder_.word(run.token, {word, keys[i].length});
        emit(run, id);
        continue;
      }
      const std::string_view chunk(word, keys[i].length);
      if (is_ascii(keys[i], chunk)) {
        if constexpr (kSentences) finder_.word(run.token, chunk);
        add_new(run, keys[i], chunk);
      } else {
        add_non_ascii(run, keys[i], chunk, kSentences ? &finder_ : nullptr);
      }
    }
  }
}

inline void Reader::emit(Run& run, std::uint32_t id) {
  words_.count(id);
  run.out[run.token++] = id;
}

void Reader::add_new(Run& run, const Key& key, std::string_view word) {
  emit(run, words_.insert(key, word, run.number));
}

// The long way, for what has characters beyond ASCII and is not in the table: decodes it, which finds white
// space beyond ASCII and what is no UTF-8, and lower-cases it. When it is one word whose lower case is
// another, the spelling becomes an alias of that word, so that the next time is as quick as ASCII. (A word of
// the table needs no second look: lower case is its own lower case.)
void Reader::add_non_ascii(Run& run, const Key& key, std::string_view chunk, SentenceFinder* finder) {
  std::size_t found = 0;
  std::uint32_t id = 0;
  const auto end_word = [&] {
    if (characters_.empty()) return;
    word_.clear();
    append_lower(characters_, word_);
    characters_.clear();
    const Key lowered = Key::of(std::string_view(word_));
    id = words_.find(lowered, word_.data());
    if (id == Dictionary::kNone) id = words_.insert(lowered, word_, run.number);
    emit(run, id);
    ++found;
  };
  characters_.clear();
  for (std::size_t at = 0; at < chunk.size();) {
    const std::int32_t character =
        decode(chunk, at, run.offset + static_cast<std::size_t>(chunk.data() - lowered_.get()));
    const bool space = is_space(character);
    if (space) end_word();
    if (finder != nullptr) {
      if (!space && characters_.empty()) finder->token(run.token);
      finder->character(character);
    }
    if (!space) characters_.push_back(character);
  }
  end_word();
  const bool whole = found == 1 && words_.find(key, chunk.data()) == Dictionary::kNone;
  if (whole && key.length <= Key::kShort) words_.insert_alias(key, id);
}

}  // namespace numcore::text
