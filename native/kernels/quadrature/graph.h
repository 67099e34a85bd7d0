// An expression as a graph in which equal parts are one node. Simplification happens
// as a node is made, from its operands only, so nothing here recurses and the depth of an expression
// costs heap, never stack.
#pragma once

#include <cstdint>
#include <vector>

namespace numcore::quadrature {

enum class Op : std::uint8_t {
  constant,  // Node::value
  variable,  // number Node::exponent
  // one operand
  negate,
  abs,
  sqrt,
  floor,
  ceil,
  exp,
  log,
  log10,
  log2,
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  sinh,
  cosh,
  tanh,
  integer_power,  // a to Node::exponent, at least 2, by multiplication
  half_power,     // a to (Node::exponent + 1/2), exponent at least 0, by multiplication and a square root
  // two operands
  add,
  subtract,
  multiply,
  divide,
  min,
  max,
  power,
};

constexpr bool is_unary(Op op) { return op >= Op::negate && op <= Op::half_power; }
constexpr bool is_binary(Op op) { return op >= Op::add; }

// What a single operation is worth, in nanoseconds for a few hundred points per point, roughly: only
// to tell work that is worth a second thread from work that is not.
double cost(Op op);

// One operation on one point, with the special cases of JavaScript's Math and the bits that a block of
// points gives: it is what folds constants.
double apply(Op op, double a, double b, std::int32_t exponent);

double integer_power(double base, std::int32_t exponent);
// Agrees with Math.pow except that (-Infinity) to a half-integer power is NaN here.
double half_power(double base, std::int32_t exponent);
// Math.min and Math.max: NaN wins, and -0 is less than +0.
double minimum(double a, double b);
double maximum(double a, double b);

class Graph {
 public:
  using Id = std::uint32_t;

  struct Node {
    Op op = Op::constant;
    std::int32_t exponent = 0;
    Id a = 0;
    Id b = 0;
    double value = 0;
  };

  Id constant(double value);
  Id variable(std::uint32_t index = 0);
  Id unary(Op op, Id a);
  Id binary(Op op, Id a, Id b);

  [[nodiscard]] const Node& node(Id id) const { return nodes_[id]; }
  // Operands come before the nodes that use them.
  [[nodiscard]] const std::vector<Node>& nodes() const { return nodes_; }

 private:
  [[nodiscard]] bool is_constant(Id id) const { return nodes_[id].op == Op::constant; }
  [[nodiscard]] bool is_constant(Id id, double value) const;
  Id raised(Id base, double exponent);
  Id intern(const Node& node);
  void grow();

  std::vector<Node> nodes_;
  std::vector<Id> table_;  // open addressing over nodes_, so that an equal node is found again
};

}  // namespace numcore::quadrature
