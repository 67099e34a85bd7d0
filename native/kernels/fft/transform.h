// Discrete Fourier transforms of any length. Complex numbers are pairs of doubles, real part first. Every
// output is one fixed sequence of operations whatever the thread count or the instruction set, so the bits
// are the same. Error: O(eps sqrt(log n)) of the data's root mean square. NaN and infinity pass through.
#pragma once

#include <cstddef>
#include <span>

#include "kernels/fft/plan.h"
#include "runtime/job_context.h"

namespace numcore::fft {

struct Manner {
  bool backward = false;  // exp(+2 pi i j k / n) instead of exp(-2 pi i j k / n)
  double scale = 1;       // multiplies the result
  // The part of the job that this is, for its progress.
  double begin = 0, end = 1;
};

// to[k] = scale * sum over j of from[j] exp(-2 pi i j k / n), plan.length complex numbers each. `to` may be
// `from`, or overlap it.
void transform(const Plan& plan, const double* from, double* to, const Manner& manner, JobContext& context);

// Rows and columns of a row-major matrix; `to` may be `from`, or overlap it.
void transform_2d(const double* from, double* to, std::size_t rows, std::size_t columns, const Manner& manner,
                  JobContext& context);

// n real numbers to the first n / 2 + 1 complex ones of their transform. `to` may overlap `from`.
void transform_real(const double* from, double* to, std::size_t n, const Manner& manner, JobContext& context);

// The way back: n / 2 + 1 complex numbers, taken as the first of n that are conjugate to their mirror images,
// to n real ones, with exp(+2 pi i j k / n). Imaginary parts that such a transform cannot have are passed
// over.
void transform_to_real(const double* from, double* to, std::size_t n, const Manner& manner,
                       JobContext& context);

// n real numbers to all n complex ones. `to` may overlap `from`.
void transform_widened(const double* from, double* to, std::size_t n, const Manner& manner,
                       JobContext& context);

}  // namespace numcore::fft
