#include <cmath>
#include <cstdint>
#include <limits>
#include <random>
#include <thread>
#include <vector>

#include "kernels/fft/lanes.h"
#include "kernels/fft/plan.h"
#include "kernels/fft/transform.h"
#include "runtime/job_context.h"
#include "test/check.h"

namespace {

using numcore::JobContext;
using namespace numcore::fft;

std::vector<double> noise(std::size_t count, unsigned seed = 5) {
  std::mt19937_64 random(seed);
  std::normal_distribution<double> normal;
  std::vector<double> values(count);
  for (double& value : values) value = normal(random);
  return values;
}

std::vector<double> fft(const std::vector<double>& x, const Manner& manner = {}, int threads = 1) {
  JobContext context(threads);
  std::vector<double> result(x.size());
  transform(*find_plan(x.size() / 2, false, context), x.data(), result.data(), manner, context);
  return result;
}

// The definition in long doubles, with roots from the library's own sine and cosine.
std::vector<long double> by_definition(const std::vector<double>& x, int sign = -1) {
  const std::size_t n = x.size() / 2;
  std::vector<long double> c(n), s(n), result(2 * n);
  for (std::size_t k = 0; k < n; ++k) {
    const long double angle =
        2 * std::acos(-1.0L) * static_cast<long double>(k) / static_cast<long double>(n);
    c[k] = std::cos(angle);
    s[k] = static_cast<long double>(sign) * std::sin(angle);
  }
  for (std::size_t k = 0; k < n; ++k) {
    for (std::size_t j = 0; j < n; ++j) {
      const std::size_t at = j * k % n;
      result[2 * k] += x[2 * j] * c[at] - x[2 * j + 1] * s[at];
      result[2 * k + 1] += x[2 * j] * s[at] + x[2 * j + 1] * c[at];
    }
  }
  return result;
}

// Root mean square of the difference over that of the expected values.
template <class T>
double error(const std::vector<double>& actual, const std::vector<T>& expected) {
  long double difference = 0, size = 0;
  for (std::size_t i = 0; i < expected.size(); ++i) {
    const long double e = expected[i];
    difference += (actual[i] - e) * (actual[i] - e);
    size += e * e;
  }
  return static_cast<double>(std::sqrt(difference / size));
}

TEST("fft: the definition, for every length to 300 and some beyond") {
  for (std::size_t n = 1; n <= 1030; n += n < 300 ? 1 : 73) {
    const std::vector<double> x = noise(2 * n, static_cast<unsigned>(n));
    // Measured: at most 5e-16, for the lengths of Bluestein's convolution.
    CHECK(error(fft(x), by_definition(x)) < 1e-15);
    CHECK(error(fft(x, {.backward = true}), by_definition(x, +1)) < 1e-15);
  }
}

TEST("fft: there and back, for long lengths of every kind") {
  for (const std::size_t n :
       {65536u, 59049u, 78125u, 117649u, 97u * 97u * 8u, 89u * 83u, 10007u, 2u * 10007u}) {
    const std::vector<double> x = noise(2 * n);
    const std::vector<double> back = fft(fft(x), {.backward = true, .scale = 1 / static_cast<double>(n)});
    CHECK(error(back, x) < 2e-15);
  }
}

TEST("fft: a single wave gives a single line, exactly placed, in a long transform") {
  const std::size_t n = 1'000'000, wave = 123'457;
  std::vector<double> x(2 * n);
  for (std::size_t j = 0; j < n; ++j) {
    const long double angle = 2 * std::acos(-1.0L) * static_cast<long double>(j * wave % n) / n;
    x[2 * j] = static_cast<double>(std::cos(angle));
    x[2 * j + 1] = static_cast<double>(std::sin(angle));
  }
  const std::vector<double> y = fft(x);
  double rest = 0;
  for (std::size_t k = 0; k < n; ++k) {
    if (k != wave) rest = std::max(rest, std::hypot(y[2 * k], y[2 * k + 1]));
  }
  CHECK_NEAR(y[2 * wave], 1e6, 1e-8);
  CHECK_NEAR(rest, 0, 1e-9);
}

TEST("fft: the same bits at every number of threads") {
  for (const std::size_t n : {1u << 16, 30'000u, 20'011u, 77u}) {
    const std::vector<double> x = noise(2 * n);
    const std::vector<double> expected = fft(x);
    for (const int threads : {2, 3, 4, 8}) CHECK(fft(x, {}, threads) == expected);
  }
}

TEST("fft: every instruction set gives the same bits") {
  JobContext context(1);
  for (const std::size_t n : {8u, 64u, 30u, 77u, 1024u, 13u * 16u, 97u, 11u * 31u}) {
    const auto plan = find_plan(n, true, context);
    for (const std::size_t count : {8u, 5u}) {
      const std::vector<double> x = noise(2 * n * lane_count);
      std::vector<double> first;
      for (const LaneKernel* kernel : lane_kernels()) {
        std::vector<double> result(2 * n * lane_count);
        const Buffer scratch = make_buffer(plan->columns.scratch());
        kernel->load_rows(scratch.get(), x.data(), n, n, count, false);
        const double* cells = plan->columns.run(*kernel, scratch.get());
        kernel->store_rows(cells, result.data(), n, n, count, true, 0.5);
        const Buffer again = make_buffer(plan->columns.scratch());
        kernel->load_columns(again.get(), result.data(), lane_count, n, count, true);
        cells = plan->columns.run(*kernel, again.get());
        kernel->store_columns(cells, result.data(), lane_count, n, count, false, 3);
        kernel->multiply(result.data(), x.data(), n);
        if (first.empty()) first = result;
        CHECK(result == first);
      }
    }
  }
}

TEST("fft: real numbers, there and back") {
  JobContext context(2);
  for (std::size_t n = 1; n < 5000; n += n < 130 ? 1 : 677) {
    const std::vector<double> x = noise(n);
    std::vector<double> wide(2 * n), half(2 * (n / 2 + 1)), all(2 * n), back(n);
    for (std::size_t i = 0; i < n; ++i) wide[2 * i] = x[i];
    const std::vector<double> expected = fft(wide);
    transform_real(x.data(), half.data(), n, {}, context);
    CHECK(error(half, std::vector<double>(expected.begin(),
                                          expected.begin() + static_cast<long>(half.size()))) < 1e-15);
    transform_widened(x.data(), all.data(), n, {}, context);
    CHECK(error(all, expected) < 1e-15);
    transform_widened(x.data(), all.data(), n, {.backward = true}, context);
    CHECK(error(all, fft(wide, {.backward = true})) < 1e-15);
    transform_to_real(half.data(), back.data(), n, {.scale = 1 / static_cast<double>(n)}, context);
    CHECK(error(back, x) < 1e-15);
  }
}

TEST("fft: two dimensions are one after the other, whatever their lengths") {
  for (const auto& [rows, columns] : std::vector<std::pair<std::size_t, std::size_t>>{{1, 1},
                                                                                      {3, 5},
                                                                                      {8, 16},
                                                                                      {9, 17},
                                                                                      {101, 12},
                                                                                      {12, 101},
                                                                                      {5000, 3},
                                                                                      {3, 5000},
                                                                                      {9, 4099},
                                                                                      {4099, 9}}) {
    const std::vector<double> x = noise(2 * rows * columns);
    std::vector<double> expected = x;
    for (std::size_t r = 0; r < rows; ++r) {
      const auto begin = expected.begin() + static_cast<long>(2 * r * columns);
      const std::vector<double> line =
          fft(std::vector<double>(begin, begin + static_cast<long>(2 * columns)));
      std::copy(line.begin(), line.end(), begin);
    }
    for (std::size_t c = 0; c < columns; ++c) {
      std::vector<double> line(2 * rows);
      for (std::size_t i = 0; i < 2 * rows; ++i) line[i] = expected[2 * (i / 2 * columns + c) + i % 2];
      line = fft(line);
      for (std::size_t i = 0; i < 2 * rows; ++i) expected[2 * (i / 2 * columns + c) + i % 2] = line[i];
    }
    std::vector<double> one(x.size()), many(x.size());
    JobContext alone(1), together(3);
    transform_2d(x.data(), one.data(), rows, columns, {}, alone);
    CHECK(error(one, expected) < 1e-15);
    transform_2d(x.data(), many.data(), rows, columns, {}, together);
    CHECK(one == many);
  }
}

TEST("fft: in place, and half over itself") {
  for (const std::size_t n : {11u, 64u, 600u, 1009u}) {
    const std::vector<double> x = noise(2 * n), expected = fft(x);
    std::vector<double> room(3 * n + 1);
    for (const std::size_t shift : {std::size_t{0}, n}) {
      std::copy(x.begin(), x.end(), room.begin());
      JobContext context(1);
      transform(*find_plan(n, false, context), room.data(), room.data() + shift, {}, context);
      CHECK(std::equal(expected.begin(), expected.end(), room.begin() + static_cast<long>(shift)));
    }
  }
}

TEST("fft: NaN passes through") {
  for (const std::size_t n : {5u, 64u, 1009u}) {
    std::vector<double> x = noise(2 * n);
    x[2] = x[3] = std::numeric_limits<double>::quiet_NaN();
    bool all = true;
    for (const double value : fft(x)) all &= std::isnan(value);
    CHECK(all);
  }
}

TEST("fft: a cancelled job stops") {
  JobContext context(2);
  const auto plan = find_plan(1 << 16, false, context);
  std::vector<double> x(2 << 16);
  context.cancel();
  CHECK_THROWS((transform(*plan, x.data(), x.data(), {}, context), 0), numcore::Cancelled);
}

TEST("fft: plans are found from many threads, and the oldest are forgotten") {
  std::vector<std::thread> team;
  for (unsigned t = 0; t < 4; ++t) {
    team.emplace_back([t] {
      JobContext context(1);
      for (std::size_t i = 0; i < 400; ++i) {
        const std::size_t n = 1 + (i * 37 + t * 11) % 300;
        if (find_plan(n, false, context)->length != n) std::abort();
      }
    });
  }
  for (std::thread& thread : team) thread.join();
  JobContext context(1);
  const std::weak_ptr<const Plan> early = find_plan(300'007, false, context);
  CHECK(!early.expired());
  for (const std::size_t n : {400'009u, 500'009u, 600'011u, 700'001u}) find_plan(n, false, context);
  CHECK(early.expired());
}

TEST("fft: good lengths") {
  CHECK(good_length(1) == 1);
  CHECK(good_length(11) == 12);
  for (const std::size_t least : {65u, 1000u, 12'345u, 2'000'005u}) {
    const std::size_t good = good_length(least);
    std::size_t rest = good;
    for (const std::size_t p : {2u, 3u, 5u, 7u}) {
      while (rest % p == 0) rest /= p;
    }
    CHECK(rest == 1 && good >= least && good % 64 == 0 && good < 2 * least);
  }
}

}  // namespace
