// The one exception that kernels throw for input they cannot work on. `code` is a key of the error
// table in lib/errors.ts, where the sentence a user reads is made; `where` is the place in the
// input (a pivot, a byte offset, a column), or -1 when there is none.
#pragma once

#include <cstdint>
#include <exception>
#include <string>
#include <utility>

namespace numcore {

class Failure : public std::exception {
 public:
  Failure(const char* code, std::string message, std::int64_t where = -1)
      : code_(code), message_(std::move(message)), where_(where) {}

  [[nodiscard]] const char* what() const noexcept override { return message_.c_str(); }
  [[nodiscard]] const char* code() const noexcept { return code_; }
  [[nodiscard]] std::int64_t where() const noexcept { return where_; }

 private:
  const char* code_;
  std::string message_;
  std::int64_t where_;
};

}  // namespace numcore
