// The factorisation of one pivot block, and the inverse of its triangle: the serial heart of an elimination
// step. A block is at most a few hundred wide and stays in the cache.
#pragma once

#include <cstdint>
#include <vector>

namespace numcore::inverse {

// (1 + sqrt 17) / 8: at this ratio a 1x1 and a 2x2 pivot let the entries grow alike (Bunch and Parlett 1971).
inline constexpr double kAlpha = 0.6403882032022076;

// The inverse of a 2x2 pivot [a b; b c], of which |a c| <= kAlpha^2 b^2: its determinant, scaled by b, is
// safely away from zero.
template <class T>
struct PairInverse {
  T first, beside, second;
  PairInverse(T a, T b, T c) {
    const T scale = 1 / (b * ((a / b) * (c / b) - 1));
    first = (c / b) * scale;
    beside = -scale;
    second = (a / b) * scale;
  }
};

// S[order] = L D L^T for the first `rank` pivots, L unit lower triangular with rows in the new order;
// in the positive definite case D = I and L has its own diagonal. Row-major, rows `stride` apart.
template <class T>
struct Tile {
  int size = 0;  // of the block
  int stride = 0;
  int rank = 0;  // pivots that were good enough
  bool definite = false;
  bool chosen = false;             // the pivots are: in the order of the rows, 2x2 where `pair` says so
  bool lost = false;               // the first pivot beyond `rank` is rounding error
  std::vector<T> s;                // in: the full symmetric block; out: L below the diagonal
  std::vector<T> inverse;          // L^-1, lower triangular, of the first `rank` pivots
  std::vector<T> reciprocal;       // of L's diagonal when definite
  std::vector<T> d, e;             // D^-1: diagonal, and for a 2x2 pivot (c, c + 1) its off-diagonal at c
  std::vector<std::uint8_t> pair;  // 1 at the first, 2 at the second column of a 2x2 pivot
  std::vector<T> d_itself, e_itself;
  std::vector<int> order;  // new place -> old place
  std::vector<T> mass;     // sums of absolute values behind each diagonal entry, by old place on
                           // entry (at least |diagonal|), by new place afterwards
  T largest = 0;           // largest entry met

  void resize(int capacity);
  // `n` is the order of the whole matrix, for the judgement of what is rounding error.
  void cholesky(std::int64_t n);
  // Pivots of size 1 and 2 by a rook search that starts from the largest diagonal entry: every multiplier
  // inside the block is bounded by 2.8. Or the pivots that were `chosen`. It ends early when only rounding
  // error is left.
  void indefinite(std::int64_t n);
  void invert_triangle();
};

extern template struct Tile<double>;
extern template struct Tile<float>;

}  // namespace numcore::inverse
