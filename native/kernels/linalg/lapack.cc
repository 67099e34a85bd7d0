// The two dialects of LAPACK, real and complex, behind one face: complex routines take their real work space
// in `rwork` where the real ones take integers or nothing, and call orthogonal unitary and symmetric
// Hermitian.
#include "kernels/linalg/lapack.h"

#include <algorithm>
#include <cmath>

namespace numcore::linalg::lapack {
namespace {

using std::size_t;
using Z = std::complex<double>;
using C = std::complex<float>;

template <class T>
struct Work {
  std::vector<T> values;
  int length;
  // `asked` is the answer to a work space query.
  explicit Work(T asked) : length(std::max(1, static_cast<int>(std::real(asked)))) {
    // Single precision rounds large numbers of elements, and may have rounded down.
    if constexpr (std::is_same_v<Real<T>, float>) length += length / 4096 + 1;
    values.resize(static_cast<size_t>(length));
  }
  T* data() { return values.data(); }
};

template <class T>
std::vector<T> some(std::int64_t count) {
  return std::vector<T>(static_cast<size_t>(std::max<std::int64_t>(1, count)));
}

}  // namespace

extern "C" {
#define NUMCORE_COMMON(T, R, x)                                                                              \
  void x##getrf_(const int*, const int*, T*, const int*, int*, int*);                                        \
  void x##getri_(const int*, T*, const int*, const int*, T*, const int*, int*);                              \
  void x##potrf_(const char*, const int*, T*, const int*, int*, size_t);                                     \
  void x##potri_(const char*, const int*, T*, const int*, int*, size_t);                                     \
  void x##sytrf_(const char*, const int*, T*, const int*, int*, T*, const int*, int*, size_t);               \
  void x##syconv_(const char*, const char*, const int*, T*, const int*, const int*, T*, int*, size_t,        \
                  size_t);                                                                                   \
  void x##geqrf_(const int*, const int*, T*, const int*, T*, T*, const int*, int*);                          \
  void x##gbsv_(const int*, const int*, const int*, const int*, T*, const int*, int*, T*, const int*, int*); \
  void x##gtsv_(const int*, const int*, T*, T*, T*, T*, const int*, int*);                                   \
  void x##trsyl_(const char*, const char*, const int*, const int*, const int*, const T*, const int*,         \
                 const T*, const int*, T*, const int*, R*, int*, size_t, size_t);
#define NUMCORE_REAL(T, x)                                                                                   \
  NUMCORE_COMMON(T, T, x)                                                                                    \
  void x##gecon_(const char*, const int*, const T*, const int*, const T*, T*, T*, int*, int*, size_t);       \
  void x##trcon_(const char*, const char*, const char*, const int*, const T*, const int*, T*, T*, int*,      \
                 int*, size_t, size_t, size_t);                                                              \
  void x##pocon_(const char*, const int*, const T*, const int*, const T*, T*, T*, int*, int*, size_t);       \
  void x##geqp3_(const int*, const int*, T*, const int*, int*, T*, T*, const int*, int*);                    \
  void x##orgqr_(const int*, const int*, const int*, T*, const int*, const T*, T*, const int*, int*);        \
  void x##gelsd_(const int*, const int*, const int*, T*, const int*, T*, const int*, T*, const T*, int*, T*, \
                 const int*, int*, int*);                                                                    \
  void x##syevd_(const char*, const char*, const int*, T*, const int*, T*, T*, const int*, int*, const int*, \
                 int*, size_t, size_t);                                                                      \
  void x##syevr_(const char*, const char*, const char*, const int*, T*, const int*, const T*, const T*,      \
                 const int*, const int*, const T*, int*, T*, T*, const int*, int*, T*, const int*, int*,     \
                 const int*, int*, size_t, size_t, size_t);                                                  \
  void x##geev_(const char*, const char*, const int*, T*, const int*, T*, T*, T*, const int*, T*,            \
                const int*, T*, const int*, int*, size_t, size_t);                                           \
  void x##gesdd_(const char*, const int*, const int*, T*, const int*, T*, T*, const int*, T*, const int*,    \
                 T*, const int*, int*, int*, size_t);                                                        \
  void x##gees_(const char*, const char*, int (*)(const T*, const T*), const int*, T*, const int*, int*, T*, \
                T*, T*, const int*, T*, const int*, int*, int*, size_t, size_t);
