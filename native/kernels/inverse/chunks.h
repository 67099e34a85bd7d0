// Runs body(i) for i in [0, count) on the threads of the job. The pieces never depend on the number of
// threads, so the result does not either. A cancelled job skips what is left; the caller then check()s.
#pragma once

#include <cstdint>

#include "runtime/job_context.h"

namespace numcore::inverse {

template <class Body>
void chunks(std::int64_t count, const JobContext& context, const Body& body) {
  if (context.threads() == 1 || count <= 1) {
    for (std::int64_t i = 0; i < count && !context.cancelled(); ++i) body(i);
    return;
  }
#pragma omp parallel for num_threads(context.threads()) schedule(dynamic)
  for (std::int64_t i = 0; i < count; ++i) {
    if (!context.cancelled()) body(i);
  }
}

}  // namespace numcore::inverse
