#include "kernels/text/dictionary.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <limits>
#include <utility>

#include "runtime/failure.h"

namespace numcore::text {
namespace {

static_assert(std::endian::native == std::endian::little, "Key keeps the first byte lowest");

constexpr std::size_t kBlockBytes = std::size_t{64} << 10;
constexpr std::size_t kFewestSlots = 1024;

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

Key Key::of(std::string_view word) {
  if (word.size() > std::numeric_limits<std::uint32_t>::max()) {
    throw Failure{"ERR_INVALID_ARGUMENT", "Expected words of less than 4 GiB"};
  }
  if (word.size() >= kShort) return of(word.data(), word.size());
  char bytes[kShort] = {};
  std::memcpy(bytes, word.data(), word.size());
  return of(bytes, word.size());
}

// The number of distinct words rises with the square root of the length (Heaps' law): some 36 times that of
// the tokens in a novel. Too little costs growing, too much costs pages that are looked at in vain.
Dictionary::Dictionary(std::size_t bytes, bool huge) {
  const auto likely = static_cast<std::size_t>(32 * std::sqrt(static_cast<double>(bytes) / 6));
  slots_ = Pages<Slot>(std::bit_ceil(std::max((huge ? 4 : 2) * likely, kFewestSlots)), Taking::at_once);
  mask_ = slots_.size() - 1;
  shift_ = 32 - static_cast<unsigned>(std::countr_zero(slots_.size()));
  words_ = Pages<Word>(slots_.size(), huge ? Taking::huge : Taking::as_needed);
}

std::uint32_t Dictionary::find(const Key& key, const char* word) const noexcept {
  for (std::size_t at = home(key.tag);; at = (at + 1) & mask_) {
    const Slot slot = slots_.data()[at];
    const auto what = static_cast<std::uint32_t>(slot);
    if (what == 0) return kNone;
    if (tag_of(slot) != key.tag) continue;
    if ((what & kAlias) != 0) {
      const Alias& alias = aliases_[(what & ~kAlias) - 1];
      if (alias.key.low == key.low && alias.key.high == key.high && alias.key.length == key.length)
        return alias.id;
    } else if (is(what - 1, key, word)) {
      return what - 1;
    }
  }
}

std::uint32_t Dictionary::insert(const Key& key, std::string_view word, std::uint32_t piece) {
  if (size_ == words_.size()) words_.grow(2 * size_);
  const std::uint64_t high = key.length <= Key::kShort
                                 ? key.high
                                 : static_cast<std::uint64_t>(reinterpret_cast<std::uintptr_t>(keep(word)));
  const auto id = static_cast<std::uint32_t>(size_);
  put(key.tag, id + 1);
  words_.data()[id] = {key.low, high, key.length, 0, piece};
  ++size_;
  bytes_ += word.size() + 1;
  return id;
}

void Dictionary::insert_alias(const Key& key, std::uint32_t id) {
  aliases_.push_back({key, id});
  put(key.tag, kAlias | static_cast<std::uint32_t>(aliases_.size()));
}

void Dictionary::put(std::uint32_t tag, std::uint32_t what) {
  if (8 * used_ >= 5 * slots_.size()) grow();
  fill(slots_, shift_, Slot{tag} << 32 | what);
  ++used_;
}

void Dictionary::fill(const Pages<Slot>& slots, unsigned shift, Slot slot) noexcept {
  std::size_t at = tag_of(slot) >> shift;
  while (slots.data()[at] != 0) at = (at + 1) & (slots.size() - 1);
  slots.data()[at] = slot;
}

void Dictionary::grow() {
  Pages<Slot> larger(2 * slots_.size(), Taking::at_once);
  for (const Slot slot : std::span(slots_.data(), slots_.size())) {
    if (slot != 0) fill(larger, shift_ - 1, slot);
  }
  slots_ = std::move(larger);
  mask_ = slots_.size() - 1;
  --shift_;
}

void Dictionary::append_range(std::uint32_t range, unsigned bits, std::vector<Tagged>& to) const {
  const std::uint64_t width = std::uint64_t{1} << (32 - bits), first = range * width;
  const std::size_t begin = home(static_cast<std::uint32_t>(first)),
                    end = home(static_cast<std::uint32_t>(first + width - 1)) + 1;
  std::size_t count = to.size();
  // Written whether it belongs there or not: every other slot is free, which no processor can foresee.
  const auto visit = [&](Slot slot) {
    const auto what = static_cast<std::uint32_t>(slot);
    to[count] = {tag_of(slot), what - 1};
    count += std::size_t{what != 0} & std::size_t{(what & kAlias) == 0} &
             std::size_t{tag_of(slot) - first < width};
  };
  to.resize(count + end - begin + 1);
  for (std::size_t at = begin; at < end; ++at) visit(slots_.data()[at]);
  // Behind the end there may be some that found no room before it.
  for (std::size_t at = end; const Slot slot = slots_.data()[at & mask_]; ++at) {
    visit(slot);
    if (count == to.size()) to.resize(2 * count);
  }
  to.resize(count);
}

const char* Dictionary::keep(std::string_view word) {
  if (left_ < word.size()) {
    const std::size_t size = std::max(kBlockBytes, word.size());
    blocks_.emplace_back(new char[size]);
    next_ = blocks_.back().get();
    left_ = size;
  }
  std::memcpy(next_, word.data(), word.size());
  left_ -= word.size();
  return std::exchange(next_, next_ + word.size());
}

}  // namespace numcore::text
