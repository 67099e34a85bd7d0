// Memory that several processes see. A segment has no name: it is a memfd, which other processes of the same
// user open by the number that it has in its owner (/proc/PID/fd/N). So the kernel frees it with its last
// user, however that one ends, there is nothing to be left behind in /dev/shm, and a container's small
// /dev/shm is no limit.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <memory>
#include <span>

namespace numcore {

// How another process finds a segment. Descriptors are used again after they are closed; the inode tells
// whether it still is the one that was meant.
struct SegmentAddress {
  int pid;
  int fd;
  std::uint64_t inode;
};

// Whether writes are seen by the others, or go to pages of one's own that are copied when first written to.
enum class Sharing { shared, copy_on_write };

class Mapping {
 public:
  Mapping() = default;
  Mapping(int fd, std::size_t bytes, Sharing sharing);
  Mapping(Mapping&& other) noexcept;
  Mapping& operator=(Mapping&&) = delete;
  ~Mapping();

  [[nodiscard]] std::byte* data() const { return data_; }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  std::byte* data_ = nullptr;
  std::size_t size_ = 0;
};

// Memory of this process alone, and where it is large in huge pages, if there are any: filling it takes a
// third of the time. Its content is undefined.
class Block {
 public:
  explicit Block(std::size_t bytes);

  [[nodiscard]] std::byte* data() const { return data_.get(); }
  [[nodiscard]] std::size_t size() const { return size_; }

 private:
  struct Free {
    void operator()(std::byte* data) const { std::free(data); }
  };
  std::unique_ptr<std::byte, Free> data_;
  std::size_t size_;
};

// Owns a descriptor. Mappings outlive it. What cannot be had throws Failure: ERR_OUT_OF_MEMORY or
// ERR_SHARED_MEMORY.
class Segment {
 public:
  // Zeroed, and reserved: later use cannot run out of memory.
  static Segment create(std::size_t bytes);
  // Empty; write() makes it as large as what it holds.
  static Segment empty();
  // Of another process, or of this one; `bytes` is the size it must have.
  static Segment open(const SegmentAddress& address, std::size_t bytes);

  Segment(Segment&& other) noexcept;
  Segment& operator=(Segment&&) = delete;
  ~Segment();

  [[nodiscard]] int fd() const { return fd_; }
  [[nodiscard]] std::uint64_t inode() const { return inode_; }
  // Puts a copy of `content` at its beginning and gets it back, without mapping it. Pages that are there
  // already are written several times as fast as new ones.
  void write(std::span<const std::byte> content);
  void read(std::span<std::byte> content) const;
  [[nodiscard]] Mapping map(std::size_t bytes, Sharing sharing) const { return {fd_, bytes, sharing}; }

 private:
  explicit Segment(int fd);

  int fd_;
  std::uint64_t inode_;
};

}  // namespace numcore
