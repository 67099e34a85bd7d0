#include "kernels/quadrature/graph.h"

#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <utility>

#include "kernels/quadrature/block_kernel.h"

namespace numcore::quadrature {

namespace {

constexpr Graph::Id empty = std::numeric_limits<Graph::Id>::max();

// x**p becomes products and one square root when 2p is whole and at most this: numexpr's rule and
// limit. Further out the products' rounding errors add up to more than pow is worth.
constexpr double largest_doubled_power = 50;

std::uint64_t hash(const Graph::Node& node) {
  std::uint64_t h = static_cast<std::uint64_t>(node.op);
  const auto mix = [&h](std::uint64_t part) {
    h = (h ^ part) * 0x9e3779b97f4a7c15ULL;
    h ^= h >> 29;
  };
  mix(static_cast<std::uint32_t>(node.exponent));
  mix((static_cast<std::uint64_t>(node.a) << 32) | node.b);
  mix(std::bit_cast<std::uint64_t>(node.value));
  return h;
}

bool same(const Graph::Node& p, const Graph::Node& q) {
  return p.op == q.op && p.exponent == q.exponent && p.a == q.a && p.b == q.b &&
         std::bit_cast<std::uint64_t>(p.value) == std::bit_cast<std::uint64_t>(q.value);
}

double at_one_point(Op op, double a, double b) {
  alignas(64) std::array<double, lane_count> first{};
  alignas(64) std::array<double, lane_count> second{};
  first.fill(a);
  second.fill(b);
  block_kernels().front()->function(op, first.data(), first.data(), second.data(), lane_count);
  return first[0];
}

bool is_power_of_two(double value) {
  int exponent = 0;
  return std::abs(std::frexp(value, &exponent)) == 0.5;
}

}  // namespace

double cost(Op op) {
  switch (op) {
    case Op::constant:
    case Op::variable:
      return 0;
    case Op::sqrt:
    case Op::half_power:
    case Op::divide:
      return 1;
    case Op::power:
      return 20;
    case Op::exp:
    case Op::log:
    case Op::log10:
    case Op::log2:
      return 5;
    case Op::sin:
    case Op::cos:
    case Op::tan:
    case Op::asin:
    case Op::acos:
    case Op::atan:
    case Op::sinh:
    case Op::cosh:
    case Op::tanh:
      return 12;
    default:
      return 0.2;
  }
}

double integer_power(double base, std::int32_t exponent) {
  double result = exponent & 1 ? base : 1;
  double square = base;
  for (std::int32_t rest = exponent >> 1; rest != 0; rest >>= 1) {
    square *= square;
    if (rest & 1) result *= square;
  }
  return result;
}

double half_power(double base, std::int32_t exponent) {
  // + 0.0 makes +0 of -0, as Math.pow(-0, 0.5) does.
  const double root = std::sqrt(base + 0.0);
  return exponent == 0 ? root : integer_power(base, exponent) * root + 0.0;
}

double minimum(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<double>::quiet_NaN();
  if (a == b) return std::signbit(a) ? a : b;
  return a < b ? a : b;
}

double maximum(double a, double b) {
  if (std::isnan(a) || std::isnan(b)) return std::numeric_limits<double>::quiet_NaN();
  if (a == b) return std::signbit(a) ? b : a;
  return a > b ? a : b;
}

double apply(Op op, double a, double b, std::int32_t exponent) {
  switch (op) {
    case Op::constant:
    case Op::variable:
      return a;
    case Op::negate:
      return -a;
    case Op::abs:
      return std::abs(a);
    case Op::sqrt:
      return std::sqrt(a);
    case Op::floor:
      return std::floor(a);
    case Op::ceil:
      return std::ceil(a);
    case Op::exp:
    case Op::log:
    case Op::log10:
    case Op::log2:
    case Op::sin:
    case Op::cos:
    case Op::tan:
    case Op::asin:
    case Op::acos:
    case Op::atan:
    case Op::sinh:
    case Op::cosh:
    case Op::tanh:
    case Op::power:
      return at_one_point(op, a, b);
    case Op::integer_power:
      return integer_power(a, exponent);
    case Op::half_power:
      return half_power(a, exponent);
    case Op::add:
      return a + b;
    case Op::subtract:
      return a - b;
    case Op::multiply:
      return a * b;
    case Op::divide:
      return a / b;
    case Op::min:
      return minimum(a, b);
    case Op::max:
      return maximum(a, b);
  }
  return a;
}

bool Graph::is_constant(Id id, double value) const {
  // By bits: 0 and -0 are different constants.
  return is_constant(id) &&
         std::bit_cast<std::uint64_t>(nodes_[id].value) == std::bit_cast<std::uint64_t>(value);
}

Graph::Id Graph::constant(double value) { return intern({Op::constant, 0, 0, 0, value}); }

Graph::Id Graph::variable(std::uint32_t index) {
  return intern({Op::variable, static_cast<std::int32_t>(index), 0, 0, 0});
}

Graph::Id Graph::unary(Op op, Id a) {
  if (is_constant(a)) return constant(apply(op, nodes_[a].value, 0, 0));
  const Op inner = nodes_[a].op;
  if (op == Op::negate && inner == Op::negate) return nodes_[a].a;
  if (op == Op::abs && (inner == Op::negate || inner == Op::abs)) return unary(Op::abs, nodes_[a].a);
  return intern({op, 0, a, 0, 0});
}

// Every rewrite here keeps the bits of the result for every operand, NaN, infinities and signed zeros
// included (so x + 0 stays: -0 + 0 is +0, and x * 0 stays: it may be NaN). Only powers, in raised(),
// may differ from pow by rounding.
Graph::Id Graph::binary(Op op, Id a, Id b) {
  if (is_constant(a) && is_constant(b)) return constant(apply(op, nodes_[a].value, nodes_[b].value, 0));
  switch (op) {
    case Op::add:
      if (is_constant(a, -0.0)) return b;
      if (is_constant(b, -0.0)) return a;
      if (nodes_[b].op == Op::negate) return binary(Op::subtract, a, nodes_[b].a);
      if (nodes_[a].op == Op::negate) return binary(Op::subtract, b, nodes_[a].a);
      break;
    case Op::subtract:
      if (is_constant(b, 0.0)) return a;
      if (nodes_[b].op == Op::negate) return binary(Op::add, a, nodes_[b].a);
      break;
    case Op::multiply:
      if (is_constant(a, 1.0)) return b;
      if (is_constant(b, 1.0)) return a;
      if (is_constant(a, -1.0)) return unary(Op::negate, b);
      if (is_constant(b, -1.0)) return unary(Op::negate, a);
      break;
    case Op::divide:
      if (is_constant(b)) {
        const double divisor = nodes_[b].value;
        if (divisor == 1) return a;
        // Exact, and a product is several times cheaper than a quotient.
        if (is_power_of_two(divisor) && std::isfinite(1 / divisor)) {
          return binary(Op::multiply, a, constant(1 / divisor));
        }
      }
      break;
    case Op::power:
      if (is_constant(b)) return raised(a, nodes_[b].value);
      break;
    default:
      break;
  }
  const bool commutes = op == Op::add || op == Op::multiply || op == Op::min || op == Op::max;
  if (commutes && b < a) std::swap(a, b);
  return intern({op, 0, a, b, 0});
}

// base ** exponent. The special cases are those of Math.pow, with two differences: (-Infinity) to a
// half-integer power is NaN, and a negative power whose reciprocal overflows is 0 where Math.pow still
// has a subnormal number (below 2.3e-308).
Graph::Id Graph::raised(Id base, double exponent) {
  const double doubled = 2 * exponent;
  const bool short_product = std::abs(doubled) <= largest_doubled_power && doubled == std::floor(doubled);
  if (!short_product) return intern({Op::power, 0, base, constant(exponent), 0});
  if (exponent == 0) return constant(1);  // Math.pow(NaN, 0) is 1 too
  if (exponent < 0) return binary(Op::divide, constant(1), raised(base, -exponent));
  if (exponent == 1) return base;
  const auto whole = static_cast<std::int32_t>(std::floor(exponent));
  const Op op = exponent == std::floor(exponent) ? Op::integer_power : Op::half_power;
  return intern({op, whole, base, 0, 0});
}

Graph::Id Graph::intern(const Node& node) {
  if (2 * (nodes_.size() + 1) > table_.size()) grow();
  const std::size_t mask = table_.size() - 1;
  std::size_t slot = hash(node) & mask;
  while (table_[slot] != empty) {
    if (same(nodes_[table_[slot]], node)) return table_[slot];
    slot = (slot + 1) & mask;
  }
  const auto id = static_cast<Id>(nodes_.size());
  nodes_.push_back(node);
  table_[slot] = id;
  return id;
}

void Graph::grow() {
  const std::size_t size = table_.empty() ? 64 : 2 * table_.size();
  std::vector<Id> table(size, empty);
  for (Id id = 0; id < nodes_.size(); ++id) {
    std::size_t slot = hash(nodes_[id]) & (size - 1);
    while (table[slot] != empty) slot = (slot + 1) & (size - 1);
    table[slot] = id;
  }
  table_ = std::move(table);
}

}  // namespace numcore::quadrature
