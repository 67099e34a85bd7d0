// A loop over threads whose body may throw.
#pragma once

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <exception>
#include <span>
#include <vector>

namespace numcore::text {

// work(i, kept) for i = 0 .. count - 1 on as many threads as there are `kept`, each with one of its own. What
// the first i to fail threw is thrown when all have ended.
//
// So memory is kept from one i to the next (giving pages back to the system in the middle of a region stops
// the other threads for a moment, each time), and what the threads have found is there afterwards.
template <typename Kept, typename Work>
void for_each_with(std::span<Kept> kept, std::size_t count, Work work) {
  std::vector<std::exception_ptr> errors(count);
  std::atomic<std::size_t> taken{0};
  const int team = static_cast<int>(std::clamp<std::size_t>(count, 1, kept.size()));
#pragma omp parallel num_threads(team)
  {
    Kept& mine = kept[taken.fetch_add(1)];
#pragma omp for schedule(dynamic, 1)
    for (std::size_t i = 0; i < count; ++i) {
      try {
        work(i, mine);
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
  std::vector<Nothing> nothing(static_cast<std::size_t>(threads));
  for_each_with(std::span(nothing), count, [&](std::size_t i, Nothing&) { work(i); });
}

}  // namespace numcore::text
