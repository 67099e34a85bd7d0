// Quasi-Monte Carlo integration over a box, with an error that comes from chance and can be trusted as such.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "kernels/quadrature/double_double.h"
#include "kernels/quadrature/expression.h"
#include "kernels/quadrature/sobol.h"
#include "runtime/job_context.h"

namespace numcore::quadrature {

struct QuasiGoal {
  double absolute;
  double relative;
  std::uint64_t most;  // evaluations: no step is begun that would take more
};

struct QuasiResult {
  double value = 0;
  double error = 0;
  double l1 = 0;
  std::uint64_t evaluations = 0;
  bool converged = false;
};

// Sobol's points in several copies, each shifted at random: their means are independent and unbiased
// estimates. Points are doubled until three standard errors of the mean of them are within the goal.
//
// Points go in pieces: a piece is up to piece_size points of one copy. All copies of the same points come one
// after another. Sums are compensated in fixed lanes and added piece by piece: the same bits for every number
// of threads, and from give() when it is given what the expression is.
class Quasi {
 public:
  static constexpr std::uint64_t first_points = 256;  // of each copy
  static constexpr std::uint64_t piece_size = 2048;

  // shifts[copy * dimensions + axis]; low[i] < high[i], and no more than Sobol::most_dimensions of them. At
  // least two copies.
  Quasi(std::vector<double> low, std::vector<double> high, std::vector<std::uint32_t> shifts, QuasiGoal goal);

  // The whole of it. `f` has the coordinates as its variables, once or several times over. Throws Failure
  // ERR_NOT_FINITE with the point, Cancelled.
  QuasiResult run(const Expression& f, JobContext& context);

  // For an integrand that somebody else evaluates. As long as size() is not 0: points() says where that many
  // values are wanted, one array for each axis, and give() takes them.
  [[nodiscard]] std::size_t size() const;
  void points(std::span<double* const> out) const;
  void give(std::span<const double> values);
  [[nodiscard]] QuasiResult result() const { return result_; }

 private:
  struct Piece {
    DoubleDouble sum;
    DoubleDouble l1;
  };

  [[nodiscard]] std::uint64_t piece_points() const;
  [[nodiscard]] std::uint64_t copies() const { return sums_.size(); }
  void place(std::uint64_t copy, std::uint64_t first, std::size_t count, std::size_t axis, double* out) const;
  Piece evaluate(const Expression& f, std::uint64_t copy, std::uint64_t first, const Registers& registers,
                 const JobContext& context) const;
  [[noreturn]] void report(std::uint64_t copy, std::uint64_t index, double value) const;
  [[noreturn]] void explain(const Expression& f, std::uint64_t copy, std::uint64_t first,
                            const Registers& registers, JobContext& context) const;
  void advance(std::uint64_t pieces);
  void judge();

  const std::vector<double> low_;
  const std::vector<double> high_;
  const std::vector<std::uint32_t> shifts_;
  const QuasiGoal goal_;
  const Sobol sobol_;
  double volume_ = 1;
  std::vector<Piece> sums_;              // of each copy
  std::uint64_t done_ = 0;               // points of each copy
  std::uint64_t target_ = first_points;  // of this step
  bool finished_ = false;
  QuasiResult result_;
};

}  // namespace numcore::quadrature
