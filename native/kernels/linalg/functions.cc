#include "kernels/linalg/functions.h"

#include <algorithm>
#include <cmath>
#include <limits>
#include <type_traits>
#include <vector>

#include "kernels/linalg/factor.h"
#include "runtime/failure.h"

namespace numcore::linalg {
namespace {

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }
int to_int(std::int64_t x) { return static_cast<int>(x); }

// Square matrices of one order. f(A^T) = f(A)^T for every f here, so that it does not matter that BLAS sees
// the transpose of what is row-major.
template <class T>
class Square {
 public:
  explicit Square(std::int64_t n) : n_(n), data_(at(n * n)) {}
  T* data() { return data_.data(); }
  const T* data() const { return data_.data(); }
  Square product(const Square& b) const {
    Square c(n_);
    lapack::gemm('N', 'N', to_int(n_), to_int(n_), to_int(n_), T(1), data(), to_int(n_), b.data(), to_int(n_),
                 T(0), c.data(), to_int(n_));
    return c;
  }
  void add(T factor, const Square& b) {
    for (std::size_t i = 0; i < data_.size(); ++i) data_[i] += factor * b.data_[i];
  }
  void add_identity(T factor) {
    for (std::int64_t i = 0; i < n_; ++i) data_[at(i * n_ + i)] += factor;
  }
  void scale(T factor) {
    for (T& each : data_) each *= factor;
  }

 private:
  std::int64_t n_;
  std::vector<T> data_;
};

// Numerators of the diagonal Pade approximants, by degree (Higham 2005, table 2.3 gives the bounds).
struct Pade {
  int degree;
  double bound;
  double b[14];
};
constexpr Pade kPade[] = {
    {3, 1.495585217958292e-2, {120, 60, 12, 1}},
    {5, 2.539398330063230e-1, {30240, 15120, 3360, 420, 30, 1}},
    {7, 9.504178996162932e-1, {17297280, 8648640, 1995840, 277200, 25200, 1512, 56, 1}},
    {9,
     2.097847961257068,
     {17643225600, 8821612800, 2075673600, 302702400, 30270240, 2162160, 110880, 3960, 90, 1}},
    {13,
     5.371920351148152,
     {64764752532480000, 32382376266240000, 7771770303897600, 1187353796428800, 129060195264000,
      10559470521600, 670442572800, 33522128640, 1323241920, 40840800, 960960, 16380, 182, 1}},
};

}  // namespace

