// Memory straight from the system: zeros, taken page by page as it is written to.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace numcore::text {

// How the system gives the memory.
enum class Taking {
  as_needed,  // each page when it is first written to
  // The same, but in pages of two megabytes, for what will need several of them: a page fault for every 4 KiB
  // would take a quarter of the time.
  huge,
  // All of it now, which costs a third as much a page. For what is going to be read before it is written to:
  // else each page would be faulted in twice, and the second time, when the shared page of zeros is replaced,
  // all other threads are interrupted.
  at_once,
};

template <typename T>
requires std::is_trivially_copyable_v<T>
class Pages {
 public:
  Pages() = default;
  // `count` elements of zero bytes.
  explicit Pages(std::size_t count, Taking taking = Taking::as_needed) : size_(count) {
    if (count == 0) return;
    int flags = MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE;
    const bool now = taking == Taking::at_once, huge = taking == Taking::huge || (now && bytes() >= kHuge);
#if defined(MAP_POPULATE)
    if (now && !huge) flags |= MAP_POPULATE;
#endif
    void* const memory = mmap(nullptr, bytes(), PROT_READ | PROT_WRITE, flags, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    data_ = static_cast<T*>(memory);
#if defined(MADV_HUGEPAGE)
    if (huge) madvise(memory, bytes(), MADV_HUGEPAGE);
#endif
    if (now) {
      for (std::size_t at = 0; at < bytes(); at += kPage) static_cast<volatile char*>(memory)[at] = 0;
    }
  }
  Pages(Pages&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Pages& operator=(Pages&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Pages() {
    if (data_ != nullptr) munmap(data_, bytes());
  }

  // Makes room for `count` elements, more than there are. What is there stays, though perhaps elsewhere.
  void grow(std::size_t count) {
#if defined(MREMAP_MAYMOVE)
    // Moves the pages, not what is in them.
    if (data_ != nullptr) {
      void* const memory = mremap(data_, bytes(), count * sizeof(T), MREMAP_MAYMOVE);
      if (memory == MAP_FAILED) throw std::bad_alloc();
      data_ = static_cast<T*>(memory);
      size_ = count;
      return;
    }
#endif
    Pages larger(count);
    if (data_ != nullptr) std::memcpy(larger.data_, data_, bytes());
    *this = std::move(larger);
  }

  [[nodiscard]] T* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  static constexpr std::size_t kPage = 4096;
  static constexpr std::size_t kHuge = std::size_t{2} << 20;
  [[nodiscard]] std::size_t bytes() const noexcept { return size_ * sizeof(T); }

  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace numcore::text
