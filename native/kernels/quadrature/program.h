// A graph as a straight line of instructions on registers, each of which holds one block of points.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "kernels/quadrature/graph.h"

namespace numcore::quadrature {

// Points in a block: a few registers fit the first cache level together, and an instruction's work is
// many times the cost of choosing it.
constexpr std::size_t block_size = 512;

struct Instruction {
  enum class Operands : std::uint8_t { registers, constant_left, constant_right };

  Op op = Op::constant;
  Operands operands = Operands::registers;
  std::int32_t exponent = 0;
  std::uint32_t out = 0;
  std::uint32_t a = 0;
  std::uint32_t b = 0;
  double constant = 0;
};

struct Program {
  std::vector<Instruction> instructions;
  std::size_t registers = 1;  // the first ones are where the variables come in
  std::size_t result = 0;     // the register where the values are after the last instruction
  double cost = 0;            // of one point, as cost(Op)
};

// Values that are used again keep their register; an expression in which more than most_registers are
// alive at once is computed as a tree instead, which needs some twenty at the most.
constexpr std::size_t most_registers = 1024;

Program compile(const Graph& graph, Graph::Id root, std::size_t variables = 1);

}  // namespace numcore::quadrature
