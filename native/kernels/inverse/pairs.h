// One pass over a symmetric matrix by pairs of blocks (i, j) and (j, i): everything that is to be known of
// it, and everything that is to be copied, while the pair is in the cache.
#pragma once

#include <cstdint>

#include "kernels/inverse/scan.h"
#include "runtime/job_context.h"

namespace numcore::inverse {

template <class T>
struct Pairs {
  const T* a = nullptr;  // only the lower triangle is summed
  bool compare = false;  // is a_ij == a_ji for all i, j? Compared as numbers, so 0 equals -0.
  T* copy = nullptr;     // where to put the lower triangle
  T* mirror = nullptr;   // where to put its transpose; may be `a` itself
};

// The sums of the symmetric matrix. When it turns out not to be symmetric, that alone is the answer, and what
// has been copied until then is of no use.
template <class T>
Sums sums(const Pairs<T>& pairs, std::int64_t n, const Vectors& v, const JobContext& context);

extern template Sums sums<double>(const Pairs<double>&, std::int64_t, const Vectors&, const JobContext&);
extern template Sums sums<float>(const Pairs<float>&, std::int64_t, const Vectors&, const JobContext&);

}  // namespace numcore::inverse
