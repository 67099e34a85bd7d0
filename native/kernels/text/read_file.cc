#include "kernels/text/read_file.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <system_error>

#include "runtime/failure.h"

namespace numcore::text {
namespace {

[[noreturn]] void fail(const std::string& path, int error) {
  throw Failure{"ERR_FILE", "Expected a readable file but received '" + path +
                                "': " + std::generic_category().message(error)};
}

struct File {
  int descriptor;
  ~File() { close(descriptor); }
};

constexpr std::size_t kReadBytes = std::size_t{4} << 20;
constexpr int kPollMs = 50;

}  // namespace

Bytes read_file(const std::string& path, const JobContext& context) {
  // Without O_NONBLOCK a pipe that nobody writes to would hold a compute thread for ever.
  const File file{open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK)};
  if (file.descriptor < 0) fail(path, errno);
  struct stat status {};
  if (fstat(file.descriptor, &status) != 0) fail(path, errno);
  if (S_ISDIR(status.st_mode)) fail(path, EISDIR);

  Bytes bytes;
  // One byte more than the file has, so that its end is seen without growing.
  std::size_t capacity = S_ISREG(status.st_mode) ? static_cast<std::size_t>(status.st_size) + 1 : 1 << 16;
  bytes.memory_.reset(new char[capacity]);
  while (true) {
    context.check();
    if (!S_ISREG(status.st_mode)) {
      pollfd ready{file.descriptor, POLLIN, 0};
      if (poll(&ready, 1, kPollMs) == 0) continue;
    }
    if (bytes.size_ == capacity) {
      capacity *= 2;
      std::unique_ptr<char[]> larger(new char[capacity]);
      std::memcpy(larger.get(), bytes.memory_.get(), bytes.size_);
      bytes.memory_ = std::move(larger);
    }
    const ssize_t got = read(file.descriptor, bytes.memory_.get() + bytes.size_,
                             std::min(capacity - bytes.size_, kReadBytes));
    if (got == 0) return bytes;
    if (got > 0) {
      bytes.size_ += static_cast<std::size_t>(got);
    } else if (errno != EINTR && errno != EAGAIN) {
      fail(path, errno);
    }
  }
}

}  // namespace numcore::text
