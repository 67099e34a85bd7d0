// Pieces of a transform, spread over the job's threads.
#pragma once

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <cstddef>

#include "kernels/fft/buffer.h"
#include "kernels/fft/transform.h"
#include "runtime/job_context.h"

namespace numcore::fft {

// body(task, scratch) for every task, with `scratch` doubles of its own for each thread. The body must not
// throw.
template <class Body>
void run_tasks(std::size_t tasks, std::size_t scratch, const Manner& part, JobContext& context, Body body) {
  const int threads =
      static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(context.threads()), tasks));
  const Buffer buffer = make_buffer(static_cast<std::size_t>(threads) * scratch);
  std::atomic<std::size_t> finished{0};
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
  for (std::size_t task = 0; task < tasks; ++task) {
    if (context.cancelled()) continue;
    body(task, buffer.get() + static_cast<std::size_t>(omp_get_thread_num()) * scratch);
    context.progress(part.begin +
                     (part.end - part.begin) * static_cast<double>(++finished) / static_cast<double>(tasks));
  }
  context.check();
}

// body(first, last) for pieces of [0, count).
template <class Body>
void run_pieces(std::size_t count, const Manner& part, JobContext& context, Body body) {
  constexpr std::size_t piece = std::size_t{1} << 14;
  run_tasks((count + piece - 1) / piece, 0, part, context,
            [&](std::size_t task, double*) { body(task * piece, std::min(count, (task + 1) * piece)); });
}

// `manner` with the part of its progress from `begin` to `end`, 0 to 1.
inline Manner part_of(const Manner& manner, double begin, double end) {
  Manner part = manner;
  part.begin = manner.begin + (manner.end - manner.begin) * begin;
  part.end = manner.begin + (manner.end - manner.begin) * end;
  return part;
}

}  // namespace numcore::fft
