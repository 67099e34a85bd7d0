#include "kernels/quadrature/midpoint.h"

#include <omp.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "kernels/quadrature/double_double.h"
#include "runtime/failure.h"

namespace numcore::quadrature {

namespace {

// A chunk is what one thread does without asking: some ten microseconds of a cheap integrand. A group is
// what is summed before the memory of its chunks is used again.
constexpr std::uint64_t chunk_size = std::uint64_t{1} << 14;
constexpr std::uint64_t group_size = std::uint64_t{1} << 13;
constexpr std::uint64_t nowhere = std::numeric_limits<std::uint64_t>::max();

struct Chunk {
  DoubleDouble sum;
  double bend = 0;
  double peak = 0;
  // Second differences across chunks need the values at both ends.
  double first[2] = {};
  double last[2] = {};
};

struct Sums {
  DoubleDouble sum;
  double bend = 0;
  double peak = 0;
  double last[2] = {};
};

double bend_of(double earlier, double before, double here) {
  return std::abs((here - before) - (before - earlier));
}

// The bits of a number as a user would type it.
std::string shortest(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  std::array<char, 32> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value).ptr;
  return {text.data(), end};
}

// Lanes in a fixed tree. The low parts are errors already and need no care.
DoubleDouble combine(const LaneSums& lanes) {
  std::array<double, lane_count> high{};
  std::array<double, lane_count> low{};
  std::copy_n(lanes.high, lane_count, high.begin());
  std::copy_n(lanes.low, lane_count, low.begin());
  for (std::size_t half = lane_count / 2; half > 0; half /= 2) {
    for (std::size_t k = 0; k < half; ++k) {
      const DoubleDouble pair = two_sum(high[k], high[k + half]);
      high[k] = pair.high;
      low[k] += low[k + half] + pair.low;
    }
  }
  return two_sum(high[0], low[0]);
}

// What BlockKernel::fused_roots does.
bool is_root_of_point(const Program& program) {
  if (program.instructions.size() != 1) return false;
  const Instruction& only = program.instructions[0];
  return only.a == 0 && (only.op == Op::sqrt || (only.op == Op::half_power && only.exponent <= 1));
}

class Midpoint {
 public:
  Midpoint(const Expression& f, double a, double b, std::uint64_t bins, JobContext& context,
           const BlockKernel& kernel)
      : program_(f.program()),
        a_(a),
        width_(two_sum(b, -a) / static_cast<double>(bins)),
        bins_(bins),
        chunks_((bins + chunk_size - 1) / chunk_size),
        context_(context),
        kernel_(kernel),
        fused_(kernel.fused_roots != nullptr && is_root_of_point(f.program())) {
    for (std::size_t i = 0; i < block_size; ++i) {
      const double middle = static_cast<double>(i) + 0.5;
      offsets_[i] = std::fma(middle, width_.high, middle * width_.low);
    }
  }

  Integral run() {
    const int threads =
        static_cast<int>(std::min<std::uint64_t>(static_cast<std::uint64_t>(context_.threads()), chunks_));
    std::vector<Registers> registers;
    registers.reserve(static_cast<std::size_t>(threads));
    for (int i = 0; i < threads; ++i) registers.emplace_back(program_);
    std::vector<Chunk> group(std::min(chunks_, group_size));

    const double total = static_cast<double>(chunks_);
    // 512 times, and more often where that would be rarer than every 67 million points.
    const std::uint64_t report_every = 1 + std::min<std::uint64_t>(chunks_ / 512, 4095);
    std::atomic<std::uint64_t> done{0};
    std::uint64_t reported = 0;  // of thread 0, the only one that reports, so that progress never falls
    bool stop = false;

#pragma omp parallel num_threads(threads)
    {
      const int thread = omp_get_thread_num();
      const Registers& mine = registers[static_cast<std::size_t>(thread)];
      for (std::uint64_t begin = 0; begin < chunks_ && !stop; begin += group_size) {
        const std::uint64_t end = std::min(chunks_, begin + group_size);
#pragma omp for schedule(dynamic, 1)
        for (std::uint64_t index = begin; index < end; ++index) {
          if (context_.cancelled() || index > first_failed_.load(std::memory_order_relaxed)) continue;
          Chunk& chunk = group[index - begin];
          chunk = evaluate(index, mine);
          if (!std::isfinite(chunk.sum.high + chunk.sum.low)) failed(index);
          const std::uint64_t now = done.fetch_add(1, std::memory_order_relaxed) + 1;
          if (thread == 0 && now - reported >= report_every) {
            reported = now;
            context_.progress(static_cast<double>(now) / total);
          }
        }
#pragma omp single
        {
          stop = context_.cancelled() || first_failed_ != nowhere;
          if (!stop) {
            for (std::uint64_t index = begin; index < end; ++index) add(group[index - begin], index);
          }
        }
      }
    }
    context_.check();
    if (first_failed_ != nowhere) report_failure(registers.front());

    Integral result;
    const DoubleDouble value = sums_.sum * width_;
    result.value = value.high + value.low;
    result.error = error_of(result.value);
    result.evaluations = bins_;
    result.threads = threads;
    if (!std::isfinite(result.value)) report_overflow();
    return result;
  }

 private:
  [[nodiscard]] std::uint64_t points_in(std::uint64_t chunk) const {
    return std::min(chunk_size, bins_ - chunk * chunk_size);
  }