template <class T>
void expm(const Operand<T>& a, T* x, JobContext& context) {
  using R = Real<T>;
  const std::int64_t n = a.rows;
  if (n == 0) return;
  Square<T> A(n);
  load(a, A.data(), Order::row_major, Part::all, context);
  const auto norm = static_cast<double>(norm_one(a, false, context));
  const Pade* pade = kPade;
  while (pade->degree < 13 && norm > pade->bound) ++pade;
  int squarings = 0;
  if (norm > pade->bound) squarings = std::max(0, static_cast<int>(std::ceil(std::log2(norm / pade->bound))));
  // Beyond this every entry has over- or underflown long since.
  squarings = std::min(squarings, 2000);
  A.scale(static_cast<T>(static_cast<R>(std::ldexp(1.0, -squarings))));
  // Normalised by b[0], as those of degree 13 are too large for single precision.
  const auto b = [&](int i) { return static_cast<T>(static_cast<R>(pade->b[i] / pade->b[0])); };

  const Square<T> A2 = A.product(A);
  Square<T> U(n), V(n);
  if (pade->degree < 13) {
    Square<T> power = A2;
    U.add_identity(b(1));
    V.add_identity(b(0));
    for (int i = 2; i <= pade->degree; i += 2) {
      if (i > 2) power = power.product(A2);
      V.add(b(i), power);
      U.add(b(i + 1), power);
    }
  } else {
    const Square<T> A4 = A2.product(A2);
    context.check();
    const Square<T> A6 = A4.product(A2);
    const auto high = [&](int i, const Square<T>& A6_) {  // A6 (b_i+6 A6 + b_i+4 A4 + b_i+2 A2)
      Square<T> inner(n);
      inner.add(b(i + 6), A6_);
      inner.add(b(i + 4), A4);
      inner.add(b(i + 2), A2);
      return A6_.product(inner);
    };
    U = high(7, A6);
    V = high(6, A6);
    for (int i = 0; i <= 6; i += 2) {
      if (i == 0) {
        U.add_identity(b(1));
        V.add_identity(b(0));
        continue;
      }
      const Square<T>& power = i == 2 ? A2 : i == 4 ? A4 : A6;
      U.add(b(i + 1), power);
      V.add(b(i), power);
    }
  }
  context.check();
  context.progress(0.4);
  U = A.product(U);
  // (V - U) X = V + U
  Square<T> left = V, X = V;
  left.add(T(-1), U);
  X.add(T(1), U);
  std::vector<int> pivots(at(n));
  const int info = lapack::getrf(to_int(n), to_int(n), left.data(), to_int(n), pivots.data());
  if (info > 0) fail_singular(info - 1);
  for (std::int64_t i = 0; i < n; ++i) {
    const std::int64_t p = pivots[at(i)] - 1;
    for (std::int64_t j = 0; p != i && j < n; ++j) std::swap(X.data()[j * n + i], X.data()[j * n + p]);
  }
  lapack::trsm(CblasLeft, CblasLower, 'N', true, to_int(n), to_int(n), left.data(), to_int(n), X.data(),
               to_int(n));
  lapack::trsm(CblasLeft, CblasUpper, 'N', false, to_int(n), to_int(n), left.data(), to_int(n), X.data(),
               to_int(n));
  for (int i = 0; i < squarings; ++i) {
    context.check();
    context.progress(0.5 + 0.5 * i / squarings);
    X = X.product(X);
  }
  std::copy_n(X.data(), n * n, x);
}

template <class T>
void sqrtm(const Operand<T>& a, T* x, JobContext& context) {
  using R = Real<T>;
  using Z = std::complex<R>;
  const std::int64_t n = a.rows;
  if (n == 0) return;
  std::vector<T> given(at(n * n));
  load(a, given.data(), Order::row_major, Part::all, context);
  std::vector<Z> t(given.begin(), given.end()), z(at(n * n)), values(at(n));
  const int info = lapack::gees(to_int(n), t.data(), to_int(n), values.data(), z.data(), to_int(n));
  context.check();
  if (info > 0) throw Failure("ERR_NO_CONVERGENCE", "The Schur iteration did not converge", info - 1);
  context.progress(0.6);
  // R R = T column by column; `rows` is R again, by rows, so that both factors of every sum lie in line.
  std::vector<Z> r(at(n * n)), rows(at(n * n));
  R largest = 0;
  for (const Z each : t) largest = std::max(largest, std::abs(each));
  for (std::int64_t j = 0; j < n; ++j) {
    context.check();
    r[at(j * n + j)] = rows[at(j * n + j)] = std::sqrt(t[at(j * n + j)]);
    for (std::int64_t i = j - 1; i >= 0; --i) {
      const Z sum =
          lapack::dot(to_int(j - i - 1), &rows[at(i * n + i + 1)], 1, &r[at(j * n + i + 1)], 1, false);
      const Z left = t[at(j * n + i)] - sum, pair = r[at(i * n + i)] + r[at(j * n + j)];
      Z entry = 0;
      if (std::abs(pair) > 0) {
        entry = left / pair;
      } else if (std::abs(left) > static_cast<R>(n) * std::numeric_limits<R>::epsilon() * largest) {
        fail_singular(j);
      }
      r[at(j * n + i)] = rows[at(i * n + j)] = entry;
    }
  }
  context.progress(0.7);
  std::vector<Z> half(at(n * n)), root(at(n * n));
  lapack::gemm('N', 'N', to_int(n), to_int(n), to_int(n), Z(1), z.data(), to_int(n), r.data(), to_int(n),
               Z(0), half.data(), to_int(n));
  lapack::gemm('N', 'C', to_int(n), to_int(n), to_int(n), Z(1), half.data(), to_int(n), z.data(), to_int(n),
               Z(0), root.data(), to_int(n));
  context.check();
  if constexpr (is_complex<T>) {
    std::copy(root.begin(), root.end(), x);
  } else {
    R size = 0, imaginary = 0;
    for (const Z each : root) {
      size = std::max(size, std::abs(each));
      imaginary = std::max(imaginary, std::abs(each.imag()));
    }
    if (imaginary > std::sqrt(std::numeric_limits<R>::epsilon()) * size) {
      throw Failure("ERR_INVALID_ARGUMENT", "the square root is not real");
    }
    std::transform(root.begin(), root.end(), x, [](Z each) { return each.real(); });
  }
}

