// The vector functions and square roots against the same functions in long double, whose last digit is some
// 2000 times finer on x86 (glibc's are within a unit of it), or finer still.
#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "kernels/quadrature/block_kernel.h"
#include "runtime/job_context.h"
#include "test/check.h"

namespace {

using namespace numcore::quadrature;
using numcore::JobContext;

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();
constexpr double biggest = std::numeric_limits<double>::max();

class Random {
 public:
  std::uint64_t bits() {  // splitmix64
    std::uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }
  double between(double low, double high) {
    return low + (high - low) * (static_cast<double>(bits() >> 11) * 0x1p-53);
  }
  double any() {
    const double value = std::bit_cast<double>(bits());
    return std::isnan(value) ? 1 : value;
  }

 private:
  std::uint64_t state_ = 1;
};

// How far a value is from the exact one, in units of the last place of the latter. Infinite where one of them
// is NaN, infinite or a zero of the wrong sign and the other is not; next to overflow the largest double may
// be infinity.
double off(double value, long double exact) {
  if (std::isnan(exact)) return std::isnan(value) ? 0 : inf;
  const auto nearest = static_cast<double>(exact);
  if (std::isinf(nearest)) return value == nearest ? 0 : std::abs(value) == biggest ? 1 : inf;
  if (std::isinf(value)) return std::abs(nearest) == biggest ? 1 : inf;
  if (nearest == 0 && value == 0) return std::signbit(nearest) == std::signbit(value) ? 0 : inf;
  int exponent = 0;
  std::frexp(nearest, &exponent);
  const long double unit = std::ldexp(1.0L, std::max(exponent - 53, -1074));
  return static_cast<double>(std::abs(static_cast<long double>(value) - exact) / unit);
}

std::vector<double> apply_all(const BlockKernel& kernel, Op op, const std::vector<double>& a,
                              const std::vector<double>& b) {
  alignas(64) double first[lane_count];
  alignas(64) double second[lane_count];
  std::vector<double> out;
  for (std::size_t i = 0; i < a.size(); i += lane_count) {
    for (std::size_t k = 0; k < lane_count; ++k) {
      first[k] = a[std::min(i + k, a.size() - 1)];
      second[k] = b[std::min(i + k, b.size() - 1)];
    }
    kernel.function(op, first, first, second, lane_count);
    for (std::size_t k = 0; k < lane_count && i + k < a.size(); ++k) out.push_back(first[k]);
  }
  return out;
}

const std::vector<double>& edges() {
  static const std::vector<double> all = [] {
    std::vector<double> list{0, 5e-324, 1e-310, 0x1p-1022, 1e-300, 1e-20, 1e-9, 0x1p-27, 0.25, 0.5,
                             1 - 0x1p-53, 1, 1 + 0x1p-52, 1.5, 2, 22, 708.5, 709, 709.5, 709.78271289338397,
                             709.782712893384, 710, 710.2, 710.475, 710.4758600739439, 710.4758600739440, 720,
                             740, 745.13321910194122, 745.2, 1e5, 1e15, 1e22, 1e300, biggest, inf,
                             // multiples of pi/2 as doubles, and the double that is nearest to one of all
                             1.5707963267948966, 3.141592653589793, 6381956970095103.0 * 0x1p797};
    const std::size_t count = list.size();
    for (std::size_t i = 0; i < count; ++i) list.push_back(-list[i]);
    list.push_back(nan);
    return list;
  }();
  return all;
}

struct Known {
  const char* name;
  Op op;
  long double (*exact)(long double);
  double low, high;
};
const Known functions[]{
    {"exp", Op::exp, std::exp, -746, 710},    {"log", Op::log, std::log, 0, 4},
    {"log10", Op::log10, std::log10, 0, 100}, {"log2", Op::log2, std::log2, 0, 4},
    {"sin", Op::sin, std::sin, -100, 100},    {"cos", Op::cos, std::cos, -100, 100},
    {"tan", Op::tan, std::tan, -100, 100},    {"asin", Op::asin, std::asin, -1.1, 1.1},
    {"acos", Op::acos, std::acos, -1.1, 1.1}, {"atan", Op::atan, std::atan, -20, 20},
    {"sinh", Op::sinh, std::sinh, -711, 711}, {"cosh", Op::cosh, std::cosh, -711, 711},
    {"tanh", Op::tanh, std::tanh, -25, 25},
};

// Where functions are hardest: next to 1, next to multiples of pi/2 however large, and subnormal.
std::vector<double> hard_points(Random& random, int count) {
  std::vector<double> points;
  for (int i = 0; i < count; ++i) {
    const int depth = static_cast<int>(random.bits() % 53);
    points.push_back(1 + std::ldexp(random.between(-1, 1), -depth));
    points.push_back(-points.back());
    // The nearest double to a multiple, and its neighbours at all distances.
    const double whole = std::ldexp(random.between(0, 1), static_cast<int>(random.bits() % 53));
    const long double multiple = std::floor(static_cast<long double>(whole)) * 1.5707963267948966192313L;
    points.push_back(static_cast<double>(multiple) * (1 + std::ldexp(random.between(-1, 1), -depth)));
    points.push_back(static_cast<double>(multiple));
    points.push_back(std::bit_cast<double>(random.bits() >> 12));  // subnormal
    // Huge, both signs.
    points.push_back(std::ldexp(random.between(-2, 2), static_cast<int>(random.bits() % 1023)));
  }
  return points;
}

TEST("functions: within 1.5 units in the last place everywhere, and special values") {
  for (const Known& known : functions) {
    Random random;
    std::vector<double> points = edges();
    for (int i = 0; i < 100000; ++i) points.push_back(random.between(known.low, known.high));
    for (int i = 0; i < 50000; ++i) points.push_back(random.any());
    for (int i = 0; i < 50000; ++i)
      points.push_back(std::ldexp(random.between(-2, 2), -static_cast<int>(random.bits() % 30)));
    for (const double x : hard_points(random, 6000)) points.push_back(x);
    for (const BlockKernel* kernel : block_kernels()) {
      const std::vector<double> values = apply_all(*kernel, known.op, points, points);
      double worst = 0;
      double where = 0;
      for (std::size_t i = 0; i < points.size(); ++i) {
        const double distance = off(values[i], known.exact(points[i]));
        if (distance > worst) {
          worst = distance;
          where = points[i];
        }
      }
      std::printf("    %-5s %-8s %.3f ulp at %.17g\n", known.name, kernel->name, worst, where);
      if (!(worst <= 1.5)) numcore::test::fail(__FILE__, __LINE__, known.name);
    }
  }
}

TEST("functions: pow within 1.5 units in the last place, with the special cases of JavaScript") {
  Random random;
  std::vector<double> a;
  std::vector<double> b;
  for (const double x : edges()) {
    for (const double y :
         {0.0, -0.0, 1.0, -1.0, inf, -inf, nan, 0.5, -0.5, 2.0, 3.0, -3.0, 1e300, 5e-324, 0x1p53}) {
      a.push_back(x);
      b.push_back(y);
    }
  }
  for (int i = 0; i < 50000; ++i) {
    a.push_back(random.between(0, 100));
    b.push_back(random.between(-20, 20));
    a.push_back(std::abs(random.any()));
    b.push_back(random.between(-746, 710) / std::log(a.back()));
    a.push_back(-std::floor(random.between(0, 1000)) / 7);
    b.push_back(std::floor(random.between(-30, 30)) / (random.bits() % 8 == 0 ? 2 : 1));
  }
  // Every special value to every other.
  for (const double x : edges()) {
    for (const double y : edges()) {
      a.push_back(x);
      b.push_back(y);
    }
  }
  // Next to 1 with exponents that take it to all sizes; subnormal bases and results; integers that are odd,
  // even, or too large to be either.
  for (const double x : hard_points(random, 4000)) {
    const double size = std::abs(x) < 2 && x != 0 ? std::abs(x) : random.between(1, 2);
    const double logarithm = std::log(size);
    a.push_back(size);
    b.push_back(logarithm == 0 ? random.any() : random.between(-746, 710) / logarithm);
    a.push_back(-random.between(0.5, 2));
    b.push_back(std::trunc(std::ldexp(random.between(-1, 1), static_cast<int>(random.bits() % 60))));
    a.push_back(x);
    b.push_back(random.any());
  }
  for (const BlockKernel* kernel : block_kernels()) {
    const std::vector<double> values = apply_all(*kernel, Op::power, a, b);
    double worst = 0;
    for (std::size_t i = 0; i < a.size(); ++i) {
      const bool undefined = std::isnan(b[i]) || (std::isinf(b[i]) && std::abs(a[i]) == 1);
      const long double exact =
          undefined ? nan : std::pow(static_cast<long double>(a[i]), static_cast<long double>(b[i]));
      const double distance = off(values[i], exact);
      if (!(distance <= 1.5)) {
        numcore::test::fail(
            __FILE__, __LINE__,
            std::string(kernel->name) + " " + std::to_string(a[i]) + " to " + std::to_string(b[i]));
      }
      worst = std::max(worst, distance);
    }
    std::printf("    pow   %-8s %.3f ulp\n", kernel->name, worst);
  }
}

TEST("functions: a point has the same bits in every lane, and with and without neighbours") {
  std::vector<double> points;
  Random random;
  for (int i = 0; i < 64; ++i) points.push_back(random.between(-3, 3));
  for (const BlockKernel* kernel : block_kernels()) {
    for (const Known& known : functions) {
      const std::vector<double> together = apply_all(*kernel, known.op, points, points);
      for (std::size_t i = 0; i < points.size(); ++i) {
        // alone, beside a huge number, beside NaN
        for (const double neighbour : {points[i], 1e300, nan}) {
          std::vector<double> row(lane_count, neighbour);
          row[(i + 5) % lane_count] = points[i];
          const double alone = apply_all(*kernel, known.op, row, row)[(i + 5) % lane_count];
          CHECK(std::bit_cast<std::uint64_t>(alone) == std::bit_cast<std::uint64_t>(together[i]) ||
                (std::isnan(alone) && std::isnan(together[i])));
        }
      }
    }
  }
}

// The solutions of m^2 = d modulo 2^bits for d = 1 modulo 8, one bit after the other; the others are -m and
// m + 2^(bits - 1).
std::uint64_t root_modulo(std::int64_t d, int bits) {
  std::uint64_t m = 1;
  for (int bit = 3; bit < bits; ++bit) {
    const std::uint64_t rest = m * m - static_cast<std::uint64_t>(d);
    if ((rest >> bit & 1) != 0) m += std::uint64_t{1} << (bit - 1);
  }
  return m & ((std::uint64_t{1} << bits) - 1);
}

void check_roots(const std::vector<double>& points) {
  const JobContext context(1);
  for (const BlockKernel* kernel : block_kernels()) {
    for (const bool half_power : {false, true}) {
      Instruction instruction;
      instruction.op = half_power ? Op::half_power : Op::sqrt;
      instruction.out = 1;
      alignas(64) static double registers[8 + 2 * register_stride];
      double* const in = registers + 8;
      for (std::size_t begin = 0; begin < points.size(); begin += block_size) {
        for (std::size_t i = 0; i < block_size; ++i) in[i] = points[std::min(begin + i, points.size() - 1)];
        kernel->run(&instruction, 1, in, context);
        for (std::size_t i = 0; i < block_size; ++i) {
          const double expected = half_power ? std::sqrt(in[i] + 0.0) : std::sqrt(in[i]);
          const double actual = in[register_stride + i];
          if (std::bit_cast<std::uint64_t>(actual) != std::bit_cast<std::uint64_t>(expected) &&
              !(std::isnan(actual) && std::isnan(expected))) {
            numcore::test::fail(__FILE__, __LINE__,
                                std::string(kernel->name) + " root of " + std::to_string(in[i]));
            return;
          }
        }
      }
    }
  }
}

TEST("square roots: rounded correctly, the hardest cases included") {
  Random random;
  std::vector<double> points;
  for (int i = 0; i < 200000; ++i)
    points.push_back(std::ldexp(random.between(1, 4), static_cast<int>(random.bits() % 230) - 115));
  check_roots(points);

  // The root of x is close to the middle m between two doubles where m^2 - x 2^k is a small number d; m is
  // odd and has 54 bits.
  points.clear();
  for (std::int64_t d = -100007; d <= 100001; d += 8) {
    for (const int bits : {54, 55}) {
      const std::uint64_t size = std::uint64_t{1} << bits;
      const std::uint64_t m = root_modulo(d, bits);
      for (const std::uint64_t base : {m, size - m, (m + size / 2) % size, (size + size / 2 - m) % size}) {
        if (base < (std::uint64_t{1} << 53) || base >= (std::uint64_t{1} << 54)) continue;
        const auto square =
            static_cast<__uint128_t>(base) * base - static_cast<__uint128_t>(static_cast<__int128_t>(d));
        const auto x = static_cast<std::uint64_t>(square >> bits);
        if ((x >> 53) != 0) continue;
        for (const int scale : {-52, -50, 40})
          points.push_back(std::ldexp(static_cast<double>(x), scale - (bits & 1)));
      }
    }
  }
  CHECK(points.size() > 50000);
  check_roots(points);
}

TEST("square roots: special values, alone and among ordinary ones") {
  std::vector<double> points = edges();
  check_roots(points);
  Random random;
  points.clear();
  for (int i = 0; i < 512; ++i) points.push_back(random.between(1, 2));
  for (const double odd : edges()) {
    points[random.bits() % 512] = odd;
    check_roots(points);
  }
  points.clear();
  for (int i = 0; i < 20000; ++i) points.push_back(random.any());
  check_roots(points);
}

}  // namespace
