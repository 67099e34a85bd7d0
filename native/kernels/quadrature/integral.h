// What a rule on a fixed grid gives, and what every such rule does: cut its points into chunks, give these to
// threads, and add what comes back in order.
#pragma once

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <type_traits>
#include <vector>

#include "kernels/quadrature/block_kernel.h"
#include "kernels/quadrature/double_double.h"
#include "kernels/quadrature/expression.h"
#include "runtime/job_context.h"

namespace numcore::quadrature {

struct Integral {
  double value = 0;
  double error = 0;  // an estimate from above; infinite when there are too few points to say
  double l1 = 0;     // the same rule's integral of |f|
  std::uint64_t evaluations = 0;
  int threads = 1;  // that had work
};

constexpr std::uint64_t most_bins = std::uint64_t{1} << 53;

// A chunk is what one thread does without asking: some ten microseconds of a cheap integrand. A group is
// what is summed before the memory of its chunks is used again.
constexpr std::uint64_t chunk_size = std::uint64_t{1} << 14;  // points, about
constexpr std::uint64_t group_size = std::uint64_t{1} << 9;   // chunks

// Parts of chunks as the bytes of their structures, for another process of the same kind of machine.
template <class Part>
void append(std::vector<std::byte>& bytes, const Part* parts, std::size_t count) {
  static_assert(std::is_trivially_copyable_v<Part>);
  const auto* const begin = reinterpret_cast<const std::byte*>(parts);
  bytes.insert(bytes.end(), begin, begin + count * sizeof(Part));
}

// The number as a user would type it.
std::string shortest(double value);

// Both throw Failure ERR_NOT_FINITE.
[[noreturn]] void report_point(double x, double value, std::uint64_t index);
[[noreturn]] void report_overflow();

// The sums of the values and of their magnitudes, over even and over odd places.
struct Sums {
  DoubleDouble even;
  DoubleDouble odd;
  DoubleDouble even_l1;
  DoubleDouble odd_l1;

  Sums() = default;
  explicit Sums(const LaneSums& lanes);
  void add(const Sums& other);
  [[nodiscard]] bool finite() const;
};

struct Bends {
  double sum = 0;
  double peak = 0;

  Bends() = default;
  explicit Bends(const LaneBends& lanes);
  void add(double size) {
    sum += size;
    peak = std::max(peak, size);
  }
  void add(const Bends& other) {
    sum += other.sum;
    peak = std::max(peak, other.peak);
  }
};

// The integrand at points of a grid, a block at a time: the one place that knows how expressions are run.
class Sampler {
 public:
  // Points of a block lie at (start + i) step from the block's beginning.
  Sampler(const Expression& f, DoubleDouble step, double start, const JobContext& context,
          const BlockKernel& kernel);

  // The points into register 0; `base` is the block's beginning.
  double* place(DoubleDouble base, const Registers& registers) const {
    kernel_.grid(registers.block(0), offsets_, base.high, base.low);
    return registers.block(0);
  }
  // The values at the points that are in place, which may be gone after that.
  double* values(const Registers& registers) const {
    kernel_.run(program_.instructions.data(), program_.instructions.size(), registers.data(), context_);
    return result(registers);
  }
  [[nodiscard]] double* result(const Registers& registers) const { return registers.block(program_.result); }

  // A square root of the point, or the point times it.
  [[nodiscard]] bool is_root() const { return root_; }
  // Whether add_roots() does for this integrand what place(), values() and add() do.
  [[nodiscard]] bool is_fused() const { return root_ && kernel_.add_roots != nullptr; }
  void add_roots(DoubleDouble base, double* values, LaneSums& sums) const {
    kernel_.add_roots(program_.instructions[0], values, offsets_, base.high, base.low, sums);
  }

 private:
  const Program& program_;
  const JobContext& context_;
  const BlockKernel& kernel_;
  const bool root_;
  alignas(64) double offsets_[block_size];
};

// Chunks of a rule, from `first` to before `last`, on all threads, in groups whose parts are taken in order.
// A rule has
//   Part evaluate(std::uint64_t chunk, Scratch&)   on any thread
//   bool finite(const Part&)
//   void explain(std::uint64_t chunk, Scratch&)    throws about what is not finite in it, or returns
// and take(const Part&, std::uint64_t chunk) is called on one thread, chunk after chunk. Returns how many
// threads had work.
template <class Rule, class Take>
int run_chunks(Rule& rule, std::uint64_t first, std::uint64_t last, JobContext& context, const Take& take) {
  const std::uint64_t chunks = last - first;
  if (chunks == 0) return 0;
  constexpr std::uint64_t nowhere = std::numeric_limits<std::uint64_t>::max();
  const int threads =
      static_cast<int>(std::min<std::uint64_t>(static_cast<std::uint64_t>(context.threads()), chunks));
  std::vector<typename Rule::Scratch> scratch;
  scratch.reserve(static_cast<std::size_t>(threads));
  for (int i = 0; i < threads; ++i) scratch.push_back(rule.scratch());
  std::vector<typename Rule::Part> group(std::min(chunks, group_size));
  // 512 times, and more often where that would be rarer than every 67 million points.
  const std::uint64_t report_every = 1 + std::min<std::uint64_t>(chunks / 512, 4095);
  std::atomic<std::uint64_t> done{0};
  // All chunks below the lowest failed one are evaluated whatever the threads do, so the lowest is the same
  // in every run.
  std::atomic<std::uint64_t> first_failed{nowhere};
  std::uint64_t reported = 0;  // of thread 0, the only one that reports, so that progress never falls
  bool stop = false;

#pragma omp parallel num_threads(threads)
  {
    const int thread = omp_get_thread_num();
    typename Rule::Scratch& mine = scratch[static_cast<std::size_t>(thread)];
    for (std::uint64_t begin = first; begin < last && !stop; begin += group_size) {
      const std::uint64_t end = std::min(last, begin + group_size);
#pragma omp for schedule(dynamic, 1)
      for (std::uint64_t index = begin; index < end; ++index) {
        if (context.cancelled() || index > first_failed.load(std::memory_order_relaxed)) continue;
        group[index - begin] = rule.evaluate(index, mine);
        if (!rule.finite(group[index - begin])) {
          std::uint64_t lowest = first_failed.load(std::memory_order_relaxed);
          while (index < lowest && !first_failed.compare_exchange_weak(lowest, index)) {
          }
        }
        const std::uint64_t now = done.fetch_add(1, std::memory_order_relaxed) + 1;
        if (thread == 0 && now - reported >= report_every) {
          reported = now;
          context.progress(static_cast<double>(now) / static_cast<double>(chunks));
        }
      }
#pragma omp single
      {
        stop = context.cancelled() || first_failed != nowhere;
        if (!stop) {
          for (std::uint64_t index = begin; index < end; ++index) take(group[index - begin], index);
        }
      }
    }
  }
  context.check();
  if (first_failed != nowhere) {
    rule.explain(first_failed, scratch.front());
    context.check();
    report_overflow();
  }
  return threads;
}

}  // namespace numcore::quadrature