template <class T>
double matrix_norm(const Operand<T>& a, Norm norm, const JobContext& context) {
  if (norm == Norm::frobenius) {
    double total = 0;
    for (std::int64_t i = 0; i < a.rows; ++i) {
      if (i % 64 == 0) context.check();
      double sum = 0;
      for (std::int64_t j = 0; j < a.columns; ++j) sum += static_cast<double>(std::norm(a(i, j)));
      total += sum;
    }
    return std::sqrt(total);
  }
  const bool columns = norm == Norm::one || norm == Norm::minus_one;
  std::vector<double> sums(at(columns ? a.columns : a.rows));
  for (std::int64_t i = 0; i < a.rows; ++i) {
    if (i % 64 == 0) context.check();
    for (std::int64_t j = 0; j < a.columns; ++j) {
      sums[at(columns ? j : i)] += static_cast<double>(std::abs(a(i, j)));
    }
  }
  if (sums.empty()) return 0;
  // A NaN would get lost in a comparison.
  for (const double sum : sums) {
    if (std::isnan(sum)) return sum;
  }
  const bool most = norm == Norm::one || norm == Norm::infinity;
  return most ? *std::max_element(sums.begin(), sums.end()) : *std::min_element(sums.begin(), sums.end());
}

template <class T>
double vector_norm(std::span<const T> x, double p) {
  constexpr std::size_t kPiece = 4096;
  if (std::isinf(p)) {
    double found = p > 0 ? 0 : std::numeric_limits<double>::infinity();
    for (const T each : x) {
      const auto size = static_cast<double>(std::abs(each));
      if (std::isnan(size)) return size;
      found = p > 0 ? std::max(found, size) : std::min(found, size);
    }
    return x.empty() ? 0 : found;
  }
  double total = 0;
  for (std::size_t first = 0; first < x.size(); first += kPiece) {
    double sum = 0;
    for (std::size_t i = first; i < std::min(x.size(), first + kPiece); ++i) {
      const auto size = static_cast<double>(std::abs(x[i]));
      if (p == 2) {
        sum += size * size;
      } else if (p == 1) {
        sum += size;
      } else if (p == 0) {
        sum += size != 0;
      } else {
        sum += std::pow(size, p);
      }
    }
    total += sum;
  }
  if (p == 2) return std::sqrt(total);
  return p == 0 || p == 1 ? total : std::pow(total, 1 / p);
}

#define NUMCORE_INSTANTIATE(T)                                                \
  template void expm<T>(const Operand<T>&, T*, JobContext&);                  \
  template void sqrtm<T>(const Operand<T>&, T*, JobContext&);                 \
  template double matrix_norm<T>(const Operand<T>&, Norm, const JobContext&); \
  template double vector_norm<T>(std::span<const T>, double);
NUMCORE_EVERY_TYPE(NUMCORE_INSTANTIATE)
#undef NUMCORE_INSTANTIATE

}  // namespace numcore::linalg
