// The two symmetric tile routes: one sweep, with or without the assumption of positive pivots.
#include "kernels/inverse/sweep.h"

namespace numcore::inverse {

template <class T>
Outcome cholesky(T* x, std::int64_t n, JobContext& context) {
  return Sweep<T>(x, n, true, context).run();
}
template <class T>
Outcome ldlt(T* x, std::int64_t n, JobContext& context) {
  return Sweep<T>(x, n, false, context).run();
}

#define NUMCORE_INSTANTIATE(T)                                 \
  template Outcome cholesky<T>(T*, std::int64_t, JobContext&); \
  template Outcome ldlt<T>(T*, std::int64_t, JobContext&);
NUMCORE_INSTANTIATE(double)
NUMCORE_INSTANTIATE(float)
#undef NUMCORE_INSTANTIATE

}  // namespace numcore::inverse
