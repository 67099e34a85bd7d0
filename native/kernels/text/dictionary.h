// Words to consecutive 32-bit ids, by a hash table with open addressing.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string_view>
#include <vector>

#include "kernels/text/pages.h"

namespace numcore::text {

// A word as the table sees it. Up to 16 bytes are held in two registers, zeros after the end; `length` tells
// words that end in NUL apart. Nine tokens of ten in a book are this short, and are then found without a look
// at their bytes. Of a longer one `low` is the hash.
struct Key {
  static constexpr std::size_t kShort = 16;
  std::uint64_t low, high;
  std::uint32_t tag;  // the upper half of the hash
  std::uint32_t length;

  // `word` needs 16 readable bytes, however short it is. Words of less than 4 GiB.
  static Key of(const char* word, std::size_t length) noexcept;
  // For a word with nothing readable behind it.
  static Key of(std::string_view word);
};

// What one thread knows of a word. Two to a cache line, in the order of the ids: the words that make up most
// of a text come early in it, so that what is used most lies together.
struct alignas(32) Word {
  std::uint64_t low, high;  // as in a Key; but of a long word `high` is where its bytes are
  std::uint32_t length;
  std::uint32_t count;
  std::uint32_t piece;      // in which it came first
  std::uint32_t spare = 0;  // for numbering.cc

  [[nodiscard]] std::string_view bytes() const noexcept {
    return {length <= Key::kShort ? reinterpret_cast<const char*>(&low) : reinterpret_cast<const char*>(high),
            length};
  }
  // `bytes`: the other's, looked at only if it is a long one.
  [[nodiscard]] bool is(const Key& key, const char* bytes) const noexcept {
    if (length != key.length || low != key.low) return false;
    return length <= Key::kShort ? high == key.high
                                 : std::memcmp(reinterpret_cast<const char*>(high), bytes, length) == 0;
  }
};

// A thread's own, so that nobody waits for anybody.
class Dictionary {
 public:
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;
  // With room for as many words as a text of so many bytes is likely to have; `huge`: in huge pages.
  Dictionary(std::size_t bytes, bool huge);

  // Looking up many words is quickest in three rounds over all: in the first the memory is asked for what the
  // second looks at, and in that for what the third does.
  void prefetch(const Key& key) const noexcept { __builtin_prefetch(slots_.data() + home(key.tag)); }
  // The id that the word has, if it has one at all: nearly always true. Or kNone, when find() has to tell.
  [[nodiscard]] std::uint32_t guess(const Key& key) const noexcept;
  [[nodiscard]] bool is(std::uint32_t id, const Key& key, const char* word) const noexcept {
    return words_.data()[id].is(key, word);
  }

  // The id of the word or kNone.
  [[nodiscard]] std::uint32_t find(const Key& key, const char* word) const noexcept;
  // The next id for a word that find() does not find; it occurs in `piece` first.
  std::uint32_t insert(const Key& key, std::string_view word, std::uint32_t piece);
  // Makes find() give `id` for another spelling of that word, of at most Key::kShort bytes.
  void insert_alias(const Key& key, std::uint32_t id);

  void count(std::uint32_t id) noexcept { ++words_.data()[id].count; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }
  // Of all words, each with a newline.
  [[nodiscard]] std::size_t bytes() const noexcept { return bytes_; }
  // By id.
  [[nodiscard]] std::span<Word> words() const noexcept { return {words_.data(), size_}; }

  struct Tagged {
    std::uint32_t tag, id;
  };
  // Appends all words whose tags have the leading bits `range` of `bits`. The ranges are places in the table
  // one behind another, whatever its size is.
  void append_range(std::uint32_t range, unsigned bits, std::vector<Tagged>& to) const;

 private:
  // The tag in the upper half. In the lower one 0 of a free slot, else the id + 1, or the number of an alias
  // + 1 with the top bit set. (Words as many as 2^31 have no room in the 8 GiB of a text.)
  using Slot = std::uint64_t;
  static constexpr std::uint32_t kAlias = 0x8000'0000;
  struct Alias {
    Key key;
    std::uint32_t id;
  };

  static constexpr std::uint32_t tag_of(Slot slot) noexcept { return static_cast<std::uint32_t>(slot >> 32); }
  // By the leading bits: so a larger table has the slots in the same order.
  [[nodiscard]] std::size_t home(std::uint32_t tag) const noexcept { return tag >> shift_; }
  void put(std::uint32_t tag, std::uint32_t what);
  void grow();
  static void fill(const Pages<Slot>& slots, unsigned shift, Slot slot) noexcept;
  const char* keep(std::string_view word);

  Pages<Slot> slots_;
  std::size_t mask_ = 0;
  unsigned shift_ = 0;
  std::size_t used_ = 0;
  Pages<Word> words_;
  std::size_t size_ = 0, bytes_ = 0;
  std::vector<Alias> aliases_;
  // Bytes of the long words.
  std::vector<std::unique_ptr<char[]>> blocks_;
  char* next_ = nullptr;
  std::size_t left_ = 0;
};

// Multiply and fold: the high half of a product depends on all bits of its factors, the low half only on
// those below.
constexpr std::uint64_t mix(std::uint64_t a, std::uint64_t b) noexcept {
  __extension__ using Wide = unsigned __int128;
  const Wide product = static_cast<Wide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64);
}
// Odd constants from the digits of pi and e.
inline constexpr std::uint64_t kPi = 0x243F'6A88'85A3'08D3, kE = 0xB7E1'5162'8AED'2A6B;

std::uint64_t hash_bytes(std::string_view bytes) noexcept;

// All ones in the first `length` of 16 bytes.
struct alignas(16) ByteMask {
  std::uint64_t low, high;
};
struct ByteMasks {
  ByteMask of[Key::kShort + 1] = {};
  constexpr ByteMasks() {
    for (std::size_t length = 1; length <= Key::kShort; ++length) {
      of[length].low = length >= 8 ? ~std::uint64_t{0} : (std::uint64_t{1} << (8 * length)) - 1;
      of[length].high = length == 16  ? ~std::uint64_t{0}
                        : length <= 8 ? 0
                                      : (std::uint64_t{1} << (8 * (length - 8))) - 1;
    }
  }
};
inline constexpr ByteMasks kByteMasks;

inline Key Key::of(const char* word, std::size_t length) noexcept {
  Key key{0, 0, 0, static_cast<std::uint32_t>(length)};
  std::uint64_t hash = 0;
  if (length > kShort) [[unlikely]] {
    hash = key.low = hash_bytes({word, length});
  } else {
    __builtin_memcpy(&key.low, word, 8);
    __builtin_memcpy(&key.high, word + 8, 8);
    key.low &= kByteMasks.of[length].low;
    key.high &= kByteMasks.of[length].high;
    hash = mix(key.low ^ kPi, key.high ^ kE ^ key.length);
  }
  key.tag = static_cast<std::uint32_t>(hash >> 32);
  return key;
}

inline std::uint32_t Dictionary::guess(const Key& key) const noexcept {
  for (std::size_t at = home(key.tag);; at = (at + 1) & mask_) {
    const Slot slot = slots_.data()[at];
    const auto what = static_cast<std::uint32_t>(slot);
    if (tag_of(slot) == key.tag) [[likely]] {
      if (what == 0 || (what & kAlias) != 0) return kNone;
      __builtin_prefetch(words_.data() + (what - 1), 1);
      return what - 1;
    }
    if (what == 0) return kNone;
  }
}

}  // namespace numcore::text
