// The symmetric routes: one sweep, and three ways to its pivots.
#include "kernels/inverse/sweep.h"

namespace numcore::inverse {

template <class T>
Outcome cholesky(T* x, std::int64_t n, JobContext& context) {
  return Sweep<T>(x, n, Pivots::positive, context).run();
}
template <class T>
Outcome ldlt(T* x, std::int64_t n, JobContext& context) {
  return Sweep<T>(x, n, Pivots::inside, context).run();
}
template <class T>
Outcome bunch_kaufman(T* x, std::int64_t n, const Original<T>& a, JobContext& context) {
  Sweep<T> sweep(x, n, Pivots::anywhere, context);
  sweep.original = &a;
  return sweep.run();
}

#define NUMCORE_INSTANTIATE(T)                                 \
  template Outcome cholesky<T>(T*, std::int64_t, JobContext&); \
  template Outcome ldlt<T>(T*, std::int64_t, JobContext&);     \
  template Outcome bunch_kaufman<T>(T*, std::int64_t, const Original<T>&, JobContext&);
NUMCORE_INSTANTIATE(double)
NUMCORE_INSTANTIATE(float)
#undef NUMCORE_INSTANTIATE

}  // namespace numcore::inverse
