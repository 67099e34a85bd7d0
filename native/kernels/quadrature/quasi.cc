#include "kernels/quadrature/quasi.h"

#include <omp.h>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <string>
#include <utility>

#include "kernels/quadrature/integral.h"
#include "runtime/failure.h"

namespace numcore::quadrature {

namespace {

// Pieces of a step that are held at once; what a thread is worth waking for, in the unit of Program::cost.
constexpr std::uint64_t most_pieces = std::uint64_t{1} << 12;
constexpr double work_of_thread = 50'000;

bool is_finite(DoubleDouble sum) { return std::isfinite(sum.high + sum.low); }

}  // namespace

Quasi::Quasi(std::vector<double> low, std::vector<double> high, std::vector<std::uint32_t> shifts,
             QuasiGoal goal)
    : low_(std::move(low)),
      high_(std::move(high)),
      shifts_(std::move(shifts)),
      goal_(goal),
      sobol_(static_cast<int>(low_.size())),
      sums_(shifts_.size() / low_.size()) {
  for (std::size_t i = 0; i < low_.size(); ++i) volume_ *= high_[i] - low_[i];
}

// Points that all pieces have until done_ has moved to target_.
std::uint64_t Quasi::piece_points() const { return std::min(target_ - done_, piece_size); }

void Quasi::place(std::uint64_t copy, std::uint64_t first, std::size_t count, std::size_t axis,
                  double* out) const {
  const std::uint32_t shift = shifts_[copy * low_.size() + axis];
  sobol_.place(static_cast<int>(axis), first, count, shift, low_[axis], high_[axis] - low_[axis], out);
}

Quasi::Piece Quasi::evaluate(const Expression& f, std::uint64_t copy, std::uint64_t first,
                             const Registers& registers, const JobContext& context) const {
  const BlockKernel& kernel = *block_kernels().front();
  const Program& program = f.program();
  LaneSums lanes;
  const std::uint64_t points = piece_points();
  for (std::uint64_t at = 0; at < points && !context.cancelled(); at += block_size) {
    const std::size_t count = std::min<std::uint64_t>(block_size, points - at);
    for (std::size_t k = 0; k < f.variables(); ++k) {
      place(copy, first + at, count, k % low_.size(), registers.block(k));
      // The rest of the block is computed too, so it had better be something ordinary.
      std::fill(registers.block(k) + count, registers.block(k) + block_size, registers.block(k)[0]);
    }
    kernel.run(program.instructions.data(), program.instructions.size(), registers.data(), context);
    kernel.add(registers.block(program.result), count, lanes);
  }
  const Sums sums(lanes);
  return {sums.even + sums.odd, sums.even_l1 + sums.odd_l1};
}

void Quasi::report(std::uint64_t copy, std::uint64_t index, double value) const {
  std::string point;
  for (std::size_t axis = 0; axis < low_.size(); ++axis) {
    // A block that begins at a multiple of its size.
    double block[block_size];
    const std::uint64_t place_in = index % first_points;
    place(copy, index - place_in, first_points, axis, block);
    point += (axis > 0 ? ", " : "") + shortest(block[place_in]);
  }
  throw Failure("ERR_NOT_FINITE", "Expected a finite value for the integrand at (" + point +
                                      ") but received " + shortest(value));
}

void Quasi::explain(const Expression& f, std::uint64_t copy, std::uint64_t first, const Registers& registers,
                    JobContext& context) const {
  const std::uint64_t points = piece_points();
  std::vector<std::vector<double>> coordinates(f.variables(), std::vector<double>(points));
  std::vector<const double*> variables;
  std::vector<double> values(points);
  for (std::size_t k = 0; k < f.variables(); ++k) {
    for (std::uint64_t at = 0; at < points; at += block_size) {
      place(copy, first + at, std::min<std::uint64_t>(block_size, points - at), k % low_.size(),
            coordinates[k].data() + at);
    }
    variables.push_back(coordinates[k].data());
  }
  f.block(variables, points, values.data(), registers, context);
  context.check();
  for (std::uint64_t i = 0; i < points; ++i) {
    if (!std::isfinite(values[i])) report(copy, first + i, values[i]);
  }
  report_overflow();
}

QuasiResult Quasi::run(const Expression& f, JobContext& context) {
  constexpr std::uint64_t nowhere = std::numeric_limits<std::uint64_t>::max();
  const auto most_threads = static_cast<std::uint64_t>(context.threads());
  std::vector<Registers> registers;
  std::vector<Piece> pieces;
  while (!finished_) {
    const std::uint64_t each = piece_points();
    const std::uint64_t rows = std::min((target_ - done_) / each, most_pieces / copies());
    const std::uint64_t count = rows * copies();
    const double work =
        static_cast<double>(count * each) * (f.program().cost + static_cast<double>(low_.size()));
    const std::uint64_t worth = 1 + static_cast<std::uint64_t>(std::min(work / work_of_thread, 1e6));
    const int threads = static_cast<int>(std::min({most_threads, worth, count}));
    while (registers.size() < static_cast<std::size_t>(threads)) registers.emplace_back(f.program());
    pieces.resize(count);
    std::atomic<std::uint64_t> first_failed{nowhere};
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1)
    for (std::uint64_t index = 0; index < count; ++index) {
      if (context.cancelled() || index > first_failed.load(std::memory_order_relaxed)) continue;
      const Registers& mine = registers[static_cast<std::size_t>(omp_get_thread_num())];
      pieces[index] = evaluate(f, index % copies(), done_ + index / copies() * each, mine, context);
      if (is_finite(pieces[index].sum)) continue;
      std::uint64_t lowest = first_failed.load(std::memory_order_relaxed);
      while (index < lowest && !first_failed.compare_exchange_weak(lowest, index)) {
      }
    }
    context.check();
    if (first_failed != nowhere) {
      const std::uint64_t index = first_failed;
      explain(f, index % copies(), done_ + index / copies() * each, registers.front(), context);
    }
    for (std::uint64_t index = 0; index < count; ++index) {
      Piece& sum = sums_[index % copies()];
      sum.sum = sum.sum + pieces[index].sum;
      sum.l1 = sum.l1 + pieces[index].l1;
    }
    advance(rows * each);
    context.progress(static_cast<double>(done_ * copies()) / static_cast<double>(goal_.most));
  }
  return result_;
}