#define NUMCORE_COMPLEX(T, R, x)                                                                             \
  NUMCORE_COMMON(T, R, x)                                                                                    \
  void x##gecon_(const char*, const int*, const T*, const int*, const R*, R*, T*, R*, int*, size_t);         \
  void x##trcon_(const char*, const char*, const char*, const int*, const T*, const int*, R*, T*, R*, int*,  \
                 size_t, size_t, size_t);                                                                    \
  void x##pocon_(const char*, const int*, const T*, const int*, const R*, R*, T*, R*, int*, size_t);         \
  void x##hetrf_(const char*, const int*, T*, const int*, int*, T*, const int*, int*, size_t);               \
  void x##geqp3_(const int*, const int*, T*, const int*, int*, T*, T*, const int*, R*, int*);                \
  void x##ungqr_(const int*, const int*, const int*, T*, const int*, const T*, T*, const int*, int*);        \
  void x##gelsd_(const int*, const int*, const int*, T*, const int*, T*, const int*, R*, const R*, int*, T*, \
                 const int*, R*, int*, int*);                                                                \
  void x##heevd_(const char*, const char*, const int*, T*, const int*, R*, T*, const int*, R*, const int*,   \
                 int*, const int*, int*, size_t, size_t);                                                    \
  void x##heevr_(const char*, const char*, const char*, const int*, T*, const int*, const R*, const R*,      \
                 const int*, const int*, const R*, int*, R*, T*, const int*, int*, T*, const int*, R*,       \
                 const int*, int*, const int*, int*, size_t, size_t, size_t);                                \
  void x##geev_(const char*, const char*, const int*, T*, const int*, T*, T*, const int*, T*, const int*,    \
                T*, const int*, R*, int*, size_t, size_t);                                                   \
  void x##gesdd_(const char*, const int*, const int*, T*, const int*, R*, T*, const int*, T*, const int*,    \
                 T*, const int*, R*, int*, int*, size_t);                                                    \
  void x##gees_(const char*, const char*, int (*)(const T*), const int*, T*, const int*, int*, T*, T*,       \
                const int*, T*, const int*, R*, int*, int*, size_t, size_t);
NUMCORE_REAL(double, d)
NUMCORE_REAL(float, s)
NUMCORE_COMPLEX(Z, double, z)
NUMCORE_COMPLEX(C, float, c)
#undef NUMCORE_REAL
#undef NUMCORE_COMPLEX
#undef NUMCORE_COMMON
}

#define NUMCORE_COMMON(T, x)                                                                     \
  int getrf(int m, int n, T* a, int lda, int* pivots) {                                          \
    int info = 0;                                                                                \
    x##getrf_(&m, &n, a, &lda, pivots, &info);                                                   \
    return info;                                                                                 \
  }                                                                                              \
  int getri(int n, T* a, int lda, const int* pivots) {                                           \
    int info = 0, length = n * 64;                                                               \
    auto work = some<T>(length);                                                                 \
    x##getri_(&n, a, &lda, pivots, work.data(), &length, &info);                                 \
    return info;                                                                                 \
  }                                                                                              \
  int potrf(char uplo, int n, T* a, int lda) {                                                   \
    int info = 0;                                                                                \
    x##potrf_(&uplo, &n, a, &lda, &info, 1);                                                     \
    return info;                                                                                 \
  }                                                                                              \
  int potri(char uplo, int n, T* a, int lda) {                                                   \
    int info = 0;                                                                                \
    x##potri_(&uplo, &n, a, &lda, &info, 1);                                                     \
    return info;                                                                                 \
  }                                                                                              \
  int geqrf(int m, int n, T* a, int lda, T* tau) {                                               \
    int info = 0, query = -1;                                                                    \
    T asked;                                                                                     \
    x##geqrf_(&m, &n, a, &lda, tau, &asked, &query, &info);                                      \
    Work<T> work(asked);                                                                         \
    x##geqrf_(&m, &n, a, &lda, tau, work.data(), &work.length, &info);                           \
    return info;                                                                                 \
  }                                                                                              \
  int gbsv(int n, int below, int above, int nrhs, T* ab, int ldab, int* pivots, T* b, int ldb) { \
    int info = 0;                                                                                \
    x##gbsv_(&n, &below, &above, &nrhs, ab, &ldab, pivots, b, &ldb, &info);                      \
    return info;                                                                                 \
  }                                                                                              \
  int gtsv(int n, int nrhs, T* below, T* diagonal, T* above, T* b, int ldb) {                    \
    int info = 0;                                                                                \
    x##gtsv_(&n, &nrhs, below, diagonal, above, b, &ldb, &info);                                 \
    return info;                                                                                 \
  }                                                                                              \
  int trsyl(int sign, int m, int n, const T* a, int lda, const T* b, int ldb, T* c, int ldc,     \
            Real<T>* scale) {                                                                    \
    int info = 0;                                                                                \
    x##trsyl_("N", "N", &sign, &m, &n, a, &lda, b, &ldb, c, &ldc, scale, &info, 1, 1);           \
    return info;                                                                                 \
  }
