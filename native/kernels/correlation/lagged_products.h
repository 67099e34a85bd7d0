// sum over i of a[i] * b[i + t], for t = 0 .. lags.
#pragma once

#include <cmath>
#include <cstddef>
#include <span>
#include <vector>

#include "runtime/job_context.h"

namespace numcore::correlation {

class CompensatedSum {
 public:
  void add(double value) noexcept {
    const double sum = sum_ + value;
    error_ += std::abs(sum_) >= std::abs(value) ? (sum_ - sum) + value : (value - sum) + sum_;
    sum_ = sum;
  }
  [[nodiscard]] double value() const noexcept { return sum_ + error_; }

 private:
  double sum_ = 0, error_ = 0;
};

// By the definition; series of the same length, `lags` below it.
std::vector<double> direct_products(std::span<const double> a, std::span<const double> b, std::size_t lags,
                                    JobContext& context);

// By transforms, filled up with zeros so that nothing wraps around.
std::vector<double> fft_products(std::span<const double> a, std::span<const double> b, std::size_t lags,
                                 JobContext& context);

}  // namespace numcore::correlation
