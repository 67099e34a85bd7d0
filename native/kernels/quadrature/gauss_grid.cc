#include "kernels/quadrature/gauss_grid.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace numcore::quadrature {

GaussGrid::GaussGrid(const Expression& f, double low, double high, std::uint64_t bins, int order,
                     JobContext& context, const BlockKernel& kernel)
    : f_(f),
      order_(static_cast<std::size_t>(order)),
      rule_(gauss_legendre(order)),
      bins_(bins),
      width_(two_sum(high, -low) / static_cast<double>(bins)),
      chunk_bins_(block_size * std::max<std::uint64_t>(1, chunk_size / (block_size * order_))),
      chunks_((bins + chunk_bins_ - 1) / chunk_bins_),
      low_(low),
      high_(high),
      context_(context),
      kernel_(kernel),
      sampler_(f, width_, 0, context, kernel),
      kept_(4 * order_) {
  for (std::size_t k = 0; k < order_; ++k) {
    shift_.push_back((rule_.nodes[k] + DoubleDouble{1, 0}) * width_ * DoubleDouble{0.5, 0});
  }
}

Integral GaussGrid::run() {
  const int threads = run_chunks(*this, 0, chunks_, context_,
                                 [this](const Part& part, std::uint64_t chunk) { add(part, chunk); });
  Integral result = finish();
  result.threads = threads;
  return result;
}

GaussGrid::Scratch GaussGrid::scratch() const {
  return {Registers(f_.program()), std::vector<LaneSums>(order_), Row(), Row(), {}};
}

void GaussGrid::points(std::uint64_t chunk, Scratch& scratch, std::span<double> out) const {
  const std::uint64_t bins = bins_in(chunk);
  double* next = out.data();
  for (std::uint64_t done = 0; done < bins; done += block_size) {
    const std::size_t count = std::min<std::uint64_t>(block_size, bins - done);
    for (std::size_t k = 0; k < order_; ++k, next += count) {
      std::copy_n(place(chunk * chunk_bins_ + done, k, scratch), count, next);
    }
  }
}

// Where the node lies in the bin of this index.
DoubleDouble GaussGrid::base_of(std::uint64_t first, std::size_t node) const {
  const DoubleDouble index{static_cast<double>(first), 0};
  return DoubleDouble{low_, 0} + (width_ * index + shift_[node]);
}

double* GaussGrid::place(std::uint64_t first, std::size_t node, const Scratch& scratch) const {
  double* const x = sampler_.place(base_of(first, node), scratch.registers);
  // Bins may be so narrow that their first and last points are rounded past the ends.
  if (first == 0) x[0] = std::max(x[0], low_);
  if (bins_ - 1 - first < block_size) x[bins_ - 1 - first] = std::min(x[bins_ - 1 - first], high_);
  return x;
}

double* GaussGrid::values(std::uint64_t first, std::size_t node, const Scratch& scratch) const {
  if (!scratch.given.empty()) {
    const std::uint64_t done = first % chunk_bins_;
    const std::uint64_t count = std::min<std::uint64_t>(block_size, bins_in(first / chunk_bins_) - done);
    double* const values = sampler_.result(scratch.registers);
    std::copy_n(scratch.given.data() + done * order_ + node * count, count, values);
    return values;
  }
  place(first, node, scratch);
  return sampler_.values(scratch.registers);
}

// Adds the values at one node of `count` bins to the sums of that node; returns them.
double* GaussGrid::add_node(std::uint64_t first, std::size_t node, std::size_t count,
                            Scratch& scratch) const {
  LaneSums& sums = scratch.sums[node];
  // Blocks with an end of the range in them have their points put right first.
  const bool fused = sampler_.is_fused() && scratch.given.empty() && first > 0 && bins_ - first > block_size;
  if (fused) {
    double* const block = sampler_.result(scratch.registers);
    sampler_.add_roots(base_of(first, node), block, sums);
    return block;
  }
  double* const block = values(first, node, scratch);
  kernel_.add(block, count, sums);
  return block;
}

