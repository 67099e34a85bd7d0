#include "runtime/shared_memory.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cerrno>
#include <string>
#include <system_error>
#include <utility>

#include "runtime/failure.h"

namespace numcore {
namespace {

[[noreturn]] void fail(const std::string& what, int error) {
  const bool memory = error == ENOMEM || error == ENOSPC || error == EFBIG;
  throw Failure(memory ? "ERR_OUT_OF_MEMORY" : "ERR_SHARED_MEMORY",
                what + ": " + std::generic_category().message(error));
}

int make_memfd() {
  const int fd = memfd_create("numcore", MFD_CLOEXEC);
  if (fd < 0) fail("could not make shared memory", errno);
  return fd;
}

constexpr std::size_t round_up(std::size_t bytes, std::size_t unit) {
  return (bytes + unit - 1) / unit * unit;
}

struct stat status_of(int fd) {
  struct stat status {};
  if (fstat(fd, &status) != 0) fail("could not look at shared memory", errno);
  return status;
}

}  // namespace

Mapping::Mapping(int fd, std::size_t bytes, Sharing sharing) : size_(bytes) {
  if (bytes == 0) return;
  // MAP_NORESERVE: a copy-on-write mapping of much memory that is only read needs none of its own.
  const int flags = sharing == Sharing::shared ? MAP_SHARED : MAP_PRIVATE | MAP_NORESERVE;
  void* found = mmap(nullptr, bytes, PROT_READ | PROT_WRITE, flags, fd, 0);
  if (found == MAP_FAILED) fail("could not map shared memory", errno);
  data_ = static_cast<std::byte*>(found);
}

Mapping::Mapping(Mapping&& other) noexcept
    : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}

Mapping::~Mapping() {
  if (data_ != nullptr) munmap(data_, size_);
}

Block::Block(std::size_t bytes) : size_(bytes) {
  constexpr std::size_t kHugePage = std::size_t{2} << 20;
  // Smaller ones may have been used before, and their pages need not be found again.
  const bool is_large = bytes >= 2 * kHugePage;
  data_.reset(static_cast<std::byte*>(is_large ? std::aligned_alloc(kHugePage, round_up(bytes, kHugePage))
                                               : std::malloc(bytes)));
  if (data_ == nullptr && bytes > 0) fail("could not get memory", ENOMEM);
  // A wish: where there are none it is refused.
  if (is_large) madvise(data_.get(), bytes, MADV_HUGEPAGE);
}

Segment::Segment(int fd) : fd_(fd), inode_(0) {}

Segment::Segment(Segment&& other) noexcept : fd_(std::exchange(other.fd_, -1)), inode_(other.inode_) {}

Segment::~Segment() {
  if (fd_ >= 0) close(fd_);
}

Segment Segment::empty() {
  Segment segment(make_memfd());
  segment.inode_ = status_of(segment.fd_).st_ino;
  return segment;
}

Segment Segment::create(std::size_t bytes) {
  Segment segment = empty();
  // posix_fallocate would fall back on writing; this asks the kernel, which knows tmpfs.
  if (bytes > 0 && fallocate(segment.fd_, 0, 0, static_cast<off_t>(bytes)) != 0) {
    fail("could not reserve " + std::to_string(bytes) + " bytes of shared memory", errno);
  }
  return segment;
}

// Written and not mapped: pages are filled without being zeroed and without a fault for each.
void Segment::write(std::span<const std::byte> content) {
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t written =
        pwrite(fd_, content.data() + done, content.size() - done, static_cast<off_t>(done));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) fail("could not write shared memory", written < 0 ? errno : ENOSPC);
    done += static_cast<std::size_t>(written);
  }
}

void Segment::read(std::span<std::byte> content) const {
  std::size_t done = 0;
  while (done < content.size()) {
    const ssize_t got = pread(fd_, content.data() + done, content.size() - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) fail("could not read shared memory", got < 0 ? errno : EIO);
    done += static_cast<std::size_t>(got);
  }
}

Segment Segment::open(const SegmentAddress& address, std::size_t bytes) {
  const std::string path = "/proc/" + std::to_string(address.pid) + "/fd/" + std::to_string(address.fd);
  const int fd = ::open(path.c_str(), O_RDWR | O_CLOEXEC);
  if (fd < 0) {
    fail("could not open shared memory of process " + std::to_string(address.pid) + " (it was freed, or " +
             "belongs to another user)",
         errno);
  }
  Segment segment(fd);
  const struct stat status = status_of(fd);
  segment.inode_ = status.st_ino;
  if (status.st_ino != address.inode || static_cast<std::size_t>(status.st_size) < bytes) {
    throw Failure("ERR_SHARED_MEMORY",
                  "the shared memory was freed by process " + std::to_string(address.pid));
  }
  return segment;
}

}  // namespace numcore