NUMCORE_COMMON(double, d)
NUMCORE_COMMON(float, s)
NUMCORE_COMMON(Z, z)
NUMCORE_COMMON(C, c)
#undef NUMCORE_COMMON

#define NUMCORE_INDEFINITE(T, factor, x)                              \
  {                                                                   \
    int info = 0, length = n * 64, converted = 0;                     \
    auto work = some<T>(length);                                      \
    factor("L", &n, a, &lda, pivots, work.data(), &length, &info, 1); \
    x##syconv_("L", "C", &n, a, &lda, pivots, e, &converted, 1, 1);   \
    return info;                                                      \
  }

#define NUMCORE_REAL(T, x)                                                                                   \
  int indefinite(bool, int n, T* a, int lda, int* pivots, T* e) NUMCORE_INDEFINITE(T, x##sytrf_, x) int      \
  gecon(char norm, int n, const T* a, int lda, T anorm, T* rcond) {                                          \
    int info = 0;                                                                                            \
    auto work = some<T>(4 * std::int64_t{n});                                                                \
    auto more = some<int>(n);                                                                                \
    x##gecon_(&norm, &n, a, &lda, &anorm, rcond, work.data(), more.data(), &info, 1);                        \
    return info;                                                                                             \
  }                                                                                                          \
  int trcon(char norm, char uplo, bool unit, int n, const T* a, int lda, T* rcond) {                         \
    int info = 0;                                                                                            \
    auto work = some<T>(3 * std::int64_t{n});                                                                \
    auto more = some<int>(n);                                                                                \
    x##trcon_(&norm, &uplo, unit ? "U" : "N", &n, a, &lda, rcond, work.data(), more.data(), &info, 1, 1, 1); \
    return info;                                                                                             \
  }                                                                                                          \
  int pocon(char uplo, int n, const T* a, int lda, T anorm, T* rcond) {                                      \
    int info = 0;                                                                                            \
    auto work = some<T>(3 * std::int64_t{n});                                                                \
    auto more = some<int>(n);                                                                                \
    x##pocon_(&uplo, &n, a, &lda, &anorm, rcond, work.data(), more.data(), &info, 1);                        \
    return info;                                                                                             \
  }                                                                                                          \
  int geqp3(int m, int n, T* a, int lda, int* pivots, T* tau) {                                              \
    int info = 0, query = -1;                                                                                \
    T asked;                                                                                                 \
    x##geqp3_(&m, &n, a, &lda, pivots, tau, &asked, &query, &info);                                          \
    Work<T> work(asked);                                                                                     \
    x##geqp3_(&m, &n, a, &lda, pivots, tau, work.data(), &work.length, &info);                               \
    return info;                                                                                             \
  }                                                                                                          \
  int orthogonal(int m, int n, int k, T* a, int lda, const T* tau) {                                         \
    int info = 0, query = -1;                                                                                \
    T asked;                                                                                                 \
    x##orgqr_(&m, &n, &k, a, &lda, tau, &asked, &query, &info);                                              \
    Work<T> work(asked);                                                                                     \
    x##orgqr_(&m, &n, &k, a, &lda, tau, work.data(), &work.length, &info);                                   \
    return info;                                                                                             \
  }                                                                                                          \
  int gelsd(int m, int n, int nrhs, T* a, int lda, T* b, int ldb, T* s, T rcond, int* rank) {                \
    int info = 0, query = -1, integers = 0;                                                                  \
    T asked;                                                                                                 \
    x##gelsd_(&m, &n, &nrhs, a, &lda, b, &ldb, s, &rcond, rank, &asked, &query, &integers, &info);           \
    Work<T> work(asked);                                                                                     \
    auto more = some<int>(integers);                                                                         \
    x##gelsd_(&m, &n, &nrhs, a, &lda, b, &ldb, s, &rcond, rank, work.data(), &work.length, more.data(),      \
              &info);                                                                                        \
    return info;                                                                                             \
  }                                                                                                          \
  int heevd(char job, char uplo, int n, T* a, int lda, T* w) {                                               \
    int info = 0, query = -1, integers = 0;                                                                  \
    T asked;                                                                                                 \
    x##syevd_(&job, &uplo, &n, a, &lda, w, &asked, &query, &integers, &query, &info, 1, 1);                  \
    Work<T> work(asked);                                                                                     \
    auto more = some<int>(integers);                                                                         \
    x##syevd_(&job, &uplo, &n, a, &lda, w, work.data(), &work.length, more.data(), &integers, &info, 1, 1);  \
    return info;                                                                                             \
  }                                                                                                          \
  int heevr(char job, char range, char uplo, int n, T* a, int lda, T vl, T vu, int il, int iu, int* found,   \
            T* w, T* z, int ldz) {                                                                           \
    int info = 0, query = -1, integers = 0;                                                                  \
    T asked;                                                                                                 \
    const T tolerance = 0;                                                                                   \
    auto support = some<int>(2 * std::int64_t{n});                                                           \
    x##syevr_(&job, &range, &uplo, &n, a, &lda, &vl, &vu, &il, &iu, &tolerance, found, w, z, &ldz,           \
              support.data(), &asked, &query, &integers, &query, &info, 1, 1, 1);                            \
    Work<T> work(asked);                                                                                     \
    auto more = some<int>(integers);                                                                         \
    x##syevr_(&job, &range, &uplo, &n, a, &lda, &vl, &vu, &il, &iu, &tolerance, found, w, z, &ldz,           \
              support.data(), work.data(), &work.length, more.data(), &integers, &info, 1, 1, 1);            \
    return info;                                                                                             \
  }                                                                                                          \
  int geev(char job, int n, T* a, int lda, std::complex<T>* w, std::complex<T>* v) {                         \
    int info = 0, query = -1;                                                                                \
    T asked;                                                                                                 \
    const int one = std::max(1, n);                                                                          \
    auto re = some<T>(n), im = some<T>(n);                                                                   \
    auto vectors = some<T>(job == 'V' ? std::int64_t{n} * n : 1);                                            \
    x##geev_("N", &job, &n, a, &lda, re.data(), im.data(), nullptr, &one, vectors.data(), &one, &asked,      \
             &query, &info, 1, 1);                                                                           \
    Work<T> work(asked);                                                                                     \
    x##geev_("N", &job, &n, a, &lda, re.data(), im.data(), nullptr, &one, vectors.data(), &one, work.data(), \
             &work.length, &info, 1, 1);                                                                     \
    for (int j = 0; j < n; ++j) w[j] = {re[static_cast<size_t>(j)], im[static_cast<size_t>(j)]};             \
    if (job != 'V') return info;                                                                             \
    /* A conjugate pair shares two real columns: v = first +- i second. */                                   \
    for (std::int64_t j = 0; j < n; ++j) {                                                                   \
      const T* first = vectors.data() + j * n;                                                               \
      if (im[static_cast<size_t>(j)] == 0) {                                                                 \
        for (std::int64_t i = 0; i < n; ++i) v[j * n + i] = first[i];                                        \
        continue;                                                                                            \
      }                                                                                                      \
      for (std::int64_t i = 0; i < n; ++i) {                                                                 \
        v[j * n + i] = {first[i], first[n + i]};                                                             \
        v[(j + 1) * n + i] = {first[i], -first[n + i]};                                                      \
      }                                                                                                      \
      ++j;                                                                                                   \
    }                                                                                                        \
    return info;                                                                                             \
  }                                                                                                          \
  int gesdd(char job, int m, int n, T* a, int lda, T* s, T* u, int ldu, T* vt, int ldvt) {                   \
    int info = 0, query = -1;                                                                                \
    T asked;                                                                                                 \
    auto more = some<int>(8 * std::int64_t{std::min(m, n)});                                                 \
    x##gesdd_(&job, &m, &n, a, &lda, s, u, &ldu, vt, &ldvt, &asked, &query, more.data(), &info, 1);          \
    Work<T> work(asked);                                                                                     \
    x##gesdd_(&job, &m, &n, a, &lda, s, u, &ldu, vt, &ldvt, work.data(), &work.length, more.data(), &info,   \
              1);                                                                                            \
    return info;                                                                                             \
  }                                                                                                          \
  int gees(int n, T* a, int lda, std::complex<T>* w, T* z, int ldz) {                                        \
    int info = 0, query = -1, none = 0;                                                                      \
    T asked;                                                                                                 \
    auto re = some<T>(n), im = some<T>(n);                                                                   \
    x##gees_("V", "N", nullptr, &n, a, &lda, &none, re.data(), im.data(), z, &ldz, &asked, &query, nullptr,  \
             &info, 1, 1);                                                                                   \
    Work<T> work(asked);                                                                                     \
    x##gees_("V", "N", nullptr, &n, a, &lda, &none, re.data(), im.data(), z, &ldz, work.data(),              \
             &work.length, nullptr, &info, 1, 1);                                                            \
    for (int j = 0; j < n; ++j) w[j] = {re[static_cast<size_t>(j)], im[static_cast<size_t>(j)]};             \
    return info;                                                                                             \
  }
