// Matrices with known answers or known trouble, for the tests of the inversion. Row-major, in long double
// so that one generator serves both types.
#pragma once

#include <cmath>
#include <cstdint>
#include <functional>
#include <random>
#include <string>
#include <vector>

namespace numcore::test {

using Real = long double;
using Dense = std::vector<Real>;

inline Dense fill(int n, const std::function<Real(int, int)>& entry) {
  Dense m(static_cast<std::size_t>(n) * static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j)
      m[static_cast<std::size_t>(i) * static_cast<std::size_t>(n) + static_cast<std::size_t>(j)] =
          entry(i, j);
  }
  return m;
}
inline Real& at(Dense& m, int n, int i, int j) {
  return m[static_cast<std::size_t>(i) * static_cast<std::size_t>(n) + static_cast<std::size_t>(j)];
}

inline Dense hilbert(int n) {
  return fill(n, [](int i, int j) { return 1.0L / (i + j + 1); });
}
inline Dense lehmer(int n) {
  return fill(n, [](int i, int j) { return static_cast<Real>(std::min(i, j) + 1) / (std::max(i, j) + 1); });
}
inline Dense minij(int n) {
  return fill(n, [](int i, int j) { return std::min(i, j) + 1; });
}
inline Dense fiedler(int n) {
  return fill(n, [](int i, int j) { return std::abs(i - j); });
}
inline Dense kms(int n) {
  return fill(n, [](int i, int j) { return std::pow(0.5L, std::abs(i - j)); });
}
inline Dense pascal(int n) {
  Dense m = fill(n, [](int, int) { return 1; });
  for (int i = 1; i < n; ++i) {
    for (int j = 1; j < n; ++j) at(m, n, i, j) = at(m, n, i - 1, j) + at(m, n, i, j - 1);
  }
  return m;
}
inline Dense moler(int n) {
  return fill(n, [](int i, int j) { return i == j ? i + 1 : std::min(i, j) - 1; });
}
inline Dense frank(int n) {
  return fill(n, [n](int i, int j) { return j < i - 1 ? 0 : n - std::max(i, j); });
}
// Growth 2^(n-1) under partial pivoting.
inline Dense wilkinson(int n) {
  return fill(n, [n](int i, int j) { return j == n - 1 || i == j ? 1 : j < i ? -1 : 0; });
}
inline Dense wilkinson_tridiagonal(int n) {
  return fill(n, [n](int i, int j) {
    if (i == j) return std::abs(static_cast<Real>(n - 1) / 2 - i);
    return static_cast<Real>(std::abs(i - j) == 1 ? 1 : 0);
  });
}
// n a power of two: H H^T = n I.
inline Dense hadamard(int n) {
  return fill(n, [](int i, int j) { return __builtin_popcount(static_cast<unsigned>(i & j)) % 2 ? -1 : 1; });
}
inline Dense reversal(int n) {
  return fill(n, [n](int i, int j) { return i + j == n - 1; });
}
inline Dense permutation(int n, unsigned seed) {
  std::mt19937_64 random(seed);
  std::vector<int> order(static_cast<std::size_t>(n));
  for (int i = 0; i < n; ++i) order[static_cast<std::size_t>(i)] = i;
  for (int i = n - 1; i > 0; --i) {
    std::swap(order[static_cast<std::size_t>(i)], order[random() % static_cast<unsigned>(i + 1)]);
  }
  return fill(n, [&](int i, int j) { return order[static_cast<std::size_t>(i)] == j; });
}