  // The lower end of the block whose first point has this index.
  [[nodiscard]] DoubleDouble base_of(std::uint64_t first) const {
    const double index = static_cast<double>(first);
    const DoubleDouble before = two_product(index, width_.high);
    const DoubleDouble start = two_sum(a_, before.high);
    return quick_two_sum(start.high, start.low + (before.low + index * width_.low));
  }

  // The block's points into register 0.
  void place_points(std::uint64_t first, const Registers& registers) const {
    const DoubleDouble base = base_of(first);
    kernel_.grid(registers.block(0), offsets_, base.high, base.low);
  }

  // Returns where the block's values are.
  double* evaluate_block(std::uint64_t first, const Registers& registers) const {
    place_points(first, registers);
    kernel_.run(program_.instructions.data(), program_.instructions.size(), registers.data(), context_);
    return registers.block(program_.result);
  }

  [[nodiscard]] Chunk evaluate(std::uint64_t index, const Registers& registers) const {
    Chunk chunk;
    LaneSums lanes;
    const std::uint64_t points = points_in(index);
    for (std::uint64_t done = 0; done < points; done += block_size) {
      const std::size_t count = std::min<std::uint64_t>(block_size, points - done);
      const std::uint64_t first = index * chunk_size + done;
      const std::size_t skip = done == 0 ? 2 : 0;
      const bool fused = fused_ && count == block_size;
      double* const values = fused ? registers.block(program_.result) : evaluate_block(first, registers);
      values[-2] = chunk.last[0];
      values[-1] = chunk.last[1];
      if (fused) {
        const DoubleDouble base = base_of(first);
        kernel_.fused_roots(program_.instructions[0], values, offsets_, base.high, base.low, skip, lanes);
      } else {
        kernel_.accumulate(values, count, skip, lanes);
      }
      if (done == 0) {
        chunk.first[0] = values[0];
        chunk.first[1] = values[1];
      }
      chunk.last[0] = values[static_cast<std::ptrdiff_t>(count) - 2];
      chunk.last[1] = values[count - 1];
      if (context_.cancelled()) break;
    }
    chunk.sum = combine(lanes);
    for (std::size_t k = 0; k < lane_count; ++k) {
      chunk.bend += lanes.bend[k];
      chunk.peak = std::max(chunk.peak, lanes.peak[k]);
    }
    return chunk;
  }

  void add(const Chunk& chunk, std::uint64_t index) {
    sums_.sum = sums_.sum + chunk.sum;
    sums_.bend += chunk.bend;
    sums_.peak = std::max(sums_.peak, chunk.peak);
    if (index > 0) {
      bend(bend_of(sums_.last[0], sums_.last[1], chunk.first[0]));
      if (points_in(index) > 1) bend(bend_of(sums_.last[1], chunk.first[0], chunk.first[1]));
    }
    sums_.last[0] = chunk.last[0];
    sums_.last[1] = chunk.last[1];
  }

  void bend(double amount) {
    sums_.bend += amount;
    sums_.peak = std::max(sums_.peak, amount);
  }

  [[nodiscard]] double error_of(double value) const {
    if (bins_ < 3) return std::numeric_limits<double>::infinity();
    const double n = static_cast<double>(bins_);
    const double rounding = std::abs(value) * (std::numeric_limits<double>::epsilon() / 2);
    return width_.high * (sums_.bend * (n / (n - 2)) / 4 + 4 * sums_.peak) + rounding;
  }

  // All chunks below the lowest failed one are evaluated whatever the threads do, so the lowest is the
  // same in every run.
  void failed(std::uint64_t index) {
    std::uint64_t lowest = first_failed_.load(std::memory_order_relaxed);
    while (index < lowest && !first_failed_.compare_exchange_weak(lowest, index)) {
    }
  }

  // The sum only tells that something in the chunk is not finite; this finds what.
  [[noreturn]] void report_failure(const Registers& registers) const {
    const std::uint64_t first = first_failed_ * chunk_size;
    const std::uint64_t points = points_in(first_failed_);
    for (std::uint64_t done = 0; done < points; done += block_size) {
      const std::size_t count = std::min<std::uint64_t>(block_size, points - done);
      const double* const values = evaluate_block(first + done, registers);
      context_.check();
      for (std::size_t i = 0; i < count; ++i) {
        if (std::isfinite(values[i])) continue;
        const std::string value = shortest(values[i]);
        place_points(first + done, registers);  // the program may have used their register
        throw Failure("ERR_NOT_FINITE",
                      "Expected a finite value for the integrand at x = " + shortest(registers.block(0)[i]) +
                          " but received " + value,
                      static_cast<std::int64_t>(first + done + i));
      }
    }
    report_overflow();
  }

  [[noreturn]] static void report_overflow() {
    throw Failure("ERR_NOT_FINITE",
                  "Expected an integral within the range of doubles but the sum of the integrand's values "
                  "overflows");
  }

  const Program& program_;
  const double a_;
  const DoubleDouble width_;
  const std::uint64_t bins_;
  const std::uint64_t chunks_;
  JobContext& context_;
  const BlockKernel& kernel_;
  const bool fused_;
  alignas(64) double offsets_[block_size];
  Sums sums_;
  std::atomic<std::uint64_t> first_failed_{nowhere};
};

}  // namespace

Integral midpoint(const Expression& f, double a, double b, std::uint64_t bins, JobContext& context,
                  const BlockKernel& kernel) {
  if (a == b) return {};
  if (a < b) return Midpoint(f, a, b, bins, context, kernel).run();
  Integral result = Midpoint(f, b, a, bins, context, kernel).run();
  result.value = 0 - result.value;
  return result;
}

}  // namespace numcore::quadrature
