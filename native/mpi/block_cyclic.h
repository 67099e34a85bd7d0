// Where the elements of a matrix lie that is cut into square blocks, which are dealt out to a grid of
// processes in turn: ScaLAPACK's two-dimensional block-cyclic distribution, its first block at process (0,
// 0).
//
// Parts are row-major, as everything in numcore. ScaLAPACK wants them column by column, so it is told that
// they are the transpose, on the transposed grid: what it computes is the transpose of what we want, which
// for inverses, and for everything symmetric, is the same thing said twice.
#pragma once

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>

namespace numcore::mpi {

// How many of n rows (or columns) the process at `place` of `count` has: NUMROC.
inline int share(int n, int block, int place, int count) {
  const int blocks = n / block;
  const int whole = blocks / count * block;
  const int extra = blocks % count;
  if (place < extra) return whole + block;
  return place == extra ? whole + n % block : whole;
}

struct Layout {
  int n;  // order of the matrix
  int block;
  int grid_rows, grid_columns;
  int rank;  // row by row in the grid

  int grid_row() const { return rank / grid_columns; }
  int grid_column() const { return rank % grid_columns; }
  int rows() const { return share(n, block, grid_row(), grid_rows); }
  int columns() const { return share(n, block, grid_column(), grid_columns); }
  std::size_t size() const { return static_cast<std::size_t>(rows()) * static_cast<std::size_t>(columns()); }

  int row(int local) const { return (local / block * grid_rows + grid_row()) * block + local % block; }
  int column(int local) const {
    return (local / block * grid_columns + grid_column()) * block + local % block;
  }

  // ScaLAPACK's description of the transpose.
  std::array<int, 9> description(int context) const {
    return {1, context, n, n, block, block, 0, 0, std::max(1, columns())};
  }

  // f(row, column, element) for all elements here, row by row.
  template <class T, class F>
  void each(T* part, const F& f) const {
    const int width = columns();
    for (int i = 0, height = rows(); i < height; ++i) {
      const int global = row(i);
      for (int begin = 0; begin < width; begin += block) {
        const int end = std::min(begin + block, width);
        const int first = column(begin) - begin;
        T* const line = part + static_cast<std::size_t>(i) * static_cast<std::size_t>(width);
        for (int j = begin; j < end; ++j) f(global, first + j, line[j]);
      }
    }
  }
};

}  // namespace numcore::mpi
