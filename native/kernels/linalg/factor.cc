#include "kernels/linalg/factor.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <numbers>
#include <string>
#include <type_traits>
#include <vector>

#include "kernels/inverse/packed.h"
#include "kernels/inverse/routes.h"
#include "kernels/linalg/small.h"
#include "kernels/linalg/tile_ldl.h"
#include "runtime/failure.h"
#include "runtime/huge_pages.h"

namespace numcore::linalg {
namespace {

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }
int to_int(std::int64_t x) { return static_cast<int>(x); }

// Few right-hand sides are solved one by one: a triangular solve of a matrix begins by packing the triangle.
constexpr std::int64_t kFew = 3;

template <class T>
void triangular(CBLAS_UPLO uplo, char t, bool unit, const T* a, std::int64_t n, T* x, std::int64_t k) {
  if (n == 0 || k == 0) return;
  // X^T op(A) = B^T is op(A)^T X = B, which a vector routine can do unless it would have to conjugate without
  // transposing.
  if (k <= kFew && !(is_complex<T> && t == 'C')) {
    for (std::int64_t c = 0; c < k; ++c) {
      lapack::trsv(uplo, t == 'N' ? 'T' : 'N', unit, to_int(n), a, to_int(n), x + c, to_int(k));
    }
    return;
  }
  lapack::trsm(CblasRight, uplo, t, unit, to_int(k), to_int(n), a, to_int(n), x, to_int(k));
}

template <class T>
void permute_rows(T* x, std::int64_t n, std::int64_t k, const int* order, bool back) {
  std::vector<T> copy(x, x + n * k);
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int64_t from = back ? i : order[i], to = back ? order[i] : i;
    std::copy_n(&copy[at(from * k)], k, x + to * k);
  }
}

// The first pivot of a factorisation that is nothing but rounding error, or -1. `pivot(k)` is its size and
// `mass(k)` the sum of the absolute values that made it, which is only asked for on suspicion.
template <class R>
std::int64_t first_vanished(std::int64_t n, const std::function<R(std::int64_t)>& pivot,
                            const std::function<R(std::int64_t)>& mass) {
  R largest = 0;
  for (std::int64_t k = 0; k < n; ++k) largest = std::max(largest, pivot(k));
  const R small = std::sqrt(std::numeric_limits<R>::epsilon()) * largest;
  for (std::int64_t k = 0; k < n; ++k) {
    const R size = pivot(k);
    if (!(size > small) && inverse::vanished(size, mass(k), n)) return k;
  }
  return -1;
}

}  // namespace

void fail_singular(std::int64_t where) {
  throw Failure("ERR_SINGULAR", "the matrix is singular: nothing is left of pivot " + std::to_string(where),
                where);
}
void fail_not_positive_definite(std::int64_t where) {
  throw Failure("ERR_NOT_POSITIVE_DEFINITE",
                "the matrix is not positive definite: pivot " + std::to_string(where) + " is not positive",
                where);
}

template <class T>
void cholesky(const Operand<T>& a, T* l, JobContext& context) {
  const std::int64_t n = a.rows;
  prefer_huge_pages(l, at(n * n) * sizeof(T));
  load(a, l, Order::row_major, Part::lower, context);
  context.progress(0.05);
  if (n == 0) return;
  const BlasThreads threads(n <= kOneThreadCholesky ? 1 : context.threads());
  // BLAS sees conj(A) = U^H U in the upper triangle, and so writes U = L^T.
  const int info = lapack::potrf('U', to_int(n), l, to_int(n));
  context.check();
  if (info > 0) fail_not_positive_definite(info - 1);
}

template <class T>
void solve_cholesky(const T* l, std::int64_t n, T* x, std::int64_t k) {
  triangular(CblasUpper, 'N', false, l, n, x, k);
  triangular(CblasUpper, is_complex<T> ? 'C' : 'T', false, l, n, x, k);
}

