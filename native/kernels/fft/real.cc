#include <algorithm>
#include <cstddef>

#include "kernels/fft/tasks.h"
#include "kernels/fft/transform.h"

namespace numcore::fft {
namespace {

struct Pair {
  double re, im;
};

Pair load(const double* at) { return {at[0], at[1]}; }
void store(double* at, Pair value) {
  at[0] = value.re;
  at[1] = value.im;
}

// An odd number of values does not pair up: as complex ones then.
void odd_real(const double* from, double* to, std::size_t n, const Manner& manner, JobContext& context) {
  const auto plan = find_plan(n, false, context);
  const Buffer buffer = make_buffer(2 * n);
  double* const z = buffer.get();
  Manner forward = manner;
  forward.backward = false;
  for (std::size_t j = 0; j < n; ++j) store(z + 2 * j, {from[j], 0});
  transform(*plan, z, z, forward, context);
  std::copy_n(z, 2 * (n / 2 + 1), to);
  to[1] = 0;
}

void odd_to_real(const double* from, double* to, std::size_t n, const Manner& manner, JobContext& context) {
  const auto plan = find_plan(n, false, context);
  const Buffer buffer = make_buffer(2 * n);
  double* const z = buffer.get();
  store(z, {from[0], 0});
  for (std::size_t k = 1; k <= n / 2; ++k) {
    store(z + 2 * k, load(from + 2 * k));
    store(z + 2 * (n - k), {from[2 * k], -from[2 * k + 1]});
  }
  Manner backward = manner;
  backward.backward = true;
  transform(*plan, z, z, backward, context);
  for (std::size_t j = 0; j < n; ++j) to[j] = z[2 * j];
}

}  // namespace

// An even number is taken as h = n / 2 complex ones: with their transform Z, that of the even values is
// E = (Z[k] + conj Z[h-k]) / 2, of the odd ones O = (Z[k] - conj Z[h-k]) / 2i, and X[k] = E + exp(-2 pi i k /
// n) O.
void transform_real(const double* from, double* to, std::size_t n, const Manner& manner,
                    JobContext& context) {
  if (n % 2 != 0) return odd_real(from, to, n, manner, context);
  const std::size_t h = n / 2;
  const auto plan = find_plan(h, false, context);
  const RootTable<double> roots(n);
  Manner forward = part_of(manner, 0, 0.9);
  forward.backward = false;
  transform(*plan, from, to, forward, context);
  const Pair first = load(to);
  run_pieces(h / 2, part_of(manner, 0.9, 1), context, [&](std::size_t begin, std::size_t end) {
    for (std::size_t k = begin + 1; k <= end; ++k) {
      const Pair a = load(to + 2 * k), b = load(to + 2 * (h - k));
      const Root<double> w = roots(k);
      const Pair even{(a.re + b.re) * 0.5, (a.im - b.im) * 0.5};
      const Pair odd{(a.im + b.im) * 0.5, (b.re - a.re) * 0.5};
      const Pair turned{odd.re * w.re - odd.im * w.im, odd.re * w.im + odd.im * w.re};
      store(to + 2 * k, {even.re + turned.re, even.im + turned.im});
      store(to + 2 * (h - k), {even.re - turned.re, turned.im - even.im});
    }
  });
  store(to, {first.re + first.im, 0});
  store(to + 2 * h, {first.re - first.im, 0});
}

void transform_to_real(const double* from, double* to, std::size_t n, const Manner& manner,
                       JobContext& context) {
  if (n % 2 != 0) return odd_to_real(from, to, n, manner, context);
  const std::size_t h = n / 2;
  const auto plan = find_plan(h, false, context);
  const RootTable<double> roots(n);
  const Buffer buffer = make_buffer(2 * h);
  double* const z = buffer.get();
  // Z = E + i O, with both twice as large: they are the sums of two halves of n.
  store(z, {from[0] + from[2 * h], from[0] - from[2 * h]});
  run_pieces(h / 2, part_of(manner, 0, 0.1), context, [&](std::size_t begin, std::size_t end) {
    for (std::size_t k = begin + 1; k <= end; ++k) {
      const Pair a = load(from + 2 * k), b = load(from + 2 * (h - k));
      const Root<double> w = roots(k);
      const Pair even{a.re + b.re, a.im - b.im}, turned{a.re - b.re, a.im + b.im};
      const Pair odd{turned.re * w.re + turned.im * w.im, turned.im * w.re - turned.re * w.im};
      store(z + 2 * k, {even.re - odd.im, even.im + odd.re});
      store(z + 2 * (h - k), {even.re + odd.im, odd.re - even.im});
    }
  });
  Manner backward = part_of(manner, 0.1, 1);
  backward.backward = true;
  transform(*plan, z, to, backward, context);
}

// Half of it is computed, the other half is its mirror image.
void transform_widened(const double* from, double* to, std::size_t n, const Manner& manner,
                       JobContext& context) {
  transform_real(from, to, n, part_of(manner, 0, 0.95), context);
  const double sign = manner.backward ? -1 : 1;
  run_pieces((n + 1) / 2, part_of(manner, 0.95, 1), context, [&](std::size_t begin, std::size_t end) {
    for (std::size_t k = std::max<std::size_t>(begin, 1); k < end; ++k) {
      const Pair value = load(to + 2 * k);
      store(to + 2 * k, {value.re, value.im * sign});
      store(to + 2 * (n - k), {value.re, value.im * -sign});
    }
  });
}

}  // namespace numcore::fft
