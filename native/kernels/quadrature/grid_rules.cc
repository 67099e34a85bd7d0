#include "kernels/quadrature/grid_rules.h"

#include <omp.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "kernels/quadrature/double_double.h"
#include "kernels/quadrature/legendre.h"
#include "runtime/failure.h"

namespace numcore::quadrature {

namespace {

constexpr std::uint64_t chunk_size = std::uint64_t{1} << 14;  // points, about
constexpr std::uint64_t group_size = std::uint64_t{1} << 12;  // chunks whose sums are held at once
constexpr std::uint64_t nowhere = std::numeric_limits<std::uint64_t>::max();
constexpr double half_ulp = std::numeric_limits<double>::epsilon() / 2;

std::string shortest(double value) {
  if (std::isnan(value)) return "NaN";
  if (std::isinf(value)) return value < 0 ? "-Infinity" : "Infinity";
  std::array<char, 32> text{};
  return {text.data(), std::to_chars(text.data(), text.data() + text.size(), value).ptr};
}

[[noreturn]] void report_point(double x, double value, std::uint64_t index) {
  throw Failure(
      "ERR_NOT_FINITE",
      "Expected a finite value for the integrand at x = " + shortest(x) + " but received " + shortest(value),
      static_cast<std::int64_t>(index));
}

[[noreturn]] void report_overflow() {
  throw Failure("ERR_NOT_FINITE",
                "Expected an integral within the range of doubles but the sum of the integrand's values "
                "overflows");
}

DoubleDouble times(DoubleDouble a, double b) { return a * DoubleDouble{b, 0}; }

// Compensated sums in fixed lanes, so that the compiler may use vectors of any width and the bits stay.
class Lanes {
 public:
  void add(const double* values, std::size_t count) {
    Pair high[width / 2];
    Pair low[width / 2];
    std::memcpy(high, high_, sizeof high);
    std::memcpy(low, low_, sizeof low);
    std::size_t i = 0;
    for (; i + width <= count; i += width) {
      for (std::size_t k = 0; k < width / 2; ++k) {
        // Knuth's TwoSum: the exact error of the addition, without a branch.
        Pair value;
        std::memcpy(&value, values + i + 2 * k, sizeof value);
        const Pair sum = high[k] + value;
        const Pair added = sum - high[k];
        low[k] += (high[k] - (sum - added)) + (value - added);
        high[k] = sum;
      }
    }
    std::memcpy(high_, high, sizeof high);
    std::memcpy(low_, low, sizeof low);
    for (std::size_t k = 0; i < count; ++i, ++k) {
      const DoubleDouble sum = two_sum(high_[k], values[i]);
      high_[k] = sum.high;
      low_[k] += sum.low;
    }
  }
  // The lanes first, first + stride, ...; values added at even places are in even lanes.
  [[nodiscard]] DoubleDouble sum(std::size_t first, std::size_t stride) const {
    DoubleDouble total;
    for (std::size_t k = first; k < width; k += stride) total = total + two_sum(high_[k], low_[k]);
    return total;
  }

 private:
  typedef double Pair __attribute__((vector_size(2 * sizeof(double))));
  static constexpr std::size_t width = 16;
  double high_[width] = {};
  double low_[width] = {};
};

// Sum and maximum of magnitudes, in fixed lanes too.
struct Bends {
  double sum = 0;
  double peak = 0;
  void add(double amount) {
    sum += amount;
    peak = std::max(peak, amount);
  }
  void add(const Bends& other) {
    sum += other.sum;
    peak = std::max(peak, other.peak);
  }
};

// The integrand at points of a grid: the one place that knows how expressions are run.
class Sampler {
 public:
  Sampler(const Expression& f, double a, DoubleDouble step, const JobContext& context,
          const BlockKernel& kernel)
      : program_(f.program()), a_(a), step_(step), context_(context), kernel_(kernel) {
    for (std::size_t i = 0; i < block_size; ++i) {
      const double index = static_cast<double>(i);
      offsets_[i] = std::fma(index, step.high, index * step.low);
    }
  }

  // Points a + (first + i) step + shift for the whole block, into register 0; returns them.
  double* place(std::uint64_t first, DoubleDouble shift, const Registers& registers) const {
    const double index = static_cast<double>(first);
    const DoubleDouble base = two_sum(a_, 0) + (times(step_, index) + shift);
    kernel_.grid(registers.block(0), offsets_, base.high, base.low);
    return registers.block(0);
  }