template <class T>
LdlReport ldl(const Operand<T>& a, bool hermitian, bool safe, T* l, T* d, T* e, int* order,
              JobContext& context) {
  const std::int64_t n = a.rows;
  LdlReport report;
  prefer_huge_pages(l, at(n * n) * sizeof(T));
  if constexpr (!is_complex<T>) {
    if (!safe) {
      load(a, l, Order::row_major, Part::lower, context);
      TileLdl<T> tiles(l, n, d, e, order, context);
      report.tiles = tiles.run();
    }
  }
  if (!report.tiles && n > 0) {
    load(a, l, Order::column_major, Part::lower, context);
    std::vector<int> pivots(at(n));
    lapack::indefinite(hermitian, to_int(n), l, to_int(n), pivots.data(), e);
    context.check();
    for (std::int64_t i = 0; i < n; ++i) order[i] = to_int(i);
    for (std::int64_t i = 0; i < n; ++i) {
      if (pivots[at(i)] > 0) {
        std::swap(order[i], order[pivots[at(i)] - 1]);
      } else {  // a 2 x 2 pivot: its second row was interchanged
        std::swap(order[i + 1], order[-pivots[at(i)] - 1]);
        ++i;
      }
    }
    transpose_in_place(l, n, context);
    for (std::int64_t i = 0; i < n; ++i) {
      d[i] = l[i * n + i];
      l[i * n + i] = 1;
    }
    if (n > 0) e[n - 1] = 0;
  }
  using R = Real<T>;
  const auto coupled = [&](std::int64_t k) { return e[k] != T(0); };
  const auto pivot = [&](std::int64_t k) -> R {
    if (coupled(k)) return std::abs(e[k]);
    return k > 0 && coupled(k - 1) ? std::abs(e[k - 1]) : std::abs(d[k]);
  };
  const auto mass = [&](std::int64_t k) -> R {
    R sum = std::abs(d[k]);
    const T* row = l + k * n;
    for (std::int64_t j = 0; j < k; ++j) {
      sum += std::norm(row[j]) * std::abs(d[j]);
      if (j + 1 < k) sum += 2 * std::abs(row[j]) * std::abs(e[j]) * std::abs(row[j + 1]);
    }
    return sum;
  };
  report.lost = first_vanished<R>(n, pivot, mass);
  for (std::int64_t k = 0; k < n; ++k) {
    if (coupled(k)) {  // such a block is taken only where its determinant is negative
      ++report.positive;
      ++report.negative;
      ++k;
    } else {
      const R value = std::real(d[k]);
      ++(value > 0 ? report.positive : value < 0 ? report.negative : report.zero);
    }
  }
  return report;
}

template <class T>
void solve_ldl(const T* l, const T* d, const T* e, const int* order, bool hermitian, std::int64_t n, T* x,
               std::int64_t k) {
  permute_rows(x, n, k, order, false);
  triangular(CblasUpper, 'N', true, l, n, x, k);
  for (std::int64_t i = 0; i < n; ++i) {
    T* row = x + i * k;
    if (e[i] == T(0)) {
      for (std::int64_t c = 0; c < k; ++c) row[c] /= d[i];
      continue;
    }
    // (a conj(b); b c), scaled by b, which dominates.
    const T b = e[i], bar = hermitian ? conjugate(b) : b;
    const T p = d[i] / bar, q = d[i + 1] / b, scale = p * q - T(1);
    for (std::int64_t c = 0; c < k; ++c) {
      const T u = row[c] / bar, v = row[k + c] / b;
      row[c] = (q * u - v) / scale;
      row[k + c] = (p * v - u) / scale;
    }
    ++i;
  }
  triangular(CblasUpper, is_complex<T> && hermitian ? 'C' : 'T', true, l, n, x, k);
  permute_rows(x, n, k, order, true);
}

