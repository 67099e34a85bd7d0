#include "kernels/quadrature/expression.h"

#include <algorithm>

namespace numcore::quadrature {

namespace {

Program compile_text(std::string_view source, const Names& names) {
  Graph graph;
  const Graph::Id root = parse(source, graph, names);
  return compile(graph, root, names.variables.size());
}

}  // namespace

Expression::Expression(std::string_view source, const Names& names)
    : variables_(names.variables.size()), program_(compile_text(source, names)) {}

Expression::Expression(std::string_view source, Variable variable)
    : Expression(source, variable == Variable::allowed ? Names{} : Names{{}, {}}) {}

double Expression::at(double x) const {
  const Registers registers(program_);
  std::fill_n(registers.block(0), block_size, x);
  const JobContext context(1);
  block_kernels().front()->run(program_.instructions.data(), program_.instructions.size(), registers.data(),
                               context);
  return registers.block(program_.result)[0];
}

void Expression::block(std::span<const double* const> variables, std::size_t count, double* out,
                       const Registers& registers, const JobContext& context) const {
  const BlockKernel& kernel = *block_kernels().front();
  for (std::size_t done = 0; done < count && !context.cancelled(); done += block_size) {
    const std::size_t points = std::min(block_size, count - done);
    for (std::size_t k = 0; k < variables_; ++k) {
      double* const place = registers.block(k);
      std::copy_n(variables[k] + done, points, place);
      // The rest of the block is computed too, so it had better be something ordinary.
      std::fill(place + points, place + block_size, place[points - 1]);
    }
    kernel.run(program_.instructions.data(), program_.instructions.size(), registers.data(), context);
    std::copy_n(registers.block(program_.result), points, out + done);
  }
}

Row::Row(std::size_t size) {
  static_assert(register_margin * sizeof(double) % alignment == 0);
  const std::size_t count = register_margin + size;
  data_.reset(static_cast<double*>(::operator new (count * sizeof(double), std::align_val_t{alignment})));
  std::fill_n(data_.get(), count, 0.0);
}

bool is_small(std::string_view source, std::uint64_t points) {
  constexpr std::size_t glance = 4096;
  constexpr double small = 1 << 16;  // points of a square root, some fifty microseconds
  double weight = 1;
  for (const char c : source.substr(0, glance)) {
    if (c == '(' || c == '^') weight += 5;  // perhaps a function
    if (c == '+' || c == '-' || c == '*' || c == '/') weight += 0.3;
  }
  if (source.size() > glance) weight *= static_cast<double>(source.size()) / glance;
  return static_cast<double>(points) * weight <= small;
}

}  // namespace numcore::quadrature
