// Roots of unity, each as exact as a double can be: an error here is an error of every transform.
#pragma once

#include <cmath>
#include <cstddef>
#include <cstdint>
#include <numbers>
#include <vector>

namespace numcore::fft {

template <class T>
struct Root {
  T re, im;
};

// exp(-2 pi i k / n), k < n < 2^60. The angle is brought to the first eighth of the circle with integers,
// where sine and cosine lose nothing.
inline Root<long double> wide_root(std::uint64_t k, std::uint64_t n) {
  const auto at = [n](std::uint64_t eighths) {
    const long double angle = std::numbers::pi_v<long double> * static_cast<long double>(eighths) /
                              (4 * static_cast<long double>(n));
    return Root<long double>{std::cos(angle), std::sin(angle)};
  };
  std::uint64_t x = 8 * k;
  const bool lower = x > 4 * n;
  if (lower) x = 8 * n - x;
  const bool left = x > 2 * n;
  if (left) x = 4 * n - x;
  Root<long double> root;
  if (x > n) {
    const Root<long double> mirrored = at(2 * n - x);
    root = {mirrored.im, mirrored.re};
  } else {
    root = at(x);
  }
  return {left ? -root.re : root.re, lower ? root.im : -root.im};
}

inline void append_root(std::vector<double>& to, std::uint64_t k, std::uint64_t n) {
  const Root<long double> root = wide_root(k, n);
  to.push_back(static_cast<double>(root.re));
  to.push_back(static_cast<double>(root.im));
}

// exp(-2 pi i k / n) for any k < n as a product of two, from tables of about sqrt(n) entries.
template <class T>
class RootTable {
 public:
  explicit RootTable(std::uint64_t n) {
    while ((std::uint64_t{1} << (2 * shift_)) < n) ++shift_;
    const std::uint64_t fine = std::uint64_t{1} << shift_, coarse = ((n - 1) >> shift_) + 1;
    fill(fine_, fine, 1, n);
    fill(coarse_, coarse, fine, n);
  }

  [[nodiscard]] Root<T> operator()(std::uint64_t k) const noexcept {
    const Root<T> c = coarse_[k >> shift_], f = fine_[k & ((std::uint64_t{1} << shift_) - 1)];
    return {c.re * f.re - c.im * f.im, c.re * f.im + c.im * f.re};
  }

  [[nodiscard]] const T* fine() const noexcept { return &fine_[0].re; }
  [[nodiscard]] const T* coarse() const noexcept { return &coarse_[0].re; }
  [[nodiscard]] unsigned shift() const noexcept { return shift_; }
  [[nodiscard]] std::size_t bytes() const noexcept {
    return (fine_.size() + coarse_.size()) * sizeof(Root<T>);
  }

 private:
  static void fill(std::vector<Root<T>>& to, std::uint64_t count, std::uint64_t step, std::uint64_t n) {
    to.reserve(static_cast<std::size_t>(count));
    for (std::uint64_t i = 0; i < count; ++i) {
      const Root<long double> root = wide_root(i * step % n, n);
      to.push_back({static_cast<T>(root.re), static_cast<T>(root.im)});
    }
  }

  unsigned shift_ = 0;
  std::vector<Root<T>> fine_, coarse_;
};

}  // namespace numcore::fft