NUMCORE_REAL(double, d)
NUMCORE_REAL(float, s)
#undef NUMCORE_REAL

#define NUMCORE_COMPLEX(T, R, x)                                                                             \
  int indefinite(bool hermitian, int n, T* a, int lda, int* pivots, T* e)                                    \
      NUMCORE_INDEFINITE(T, (hermitian ? x##hetrf_ : x##sytrf_), x) int                                      \
      gecon(char norm, int n, const T* a, int lda, R anorm, R* rcond) {                                      \
    int info = 0;                                                                                            \
    auto work = some<T>(2 * std::int64_t{n});                                                                \
    auto more = some<R>(2 * std::int64_t{n});                                                                \
    x##gecon_(&norm, &n, a, &lda, &anorm, rcond, work.data(), more.data(), &info, 1);                        \
    return info;                                                                                             \
  }                                                                                                          \
  int trcon(char norm, char uplo, bool unit, int n, const T* a, int lda, R* rcond) {                         \
    int info = 0;                                                                                            \
    auto work = some<T>(2 * std::int64_t{n});                                                                \
    auto more = some<R>(n);                                                                                  \
    x##trcon_(&norm, &uplo, unit ? "U" : "N", &n, a, &lda, rcond, work.data(), more.data(), &info, 1, 1, 1); \
    return info;                                                                                             \
  }                                                                                                          \
  int pocon(char uplo, int n, const T* a, int lda, R anorm, R* rcond) {                                      \
    int info = 0;                                                                                            \
    auto work = some<T>(2 * std::int64_t{n});                                                                \
    auto more = some<R>(n);                                                                                  \
    x##pocon_(&uplo, &n, a, &lda, &anorm, rcond, work.data(), more.data(), &info, 1);                        \
    return info;                                                                                             \
  }                                                                                                          \
  int geqp3(int m, int n, T* a, int lda, int* pivots, T* tau) {                                              \
    int info = 0, query = -1;                                                                                \
    T asked;                                                                                                 \
    auto more = some<R>(2 * std::int64_t{n});                                                                \
    x##geqp3_(&m, &n, a, &lda, pivots, tau, &asked, &query, more.data(), &info);                             \
    Work<T> work(asked);                                                                                     \
    x##geqp3_(&m, &n, a, &lda, pivots, tau, work.data(), &work.length, more.data(), &info);                  \
    return info;                                                                                             \
  }                                                                                                          \
  int orthogonal(int m, int n, int k, T* a, int lda, const T* tau) {                                         \
    int info = 0, query = -1;                                                                                \
    T asked;                                                                                                 \
    x##ungqr_(&m, &n, &k, a, &lda, tau, &asked, &query, &info);                                              \
    Work<T> work(asked);                                                                                     \
    x##ungqr_(&m, &n, &k, a, &lda, tau, work.data(), &work.length, &info);                                   \
    return info;                                                                                             \
  }                                                                                                          \
  int gelsd(int m, int n, int nrhs, T* a, int lda, T* b, int ldb, R* s, R rcond, int* rank) {                \
    int info = 0, query = -1, integers = 0;                                                                  \
    T asked;                                                                                                 \
    R reals = 0;                                                                                             \
    x##gelsd_(&m, &n, &nrhs, a, &lda, b, &ldb, s, &rcond, rank, &asked, &query, &reals, &integers, &info);   \
    Work<T> work(asked);                                                                                     \
    Work<R> rwork(reals);                                                                                    \
    auto more = some<int>(integers);                                                                         \
    x##gelsd_(&m, &n, &nrhs, a, &lda, b, &ldb, s, &rcond, rank, work.data(), &work.length, rwork.data(),     \
              more.data(), &info);                                                                           \
    return info;                                                                                             \
  }                                                                                                          \
  int heevd(char job, char uplo, int n, T* a, int lda, R* w) {                                               \
    int info = 0, query = -1, integers = 0;                                                                  \
    T asked;                                                                                                 \
    R reals = 0;                                                                                             \
    x##heevd_(&job, &uplo, &n, a, &lda, w, &asked, &query, &reals, &query, &integers, &query, &info, 1, 1);  \
    Work<T> work(asked);                                                                                     \
    Work<R> rwork(reals);                                                                                    \
    auto more = some<int>(integers);                                                                         \
    x##heevd_(&job, &uplo, &n, a, &lda, w, work.data(), &work.length, rwork.data(), &rwork.length,           \
              more.data(), &integers, &info, 1, 1);                                                          \
    return info;                                                                                             \
  }                                                                                                          \
  int heevr(char job, char range, char uplo, int n, T* a, int lda, R vl, R vu, int il, int iu, int* found,   \
            R* w, T* z, int ldz) {                                                                           \
    int info = 0, query = -1, integers = 0;                                                                  \
    T asked;                                                                                                 \
    R reals = 0;                                                                                             \
    const R tolerance = 0;                                                                                   \
    auto support = some<int>(2 * std::int64_t{n});                                                           \
    x##heevr_(&job, &range, &uplo, &n, a, &lda, &vl, &vu, &il, &iu, &tolerance, found, w, z, &ldz,           \
              support.data(), &asked, &query, &reals, &query, &integers, &query, &info, 1, 1, 1);            \
    Work<T> work(asked);                                                                                     \
    Work<R> rwork(reals);                                                                                    \
    auto more = some<int>(integers);                                                                         \
    x##heevr_(&job, &range, &uplo, &n, a, &lda, &vl, &vu, &il, &iu, &tolerance, found, w, z, &ldz,           \
              support.data(), work.data(), &work.length, rwork.data(), &rwork.length, more.data(),           \
              &integers, &info, 1, 1, 1);                                                                    \
    return info;                                                                                             \
  }                                                                                                          \
  int geev(char job, int n, T* a, int lda, T* w, T* v) {                                                     \
    int info = 0, query = -1;                                                                                \
    T asked;                                                                                                 \
    const int one = std::max(1, n);                                                                          \
    auto more = some<R>(2 * std::int64_t{n});                                                                \
    x##geev_("N", &job, &n, a, &lda, w, nullptr, &one, v, &one, &asked, &query, more.data(), &info, 1, 1);   \
    Work<T> work(asked);                                                                                     \
    x##geev_("N", &job, &n, a, &lda, w, nullptr, &one, v, &one, work.data(), &work.length, more.data(),      \
             &info, 1, 1);                                                                                   \
    return info;                                                                                             \
  }                                                                                                          \
  int gesdd(char job, int m, int n, T* a, int lda, R* s, T* u, int ldu, T* vt, int ldvt) {                   \
    int info = 0, query = -1;                                                                                \
    T asked;                                                                                                 \
    const std::int64_t low = std::min(m, n), high = std::max(m, n);                                          \
    auto more = some<int>(8 * low);                                                                          \
    auto rwork = some<R>(low * std::max(5 * low + 7, 2 * high + 2 * low + 1));                               \
    x##gesdd_(&job, &m, &n, a, &lda, s, u, &ldu, vt, &ldvt, &asked, &query, rwork.data(), more.data(),       \
              &info, 1);                                                                                     \
    Work<T> work(asked);                                                                                     \
    x##gesdd_(&job, &m, &n, a, &lda, s, u, &ldu, vt, &ldvt, work.data(), &work.length, rwork.data(),         \
              more.data(), &info, 1);                                                                        \
    return info;                                                                                             \
  }                                                                                                          \
  int gees(int n, T* a, int lda, T* w, T* z, int ldz) {                                                      \
    int info = 0, query = -1, none = 0;                                                                      \
    T asked;                                                                                                 \
    auto more = some<R>(n);                                                                                  \
    x##gees_("V", "N", nullptr, &n, a, &lda, &none, w, z, &ldz, &asked, &query, more.data(), nullptr, &info, \
             1, 1);                                                                                          \
    Work<T> work(asked);                                                                                     \
    x##gees_("V", "N", nullptr, &n, a, &lda, &none, w, z, &ldz, work.data(), &work.length, more.data(),      \
             nullptr, &info, 1, 1);                                                                          \
    return info;                                                                                             \
  }
NUMCORE_COMPLEX(Z, double, z)
NUMCORE_COMPLEX(C, float, c)
#undef NUMCORE_COMPLEX
#undef NUMCORE_INDEFINITE

}  // namespace numcore::linalg::lapack
