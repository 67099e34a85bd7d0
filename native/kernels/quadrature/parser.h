// The text of an expression to a graph.
//
//   sum     = product (("+" | "-") product)*
//   product = signed (("*" | "/") signed)*
//   signed  = ("+" | "-") signed | power
//   power   = value (("**" | "^") signed)?          so -x**2 is -(x**2), and 2**-x and 2**3**2 = 2**9 work
//   value   = number | name | "pi" | "e" | "(" sum ")" | function "(" sum ("," sum)* ")"
//
// A name is a variable ("x" unless told otherwise) or a parameter, which is a constant by another name.
// Functions: sqrt exp log log10 log2 sin cos tan asin acos atan sinh cosh tanh abs floor ceil of one
// argument, pow of two, min and max of two or more.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "kernels/quadrature/graph.h"

namespace numcore::quadrature {

// Longer texts are refused: nobody writes them, and each character may cost some forty bytes.
constexpr std::size_t longest_source = std::size_t{1} << 20;

// What the text may name beside functions, pi and e. The names are distinct letters, digits and underscores,
// do not begin with a digit, and are not those of functions, pi or e: the caller sees to that.
struct Names {
  std::vector<std::string> variables{"x"};
  std::vector<std::pair<std::string, double>> params;
};

// The ends of an integral may not name a variable.
enum class Variable { allowed, refused };

// Puts the expression into `graph` and returns its node. Throws Failure ERR_PARSE whose `where` is the
// 0-based column: in bytes of UTF-8, and in code units of UTF-16 too, because the first character that
// is not ASCII is an error. Uses heap in proportion to the text, and no recursion.
Graph::Id parse(std::string_view source, Graph& graph, const Names& names = {});

}  // namespace numcore::quadrature