std::size_t Quasi::size() const { return finished_ ? 0 : piece_points() * copies(); }

void Quasi::points(std::span<double* const> out) const {
  const std::uint64_t each = piece_points();
  for (std::size_t axis = 0; axis < out.size(); ++axis) {
    for (std::uint64_t copy = 0; copy < copies(); ++copy) {
      for (std::uint64_t at = 0; at < each; at += block_size) {
        place(copy, done_ + at, std::min<std::uint64_t>(block_size, each - at), axis,
              out[axis] + copy * each + at);
      }
    }
  }
}

void Quasi::give(std::span<const double> values) {
  const BlockKernel& kernel = *block_kernels().front();
  const std::uint64_t each = piece_points();
  const Row row;
  for (std::uint64_t copy = 0; copy < copies(); ++copy) {
    LaneSums lanes;
    for (std::uint64_t at = 0; at < each; at += block_size) {
      const std::size_t count = std::min<std::uint64_t>(block_size, each - at);
      std::copy_n(values.data() + copy * each + at, count, row.data());
      kernel.add(row.data(), count, lanes);
    }
    const Sums sums(lanes);
    const DoubleDouble sum = sums.even + sums.odd;
    if (!is_finite(sum)) {
      for (std::uint64_t i = 0; i < each; ++i) {
        const double value = values[copy * each + i];
        if (!std::isfinite(value)) report(copy, done_ + i, value);
      }
      report_overflow();
    }
    sums_[copy].sum = sums_[copy].sum + sum;
    sums_[copy].l1 = sums_[copy].l1 + (sums.even_l1 + sums.odd_l1);
  }
  advance(each);
}

void Quasi::advance(std::uint64_t points) {
  done_ += points;
  if (done_ < target_) return;
  judge();
  target_ *= 2;
  finished_ = result_.converged || copies() * target_ > goal_.most || target_ > Sobol::length;
}

void Quasi::judge() {
  const auto count = static_cast<double>(done_);
  const auto n = static_cast<double>(copies());
  std::vector<double> means;
  double total = 0;
  double l1 = 0;
  for (const Piece& sum : sums_) {
    means.push_back((sum.sum.high + sum.sum.low) / count * volume_);
    total += means.back();
    l1 += sum.l1.high + sum.l1.low;
  }
  result_.value = total / n;
  if (!std::isfinite(result_.value)) report_overflow();
  double spread = 0;
  for (const double mean : means) spread += (mean - result_.value) * (mean - result_.value);
  result_.error = 3 * std::sqrt(spread / (n * (n - 1)));
  result_.l1 = l1 / (n * count) * volume_;
  result_.evaluations = done_ * copies();
  result_.converged = result_.error <= std::max(goal_.absolute, goal_.relative * std::abs(result_.value));
}

}  // namespace numcore::quadrature
