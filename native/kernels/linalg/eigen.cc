#include "kernels/linalg/eigen.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "runtime/failure.h"

namespace numcore::linalg {
namespace {

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }
int to_int(std::int64_t x) { return static_cast<int>(x); }

void expect_convergence(int info, const char* what) {
  if (info > 0) throw Failure("ERR_NO_CONVERGENCE", std::string(what) + " did not converge", info - 1);
}

}  // namespace

template <class T>
std::int64_t eigh(const Operand<T>& a, Range range, Real<T>* values, T* vectors, JobContext& context) {
  using R = Real<T>;
  const std::int64_t n = a.rows;
  if (n == 0) return 0;
  std::vector<T> own;
  const bool ranged = range.kind != 'A';
  T* work = vectors;
  if (vectors == nullptr || ranged) {
    own.resize(at(n * n));
    work = own.data();
  }
  // A real matrix is its own transpose, and a row-major lower triangle LAPACK's upper one.
  const char uplo = is_complex<T> ? 'L' : 'U';
  load(a, work, is_complex<T> ? Order::column_major : Order::row_major, Part::lower, context);
  context.progress(0.02);
  const char job = vectors == nullptr ? 'N' : 'V';
  if (!ranged) {
    expect_convergence(lapack::heevd(job, uplo, to_int(n), work, to_int(n), values),
                       "The eigenvalue iteration");
    context.check();
    if (vectors != nullptr) transpose_in_place(vectors, n, context);
    return n;
  }
  std::vector<T> z(vectors == nullptr ? 1 : at(n * n));
  std::vector<R> all(at(n));
  int found = 0;
  const int info = lapack::heevr(job, range.kind, uplo, to_int(n), work, to_int(n), static_cast<R>(range.low),
                                 static_cast<R>(range.high), static_cast<int>(range.low) + 1,
                                 static_cast<int>(range.high) + 1, &found, all.data(), z.data(), to_int(n));
  context.check();
  expect_convergence(info, "The eigenvalue iteration");
  std::copy_n(all.begin(), found, values);
  if (vectors != nullptr) transpose(z.data(), found, n, vectors, context);
  return found;
}

template <class T>
void eig(const Operand<T>& a, std::complex<Real<T>>* values, std::complex<Real<T>>* vectors,
         JobContext& context) {
  const std::int64_t n = a.rows;
  if (n == 0) return;
  std::vector<T> work(at(n * n));
  load(a, work.data(), Order::column_major, Part::all, context);
  context.progress(0.02);
  std::complex<Real<T>> none;
  const int info = lapack::geev(vectors == nullptr ? 'N' : 'V', to_int(n), work.data(), to_int(n), values,
                                vectors == nullptr ? &none : vectors);
  context.check();
  expect_convergence(info, "The eigenvalue iteration");
  if (vectors != nullptr) transpose_in_place(vectors, n, context);
}

template <class T>
void svd(const Operand<T>& a, bool full, T* u, Real<T>* s, T* vt, JobContext& context) {
  const std::int64_t m = a.rows, n = a.columns, k = std::min(m, n);
  const auto identity = [](T* to, std::int64_t order) {
    for (std::int64_t i = 0; i < order; ++i) {
      for (std::int64_t j = 0; j < order; ++j) to[i * order + j] = i == j ? T(1) : T(0);
    }
  };
  if (k == 0) {
    // An empty array has no address, and no address means that no vectors are wanted.
    if (full && u != nullptr) identity(u, m);
    if (full && vt != nullptr) identity(vt, n);
    return;
  }
  std::vector<T> work(at(m * n));
  load(a, work.data(), Order::row_major, Part::all, context);
  context.progress(0.02);
  // LAPACK sees A^T = conj(V) S U^T. Its left vectors, column after column, are the rows of V^H, and its
  // right ones U.
  T none[1];
  const char job = u == nullptr ? 'N' : full ? 'A' : 'S';
  const std::int64_t right = u == nullptr ? 1 : full ? m : k;
  const int info =
      lapack::gesdd(job, to_int(n), to_int(m), work.data(), to_int(n), s, u == nullptr ? none : vt,
                    to_int(u == nullptr ? 1 : n), u == nullptr ? none : u, to_int(right));
  context.check();
  expect_convergence(info, "The singular value iteration");
}

template <class T>
void schur(const Operand<T>& a, T* t, T* z, std::complex<Real<T>>* values, JobContext& context) {
  const std::int64_t n = a.rows;
  if (n == 0) return;
  load(a, t, Order::column_major, Part::all, context);
  context.progress(0.02);
  const int info = lapack::gees(to_int(n), t, to_int(n), values, z, to_int(n));
  context.check();
  expect_convergence(info, "The Schur iteration");
  transpose_in_place(t, n, context);
  transpose_in_place(z, n, context);
}

template <class T>
std::int64_t pinv(const Operand<T>& a, Real<T> rcond, T* x, JobContext& context) {
  const std::int64_t m = a.rows, n = a.columns, k = std::min(m, n);
  if (k == 0) return 0;
  std::vector<T> u(at(m * k)), vt(at(k * n));
  std::vector<Real<T>> s(at(k));
  svd(a, false, u.data(), s.data(), vt.data(), context);
  context.progress(0.8);
  std::int64_t rank = 0;
  while (rank < k && s[at(rank)] > rcond * s[0]) ++rank;
  for (std::int64_t i = 0; i < rank; ++i) {
    for (std::int64_t j = 0; j < n; ++j) vt[at(i * n + j)] /= s[at(i)];
  }
  if (rank == 0) {
    std::fill_n(x, n * m, T(0));
    return 0;
  }
  // X = V S^+ U^H; BLAS sees X^T = conj(U) (S^+ V^H conj...)^T: what is row-major is its transpose, so
  // X^T (m x n) = conj(U) W with W = (V S^+)^T = conj(S^+ V^H).
  for (T& each : vt) each = conjugate(each);
  for (T& each : u) each = conjugate(each);
  lapack::gemm('T', 'T', to_int(m), to_int(n), to_int(rank), T(1), u.data(), to_int(k), vt.data(), to_int(n),
               T(0), x, to_int(m));
  context.check();
  return rank;
}

#define NUMCORE_INSTANTIATE(T)                                                                          \
  template std::int64_t eigh<T>(const Operand<T>&, Range, Real<T>*, T*, JobContext&);                   \
  template void eig<T>(const Operand<T>&, std::complex<Real<T>>*, std::complex<Real<T>>*, JobContext&); \
  template void svd<T>(const Operand<T>&, bool, T*, Real<T>*, T*, JobContext&);                         \
  template void schur<T>(const Operand<T>&, T*, T*, std::complex<Real<T>>*, JobContext&);               \
  template std::int64_t pinv<T>(const Operand<T>&, Real<T>, T*, JobContext&);
NUMCORE_EVERY_TYPE(NUMCORE_INSTANTIATE)
#undef NUMCORE_INSTANTIATE

}  // namespace numcore::linalg
