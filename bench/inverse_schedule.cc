// What would the inversion's task graph reach on more cores than there are? Runs it on one thread, takes the time
// of every task, and simulates the same scheduler (the ready task of the lowest rank, then the first added) for
// other numbers of workers. Memory bandwidth and the passes before and after the graph are not in it.
//   cmake --build build/native --target inverse_schedule && build/native/bin/inverse_schedule 4000 8000
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <queue>
#include <random>
#include <utility>
#include <vector>

#include "kernels/inverse/gauss_jordan.h"
#include "kernels/inverse/graph.h"
#include "kernels/inverse/huge_pages.h"
#include "kernels/inverse/packed.h"
#include "kernels/inverse/sweep.h"
#include "runtime/blas_cores.h"
#include "runtime/job_context.h"

using namespace numcore;
using namespace numcore::inverse;

namespace {

std::vector<std::uint32_t> waits_for(const Graph::Trace& trace) {
  std::vector<std::uint32_t> count(trace.size());
  for (const auto& task : trace) {
    for (const auto next : task.next) ++count[next];
  }
  return count;
}

// Seconds until the last of the tasks has ended.
double makespan(const Graph::Trace& trace, std::size_t workers) {
  using Ready = std::pair<std::int64_t, Graph::Id>;
  using End = std::pair<double, Graph::Id>;
  std::priority_queue<Ready, std::vector<Ready>, std::greater<>> ready;
  std::priority_queue<End, std::vector<End>, std::greater<>> running;
  std::vector<std::uint32_t> waits = waits_for(trace);
  for (Graph::Id id = 0; id < trace.size(); ++id) {
    if (waits[id] == 0) ready.push({trace[id].rank, id});
  }
  double now = 0;
  while (!ready.empty() || !running.empty()) {
    while (!ready.empty() && running.size() < workers) {
      const Graph::Id id = ready.top().second;
      ready.pop();
      running.push({now + trace[id].seconds, id});
    }
    const auto [end, id] = running.top();
    running.pop();
    now = end;
    for (const auto next : trace[id].next) {
      if (--waits[next] == 0) ready.push({trace[next].rank, next});
    }
  }
  return now;
}

// Of several graphs that wait for each other.
double makespan(const std::vector<Graph::Trace>& traces, std::size_t workers) {
  double seconds = 0;
  for (const auto& trace : traces) seconds += makespan(trace, workers);
  return seconds;
}

void report(const char* name, int n, const std::vector<Graph::Trace>& traces) {
  double serial = 0;
  std::size_t tasks = 0;
  for (const auto& trace : traces) {
    for (const auto& task : trace) serial += task.seconds;
    tasks += trace.size();
  }
  std::printf("%s, n = %d: %zu tasks, %.3f s, critical path %.1f ms; efficiency", name, n, tasks, serial,
              1e3 * makespan(traces, tasks));
  for (const int cores : {2, 8, 16, 32, 64}) {
    const double seconds = makespan(traces, static_cast<std::size_t>(cores));
    std::printf("  %d: %.2f", cores, serial / seconds / cores);
  }
  std::printf("\n");
}

// The lesson's matrix, or the random one that it is made of.
Packed<double> matrix(int n, bool symmetric) {
  const auto size = static_cast<std::size_t>(n);
  std::mt19937_64 random(1);
  std::uniform_real_distribution<double> draw;
  Packed<double> r = packed<double>(static_cast<std::int64_t>(size * size));
  prefer_huge_pages(r.get(), size * size * sizeof(double));  // as invert() does
  for (std::size_t i = 0; i < size * size; ++i) r[i] = draw(random);
  for (std::size_t i = 0; symmetric && i < size; ++i) {
    for (std::size_t j = 0; j <= i; ++j) r[i * size + j] = r[j * size + i] = r[i * size + j] * r[j * size + i];
  }
  return r;
}

}  // namespace

int main(int count, char** argument) {
  choose_blas_cores();
  for (int at = 1; at < count; ++at) {
    const int n = std::atoi(argument[at]);
    JobContext one(1);
    {
      std::vector<Graph::Trace> traces;
      const Packed<double> x = matrix(n, true);
      Sweep<double> sweep(x.get(), n, Pivots::inside, one);
      sweep.traces = &traces;
      if (sweep.run().done) report("symmetric", n, traces);
    }
    {
      std::vector<Graph::Trace> traces;
      const Packed<double> x = matrix(n, false);
      GaussJordan<double> sweep(x.get(), n, one);
      sweep.traces = &traces;
      if (sweep.run().done) report("general", n, traces);
    }
  }
}
