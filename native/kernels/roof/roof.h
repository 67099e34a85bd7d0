// What the machine can do at most, for the harness: the rate of matrix products, of square roots and of
// memory. Each function does a known amount of work with nothing around it; who calls it looks at the clock.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

#include "runtime/job_context.h"

namespace numcore::roof {

// Every thread multiplies its own two matrices of order `n`, `times` times, with sequential BLAS: 2 n^3 *
// times flops a thread and nothing shared, which is what no parallel algorithm gets past. `workspace` holds 3
// n^2 numbers for each thread: two factors and a product, which is overwritten.
void multiply(std::span<double> workspace, std::size_t n, std::int64_t times, JobContext& context);

// `count` square roots, divided among the threads, eight or more independent ones in flight on each; both
// vector widths of the processor are not equally fast everywhere, so the caller chooses: `width` numbers a
// vector, one of widths(). Returns the roots taken, which is `count` rounded up to whole passes.
std::int64_t square_roots(std::int64_t count, int width, JobContext& context);

// The vector widths that square_roots() has on this processor, in doubles, narrowest first.
std::span<const int> widths();

// Copies `from` to `to`, which is as long, each thread its own part: 16 bytes of traffic a number.
void copy(std::span<const double> from, std::span<double> to, JobContext& context);

}  // namespace numcore::roof