template <class T>
std::int64_t lu(const Operand<T>& a, Order order, T* factors, int* permutation, JobContext& context) {
  const std::int64_t m = a.rows, n = a.columns, k = std::min(m, n);
  for (std::int64_t i = 0; i < m; ++i) permutation[i] = to_int(i);
  if (k == 0) return -1;
  prefer_huge_pages(factors, at(m * n) * sizeof(T));
  // Only a square matrix can be turned over where it lies.
  const bool aside = m != n && order == Order::row_major;
  std::vector<T> room(aside ? at(m * n) : 0);
  T* const work = aside ? room.data() : factors;
  load(a, work, Order::column_major, Part::all, context);
  context.progress(0.05);
  std::vector<int> pivots(at(k));
  lapack::getrf(to_int(m), to_int(n), work, to_int(m), pivots.data());
  context.check();
  for (std::int64_t i = 0; i < k; ++i) std::swap(permutation[i], permutation[pivots[at(i)] - 1]);
  if (aside) {
    transpose(work, n, m, factors, context);
    context.check();
  }
  if (m != n) return -1;
  const auto pivot = [&](std::int64_t i) -> Real<T> { return std::abs(factors[i * n + i]); };
  const auto mass = [&](std::int64_t i) -> Real<T> {
    Real<T> sum = pivot(i);
    for (std::int64_t j = 0; j < i; ++j) sum += std::abs(factors[j * n + i] * factors[i * n + j]);
    return sum;
  };
  const std::int64_t lost = first_vanished<Real<T>>(n, pivot, mass);
  if (order == Order::row_major) transpose_in_place(factors, n, context);
  return lost;
}

namespace {

// Products of many numbers.
class LongProduct {
 public:
  explicit LongProduct(bool logarithm) : logarithm_(logarithm) {}
  void multiply(std::complex<double> x) {
    if (x == 0.0) is_zero_ = true;  // also where the others overflow
    if (!logarithm_) {
      // A complex product of real numbers would make NaN of infinity.
      if (x.imag() == 0 && product_.value.imag() == 0) {
        product_.value = product_.value.real() * x.real();
      } else {
        product_.value *= x;
      }
      return;
    }
    const std::complex<double> half = x * 0.5;  // whose size is finite
    const double size = std::hypot(half.real(), half.imag());
    product_.log += std::log(size) + std::numbers::ln2;
    if (size != 0) product_.value *= half / size;
  }
  Determinant result() const {
    Determinant result = product_;
    if (is_zero_) result.value = 0;
    if (result.value == 0.0) result.log = -std::numeric_limits<double>::infinity();
    return result;
  }

 private:
  const bool logarithm_;
  bool is_zero_ = false;
  Determinant product_;
};

}  // namespace

template <class T>
Determinant determinant(const Operand<T>& a, bool logarithm, JobContext& context) {
  const std::int64_t n = a.rows;
  LongProduct product(logarithm);
  if constexpr (!is_complex<T>) {
    if (n <= kSmallOrder) {
      T room[kSmallOrder * kSmallOrder];
      load(a, room, Order::row_major, Part::all, context);
      bool odd = false;
      const std::int64_t counting = small_eliminate(to_int(n), room, odd) >= 0 ? 0 : n;
      if (counting < n) product.multiply(0);
      if (odd) product.multiply(-1);
      for (std::int64_t i = 0; i < counting; ++i) product.multiply(static_cast<double>(room[i * n + i]));
      return product.result();
    }
  }
  const auto factors = inverse::packed<T>(n * n);
  std::vector<int> order(at(n));
  lu(a, Order::column_major, factors.get(), order.data(), context);
  for (std::int64_t i = 0; i < n; ++i) {
    product.multiply(std::complex<double>(factors[at(i * n + i)]));
    // Every cycle of length l of the permutation is l - 1 interchanges.
    while (order[at(i)] != i) {
      std::swap(order[at(i)], order[at(order[at(i)])]);
      product.multiply(-1);
    }
  }
  return product.result();
}