GaussGrid::Part GaussGrid::evaluate(std::uint64_t chunk, Scratch& scratch) {
  Part part;
  LaneBends gaps;
  std::fill(scratch.sums.begin(), scratch.sums.end(), LaneSums());
  const std::uint64_t bins = bins_in(chunk);
  double* const left = scratch.left.data();
  double* const right = scratch.right.data();
  for (std::uint64_t done = 0; done < bins; done += block_size) {
    const std::uint64_t first = chunk * chunk_bins_ + done;
    const std::size_t count = std::min<std::uint64_t>(block_size, bins - done);
    std::fill_n(left, block_size, 0.0);
    std::fill_n(right, block_size, 0.0);
    for (std::size_t k = 0; k < order_; ++k) {
      double* const block = add_node(first, k, count, scratch);
      keep(first, k, block, count);
      // Values at -x lie at the other end as those at x do at this one.
      kernel_.extend(block, rule_.ends[order_ - 1 - k], rule_.ends[k], left, right);
    }
    right[-1] = part.right;
    kernel_.gap(left, right, count, done == 0 ? 1 : 0, gaps);
    if (done == 0) part.left = left[0];
    part.right = right[count - 1];
    if (context_.cancelled()) break;
  }
  part.gaps = Bends(gaps);
  for (std::size_t k = 0; k < order_; ++k) {
    const Sums sums(scratch.sums[k]);
    part.sum = part.sum + (sums.even + sums.odd) * rule_.weights[k];
    part.l1 = part.l1 + (sums.even_l1 + sums.odd_l1) * rule_.weights[k];
  }
  return part;
}

void GaussGrid::add(const Part& part, std::uint64_t chunk) {
  sum_ = sum_ + part.sum;
  l1_ = l1_ + part.l1;
  gaps_.add(part.gaps);
  if (chunk > 0) gaps_.add(std::abs(part.left - right_));
  right_ = part.right;
}

void GaussGrid::take_ends(std::uint64_t first, std::uint64_t last, std::span<const double> ends) {
  if (first == 0) std::copy_n(ends.data(), 3 * order_, kept_.data());
  if (last == chunks_) std::copy_n(ends.data() + 3 * order_, order_, kept_.data() + 3 * order_);
}

void GaussGrid::explain(std::uint64_t chunk, Scratch& scratch) const {
  const std::uint64_t bins = bins_in(chunk);
  for (std::uint64_t done = 0; done < bins; done += block_size) {
    const std::size_t count = std::min<std::uint64_t>(block_size, bins - done);
    const std::uint64_t first = chunk * chunk_bins_ + done;
    // Nodes of one bin are in different blocks: the lowest bin first, then its lowest node.
    std::size_t lowest = count;
    std::size_t node = 0;
    double value = 0;
    for (std::size_t k = 0; k < order_; ++k) {
      const double* const block = values(first, k, scratch);
      if (context_.cancelled()) return;
      for (std::size_t i = 0; i < lowest; ++i) {
        if (std::isfinite(block[i])) continue;
        lowest = i;
        node = k;
        value = block[i];
      }
    }
    if (lowest < count) {
      report_point(place(first, node, scratch)[lowest], value, (first + lowest) * order_ + node);
    }
  }
}

Integral GaussGrid::finish() const {
  Integral result;
  const auto scaled = [this](DoubleDouble sum) { return sum * width_ * DoubleDouble{0.5, 0}; };
  const DoubleDouble value = scaled(sum_);
  const DoubleDouble l1 = scaled(l1_);
  result.value = value.high + value.low;
  if (!std::isfinite(result.value)) report_overflow();
  result.l1 = l1.high + l1.low;
  result.evaluations = bins_ * order_;
  result.error = error_of(result.value);
  return result;
}

// Each of the bins is in one block, so of one thread.
void GaussGrid::keep(std::uint64_t first, std::size_t node, const double* values, std::size_t count) {
  for (std::size_t bin = first; bin < 3 && bin < first + count; ++bin) {
    kept_[bin * order_ + node] = values[bin - first];
  }
  if (first + count == bins_) kept_[3 * order_ + node] = values[count - 1];
}

// What a bin that is kept has of the Legendre polynomials of the highest degrees, `degrees` of them.
double GaussGrid::top(std::size_t kept, int degrees) const {
  double sum = 0;
  for (int d = 1; d <= degrees; ++d) {
    sum += std::abs(legendre_part(rule_, static_cast<int>(order_) - d, kept_.data() + kept * order_));
  }
  return sum;
}

double GaussGrid::error_of(double value) const {
  if (bins_ < 3 && order_ == 2) return std::numeric_limits<double>::infinity();
  double estimate = gaps_.sum + 2 * gaps_.peak;
  if (order_ == 2) {
    estimate += 4 * gaps_.peak;
  } else if (bins_ < 4) {
    for (std::size_t bin = 0; bin < bins_; ++bin) estimate += 2 * top(bin, 2);
  } else {
    estimate += 4 * std::max(top(0, 1), top(3, 1));
  }
  return width_.high * estimate + std::abs(value) * (2 * std::numeric_limits<double>::epsilon());
}

}  // namespace numcore::quadrature
