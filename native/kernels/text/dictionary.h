// Words to consecutive 32-bit ids: a hash table with open addressing, the words in one arena.
#pragma once

#include <atomic>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/text/pages.h"

namespace numcore::text {

// Words in the order of their ids. Each is followed by a newline (which no word can contain), so that whoever
// wants them all as strings decodes the arena once and splits it.
class Vocabulary {
 public:
  Vocabulary() = default;
  // `begins` as below; every word in the arena with its newline.
  Vocabulary(std::string arena, std::vector<std::uint32_t> begins)
      : arena_(std::move(arena)), begins_(std::move(begins)) {}

  [[nodiscard]] std::size_t size() const noexcept { return begins_.size() - 1; }
  [[nodiscard]] std::string_view operator[](std::size_t id) const noexcept {
    return {arena_.data() + begins_[id], begins_[id + 1] - begins_[id] - 1};
  }
  [[nodiscard]] std::string_view arena() const noexcept { return arena_; }
  // size() + 1 offsets into the arena; word `id` is [begins[id], begins[id + 1] - 1).
  [[nodiscard]] std::span<const std::uint32_t> begins() const noexcept { return begins_; }

 private:
  std::string arena_;
  std::vector<std::uint32_t> begins_{0};
};

// A word as the table sees it. Up to 16 bytes are held in two registers, zeros after the end; `length` tells
// words that end in NUL apart. Nine tokens of ten in a book are this short, and are then found without a look
// at the arena. Of a longer one `low` is the hash.
struct Key {
  static constexpr std::size_t kShort = 16;
  std::uint64_t low, high, hash;
  std::uint32_t length;

  // `word` needs 16 readable bytes, however short it is. Words of less than 4 GiB.
  static Key of(const char* word, std::size_t length) noexcept;
  // For a word with nothing readable behind it.
  static Key of(std::string_view word);
};

// A thread's new words. They stay where they are, so that the table may point to them.
class WordStore {
 public:
  struct Word {
    std::uint32_t id, length;
    const char* bytes;
  };

  // Room for a word, written to but not kept until keep(). Throws Failure ERR_INVALID_ARGUMENT when one
  // thread's words pass 4 GiB.
  const char* place(std::string_view word);
  void keep(std::uint32_t id, std::uint32_t length) noexcept;
  [[nodiscard]] std::span<const Word> words() const noexcept { return words_; }

 private:
  std::vector<std::unique_ptr<char[]>> blocks_;
  std::vector<Word> words_;
  char* next_ = nullptr;
  std::size_t left_ = 0, bytes_ = 0;
};

// Shared by threads. Looking up takes no lock: a slot is claimed, filled, and only then shows its length. The
// table grows while nobody is in it, which is why everybody is inside a Visit, and leaves it now and then.
class Dictionary {
 public:
  static constexpr std::uint32_t kNone = 0xFFFF'FFFF;
  // For a text of so many bytes, with room for as many words as it is likely to have.
  Dictionary(std::size_t bytes, int threads);

  class Visit {
   public:
    explicit Visit(Dictionary& dictionary) : dictionary_(dictionary) { dictionary_.enter(); }
    ~Visit() { dictionary_.leave(); }
    Visit(const Visit&) = delete;
    Visit& operator=(const Visit&) = delete;

   private:
    Dictionary& dictionary_;
  };

  // Asks the memory for where find() will look.
  void prefetch(const Key& key) const noexcept { __builtin_prefetch(slots_.data() + (key.hash & mask_)); }
  // The id of the word or kNone. The bytes are looked at only if it is a long one.
  [[nodiscard]] std::uint32_t find(const Key& key, const char* word) const noexcept;
  // The id of a word that find() did not find: the next one, unless another thread has been quicker. Whose
  // word it is keeps the bytes.
  std::uint32_t insert(const Key& key, std::string_view word, WordStore& store);
  // Makes find() give `id` for another spelling of that word, of at most Key::kShort bytes.
  void insert_alias(const Key& key, std::uint32_t id) noexcept;

  // Slots that may be filled in one visit.
  [[nodiscard]] std::size_t per_visit() const noexcept { return per_visit_; }
  // Words so far; ids are below. During a visit they stay below slots().
  [[nodiscard]] std::size_t size() const noexcept { return next_id_.load(); }
  [[nodiscard]] std::size_t slots() const noexcept { return slots_.size(); }

 private:
  struct Slot {
    std::uint64_t low, high;  // of a long word: its hash, and where it is
    std::uint32_t length;     // kFree, kBusy while it is filled
    std::uint32_t id;
  };
  static constexpr std::uint32_t kFree = 0, kBusy = 0xFFFF'FFFF;

  void enter();
  void leave() noexcept { visits_.unlock_shared(); }
  [[nodiscard]] bool is_full() const noexcept { return 4 * (used_.load() + reserve_) > 3 * slots_.size(); }
  void grow();
  template <typename MakeId>
  std::uint32_t claim(const Key& key, std::uint64_t high, const char* word, MakeId make_id) noexcept;

  Pages<Slot> slots_;
  std::size_t mask_ = 0;
  const std::size_t per_visit_, reserve_;
  std::atomic<std::size_t> used_{0};
  std::atomic<std::uint32_t> next_id_{0};
  std::shared_mutex visits_;
  std::mutex growing_;
  std::atomic<bool> wants_to_grow_{false};
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

inline std::uint64_t hash_short(std::uint64_t low, std::uint64_t high, std::uint32_t length) noexcept {
  return mix(low ^ kPi, high ^ kE ^ length);
}

inline Key Key::of(const char* word, std::size_t length) noexcept {
  Key key{0, 0, 0, static_cast<std::uint32_t>(length)};
  if (length > kShort) [[unlikely]] {
    key.hash = key.low = hash_bytes({word, length});
    return key;
  }
  __builtin_memcpy(&key.low, word, 8);
  __builtin_memcpy(&key.high, word + 8, 8);
  key.low &= kByteMasks.of[length].low;
  key.high &= kByteMasks.of[length].high;
  key.hash = hash_short(key.low, key.high, key.length);
  return key;
}

inline std::uint32_t Dictionary::find(const Key& key, const char* word) const noexcept {
  for (std::size_t at = key.hash & mask_;; at = (at + 1) & mask_) {
    const Slot& slot = slots_.data()[at];
    const std::uint32_t length = __atomic_load_n(&slot.length, __ATOMIC_ACQUIRE);
    const std::uint64_t low = __atomic_load_n(&slot.low, __ATOMIC_RELAXED),
                        high = __atomic_load_n(&slot.high, __ATOMIC_RELAXED);
    if (key.length <= Key::kShort) [[likely]] {
      if (((low ^ key.low) | (high ^ key.high) | (length ^ key.length)) == 0) [[likely]]
        return slot.id;
    } else if (low == key.low && length == key.length &&
               std::memcmp(reinterpret_cast<const char*>(high), word, length) == 0) {
      return slot.id;
    }
    if (length == kFree) return kNone;
  }
}

}  // namespace numcore::text
