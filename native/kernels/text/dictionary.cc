#include "kernels/text/dictionary.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <thread>
#include <utility>

#include "runtime/failure.h"

namespace numcore::text {
namespace {

static_assert(std::endian::native == std::endian::little, "Key keeps the first byte lowest");

constexpr std::size_t kBlockBytes = std::size_t{64} << 10;
constexpr std::size_t kPerVisit = 4096;

}  // namespace

std::uint64_t hash_bytes(std::string_view bytes) noexcept {
  std::uint64_t state = bytes.size();
  while (!bytes.empty()) {
    std::uint64_t next = 0;
    const std::size_t taken = bytes.size() < sizeof next ? bytes.size() : sizeof next;
    std::memcpy(&next, bytes.data(), taken);
    state = mix(state ^ next ^ kPi, kE);
    bytes.remove_prefix(taken);
  }
  return state;
}

[[noreturn]] void fail_too_many() {
  throw Failure{"ERR_INVALID_ARGUMENT", "Expected a text whose distinct words take at most 4 GiB"};
}

Key Key::of(std::string_view word) {
  if (word.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw Failure{"ERR_INVALID_ARGUMENT", "Expected words of less than 4 GiB"};
  }
  if (word.size() >= kShort) return of(word.data(), word.size());
  char bytes[kShort] = {};
  std::memcpy(bytes, word.data(), word.size());
  return of(bytes, word.size());
}

const char* WordStore::place(std::string_view word) {
  if (words_.size() == words_.capacity()) words_.reserve(std::max<std::size_t>(1024, 2 * words_.size()));
  if (left_ < word.size()) {
    if (bytes_ > std::numeric_limits<std::uint32_t>::max()) fail_too_many();
    const std::size_t size = std::max(kBlockBytes, word.size());
    blocks_.emplace_back(new char[size]);
    next_ = blocks_.back().get();
    left_ = size;
  }
  std::memcpy(next_, word.data(), word.size());
  return next_;
}

void WordStore::keep(std::uint32_t id, std::uint32_t length) noexcept {
  words_.push_back({id, length, next_});  // place() has made room
  next_ += length;
  left_ -= length;
  bytes_ += length + 1;
}

// The number of distinct words rises with the square root of the length (Heaps' law): some 36 times that of
// the tokens in a novel. Too little costs growing, too much costs pages that are looked at in vain.
Dictionary::Dictionary(std::size_t bytes, int threads)
    // Every word and every other spelling takes at least a byte.
    : per_visit_(std::min(bytes + 1, kPerVisit)), reserve_(per_visit_ * static_cast<std::size_t>(threads)) {
  const auto likely = static_cast<std::size_t>(32 * std::sqrt(static_cast<double>(bytes) / 6));
  slots_ = Pages<Slot>(std::bit_ceil(std::max(likely, 2 * reserve_)), true);
  mask_ = slots_.size() - 1;
}

// Whoever wants to grow the table waits until all have left, and keeps others from coming in meanwhile: they
// would come and go for ever.
void Dictionary::enter() {
  while (true) {
    if (is_full() || wants_to_grow_.load()) {
      const std::lock_guard one(growing_);
      if (is_full()) {
        wants_to_grow_.store(true);
        try {
          const std::lock_guard alone(visits_);
          grow();
        } catch (...) {
          wants_to_grow_.store(false);
          throw;
        }
        wants_to_grow_.store(false);
      }
    }
    visits_.lock_shared();
    if (!is_full()) return;
    visits_.unlock_shared();
  }
}

void Dictionary::grow() {
  std::size_t size = slots_.size();
  while (4 * (used_.load() + reserve_) > 2 * size) size *= 2;
  Pages<Slot> larger(size, true);
  const std::size_t mask = size - 1;
  for (std::size_t i = 0; i < slots_.size(); ++i) {
    const Slot& slot = slots_.data()[i];
    if (slot.length == kFree) continue;
    const bool is_short = slot.length <= Key::kShort;
    std::size_t at = (is_short ? hash_short(slot.low, slot.high, slot.length) : slot.low) & mask;
    while (larger.data()[at].length != kFree) at = (at + 1) & mask;
    larger.data()[at] = slot;
  }
  slots_ = std::move(larger);
  mask_ = mask;
}

// The slot of the key: one that has it already, or a free one, for which `make_id` gives the id.
template <typename MakeId>
std::uint32_t Dictionary::claim(const Key& key, std::uint64_t high, const char* word,
                                MakeId make_id) noexcept {
  for (std::size_t at = key.hash & mask_;; at = (at + 1) & mask_) {
    Slot& slot = slots_.data()[at];
    std::uint32_t length = kFree;
    if (__atomic_compare_exchange_n(&slot.length, &length, kBusy, false, __ATOMIC_ACQUIRE,
                                    __ATOMIC_ACQUIRE)) {
      const std::uint32_t id = make_id();
      __atomic_store_n(&slot.low, key.low, __ATOMIC_RELAXED);
      __atomic_store_n(&slot.high, high, __ATOMIC_RELAXED);
      __atomic_store_n(&slot.id, id, __ATOMIC_RELAXED);
      used_.fetch_add(1, std::memory_order_relaxed);
      __atomic_store_n(&slot.length, key.length, __ATOMIC_RELEASE);
      return id;
    }
    while (length == kBusy) {
      std::this_thread::yield();
      length = __atomic_load_n(&slot.length, __ATOMIC_ACQUIRE);
    }
    if (length != key.length || slot.low != key.low) continue;
    if (length <= Key::kShort ? slot.high == high
                              : std::memcmp(reinterpret_cast<const char*>(slot.high), word, length) == 0) {
      return slot.id;
    }
  }
}

std::uint32_t Dictionary::insert(const Key& key, std::string_view word, WordStore& store) {
  // Before a slot is claimed, for this may throw.
  const char* const bytes = store.place(word);
  const std::uint64_t high = key.length <= Key::kShort
                                 ? key.high
                                 : static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(bytes));
  return claim(key, high, word.data(), [&] {
    const std::uint32_t id = next_id_.fetch_add(1, std::memory_order_relaxed);
    store.keep(id, key.length);
    return id;
  });
}

void Dictionary::insert_alias(const Key& key, std::uint32_t id) noexcept {
  claim(key, key.high, "", [&] { return id; });
}

}  // namespace numcore::text
