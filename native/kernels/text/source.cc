#include "kernels/text/source.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <system_error>
#include <utility>

#include "kernels/text/read_file.h"
#include "runtime/failure.h"

namespace numcore::text {
namespace {

class RegularFile final : public Source {
 public:
  RegularFile(std::string path, int descriptor, std::size_t size)
      : path_(std::move(path)), descriptor_(descriptor), size_(size) {}
  ~RegularFile() override { close(descriptor_); }

  [[nodiscard]] std::size_t size() const noexcept override { return size_; }

  std::string_view read(std::size_t begin, std::size_t end, Scratch& scratch) const override {
    const std::size_t wanted = std::min(end, size_) - std::min(begin, size_);
    if (scratch.room < wanted) {
      scratch.memory.reset();
      scratch.memory.reset(new char[wanted]);
      scratch.room = wanted;
    }
    std::size_t got = 0;
    while (got < wanted) {
      const ssize_t count =
          pread(descriptor_, scratch.memory.get() + got, wanted - got, static_cast<off_t>(begin + got));
      if (count == 0) break;  // shorter than it was
      if (count > 0) {
        got += static_cast<std::size_t>(count);
      } else if (errno != EINTR) {
        throw Failure{"ERR_FILE", "Expected a readable file but received '" + path_ +
                                      "': " + std::generic_category().message(errno)};
      }
    }
    return {scratch.memory.get(), got};
  }

 private:
  const std::string path_;
  const int descriptor_;
  const std::size_t size_;
};

class WholeFile final : public Source {
 public:
  explicit WholeFile(Bytes bytes) : bytes_(std::move(bytes)) {}
  [[nodiscard]] std::size_t size() const noexcept override { return bytes_.view().size(); }
  std::string_view read(std::size_t begin, std::size_t end, Scratch&) const override {
    return bytes_.view().substr(begin, end - begin);
  }

 private:
  const Bytes bytes_;
};

}  // namespace

std::unique_ptr<Source> open_file(const std::string& path, const JobContext& context) {
  // What cannot be opened, and what is no regular file, read_file() knows about; a pipe must not even be
  // opened twice, for its writer would notice. A size of 0 may be a lie: the files of /proc say so.
  struct stat status {};
  if (stat(path.c_str(), &status) == 0 && S_ISREG(status.st_mode) && status.st_size > 0) {
    const int descriptor = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
    if (descriptor >= 0) {
#if defined(POSIX_FADV_SEQUENTIAL)
      posix_fadvise(descriptor, 0, 0, POSIX_FADV_SEQUENTIAL);
#endif
      return std::make_unique<RegularFile>(path, descriptor, static_cast<std::size_t>(status.st_size));
    }
  }
  return std::make_unique<WholeFile>(read_file(path, context));
}

}  // namespace numcore::text
