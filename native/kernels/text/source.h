// Where a text comes from, piece by piece.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/job_context.h"

namespace numcore::text {

// A buffer that is not cleared when it grows.
struct Scratch {
  std::unique_ptr<char[]> memory;
  std::size_t room = 0;
};

// Safe to be read by several threads at once, each with a scratch of its own.
class Source {
 public:
  Source() = default;
  Source(const Source&) = delete;
  Source& operator=(const Source&) = delete;
  virtual ~Source() = default;

  [[nodiscard]] virtual std::size_t size() const noexcept = 0;
  // The bytes [begin, end), fewer where the text ends; valid until the next call with the same scratch.
  virtual std::string_view read(std::size_t begin, std::size_t end, Scratch& scratch) const = 0;
};

class Memory final : public Source {
 public:
  explicit Memory(std::string_view utf8) : utf8_(utf8) {}
  [[nodiscard]] std::size_t size() const noexcept override { return utf8_.size(); }
  std::string_view read(std::size_t begin, std::size_t end, Scratch&) const override {
    return utf8_.substr(begin, end - begin);
  }

 private:
  std::string_view utf8_;
};

// A file. A regular one is read piece by piece where it is worked on: no copy of the whole is made, and each
// piece is still in the cache when it is looked at. (Not mapped: a mapped file that somebody truncates
// meanwhile would end the process with SIGBUS.) Pipes and devices are read to their end first.
//
// Throws Failure ERR_FILE with the system's reason (missing, a directory, no right).
std::unique_ptr<Source> open_file(const std::string& path, const JobContext& context);

}  // namespace numcore::text
