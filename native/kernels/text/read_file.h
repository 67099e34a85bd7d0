// A whole file in memory, read on the compute thread that works on it.
#pragma once

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>

#include "runtime/job_context.h"

namespace numcore::text {

class Bytes {
 public:
  [[nodiscard]] std::string_view view() const noexcept { return {memory_.get(), size_}; }

 private:
  friend Bytes read_file(const std::string& path, const JobContext& context);
  std::unique_ptr<char[]> memory_;
  std::size_t size_ = 0;
};

// Copied, not mapped: a mapped file that somebody truncates meanwhile would end the process with SIGBUS.
// Pipes and devices are read to their end. Throws Failure ERR_FILE with the system's reason (missing, a
// directory, no right).
Bytes read_file(const std::string& path, const JobContext& context);

}  // namespace numcore::text