  // The values at the points that are in place. The points may be gone after that.
  double* values(const Registers& registers) const {
    kernel_.run(program_.instructions.data(), program_.instructions.size(), registers.data(), context_);
    return registers.block(program_.result);
  }

 private:
  const Program& program_;
  const double a_;
  const DoubleDouble step_;
  const JobContext& context_;
  const BlockKernel& kernel_;
  alignas(64) double offsets_[block_size];
};

// Chunks of a rule on all threads, in groups whose parts are added in order. A rule has
//   Part evaluate(std::uint64_t chunk, Scratch&)   on any thread
//   void add(const Part&, std::uint64_t chunk)     on one, chunk after chunk
//   bool finite(const Part&)
//   void explain(std::uint64_t chunk, Scratch&)    throws about what is not finite in it, or returns
template <class Rule>
int run_chunks(Rule& rule, std::uint64_t chunks, JobContext& context) {
  const int threads =
      static_cast<int>(std::min<std::uint64_t>(static_cast<std::uint64_t>(context.threads()), chunks));
  std::vector<typename Rule::Scratch> scratch;
  scratch.reserve(static_cast<std::size_t>(threads));
  for (int i = 0; i < threads; ++i) scratch.push_back(rule.scratch());
  std::vector<typename Rule::Part> group(std::min(chunks, group_size));
  const std::uint64_t report_every = 1 + chunks / 512;
  std::atomic<std::uint64_t> done{0};
  // All chunks below the lowest failed one are evaluated whatever the threads do: it is the same in every
  // run.
  std::atomic<std::uint64_t> first_failed{nowhere};
  std::uint64_t reported = 0;  // of thread 0
  bool stop = false;

#pragma omp parallel num_threads(threads)
  {
    const int thread = omp_get_thread_num();
    typename Rule::Scratch& mine = scratch[static_cast<std::size_t>(thread)];
    for (std::uint64_t begin = 0; begin < chunks && !stop; begin += group_size) {
      const std::uint64_t end = std::min(chunks, begin + group_size);
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
          for (std::uint64_t index = begin; index < end; ++index) rule.add(group[index - begin], index);
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

// Points at equal distances: trapezoid and Simpson with both ends, midpoint without (for functions whose
// values are given; expressions have a midpoint rule of their own, which is faster).
class Uniform {
 public:
  using Given = std::span<const double>;  // the values of a chunk, when there is no expression to ask

  // Differences of order `reach` take reach + 1 values; parts keep `reach` of them at either end.
  static constexpr std::size_t most_reach = 4;

  struct Part {
    DoubleDouble even;
    DoubleDouble odd;
    Bends bends;
    std::size_t count = 0;
    double first[most_reach] = {};
    double last[most_reach] = {};
  };
  struct Scratch {
    Registers registers;
    std::vector<double> values;  // most_reach values of the block before, then the block
    Given given{};
  };

  Uniform(const Expression& f, double a, double b, std::uint64_t bins, GridRule rule, JobContext& context,
          const BlockKernel& kernel)
      : f_(f),
        a_(a),
        b_(b),
        simpson_(rule == GridRule::simpson),
        midpoint_(rule == GridRule::midpoint),
        reach_(simpson_ ? 4 : 2),
        bins_(bins),
        intervals_(simpson_ ? 2 * bins : bins),
        points_(midpoint_ ? bins : intervals_ + 1),
        step_(two_sum(b, -a) / static_cast<double>(intervals_)),
        chunks_((points_ + chunk_size - 1) / chunk_size),
        context_(context),
        sampler_(f, a, step_, context, kernel) {}

  [[nodiscard]] Scratch scratch() const {
    return {Registers(f_.program()), std::vector<double>(most_reach + block_size), {}};
  }

  Integral run() {
    const int threads = run_chunks(*this, chunks_, context_);
    Integral result = finish();
    result.threads = threads;
    return result;
  }

  [[nodiscard]] std::uint64_t chunks() const { return chunks_; }
  [[nodiscard]] std::size_t size(std::uint64_t chunk) const { return points_in(chunk); }

  // The points of a chunk in the order in which their values are wanted.
  void points(std::uint64_t chunk, Scratch& scratch, std::span<double> out) const {
    for (std::size_t done = 0; done < out.size(); done += block_size) {
      const double* const x = place(chunk * chunk_size + done, scratch);
      std::copy_n(x, std::min(block_size, out.size() - done), out.data() + done);
    }
  }

  [[nodiscard]] Integral finish() const {
    Integral result;
    const DoubleDouble ends = two_sum(first_, last_);
    const DoubleDouble value = simpson_ ? (times(even_, 2) + times(odd_, 4) + times(ends, -1)) * step_ / 3.0
                                        : (even_ + odd_ + times(ends, midpoint_ ? 0 : -0.5)) * step_;
    result.value = value.high + value.low;
    if (!std::isfinite(result.value)) report_overflow();
    result.evaluations = points_;
    result.error = error_of(result.value);
    return result;
  }

  Part evaluate(std::uint64_t index, Scratch& scratch) const {
    Part part;
    Lanes lanes;
    const std::uint64_t points = points_in(index);
    part.count = points;
    double* const kept = scratch.values.data();
    for (std::uint64_t done = 0; done < points; done += block_size) {
      const std::size_t count = std::min<std::uint64_t>(block_size, points - done);
      const double* const values = block(index * chunk_size + done, scratch);
      lanes.add(values, count);
      std::copy_n(values, count, kept + most_reach);
      const std::size_t begin = done == 0 ? most_reach + reach_ : most_reach;
      bend(kept, begin, most_reach + count, part.bends);
      if (done == 0) std::copy_n(kept + most_reach, std::min(count, most_reach), part.first);
      // The last values of all, also when this block is shorter than that.
      std::copy_n(kept + count, most_reach, kept);
      if (context_.cancelled()) break;
    }
    std::copy_n(kept, most_reach, part.last);
    part.even = lanes.sum(0, 2);
    part.odd = lanes.sum(1, 2);
    return part;
  }

  [[nodiscard]] static bool finite(const Part& part) {
    return std::isfinite(part.even.high + part.even.low + part.odd.high + part.odd.low);
  }

  void add(const Part& part, std::uint64_t index) {
    even_ = even_ + part.even;
    odd_ = odd_ + part.odd;
    bends_.add(part.bends);
    // Differences that take values of both this chunk and the one before.
    std::copy_n(tail_, most_reach, seam_);
    std::copy_n(part.first, most_reach, seam_ + most_reach);
    if (index > 0)
      bend(seam_, most_reach, most_reach + std::min(part.count, reach_), bends_);
    else
      first_ = part.first[0];
    if (part.count >= most_reach)
      std::copy_n(part.last, most_reach, tail_);
    else
      std::copy_n(seam_ + part.count, most_reach, tail_);
    last_ = tail_[most_reach - 1];
  }

  void explain(std::uint64_t index, Scratch& scratch) const {
    const std::uint64_t points = points_in(index);
    for (std::uint64_t done = 0; done < points; done += block_size) {
      const std::uint64_t first = index * chunk_size + done;
      const std::size_t count = std::min<std::uint64_t>(block_size, points - done);
      const double* const values = block(first, scratch);
      const double* const bad =
          std::find_if(values, values + count, [](double v) { return !std::isfinite(v); });
      if (context_.cancelled()) return;
      if (bad == values + count) continue;
      const double value = *bad;
      const auto i = static_cast<std::size_t>(bad - values);
      report_point(place(first, scratch)[i], value, first + i);
    }
  }

 private:
  [[nodiscard]] std::uint64_t points_in(std::uint64_t chunk) const {
    return std::min(chunk_size, points_ - chunk * chunk_size);
  }

  double* place(std::uint64_t first, const Scratch& scratch) const {
    if (midpoint_) return sampler_.place(first, times(step_, 0.5), scratch.registers);
    double* const x = sampler_.place(first, {}, scratch.registers);
    // A grid point may be rounded past the end, where the integrand need not be defined.
    if (first == 0) x[0] = a_;
    if (intervals_ - first < block_size) x[intervals_ - first] = b_;
    return x;
  }

  const double* block(std::uint64_t first, const Scratch& scratch) const {
    if (!scratch.given.empty()) return scratch.given.data() + first % chunk_size;
    place(first, scratch);
    return sampler_.values(scratch.registers);
  }

  // Magnitudes of the differences that end at values[begin..end).
  void bend(const double* values, std::size_t begin, std::size_t end, Bends& bends) const {
    if (begin >= end) return;
    constexpr std::size_t width = 8;
    double sum[width] = {};
    double peak[width] = {};
    const auto each = [&](auto difference) {
      std::size_t i = begin;
      for (; i + width <= end; i += width) {
        for (std::size_t k = 0; k < width; ++k) {
          const double amount = std::abs(difference(values + i + k));
          sum[k] += amount;
          peak[k] = amount > peak[k] ? amount : peak[k];
        }
      }
      for (std::size_t k = 0; i < end; ++i, ++k) {
        const double amount = std::abs(difference(values + i));
        sum[k] += amount;
        peak[k] = amount > peak[k] ? amount : peak[k];
      }
    };
    if (simpson_) {
      each([](const double* v) { return (v[0] + v[-4]) - 4 * (v[-1] + v[-3]) + 6 * v[-2]; });
    } else {
      each([](const double* v) { return (v[0] - v[-1]) - (v[-1] - v[-2]); });
    }
    for (std::size_t k = 0; k < width; ++k) bends.add(Bends{sum[k], peak[k]});
  }

  [[nodiscard]] double error_of(double value) const {
    if (points_ < 3 || (simpson_ && bins_ < 2)) return std::numeric_limits<double>::infinity();
    const double n = static_cast<double>(intervals_);
    const double differences = static_cast<double>(points_) - static_cast<double>(reach_);
    const double h = step_.high * (simpson_ ? 2 : 1);
    // As many differences as there are intervals.
    const double all = bends_.sum * (n / differences);
    const double estimate = simpson_ ? all / 6 + 2 * bends_.peak : all / 4 + 4 * bends_.peak;
    return h * estimate + std::abs(value) * half_ulp;
  }

  const Expression& f_;
  const double a_;
  const double b_;
  const bool simpson_;
  const bool midpoint_;
  const std::size_t reach_;
  const std::uint64_t bins_;
  const std::uint64_t intervals_;
  const std::uint64_t points_;
  const DoubleDouble step_;
  const std::uint64_t chunks_;
  JobContext& context_;
  const Sampler sampler_;
  DoubleDouble even_;
  DoubleDouble odd_;
  Bends bends_;
  double tail_[most_reach] = {};
  double seam_[2 * most_reach] = {};
  double first_ = 0;
  double last_ = 0;
};

// A block is block_size bins; node by node, so that points of a block are at equal distances.
class Gauss {
 public:
  using Given = std::span<const double>;  // block after block, node after node
  struct Part {
    DoubleDouble sum;
    Bends gaps;
    double left = 0;   // the first bin's polynomial at its left end
    double right = 0;  // the last bin's at its right end
  };
  struct Scratch {
    Registers registers;
    std::vector<double> left;  // of each bin of a block, its polynomial's value at the left end
    std::vector<double> right;
    std::vector<Lanes> lanes;  // of each node
    Given given{};
  };

  Gauss(const Expression& f, double a, double b, std::uint64_t bins, int order, JobContext& context,
        const BlockKernel& kernel)
      : f_(f),
        order_(static_cast<std::size_t>(order)),
        rule_(gauss_legendre(order)),
        bins_(bins),
        width_(two_sum(b, -a) / static_cast<double>(bins)),
        chunk_bins_(block_size * std::max<std::uint64_t>(1, chunk_size / (block_size * order_))),
        chunks_((bins + chunk_bins_ - 1) / chunk_bins_),
        a_(a),
        b_(b),
        context_(context),
        sampler_(f, a, width_, context, kernel) {
    kept_.resize(4 * order_);
    for (std::size_t k = 0; k < order_; ++k) {
      shift_.push_back(times((rule_.nodes[k] + DoubleDouble{1, 0}) * width_, 0.5));
    }
  }

  [[nodiscard]] Scratch scratch() const {
    return {Registers(f_.program()),
            std::vector<double>(block_size),
            std::vector<double>(block_size),
            std::vector<Lanes>(order_),
            {}};
  }

  Integral run() {
    const int threads = run_chunks(*this, chunks_, context_);
    Integral result = finish();
    result.threads = threads;
    return result;
  }

  [[nodiscard]] std::uint64_t chunks() const { return chunks_; }
  [[nodiscard]] std::size_t size(std::uint64_t chunk) const { return bins_in(chunk) * order_; }

  void points(std::uint64_t chunk, Scratch& scratch, std::span<double> out) const {
    const std::uint64_t bins = bins_in(chunk);
    double* next = out.data();
    for (std::uint64_t done = 0; done < bins; done += block_size) {
      const std::size_t count = std::min<std::uint64_t>(block_size, bins - done);
      for (std::size_t k = 0; k < order_; ++k, next += count) {
        std::copy_n(place(chunk * chunk_bins_ + done, k, scratch), count, next);
      }
    }
  }

  [[nodiscard]] Integral finish() const {
    Integral result;
    const DoubleDouble value = times(sum_ * width_, 0.5);
    result.value = value.high + value.low;
    if (!std::isfinite(result.value)) report_overflow();
    result.evaluations = bins_ * order_;
    result.error = error_of(result.value);
    return result;
  }

  Part evaluate(std::uint64_t index, Scratch& scratch) {
    Part part;
    std::fill(scratch.lanes.begin(), scratch.lanes.end(), Lanes());
    const std::uint64_t bins = bins_in(index);
    for (std::uint64_t done = 0; done < bins; done += block_size) {
      const std::size_t count = std::min<std::uint64_t>(block_size, bins - done);
      std::fill(scratch.left.begin(), scratch.left.end(), 0.0);
      std::fill(scratch.right.begin(), scratch.right.end(), 0.0);
      for (std::size_t k = 0; k < order_; ++k) {
        const double* const values = block(index * chunk_bins_ + done, k, scratch);
        scratch.lanes[k].add(values, count);
        keep(index * chunk_bins_ + done, k, values, count);
        const double at_right = rule_.ends[k];
        const double at_left = rule_.ends[order_ - 1 - k];
        for (std::size_t i = 0; i < count; ++i) {
          scratch.left[i] += at_left * values[i];
          scratch.right[i] += at_right * values[i];
        }
      }
      if (done == 0)
        part.left = scratch.left[0];
      else
        part.gaps.add(std::abs(scratch.left[0] - part.right));
      for (std::size_t i = 1; i < count; ++i) part.gaps.add(std::abs(scratch.left[i] - scratch.right[i - 1]));
      part.right = scratch.right[count - 1];
      if (context_.cancelled()) break;
    }
    for (std::size_t k = 0; k < order_; ++k)
      part.sum = part.sum + scratch.lanes[k].sum(0, 1) * rule_.weights[k];
    return part;
  }

  [[nodiscard]] static bool finite(const Part& part) { return std::isfinite(part.sum.high + part.sum.low); }

  void add(const Part& part, std::uint64_t index) {
    sum_ = sum_ + part.sum;
    gaps_.add(part.gaps);
    if (index > 0) gaps_.add(std::abs(part.left - right_));
    right_ = part.right;
  }

  void explain(std::uint64_t index, Scratch& scratch) const {
    const std::uint64_t bins = bins_in(index);
    for (std::uint64_t done = 0; done < bins; done += block_size) {
      const std::size_t count = std::min<std::uint64_t>(block_size, bins - done);
      const std::uint64_t first = index * chunk_bins_ + done;
      std::size_t lowest = count;
      std::size_t node = 0;
      double value = 0;
      for (std::size_t k = 0; k < order_; ++k) {
        const double* const values = block(first, k, scratch);
        if (context_.cancelled()) return;
        for (std::size_t i = 0; i < lowest; ++i) {
          if (std::isfinite(values[i])) continue;
          lowest = i;
          node = k;
          value = values[i];
        }
      }
      if (lowest < count) {
        report_point(place(first, node, scratch)[lowest], value, (first + lowest) * order_ + node);
      }
    }
  }

 private:
  [[nodiscard]] std::uint64_t bins_in(std::uint64_t chunk) const {
    return std::min(chunk_bins_, bins_ - chunk * chunk_bins_);
  }

  double* place(std::uint64_t first, std::size_t node, const Scratch& scratch) const {
    double* const x = sampler_.place(first, shift_[node], scratch.registers);
    // Bins may be so narrow that their first and last points are rounded past the ends.
    if (first == 0) x[0] = std::max(x[0], a_);
    if (bins_ - 1 - first < block_size) x[bins_ - 1 - first] = std::min(x[bins_ - 1 - first], b_);
    return x;
  }

  const double* block(std::uint64_t first, std::size_t node, const Scratch& scratch) const {
    if (!scratch.given.empty()) {
      const std::uint64_t done = first % chunk_bins_;
      const std::uint64_t count = std::min<std::uint64_t>(block_size, bins_in(first / chunk_bins_) - done);
      return scratch.given.data() + done * order_ + node * count;
    }
    place(first, node, scratch);
    return sampler_.values(scratch.registers);
  }

  // The values of the first three bins and of the last one; each is in one block, so of one thread.
  void keep(std::uint64_t first, std::size_t node, const double* values, std::size_t count) {
    for (std::size_t bin = first; bin < 3 && bin < first + count; ++bin) {
      kept_[bin * order_ + node] = values[bin - first];
    }
    if (first + count == bins_) kept_[3 * order_ + node] = values[count - 1];
  }

  // What a bin that is kept has of the Legendre polynomials of the highest degrees, `degrees` of them.
  [[nodiscard]] double top(std::size_t kept, int degrees) const {
    double sum = 0;
    for (int d = 1; d <= degrees; ++d) {
      sum += std::abs(legendre_part(rule_, static_cast<int>(order_) - d, kept_.data() + kept * order_));
    }
    return sum;
  }

  [[nodiscard]] double error_of(double value) const {
    const double h = width_.high;
    if (bins_ < 3 && order_ == 2) return std::numeric_limits<double>::infinity();
    double estimate = gaps_.sum + 2 * gaps_.peak;
    if (order_ == 2) {
      estimate += 4 * gaps_.peak;
    } else if (bins_ < 4) {
      for (std::size_t bin = 0; bin < bins_; ++bin) estimate += 2 * top(bin, 2);
    } else {
      estimate += 4 * std::max(top(0, 1), top(3, 1));
    }
    return h * estimate + std::abs(value) * (4 * half_ulp);
  }

  const Expression& f_;
  const std::size_t order_;
  const GaussRule rule_;
  const std::uint64_t bins_;
  const DoubleDouble width_;
  const std::uint64_t chunk_bins_;
  const std::uint64_t chunks_;
  const double a_;
  const double b_;
  JobContext& context_;
  const Sampler sampler_;
  std::vector<DoubleDouble> shift_;
  std::vector<double> kept_;
  DoubleDouble sum_;
  Bends gaps_;
  double right_ = 0;
};

template <class Rule>
class Session final : public GridSession {
 public:
  template <class... Arguments>
  explicit Session(const Arguments&... arguments)
      : rule_(x_, arguments..., context_, *block_kernels().front()), scratch_(rule_.scratch()) {}

  [[nodiscard]] std::size_t size() const override { return next_ < rule_.chunks() ? rule_.size(next_) : 0; }
  void points(std::span<double> out) override { rule_.points(next_, scratch_, out); }
  void give(std::span<const double> values) override {
    scratch_.given = values;
    const typename Rule::Part part = rule_.evaluate(next_, scratch_);
    if (!rule_.finite(part)) {
      rule_.explain(next_, scratch_);
      report_overflow();
    }
    rule_.add(part, next_++);
    scratch_.given = {};
  }
  [[nodiscard]] Integral finish() const override { return rule_.finish(); }

 private:
  const Expression x_{"x"};  // never evaluated
  JobContext context_{1};
  Rule rule_;
  typename Rule::Scratch scratch_;
  std::uint64_t next_ = 0;
};

}  // namespace

Integral integrate_grid(const Expression& f, double a, double b, std::uint64_t bins, GridRule rule, int order,
                        JobContext& context, const BlockKernel& kernel) {
  if (a == b) return {};
  if (rule == GridRule::midpoint || (rule == GridRule::gauss && order == 1))
    return midpoint(f, a, b, bins, context, kernel);
  const double low = std::min(a, b);
  const double high = std::max(a, b);
  Integral result = rule == GridRule::gauss ? Gauss(f, low, high, bins, order, context, kernel).run()
                                            : Uniform(f, low, high, bins, rule, context, kernel).run();
  if (a > b) result.value = 0 - result.value;
  return result;
}

std::unique_ptr<GridSession> grid_session(double a, double b, std::uint64_t bins, GridRule rule, int order) {
  if (rule == GridRule::gauss && order == 1) rule = GridRule::midpoint;
  if (rule == GridRule::gauss) return std::make_unique<Session<Gauss>>(a, b, bins, order);
  return std::make_unique<Session<Uniform>>(a, b, bins, rule);
}

}  // namespace numcore::quadrature
