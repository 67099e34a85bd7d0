#include "kernels/text/word_count.h"

#include <algorithm>
#include <string>
#include <unordered_map>

#include "kernels/text/unicode.h"
#include "runtime/failure.h"

namespace numcore::text {
namespace {

// The arrays come back from JavaScript, where they could have been written to.
void check(std::string_view arena, std::span<const std::uint32_t> begins) {
  bool sound = !begins.empty() && begins.front() == 0 && begins.back() == arena.size();
  for (std::size_t i = 1; sound && i < begins.size(); ++i) sound = begins[i] > begins[i - 1];
  if (!sound)
    throw Failure{"ERR_INVALID_ARGUMENT", "Expected the vocabulary of a text but received a changed one"};
}

std::string_view word(std::string_view arena, std::span<const std::uint32_t> begins, std::size_t id) {
  return arena.substr(begins[id], begins[id + 1] - begins[id] - 1);
}

}  // namespace

std::vector<std::uint32_t> order_by_count(std::string_view arena, std::span<const std::uint32_t> begins,
                                          std::span<const std::uint32_t> counts, std::size_t min_length) {
  check(arena, begins);
  if (counts.size() + 1 != begins.size()) {
    throw Failure{"ERR_INVALID_ARGUMENT", "Expected a count for every word of the vocabulary"};
  }
  struct Entry {
    std::uint32_t count, id;
  };
  std::vector<Entry> entries;
  entries.reserve(counts.size());
  for (std::size_t id = 0; id < counts.size(); ++id) {
    if (min_length <= 1 || characters(word(arena, begins, id)) >= min_length) {
      entries.push_back({counts[id], static_cast<std::uint32_t>(id)});
    }
  }
  std::sort(entries.begin(), entries.end(),
            [](Entry a, Entry b) { return a.count != b.count ? a.count > b.count : a.id < b.id; });
  std::vector<std::uint32_t> order(entries.size());
  std::transform(entries.begin(), entries.end(), order.begin(), [](Entry entry) { return entry.id; });
  return order;
}

std::vector<std::uint32_t> find_words(std::string_view arena, std::span<const std::uint32_t> begins,
                                      std::span<const std::string_view> words) {
  check(arena, begins);
  constexpr std::uint32_t kMissing = 0xFFFF'FFFF;
  std::unordered_map<std::string_view, std::uint32_t> wanted;
  for (const std::string_view each : words) wanted.emplace(each, kMissing);
  for (std::size_t id = 0; id + 1 < begins.size(); ++id) {
    const auto found = wanted.find(word(arena, begins, id));
    if (found != wanted.end()) found->second = static_cast<std::uint32_t>(id);
  }
  std::vector<std::uint32_t> ids;
  ids.reserve(words.size());
  for (const std::string_view each : words) {
    const std::uint32_t id = wanted.at(each);
    if (id == kMissing) {
      throw Failure{"ERR_INVALID_ARGUMENT",
                    "Expected a word that occurs in the text but received '" + std::string(each) + "'",
                    static_cast<std::int64_t>(ids.size())};
    }
    ids.push_back(id);
  }
  return ids;
}

}  // namespace numcore::text
