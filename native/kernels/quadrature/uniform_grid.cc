#include "kernels/quadrature/uniform_grid.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>

namespace numcore::quadrature {

UniformGrid::UniformGrid(const Expression& f, double low, double high, std::uint64_t bins, GridRule rule,
                         JobContext& context, const BlockKernel& kernel)
    : f_(f),
      low_(low),
      high_(high),
      simpson_(rule == GridRule::simpson),
      closed_(rule != GridRule::midpoint),
      reach_(simpson_ ? 4 : 2),
      bins_(bins),
      intervals_(simpson_ ? 2 * bins : bins),
      points_(closed_ ? intervals_ + 1 : bins),
      step_(two_sum(high, -low) / static_cast<double>(intervals_)),
      chunks_((points_ + chunk_size - 1) / chunk_size),
      context_(context),
      kernel_(kernel),
      sampler_(f, step_, closed_ ? 0 : 0.5, context, kernel) {}

Integral UniformGrid::run() {
  const int threads = run_chunks(*this, 0, chunks_, context_,
                                 [this](const Part& part, std::uint64_t chunk) { add(part, chunk); });
  Integral result = finish();
  result.threads = threads;
  return result;
}

void UniformGrid::points(std::uint64_t chunk, Scratch& scratch, std::span<double> out) const {
  for (std::size_t done = 0; done < out.size(); done += block_size) {
    const double* const x = place(chunk * chunk_size + done, scratch);
    std::copy_n(x, std::min(block_size, out.size() - done), out.data() + done);
  }
}

// Where the block begins whose first point has this index.
DoubleDouble UniformGrid::base_of(std::uint64_t first) const {
  const double index = static_cast<double>(first);
  const DoubleDouble before = two_product(index, step_.high);
  const DoubleDouble start = two_sum(low_, before.high);
  return quick_two_sum(start.high, start.low + (before.low + index * step_.low));
}

double* UniformGrid::place(std::uint64_t first, const Scratch& scratch) const {
  double* const x = sampler_.place(base_of(first), scratch.registers);
  // The last point may be rounded past the end, where the integrand need not be defined.
  if (closed_ && intervals_ - first < block_size) x[intervals_ - first] = high_;
  return x;
}

double* UniformGrid::values(std::uint64_t first, std::size_t count, const Scratch& scratch) const {
  if (!scratch.given.empty()) {
    double* const values = sampler_.result(scratch.registers);
    std::copy_n(scratch.given.data() + first % chunk_size, count, values);
    return values;
  }
  place(first, scratch);
  return sampler_.values(scratch.registers);
}

UniformGrid::Part UniformGrid::evaluate(std::uint64_t chunk, Scratch& scratch) const {
  Part part;
  LaneSums sums;
  LaneBends bends;
  part.count = points_in(chunk);
  // Every derivative of a root, and of the point times it, has one sign and fades away from 0: the sum of the
  // magnitudes of the differences is that of the first and the last of the order below, and the first is the
  // largest.
  const bool telescopes = sampler_.is_root() && scratch.given.empty() && part.count > reach_;
  for (std::size_t done = 0; done < part.count; done += block_size) {
    const std::size_t count = std::min(block_size, part.count - done);
    const std::uint64_t first = chunk * chunk_size + done;
    // The end has to be put right before its root is taken.
    const bool fused = sampler_.is_fused() && scratch.given.empty() && count == block_size &&
                       (!closed_ || intervals_ - first >= block_size);
    double* const block = sampler_.result(scratch.registers);
    // In front of the block, where nothing is written; long before they are read.
    std::copy_n(part.last + most_reach - reach_, reach_, block - reach_);
    if (fused) {
      sampler_.add_roots(base_of(first), block, sums);
    } else {
      values(first, count, scratch);
      kernel_.add(block, count, sums);
    }
    if (!telescopes || done == 0) {
      const std::size_t end = telescopes ? reach_ + 1 : count;
      kernel_.bend(block, end, done == 0 ? reach_ : 0, static_cast<int>(reach_), bends);
    }
    if (done == 0) std::copy_n(block, std::min(count, most_reach), part.first);
    // The last values of all, also when this block is shorter than that.
    std::copy_n(block + count - most_reach, most_reach, part.last);
    if (context_.cancelled()) break;
  }
  part.sums = Sums(sums);
  part.bends = Bends(bends);
  if (telescopes) {
    part.bends.sum = std::abs(difference(part.last + most_reach) - difference(part.first + reach_));
  }
  return part;
}

// One order below that of the bends, of the values before `end`.
double UniformGrid::difference(const double* end) const {
  return simpson_ ? (end[-1] - end[-4]) - 3 * (end[-2] - end[-3]) : end[-1] - end[-2];
}

void UniformGrid::add(const Part& part, std::uint64_t chunk) {
  sums_.add(part.sums);
  bends_.add(part.bends);
  double seam[2 * most_reach];
  std::copy_n(tail_, most_reach, seam);
  std::copy_n(part.first, most_reach, seam + most_reach);
  if (chunk > 0) {
    // Differences that take values of both this chunk and the one before.
    LaneBends across;
    kernel_.bend(seam + most_reach, std::min(part.count, reach_), 0, static_cast<int>(reach_), across);
    bends_.add(Bends(across));
  } else {
    first_ = part.first[0];
  }
  if (part.count >= most_reach) {
    std::copy_n(part.last, most_reach, tail_);
  } else {
    std::copy_n(seam + part.count, most_reach, tail_);
  }
}

// The sums only tell that something in the chunk is not finite; this finds what.
void UniformGrid::explain(std::uint64_t chunk, Scratch& scratch) const {
  const std::uint64_t points = points_in(chunk);
  for (std::uint64_t done = 0; done < points; done += block_size) {
    const std::uint64_t first = chunk * chunk_size + done;
    const std::size_t count = std::min<std::uint64_t>(block_size, points - done);
    const double* const block = values(first, count, scratch);
    const double* const bad = std::find_if(block, block + count, [](double v) { return !std::isfinite(v); });
    if (context_.cancelled()) return;
    if (bad == block + count) continue;
    const double value = *bad;
    const auto i = static_cast<std::size_t>(bad - block);
    report_point(place(first, scratch)[i], value, first + i);
  }
}

DoubleDouble UniformGrid::weighted(DoubleDouble even, DoubleDouble odd, double first, double last) const {
  const auto times = [](DoubleDouble a, double b) { return a * DoubleDouble{b, 0}; };
  const DoubleDouble ends = two_sum(first, last);
  if (simpson_) return (times(even, 2) + times(odd, 4) + times(ends, -1)) * step_ / 3.0;
  return (closed_ ? even + odd + times(ends, -0.5) : even + odd) * step_;
}

Integral UniformGrid::finish() const {
  Integral result;
  const double last = tail_[most_reach - 1];
  const DoubleDouble value = weighted(sums_.even, sums_.odd, first_, last);
  const DoubleDouble l1 = weighted(sums_.even_l1, sums_.odd_l1, std::abs(first_), std::abs(last));
  result.value = value.high + value.low;
  if (!std::isfinite(result.value)) report_overflow();
  result.l1 = l1.high + l1.low;
  result.evaluations = points_;
  result.error = error_of(result.value);
  return result;
}

double UniformGrid::error_of(double value) const {
  if (points_ < 3 || (simpson_ && bins_ < 2)) return std::numeric_limits<double>::infinity();
  // As many differences as there are intervals.
  const double differences = static_cast<double>(points_) - static_cast<double>(reach_);
  const double all = bends_.sum * (static_cast<double>(intervals_) / differences);
  const double h = step_.high * (simpson_ ? 2 : 1);
  const double estimate = simpson_ ? all / 6 + 2 * bends_.peak : all / 4 + 4 * bends_.peak;
  return h * estimate + std::abs(value) * (std::numeric_limits<double>::epsilon() / 2);
}

}  // namespace numcore::quadrature
