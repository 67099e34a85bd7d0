#include "kernels/quadrature/evaluate.h"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <vector>

namespace numcore::quadrature {

void evaluate(const Expression& f, std::span<const double* const> variables, std::span<double> out,
              JobContext& context) {
  // What a thread does without asking: some ten microseconds of a cheap expression.
  constexpr std::size_t chunk_size = std::size_t{1} << 14;
  const std::size_t chunks = (out.size() + chunk_size - 1) / chunk_size;
  if (chunks == 0) return;
  const int threads =
      static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(context.threads()), chunks));
  std::vector<Registers> registers;
  registers.reserve(static_cast<std::size_t>(threads));
  for (int i = 0; i < threads; ++i) registers.emplace_back(f.program());
  // One list of pointers a thread, so that nothing is allocated inside.
  std::vector<const double*> pointers(static_cast<std::size_t>(threads) * variables.size());
  const std::size_t report_every = 1 + chunks / 512;
  std::atomic<std::size_t> done{0};
  std::size_t reported = 0;  // of thread 0, the only one that reports, so that progress never falls

#pragma omp parallel num_threads(threads)
  {
    const auto thread = static_cast<std::size_t>(omp_get_thread_num());
    const std::span<const double*> mine =
        std::span(pointers).subspan(thread * variables.size(), variables.size());
#pragma omp for schedule(dynamic, 1)
    for (std::size_t index = 0; index < chunks; ++index) {
      if (context.cancelled()) continue;
      const std::size_t begin = index * chunk_size;
      for (std::size_t k = 0; k < mine.size(); ++k) mine[k] = variables[k] + begin;
      f.block(mine, std::min(chunk_size, out.size() - begin), out.data() + begin, registers[thread], context);
      const std::size_t now = done.fetch_add(1, std::memory_order_relaxed) + 1;
      if (thread == 0 && now - reported >= report_every) {
        reported = now;
        context.progress(static_cast<double>(now) / static_cast<double>(chunks));
      }
    }
  }
  context.check();
}

}  // namespace numcore::quadrature