template <class T>
void solve_lu(const T* factors, Order order, const int* permutation, std::int64_t n, T* x, std::int64_t k) {
  permute_rows(x, n, k, permutation, false);
  if (order == Order::row_major) {
    triangular(CblasUpper, 'N', true, factors, n, x, k);
    triangular(CblasLower, 'N', false, factors, n, x, k);
  } else {
    triangular(CblasLower, 'T', true, factors, n, x, k);
    triangular(CblasUpper, 'T', false, factors, n, x, k);
  }
}

template <class T>
Real<T> inverse_norm(std::int64_t n, const std::function<void(T*)>& solve,
                     const std::function<void(T*)>& solve_adjoint) {
  using R = Real<T>;
  if (n == 0) return 0;
  const auto size = [&](const std::vector<T>& v) {
    R sum = 0;
    for (const T each : v) sum += std::abs(each);
    return sum;
  };
  std::vector<T> x(at(n), T(1) / static_cast<R>(n)), signs(at(n));
  solve(x.data());
  R estimate = size(x);
  if (n == 1) return estimate;
  const auto take_signs = [&] {
    bool same = true;
    for (std::size_t i = 0; i < x.size(); ++i) {
      const R length = std::abs(x[i]);
      const T sign = length > 0 ? x[i] / length : T(1);
      same = same && sign == signs[i];
      signs[i] = sign;
    }
    return same;
  };
  take_signs();
  std::int64_t before = -1;
  for (int round = 0; round < 5; ++round) {
    std::vector<T> z = signs;
    solve_adjoint(z.data());
    std::int64_t j = 0;
    for (std::int64_t i = 1; i < n; ++i) {
      if (std::abs(z[at(i)]) > std::abs(z[at(j)])) j = i;
    }
    if (round > 0 && std::abs(z[at(j)]) <= std::abs(z[at(before)])) break;
    before = j;
    std::fill(x.begin(), x.end(), T(0));
    x[at(j)] = 1;
    solve(x.data());
    const R now = size(x);
    if ((take_signs() && !is_complex<T>) || now <= estimate) {
      estimate = std::max(estimate, now);
      break;
    }
    estimate = now;
  }
  // A vector that the iteration cannot be fooled by.
  for (std::int64_t i = 0; i < n; ++i) {
    const R value = 1 + static_cast<R>(i) / static_cast<R>(n - 1);
    x[at(i)] = i % 2 == 0 ? value : -value;
  }
  solve(x.data());
  return std::max(estimate, 2 * size(x) / (3 * static_cast<R>(n)));
}

namespace {

template <class R>
R rcond_of(R norm, R inverse) {
  if (!(norm > 0)) return 0;
  const R product = norm * inverse;
  return std::isfinite(product) && product > 0 ? std::min(R(1), 1 / product) : 0;
}

template <class T>
void conjugate_all(T* x, std::int64_t n) {
  if constexpr (is_complex<T>) {
    for (std::int64_t i = 0; i < n; ++i) x[i] = std::conj(x[i]);
  }
}

}  // namespace

template <class T>
Real<T> rcond_cholesky(const T* l, std::int64_t n, Real<T> norm) {
  if (n == 0) return 1;
  const auto solve = [&](T* x) { solve_cholesky(l, n, x, 1); };
  return rcond_of(norm, inverse_norm<T>(n, solve, solve));
}

template <class T>
Real<T> rcond_ldl(const T* l, const T* d, const T* e, const int* order, bool hermitian, std::int64_t n,
                  Real<T> norm) {
  if (n == 0) return 1;
  const auto solve = [&](T* x) { solve_ldl(l, d, e, order, hermitian, n, x, 1); };
  const auto adjoint = [&](T* x) {
    if (!hermitian) conjugate_all(x, n);
    solve(x);
    if (!hermitian) conjugate_all(x, n);
  };
  return rcond_of(norm, inverse_norm<T>(n, solve, adjoint));
}

