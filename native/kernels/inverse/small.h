// Inverses of small matrices, where the general routes would spend their time on getting ready: everything on
// the stack and in one function, with the same checks and the same report.
#pragma once

#include <cstdint>

#include "kernels/inverse/inverse.h"

namespace numcore::inverse {

inline constexpr std::int64_t kSmallOrder = 16;

// False, and `x` and `report` as they were, for every matrix that is in any way out of the ordinary: not
// finite, singular or close to it, of rows of very different scale, not positive definite when that was
// assumed, with a result that did not pass its check. The general routes then find out what there is to say.
//
// General matrices by Gauss-Jordan elimination with partial pivoting; positive definite ones without; other
// symmetric ones with the complete pivoting of Bunch and Parlett (1971), whose pivots tell the inertia.
bool invert_small(const double* a, double* x, std::int64_t n, Assume assume, Report& report);
bool invert_small(const float* a, float* x, std::int64_t n, Assume assume, Report& report);

}  // namespace numcore::inverse
