// What every inverse must satisfy, and how the tests of the inversion find out.
#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <string>
#include <vector>

#include "kernels/blas.h"
#include "kernels/inverse/inverse.h"
#include "runtime/failure.h"
#include "test/check.h"
#include "test/inverse_matrices.h"

namespace numcore::test {

using namespace numcore::inverse;

template <class T>
std::vector<T> as(const Dense& m) {
  return {m.begin(), m.end()};
}

template <class T>
Real norm1(const std::vector<T>& m, int n) {
  Real most = 0;
  for (int j = 0; j < n; ++j) {
    Real sum = 0;
    for (int i = 0; i < n; ++i) sum += std::abs(static_cast<Real>(m[static_cast<std::size_t>(i * n + j)]));
    most = std::max(most, sum);
  }
  return most;
}

// ||A X - I||_F / (||A||_1 ||X||_1 n eps), in long double.
template <class T>
double backward_error(const std::vector<T>& a, const std::vector<T>& x, int n) {
  Real square = 0;
  std::vector<Real> row(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) {
    std::fill(row.begin(), row.end(), 0.0L);
    for (int k = 0; k < n; ++k) {
      const Real factor = static_cast<Real>(a[static_cast<std::size_t>(i * n + k)]);
      for (int j = 0; j < n; ++j)
        row[static_cast<std::size_t>(j)] +=
            factor * static_cast<Real>(x[static_cast<std::size_t>(k * n + j)]);
    }
    row[static_cast<std::size_t>(i)] -= 1;
    for (const Real entry : row) square += entry * entry;
  }
  return static_cast<double>(std::sqrt(square) / norm1(a, n) / norm1(x, n) / n /
                             static_cast<Real>(std::numeric_limits<T>::epsilon()));
}

template <class T>
double lu_error(const std::vector<T>& a, int n) {
  std::vector<T> x = a, work(static_cast<std::size_t>(n) * 64);
  std::vector<int> pivots(static_cast<std::size_t>(n));
  if (blas::getrf(n, n, x.data(), n, pivots.data()) != 0) return 0;
  blas::getri(n, x.data(), n, pivots.data(), work.data(), static_cast<int>(work.size()));
  return backward_error(a, x, n);
}

struct Answer {
  Report report;
  std::string code;  // of the failure, empty when there was none
  std::int64_t where = -1;
};

template <class T>
Answer run(const std::vector<T>& a, std::vector<T>& x, int n, Assume assume = Assume::automatic,
           int threads = 2) {
  JobContext context(threads);
  Answer answer;
  x.assign(a.size(), T(-7));
  try {
    answer.report = invert<T>(a, x, n, assume, context);
  } catch (const Failure& failure) {
    answer.code = failure.code();
    answer.where = failure.where();
  }
  return answer;
}

inline bool is_symmetric(const Dense& m, int n) {
  for (int i = 0; i < n * n; ++i) {
    if (m[static_cast<std::size_t>(i)] != m[static_cast<std::size_t>(i % n * n + i / n)]) return false;
  }
  return true;
}

// What every inverse must satisfy, whatever the route.
template <class T>
void hold(const char* name, const Dense& matrix, int n, Assume assume) {
  const int before = failures();
  const std::vector<T> a = as<T>(matrix);
  std::vector<T> x;
  const Answer answer = run(a, x, n, assume);
  CHECK(answer.code.empty());
  for (const int threads : {1, 3}) {
    std::vector<T> other;
    run(a, other, n, assume, threads);
    CHECK(other == x);
  }
  if (answer.code.empty()) {
    const double error = backward_error(a, x, n), lu = lu_error(a, n);
    CHECK_NEAR(error, 0, std::max(10 * lu, 1.0 / n));
    CHECK_NEAR(std::log10(answer.report.rcond),
               static_cast<double>(-std::log10(norm1(a, n)) - std::log10(norm1(x, n))), 0.01);
    // The probe has seen the same matrix: within its spread, and its own rounding, of the full product.
    CHECK(answer.report.residual <= 4 * error + 1.0 / n);
    CHECK(answer.report.residual >= error / 4 - 1.0 / n);
    CHECK(answer.report.growth >= 1);
    if (answer.report.method != Method::lu) {
      bool mirrored = true;
      for (int i = 0; i < n; ++i) {
        for (int j = 0; j < i; ++j)
          mirrored &= x[static_cast<std::size_t>(i * n + j)] == x[static_cast<std::size_t>(j * n + i)];
      }
      CHECK(mirrored);
      CHECK(answer.report.inertia_known);
      CHECK(answer.report.positive + answer.report.negative + answer.report.zero == n);
    }
    // The plain inverse in long double takes its time: for sizes up to the first tile edges.
    const Dense exact = n <= 100 ? reference_inverse(Dense(a.begin(), a.end()), n) : Dense();
    Real difference = 0, size = n <= 100 ? 0 : 1;
    for (std::size_t i = 0; i < exact.size(); ++i) {
      difference = std::max(difference, std::abs(exact[i] - static_cast<Real>(x[i])));
      size = std::max(size, std::abs(exact[i]));
    }
    const double eps = static_cast<double>(std::numeric_limits<T>::epsilon());
    CHECK_NEAR(static_cast<double>(difference / size), 0, n * eps / answer.report.rcond + eps);
  }
  if (failures() != before) {
    std::printf("      in %s, n = %d, %s, assume %d, method %d (%s)\n", name, n,
                sizeof(T) == 8 ? "double" : "float", static_cast<int>(assume),
                static_cast<int>(answer.report.method), answer.code.c_str());
  }
}

inline void hold_all(const char* name, const Dense& m, int n, bool also_float = true) {
  hold<double>(name, m, n, Assume::automatic);
  hold<double>(name, m, n, Assume::general);
  if (is_symmetric(m, n)) hold<double>(name, m, n, Assume::symmetric);
  if (also_float) hold<float>(name, m, n, Assume::automatic);
}

// ||(A X - I) z||, the mean over a few random z, scaled as above; in long double, so that a large matrix need
// not be multiplied out.
template <class T>
double probed_error(const std::vector<T>& a, const std::vector<T>& x, int n) {
  std::mt19937_64 random(17);
  Real square = 0;
  constexpr int kVectors = 4;
  for (int vector = 0; vector < kVectors; ++vector) {
    std::vector<Real> z(static_cast<std::size_t>(n));
    for (auto& sign : z) sign = random() >> 63 ? 1 : -1;
    const auto times = [&](const std::vector<T>& m, const std::vector<Real>& v) {
      std::vector<Real> result(v.size());
      for (std::size_t i = 0; i < v.size(); ++i) {
        for (std::size_t j = 0; j < v.size(); ++j) result[i] += static_cast<Real>(m[i * v.size() + j]) * v[j];
      }
      return result;
    };
    const std::vector<Real> back = times(a, times(x, z));
    for (std::size_t i = 0; i < z.size(); ++i) square += (back[i] - z[i]) * (back[i] - z[i]);
  }
  return static_cast<double>(std::sqrt(square / kVectors) / norm1(a, n) / norm1(x, n) / n /
                             static_cast<Real>(std::numeric_limits<T>::epsilon()));
}

template <class T>
void hold_large(const char* name, const Dense& m, int n, const std::vector<int>& teams) {
  const int before = failures();
  const std::vector<T> a = as<T>(m);
  std::vector<T> x, other = a, work(static_cast<std::size_t>(n) * 64);
  CHECK(run(a, x, n, Assume::automatic, 1).code.empty());
  std::vector<int> pivots(static_cast<std::size_t>(n));
  blas::getrf(n, n, other.data(), n, pivots.data());
  blas::getri(n, other.data(), n, pivots.data(), work.data(), static_cast<int>(work.size()));
  CHECK_NEAR(probed_error(a, x, n), 0, std::max(10 * probed_error(a, other, n), 1.0 / n));
  for (const int threads : teams) {
    run(a, other, n, Assume::automatic, threads);
    CHECK(other == x);
  }
  if (failures() != before) std::printf("      in %s, n = %d, %zu bytes\n", name, n, sizeof(T));
}

}  // namespace numcore::test
