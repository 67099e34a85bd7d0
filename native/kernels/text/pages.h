// Memory straight from the system: zeros, taken page by page as it is written to.
#pragma once

#include <sys/mman.h>

#include <cstddef>
#include <cstring>
#include <new>
#include <type_traits>
#include <utility>

namespace numcore::text {

template <typename T>
requires std::is_trivially_copyable_v<T>
class Pages {
 public:
  Pages() = default;
  // `count` elements of zero bytes. `now`: for memory that will be read before it is written to, all of it is
  // taken at once. Else each page would be faulted in twice, and the second time, when the shared page of
  // zeros is replaced, all other threads are interrupted: with two threads that took half of the time.
  explicit Pages(std::size_t count, bool now = false) : size_(count) {
    if (count == 0) return;
    void* const memory = mmap(nullptr, count * sizeof(T), PROT_READ | PROT_WRITE,
                              MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    if (memory == MAP_FAILED) throw std::bad_alloc();
    data_ = static_cast<T*>(memory);
#if defined(MADV_HUGEPAGE)
    // A page fault for every 4 KiB would take a quarter of the time.
    if (count * sizeof(T) >= kHugeFrom) madvise(memory, count * sizeof(T), MADV_HUGEPAGE);
#endif
    if (now) std::memset(memory, 0, count * sizeof(T));
  }
  Pages(Pages&& other) noexcept
      : data_(std::exchange(other.data_, nullptr)), size_(std::exchange(other.size_, 0)) {}
  Pages& operator=(Pages&& other) noexcept {
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    return *this;
  }
  ~Pages() {
    if (data_ != nullptr) munmap(data_, size_ * sizeof(T));
  }

  [[nodiscard]] T* data() const noexcept { return data_; }
  [[nodiscard]] std::size_t size() const noexcept { return size_; }

 private:
  static constexpr std::size_t kHugeFrom = std::size_t{8} << 20;

  T* data_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace numcore::text