inline Dense uniform(int n, unsigned seed) {
  std::mt19937_64 random(seed);
  return fill(n, [&](int, int) { return static_cast<Real>(random() >> 11) * 0x1p-53L; });
}
inline Dense normal(int n, unsigned seed) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> draw;
  return fill(n, [&](int, int) { return draw(random); });
}
inline Dense symmetrised(Dense m, int n) {
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < i; ++j) at(m, n, j, i) = at(m, n, i, j);
  }
  return m;
}
// The lesson's matrix: R .* R^T.
inline Dense lesson(int n, unsigned seed) {
  Dense r = uniform(n, seed);
  return fill(n, [&](int i, int j) { return at(r, n, i, j) * at(r, n, j, i); });
}
// [0 B; B^T 0]: 2x2 pivots everywhere.
inline Dense antidiagonal_blocks(int n, unsigned seed) {
  Dense r = normal(n, seed);
  const int half = n / 2;
  return fill(n, [&](int i, int j) {
    if ((i < half) == (j < half)) return static_cast<Real>(i == j && i == n - 1 && n % 2 ? 1 : 0);
    return i < half ? at(r, n, i, j - half) : at(r, n, j, i - half);
  });
}
// [A B; B^T 0] with A positive definite.
inline Dense saddle(int n, unsigned seed) {
  Dense r = normal(n, seed);
  const int top = n - n / 3;
  return fill(n, [&](int i, int j) {
    if (i >= top && j >= top) return static_cast<Real>(0);
    if (i < top && j < top) {
      return i == j ? static_cast<Real>(n) : at(r, n, std::max(i, j), std::min(i, j)) / 2;
    }
    return at(r, n, std::max(i, j), std::min(i, j));
  });
}
inline Dense arrow(int n) {
  return fill(n, [n](int i, int j) {
    if (i == j) return static_cast<Real>(i + 1);
    return static_cast<Real>(i == n - 1 || j == n - 1 ? 1 : 0);
  });
}
// D A D with the scales of D from 10^-decades to 10^decades, in falling or in mixed order.
inline Dense scaled(Dense m, int n, double decades, bool mixed) {
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      const auto exponent = [&](int k) {
        const int place = mixed ? (k * 7 + 3) % n : k;
        return n == 1 ? 0.0 : decades * (1 - 2.0 * place / (n - 1));
      };
      at(m, n, i, j) *= std::pow(10.0L, static_cast<Real>(exponent(i) + exponent(j)));
    }
  }
  return m;
}
// Q diag(lambda) Q^T with Q a product of three Householder reflections, |lambda| from 1 to 1 / condition,
// `negative` of them below zero.
inline Dense prescribed(int n, double condition, int negative, unsigned seed) {
  Dense m = fill(n, [&](int i, int j) {
    if (i != j) return static_cast<Real>(0);
    const Real size = std::pow(static_cast<Real>(condition), n == 1 ? 0 : -static_cast<Real>(i) / (n - 1));
    return (i * 7) % n < negative && n % 7 ? -size : i < negative && n % 7 == 0 ? -size : size;
  });
  std::mt19937_64 random(seed);
  std::normal_distribution<double> draw;
  for (int round = 0; round < 3; ++round) {
    std::vector<Real> v(static_cast<std::size_t>(n)), w(static_cast<std::size_t>(n));
    Real norm = 0;
    for (auto& entry : v) {
      entry = draw(random);
      norm += entry * entry;
    }
    // M <- H M H, H = I - 2 v v^T / (v^T v)
    for (int side = 0; side < 2; ++side) {
      for (int i = 0; i < n; ++i) {
        Real dot = 0;
        for (int j = 0; j < n; ++j)
          dot += (side ? at(m, n, j, i) : at(m, n, i, j)) * v[static_cast<std::size_t>(j)];
        w[static_cast<std::size_t>(i)] = 2 * dot / norm;
      }
      for (int i = 0; i < n; ++i) {
        for (int j = 0; j < n; ++j) {
          (side ? at(m, n, j, i) : at(m, n, i, j)) -=
              w[static_cast<std::size_t>(i)] * v[static_cast<std::size_t>(j)];
        }
      }
    }
  }
  return symmetrised(std::move(m), n);
}

// Plain Gauss-Jordan with complete pivoting in long double: small and obviously right. Empty when singular.
inline Dense reference_inverse(Dense m, int n) {
  Dense x = fill(n, [](int i, int j) { return i == j; });
  std::vector<bool> used_row(static_cast<std::size_t>(n)), used_column(static_cast<std::size_t>(n));
  std::vector<int> row_of(static_cast<std::size_t>(n));
  for (int step = 0; step < n; ++step) {
    int row = -1, column = -1;
    for (int i = 0; i < n; ++i) {
      for (int j = 0; j < n && !used_row[static_cast<std::size_t>(i)]; ++j) {
        if (used_column[static_cast<std::size_t>(j)]) continue;
        if (row < 0 || std::abs(at(m, n, i, j)) > std::abs(at(m, n, row, column))) row = i, column = j;
      }
    }
    const Real pivot = at(m, n, row, column);
    if (pivot == 0) return {};
    used_row[static_cast<std::size_t>(row)] = used_column[static_cast<std::size_t>(column)] = true;
    row_of[static_cast<std::size_t>(column)] = row;
    for (int j = 0; j < n; ++j) at(m, n, row, j) /= pivot, at(x, n, row, j) /= pivot;
    for (int i = 0; i < n; ++i) {
      const Real factor = at(m, n, i, column);
      if (i == row || factor == 0) continue;
      for (int j = 0; j < n; ++j) {
        at(m, n, i, j) -= factor * at(m, n, row, j);
        at(x, n, i, j) -= factor * at(x, n, row, j);
      }
    }
  }
  return fill(n, [&](int i, int j) { return at(x, n, row_of[static_cast<std::size_t>(i)], j); });
}

}  // namespace numcore::test
