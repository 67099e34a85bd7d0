// A loop over threads whose body may throw.
#pragma once

#include <algorithm>
#include <cstddef>
#include <exception>
#include <vector>

namespace numcore::text {

// work(i, kept) for i = 0 .. count - 1 on up to `threads` threads, each with a Kept of its own. What the
// first i to fail threw is thrown when all have ended.
//
// It is there so that memory is kept from one i to the next: giving pages back to the system in the
// middle of a region stops the other threads for a moment, each time.
template <typename Kept, typename Work>
void for_each_with(int threads, std::size_t count, Work work) {
  std::vector<std::exception_ptr> errors(count);
  const int team = static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(threads), count));
#pragma omp parallel num_threads(team > 1 ? team : 1)
  {
    Kept kept{};
#pragma omp for schedule(dynamic, 1)
    for (std::size_t i = 0; i < count; ++i) {
      try {
        work(i, kept);
      } catch (...) {
        errors[i] = std::current_exception();
      }
    }
  }
  for (const std::exception_ptr& error : errors) {
    if (error) std::rethrow_exception(error);
  }
}

template <typename Work>
void for_each(int threads, std::size_t count, Work work) {
  struct Nothing {};
  for_each_with<Nothing>(threads, count, [&](std::size_t i, Nothing&) { work(i); });
}

}  // namespace numcore::text
