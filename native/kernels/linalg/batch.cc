#include "kernels/linalg/batch.h"

#include <algorithm>
#include <atomic>
#include <cmath>
#include <limits>
#include <vector>

#include "kernels/inverse/chunks.h"
#include "kernels/linalg/lapack.h"
#include "kernels/linalg/small.h"
#include "runtime/failure.h"

namespace numcore::linalg {
namespace {

std::size_t at(std::int64_t i) { return static_cast<std::size_t>(i); }
int to_int(std::int64_t x) { return static_cast<int>(x); }

constexpr std::int64_t kNone = std::numeric_limits<std::int64_t>::max();

// The first failure of each kind, whichever thread met it.
class First {
 public:
  void note(std::int64_t where) {
    std::int64_t known = where_.load();
    while (where < known && !where_.compare_exchange_weak(known, where)) {
    }
  }
  bool any() const { return where_ != kNone; }
  [[noreturn]] void fail(const char* code, const char* what) const { throw Failure(code, what, where_); }

 private:
  std::atomic<std::int64_t> where_{kNone};
};

template <class T>
const Real<T>* parts(const T* a) {
  return reinterpret_cast<const Real<T>*>(a);
}
template <class T>
constexpr std::int64_t kParts = is_complex<T> ? 2 : 1;

// The first number of `a` that is not finite, or -1.
template <class T>
std::int64_t first_not_finite(const T* a, std::int64_t count) {
  if (all_finite(kParts<T> * count, parts(a))) return -1;
  std::int64_t j = 0;
  while (std::isfinite(parts(a)[j])) ++j;
  return j / kParts<T>;
}

// Runs body(matrix, room) for every matrix, in pieces of some 100,000 operations; `room` is the thread's own,
// as large as asked for. Looks for what is not finite first.
template <class T, class Body>
void for_each(const T* a, Stack shape, std::int64_t work, std::int64_t room_size, JobContext& context,
              const char* code, const char* what, const Body& body) {
  const std::int64_t area = shape.rows * shape.columns;
  const std::int64_t step = std::clamp<std::int64_t>(100'000 / std::max<std::int64_t>(1, work), 1, 4096);
  const std::int64_t pieces = (shape.count + step - 1) / step;
  First bad, failed;
  std::atomic<std::int64_t> done{0};
  inverse::chunks(pieces, context, [&](std::int64_t piece) {
    const BlasThreads one(1);
    std::vector<T> room(at(room_size));
    const std::int64_t end = std::min(shape.count, (piece + 1) * step);
    for (std::int64_t i = piece * step; i < end; ++i) {
      const T* matrix = a + i * area;
      if (const std::int64_t j = first_not_finite(matrix, area); j >= 0) {
        bad.note(i * area + j);
        continue;
      }
      const std::int64_t lost = body(i, matrix, room.data());
      if (lost >= 0) failed.note(i * shape.rows + lost);
    }
    context.progress(static_cast<double>(++done) / static_cast<double>(pieces));
  });
  context.check();
  if (bad.any()) bad.fail("ERR_NOT_FINITE", "a matrix has an entry that is not a finite number");
  if (failed.any()) failed.fail(code, what);
}

constexpr const char* kSingular = "a matrix of the stack is singular";

// LAPACK for one matrix that is beyond the small ones; row-major is the transpose, whose inverse is the
// inverse's.
template <class T>
int large_inv(int n, const T* a, T* x) {
  std::copy_n(a, std::int64_t{n} * n, x);
  std::vector<int> pivots(at(n));
  const int info = lapack::getrf(n, n, x, n, pivots.data());
  if (info > 0) return info - 1;
  lapack::getri(n, x, n, pivots.data());
  return -1;
}

// A^T = P L U and X^T A^T = B^T, so that X^T = B^T U^-1 L^-1 P^T.
template <class T>
int large_solve(int n, T* a, int k, T* x) {
  if (n == 0) return -1;
  std::vector<int> pivots(at(n));
  const int info = lapack::getrf(n, n, a, n, pivots.data());
  if (info > 0) return info - 1;
  if (k == 0) return -1;
  lapack::trsm(CblasRight, CblasUpper, 'N', false, k, n, a, n, x, k);
  lapack::trsm(CblasRight, CblasLower, 'N', true, k, n, a, n, x, k);
  for (int i = n - 1; i >= 0; --i) {
    const int p = pivots[at(i)] - 1;
    if (p != i)
      std::swap_ranges(x + std::int64_t{i} * k, x + std::int64_t{i + 1} * k, x + std::int64_t{p} * k);
  }
  return -1;
}

template <class T>
void turn_over(T* a, std::int64_t n) {
  for (std::int64_t i = 0; i < n; ++i) {
    for (std::int64_t j = 0; j < i; ++j) std::swap(a[i * n + j], a[j * n + i]);
  }
}

}  // namespace

namespace {

// Several at once, one a lane of the vectors.
template <class T>
void inverses_in_lanes(const T* a, Stack shape, T* x, JobContext& context) {
  const std::int64_t n = shape.rows;
  const std::int64_t area = n * n, groups = (shape.count + kLanes - 1) / kLanes;
  First bad, failed;
  constexpr std::int64_t kStep = 32;
  inverse::chunks((groups + kStep - 1) / kStep, context, [&](std::int64_t piece) {
    T room[kLaneOrder * kLaneOrder * kLanes];
    int lost[kLanes];
    for (std::int64_t g = piece * kStep; g < std::min(groups, (piece + 1) * kStep); ++g) {
      const std::int64_t first = g * kLanes, count = std::min<std::int64_t>(kLanes, shape.count - first);
      const T* from = a + first * area;
      if (const std::int64_t j = first_not_finite(from, count * area); j >= 0) {
        bad.note(first * area + j);
        continue;
      }
      small_inverses(to_int(n), to_int(count), from, x + first * area, room, lost);
      for (std::int64_t l = 0; l < count; ++l) {
        if (lost[l] >= 0) failed.note((first + l) * n + lost[l]);
      }
    }
  });
  context.check();
  if (bad.any()) bad.fail("ERR_NOT_FINITE", "a matrix has an entry that is not a finite number");
  if (failed.any()) failed.fail("ERR_SINGULAR", kSingular);
}

}  // namespace

template <class T>
void batch_inv(const T* a, Stack shape, T* x, JobContext& context) {
  const std::int64_t n = shape.rows;
  if (n == 0) return;
  if constexpr (!is_complex<T>) {
    if (n <= kLaneOrder) return inverses_in_lanes(a, shape, x, context);
  }
  for_each(a, shape, 2 * n * n * n, kSmallOrder * kSmallOrder, context, "ERR_SINGULAR", kSingular,
           [&](std::int64_t i, const T* matrix, [[maybe_unused]] T* room) -> std::int64_t {
             T* to = x + i * n * n;
             if constexpr (!is_complex<T>) {
               if (n <= kSmallOrder) return small_inv(to_int(n), matrix, to, room);
             }
             return large_inv(to_int(n), matrix, to);
           });
}

template <class T>
void batch_solve(const T* a, Stack shape, const T* b, std::int64_t k, T* x, JobContext& context) {
  const std::int64_t n = shape.rows;
  const std::int64_t size = shape.count * n * k;
  for (std::int64_t i = 0; i < kParts<T> * size; ++i) {
    if (!std::isfinite(parts(b)[i])) {
      throw Failure("ERR_NOT_FINITE", "a right-hand side has an entry that is not a finite number",
                    shape.count * n * n + i / kParts<T>);
    }
  }
  for_each(a, shape, 2 * n * n * (n + 3 * k) / 3, n * n, context, "ERR_SINGULAR", kSingular,
           [&](std::int64_t i, const T* matrix, T* room) -> std::int64_t {
             std::copy_n(matrix, n * n, room);
             T* to = x + i * n * k;
             std::copy_n(b + i * n * k, n * k, to);
             if constexpr (!is_complex<T>) {
               if (n <= kSmallOrder) return small_solve(to_int(n), room, to_int(k), to);
             }
             return large_solve(to_int(n), room, to_int(k), to);
           });
}

template <class T>
void batch_det(const T* a, Stack shape, T* determinants, JobContext& context) {
  const std::int64_t n = shape.rows;
  for_each(a, shape, n * n * n, n * n, context, "ERR_SINGULAR", kSingular,
           [&](std::int64_t i, const T* matrix, T* room) -> std::int64_t {
             std::copy_n(matrix, n * n, room);
             if constexpr (!is_complex<T>) {
               if (n <= kSmallOrder) {
                 determinants[i] = small_det(to_int(n), room);
                 return -1;
               }
             }
             std::vector<int> pivots(at(n));
             if (n > 0) lapack::getrf(to_int(n), to_int(n), room, to_int(n), pivots.data());
             T product = 1;
             for (std::int64_t c = 0; c < n; ++c) {
               product *= pivots[at(c)] - 1 == c ? room[c * n + c] : -room[c * n + c];
             }
             determinants[i] = product;
             return -1;
           });
}

template <class T>
void batch_cholesky(const T* a, Stack shape, T* l, JobContext& context) {
  const std::int64_t n = shape.rows;
  for_each(a, shape, n * n * n, kSmallOrder * kSmallOrder, context, "ERR_NOT_POSITIVE_DEFINITE",
           "a matrix of the stack is not positive definite",
           [&](std::int64_t i, const T* matrix, [[maybe_unused]] T* room) -> std::int64_t {
             T* to = l + i * n * n;
             if constexpr (!is_complex<T>) {
               if (n <= kSmallOrder) return small_cholesky(to_int(n), matrix, to, room);
             }
             for (std::int64_t row = 0; row < n; ++row) {
               std::copy_n(matrix + row * n, row + 1, to + row * n);
               std::fill(to + row * n + row + 1, to + (row + 1) * n, T(0));
             }
             return n == 0 ? -1 : lapack::potrf('U', to_int(n), to, to_int(n)) - 1;
           });
}

template <class T>
void batch_eigh(const T* a, Stack shape, Real<T>* values, T* vectors, JobContext& context) {
  const std::int64_t n = shape.rows;
  if (n == 0) return;
  for_each(a, shape, 9 * n * n * n, 0, context, "ERR_NO_CONVERGENCE",
           "The eigenvalue iteration did not converge",
           [&](std::int64_t i, const T* matrix, T*) -> std::int64_t {
             T* to = vectors + i * n * n;
             std::copy_n(matrix, n * n, to);
             const int info = lapack::heevd('V', 'U', to_int(n), to, to_int(n), values + i * n);
             // LAPACK saw the transpose, which is the conjugate, and gave its vectors as columns.
             turn_over(to, n);
             if constexpr (is_complex<T>) std::transform(to, to + n * n, to, conjugate<T>);
             return info > 0 ? 0 : -1;
           });
}

template <class T>
void batch_svd(const T* a, Stack shape, T* u, Real<T>* s, T* vt, JobContext& context) {
  const std::int64_t m = shape.rows, n = shape.columns, k = std::min(m, n);
  if (k == 0) return;
  for_each(a, shape, 9 * m * n * k, m * n, context, "ERR_NO_CONVERGENCE",
           "The singular value iteration did not converge",
           [&](std::int64_t i, const T* matrix, T* room) -> std::int64_t {
             std::copy_n(matrix, m * n, room);
             const int info = lapack::gesdd('S', to_int(n), to_int(m), room, to_int(n), s + i * k,
                                            vt + i * k * n, to_int(n), u + i * m * k, to_int(k));
             return info > 0 ? 0 : -1;
           });
}

template <class T>
void batch_matmul(const T* a, Stack left, const T* b, Stack right, T* c, JobContext& context) {
  const std::int64_t m = left.rows, k = left.columns, n = right.columns;
  const std::int64_t count = std::max(left.count, right.count);
  if (m == 0 || n == 0) return;
  if (k == 0) {
    std::fill_n(c, count * m * n, T(0));
    return;
  }
  const std::int64_t work = std::max<std::int64_t>(1, m * n * k);
  const std::int64_t step = std::clamp<std::int64_t>(100'000 / work, 1, 4096);
  inverse::chunks((count + step - 1) / step, context, [&](std::int64_t piece) {
    const BlasThreads one(1);
    for (std::int64_t i = piece * step; i < std::min(count, (piece + 1) * step); ++i) {
      const T* x = a + (left.count == 1 ? 0 : i * m * k);
      const T* y = b + (right.count == 1 ? 0 : i * k * n);
      T* to = c + i * m * n;
      if constexpr (!is_complex<T>) {
        if (is_small_product(m, n, k)) {
          small_product(to_int(m), to_int(n), to_int(k), x, to_int(k), y, to_int(n), to);
          continue;
        }
      }
      lapack::gemm('N', 'N', to_int(n), to_int(m), to_int(k), T(1), y, to_int(n), x, to_int(k), T(0), to,
                   to_int(n));
    }
  });
  context.check();
}

#define NUMCORE_INSTANTIATE(T)                                                            \
  template void batch_inv<T>(const T*, Stack, T*, JobContext&);                           \
  template void batch_solve<T>(const T*, Stack, const T*, std::int64_t, T*, JobContext&); \
  template void batch_det<T>(const T*, Stack, T*, JobContext&);                           \
  template void batch_cholesky<T>(const T*, Stack, T*, JobContext&);                      \
  template void batch_eigh<T>(const T*, Stack, Real<T>*, T*, JobContext&);                \
  template void batch_svd<T>(const T*, Stack, T*, Real<T>*, T*, JobContext&);             \
  template void batch_matmul<T>(const T*, Stack, const T*, Stack, T*, JobContext&);
NUMCORE_EVERY_TYPE(NUMCORE_INSTANTIATE)
#undef NUMCORE_INSTANTIATE

}  // namespace numcore::linalg
