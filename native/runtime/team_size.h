// Makes OpenMP and OpenBLAS calls on this thread use `threads` while it lives. OpenBLAS's OpenMP build takes
// its number from the calling thread's OpenMP setting (a per-thread variable), so nothing global is touched.
#pragma once

#include <omp.h>

namespace numcore {

class TeamSize {
 public:
  explicit TeamSize(int threads) : before_(omp_get_max_threads()) { omp_set_num_threads(threads); }
  ~TeamSize() { omp_set_num_threads(before_); }
  TeamSize(const TeamSize&) = delete;
  TeamSize& operator=(const TeamSize&) = delete;

 private:
  int before_;
};

}  // namespace numcore
