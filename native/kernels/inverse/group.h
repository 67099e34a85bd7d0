// What is done to one packed group of rows between the triangular solve and the updates, by the sweep and by
// the factorisation alike.
#pragma once

#include <cstdint>

namespace numcore::inverse {

inline constexpr int kMostRows = 8;  // of a packed group, on any machine

// P = V D^-1 for one packed group, in place, with the largest |P| of each column and |V| of all (by lane),
// and sum |V P| for each row.
void scale_group(int rows, double* a, int w, const double* d, const double* e, const std::uint8_t* pair,
                 double* peak, double* top, double* mass);
void scale_group(int rows, float* a, int w, const float* d, const float* e, const std::uint8_t* pair,
                 float* peak, float* top, float* mass);

// From groups of `rows` to panels of `columns`.
template <class T>
void pack_group(int rows, const T* p, int w, T* v, int columns) {
  for (int c = 0; c < w; ++c) {
    for (int r = 0; r < rows; ++r) v[c * columns + r] = p[c * rows + r];
  }
}

}  // namespace numcore::inverse
