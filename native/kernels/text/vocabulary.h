// The words of a text by id.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

namespace numcore::text {

// Words in the order of their ids. Each is followed by a newline (which no word can contain), so that whoever
// wants them all as strings decodes the arena once and splits it.
class Vocabulary {
 public:
  Vocabulary() = default;
  // `begins` as below; every word in the arena with its newline.
  Vocabulary(std::unique_ptr<char[]> arena, std::vector<std::uint32_t> begins)
      : arena_(std::move(arena)), begins_(std::move(begins)) {}

  [[nodiscard]] std::size_t size() const noexcept { return begins_.size() - 1; }
  [[nodiscard]] std::string_view operator[](std::size_t id) const noexcept {
    return {arena_.get() + begins_[id], begins_[id + 1] - begins_[id] - 1};
  }
  [[nodiscard]] std::string_view arena() const noexcept { return {arena_.get(), begins_.back()}; }
  // size() + 1 offsets into the arena; word `id` is [begins[id], begins[id + 1] - 1).
  [[nodiscard]] std::span<const std::uint32_t> begins() const noexcept { return begins_; }

 private:
  std::unique_ptr<char[]> arena_;
  std::vector<std::uint32_t> begins_{0};
};

}  // namespace numcore::text
