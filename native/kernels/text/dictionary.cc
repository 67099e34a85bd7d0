#include "kernels/text/dictionary.h"

#include <bit>
#include <cmath>
#include <cstring>
#include <limits>

#include "runtime/failure.h"

namespace numcore::text {
namespace {

static_assert(std::endian::native == std::endian::little, "Key keeps the first byte lowest");

constexpr std::size_t kInitialSlots = 1 << 10;

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

void Vocabulary::push_back(std::string_view word) {
  if (arena_.size() + word.size() + 1 > std::numeric_limits<std::uint32_t>::max()) {
    throw Failure{"ERR_INVALID_ARGUMENT", "Expected a text whose distinct words take at most 4 GiB"};
  }
  arena_.append(word).push_back('\n');
  begins_.push_back(static_cast<std::uint32_t>(arena_.size()));
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

Dictionary::Dictionary() : slots_(kInitialSlots, true), mask_(kInitialSlots - 1) {}

std::uint32_t Dictionary::add(std::string_view word) {
  const Key key = Key::of(word);
  const std::uint32_t id = find(key, word.data());
  return id != kNone ? id : insert(key, word);
}

std::uint32_t Dictionary::insert(const Key& key, std::string_view word) {
  const auto id = static_cast<std::uint32_t>(vocabulary_.size());
  vocabulary_.push_back(word);
  fill(key, id);
  return id;
}

void Dictionary::insert_alias(const Key& key, std::uint32_t id) { fill(key, id); }

void Dictionary::expect(std::size_t bytes) {
  // The number of distinct words rises with the square root of the length (Heaps' law): some 36 times that of
  // the tokens in a novel. Too little costs growing, too much costs pages that are looked at in vain.
  const auto slots = static_cast<std::size_t>(32 * std::sqrt(static_cast<double>(bytes) / 6));
  if (used_ == 0 && slots > slots_.size()) resize(std::bit_ceil(slots));
}

void Dictionary::fill(const Key& key, std::uint32_t id) {
  // At most half full: probes stay short.
  if (2 * (used_ + 1) > slots_.size()) resize(2 * slots_.size());
  std::size_t at = key.hash & mask_;
  while (slots_.data()[at].length != 0) at = (at + 1) & mask_;
  slots_.data()[at] = {key.low, key.high, key.length, id};
  ++used_;
}

void Dictionary::resize(std::size_t slots) {
  Pages<Slot> larger(slots, true);
  const std::size_t mask = slots - 1;
  for (std::size_t i = 0; used_ > 0 && i < slots_.size(); ++i) {
    const Slot& slot = slots_.data()[i];
    if (slot.length == 0) continue;
    const bool is_short = slot.length <= Key::kShort;
    std::size_t at = (is_short ? hash_short(slot.low, slot.high, slot.length) : slot.low) & mask;
    while (larger.data()[at].length != 0) at = (at + 1) & mask;
    larger.data()[at] = slot;
  }
  slots_ = std::move(larger);
  mask_ = mask;
}

}  // namespace numcore::text