template <class T>
Real<T> rcond_lu(const T* factors, Order order, const int* permutation, std::int64_t n, Real<T> norm) {
  if (n == 0) return 1;
  const auto solve = [&](T* x) { solve_lu(factors, order, permutation, n, x, 1); };
  // A^H x = b: conj(A^T conj(x)) = b, and A^T = U^T L^T P.
  const auto adjoint = [&](T* x) {
    conjugate_all(x, n);
    if (order == Order::row_major) {
      triangular(CblasLower, 'T', false, factors, n, x, 1);
      triangular(CblasUpper, 'T', true, factors, n, x, 1);
    } else {
      triangular(CblasUpper, 'N', false, factors, n, x, 1);
      triangular(CblasLower, 'N', true, factors, n, x, 1);
    }
    permute_rows(x, n, 1, permutation, true);
    conjugate_all(x, n);
  };
  return rcond_of(norm, inverse_norm<T>(n, solve, adjoint));
}

template <class T>
T qr(const Operand<T>& a, std::int64_t width, T* q, T* r, int* pivots, JobContext& context) {
  const std::int64_t m = a.rows, n = a.columns, k = std::min(m, n);
  std::vector<T> work(at(m * std::max(n, width))), tau(at(k));
  load(a, work.data(), Order::column_major, Part::all, context);
  context.progress(0.05);
  if (pivots != nullptr) {
    std::fill_n(pivots, n, 0);  // every column is free to move
    if (k > 0) lapack::geqp3(to_int(m), to_int(n), work.data(), to_int(m), pivots, tau.data());
    for (std::int64_t j = 0; j < n; ++j) pivots[j] = k > 0 ? pivots[j] - 1 : to_int(j);
  } else if (k > 0) {
    lapack::geqrf(to_int(m), to_int(n), work.data(), to_int(m), tau.data());
  }
  context.check();
  context.progress(0.5);
  for (std::int64_t i = 0; i < width; ++i) {
    for (std::int64_t j = 0; j < n; ++j) r[i * n + j] = j >= i && i < k ? work[at(j * m + i)] : T(0);
  }
  // Each reflector 1 - tau v v^H is unitary, so |v|^2 = 2 Re(tau) / |tau|^2.
  T determinant = 1;
  for (const T t : tau) {
    if (t != T(0)) determinant *= T(1) - T(2 * std::real(t)) / conjugate(t);
  }
  // Columns beyond the reflectors are those of the identity.
  if (width > 0 && m > 0) {
    lapack::orthogonal(to_int(m), to_int(width), to_int(k), work.data(), to_int(m), tau.data());
    transpose(work.data(), width, m, q, context);
  }
  context.check();
  return determinant;
}

#define NUMCORE_INSTANTIATE(T)                                                                          \
  template void cholesky<T>(const Operand<T>&, T*, JobContext&);                                        \
  template void solve_cholesky<T>(const T*, std::int64_t, T*, std::int64_t);                            \
  template LdlReport ldl<T>(const Operand<T>&, bool, bool, T*, T*, T*, int*, JobContext&);              \
  template void solve_ldl<T>(const T*, const T*, const T*, const int*, bool, std::int64_t, T*,          \
                             std::int64_t);                                                             \
  template std::int64_t lu<T>(const Operand<T>&, Order, T*, int*, JobContext&);                         \
  template Determinant determinant<T>(const Operand<T>&, bool, JobContext&);                            \
  template void solve_lu<T>(const T*, Order, const int*, std::int64_t, T*, std::int64_t);               \
  template Real<T> inverse_norm<T>(std::int64_t, const std::function<void(T*)>&,                        \
                                   const std::function<void(T*)>&);                                     \
  template Real<T> rcond_cholesky<T>(const T*, std::int64_t, Real<T>);                                  \
  template Real<T> rcond_ldl<T>(const T*, const T*, const T*, const int*, bool, std::int64_t, Real<T>); \
  template Real<T> rcond_lu<T>(const T*, Order, const int*, std::int64_t, Real<T>);                     \
  template T qr<T>(const Operand<T>&, std::int64_t, T*, T*, int*, JobContext&);
NUMCORE_EVERY_TYPE(NUMCORE_INSTANTIATE)
#undef NUMCORE_INSTANTIATE

}  // namespace numcore::linalg
