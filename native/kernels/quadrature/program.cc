#include "kernels/quadrature/program.h"

#include <algorithm>
#include <limits>
#include <utility>

namespace numcore::quadrature {

namespace {

using Id = Graph::Id;

constexpr std::uint32_t none = std::numeric_limits<std::uint32_t>::max();

class Compiler {
 public:
  Compiler(const Graph& graph, bool sharing, std::size_t variables)
      : most_(most_registers + variables),
        graph_(graph),
        sharing_(sharing),
        uses_(graph.nodes().size(), 0),
        need_(graph.nodes().size(), 0),
        register_(graph.nodes().size(), none) {
    program.registers = std::max<std::size_t>(variables, 1);
  }

  // False when the values that are alive at once are too many.
  bool run(Id root) {
    count_uses(root);
    number_registers();
    emit_all(root);
    if (program.registers > most_) return false;
    const Graph::Node& node = graph_.node(root);
    if (node.op == Op::constant) {
      program.instructions.push_back({Op::constant, {}, 0, 0, 0, 0, node.value});
    } else {
      program.result = values_.back();
    }
    for (const Instruction& instruction : program.instructions) program.cost += cost(instruction.op);
    return true;
  }

  Program program;

 private:
  struct Visit {
    Id id;
    bool operands_ready;
  };

  [[nodiscard]] bool is_constant(Id id) const { return graph_.node(id).op == Op::constant; }
  [[nodiscard]] bool is_variable(Id id) const { return graph_.node(id).op == Op::variable; }

  // Folding leaves nodes that nothing uses: only what the root reaches counts.
  void count_uses(Id root) {
    uses_[root] = 1;
    for (Id id = root + 1; id-- > 0;) {
      if (uses_[id] == 0) continue;
      const Graph::Node& node = graph_.node(id);
      if (is_unary(node.op) || is_binary(node.op)) ++uses_[node.a];
      if (is_binary(node.op)) ++uses_[node.b];
    }
  }

  // How many registers a tree needs when the needier operand goes first (Sethi and Ullman 1970); the
  // variable and constants need none of their own.
  void number_registers() {
    for (Id id = 0; id < graph_.nodes().size(); ++id) {
      const Graph::Node& node = graph_.node(id);
      if (is_unary(node.op)) need_[id] = std::max(need_[node.a], 1U);
      if (is_binary(node.op)) {
        const std::uint32_t p = need_[node.a];
        const std::uint32_t q = need_[node.b];
        need_[id] = p == q ? p + 1 : std::max(p, q);
      }
    }
  }

  void emit_all(Id root) {
    std::vector<Visit> visits{{root, false}};
    while (!visits.empty() && program.registers <= most_) {
      const Visit visit = visits.back();
      visits.pop_back();
      const Graph::Node& node = graph_.node(visit.id);
      if (node.op == Op::constant) continue;
      if (node.op == Op::variable) {
        values_.push_back(static_cast<std::uint32_t>(node.exponent));
      } else if (visit.operands_ready) {
        values_.push_back(emit(visit.id));
      } else if (sharing_ && register_[visit.id] != none) {
        values_.push_back(register_[visit.id]);
      } else {
        visits.push_back({visit.id, true});
        // The last pushed is visited first.
        if (is_binary(node.op)) {
          const bool left_first = visits_left_first(node);
          visits.push_back({left_first ? node.b : node.a, false});
          visits.push_back({left_first ? node.a : node.b, false});
        } else {
          visits.push_back({node.a, false});
        }
      }
    }
  }

  [[nodiscard]] bool visits_left_first(const Graph::Node& node) const {
    return need_[node.a] >= need_[node.b];
  }

  std::uint32_t emit(Id id) {
    const Graph::Node& node = graph_.node(id);
    Instruction instruction;
    instruction.op = node.op;
    instruction.exponent = node.exponent;
    if (is_binary(node.op)) {
      const bool left_first = visits_left_first(node);
      // Values lie on the stack in the order of the visits.
      for (const bool left : {!left_first, left_first}) {
        const Id operand = left ? node.a : node.b;
        if (is_constant(operand)) {
          instruction.constant = graph_.node(operand).value;
          instruction.operands =
              left ? Instruction::Operands::constant_left : Instruction::Operands::constant_right;
        } else {
          (left ? instruction.a : instruction.b) = take();
        }
      }
      if (!is_constant(node.a)) release(node.a, instruction.a);
      if (!is_constant(node.b)) release(node.b, instruction.b);
    } else {
      instruction.a = take();
      release(node.a, instruction.a);
    }
    instruction.out = allocate();
    program.instructions.push_back(instruction);
    register_[id] = instruction.out;
    return instruction.out;
  }

  std::uint32_t take() {
    const std::uint32_t top = values_.back();
    values_.pop_back();
    return top;
  }

  std::uint32_t allocate() {
    if (!free_.empty()) {
      const std::uint32_t index = free_.back();
      free_.pop_back();
      return index;
    }
    return static_cast<std::uint32_t>(program.registers++);
  }

  // The register of a value whose last use this was is free for the result of the same instruction:
  // instructions go point by point. The points themselves stay where they are until their last use,
  // and for good in a tree, where nobody counts how often a part is computed again.
  void release(Id id, std::uint32_t index) {
    const bool last = sharing_ ? --uses_[id] == 0 : !is_variable(id);
    if (last) free_.push_back(index);
  }

  const std::size_t most_;
  const Graph& graph_;
  const bool sharing_;
  std::vector<std::uint32_t> uses_;
  std::vector<std::uint32_t> need_;
  std::vector<std::uint32_t> register_;
  std::vector<std::uint32_t> values_;
  std::vector<std::uint32_t> free_;
};

}  // namespace

Program compile(const Graph& graph, Graph::Id root, std::size_t variables) {
  Compiler shared(graph, true, variables);
  if (shared.run(root)) return std::move(shared.program);
  Compiler tree(graph, false, variables);
  tree.run(root);
  return std::move(tree.program);
}

}  // namespace numcore::quadrature
