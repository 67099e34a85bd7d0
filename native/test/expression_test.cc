#include "kernels/quadrature/expression.h"

#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <numbers>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/quadrature/evaluate.h"
#include "runtime/failure.h"
#include "test/check.h"

namespace {

using namespace numcore::quadrature;
using numcore::Failure;
using numcore::JobContext;

constexpr double inf = std::numeric_limits<double>::infinity();
constexpr double nan = std::numeric_limits<double>::quiet_NaN();

// Math.pow of JavaScript: C has pow(1, NaN) = 1 and pow(+-1, +-Infinity) = 1.
double power(double base, double exponent) {
  if (std::isnan(exponent) || (std::isinf(exponent) && std::abs(base) == 1)) return nan;
  return std::pow(base, exponent);
}

double at(const std::string& source, double x) { return Expression(source).at(x); }

bool same(double a, double b) {
  return (std::isnan(a) && std::isnan(b)) ||
         std::bit_cast<std::uint64_t>(a) == std::bit_cast<std::uint64_t>(b);
}

// The two differ by a unit in the last place at the most; the reference rounds too.
bool close(double a, double b) {
  return same(a, b) || (std::abs(a - b) <= 0x1p-52 * std::abs(b) && std::isfinite(b) && b != 0);
}

// The column of the parse error, or -1 when there is none.
std::int64_t column(std::string_view source) {
  try {
    (void)Expression(source);
  } catch (const Failure& failure) {
    return std::string_view(failure.code()) == "ERR_PARSE" ? failure.where() : -2;
  }
  return -1;
}

std::string message(std::string_view source) {
  try {
    (void)Expression(source);
  } catch (const Failure& failure) {
    return failure.what();
  }
  return "";
}

std::string repeat(std::string_view part, std::size_t times) {
  std::string text;
  text.reserve(part.size() * times);
  for (std::size_t i = 0; i < times; ++i) text += part;
  return text;
}

TEST("expression: precedence and associativity") {
  const double x = 1.7;
  CHECK(same(at("1+2*3", x), 7));
  CHECK(same(at("(1+2)*3", x), 9));
  CHECK(same(at("8/4/2", x), 1));
  CHECK(same(at("8-4-2", x), 2));
  CHECK(same(at("2**3**2", x), 512));
  CHECK(same(at("2^3^2", x), 512));
  CHECK(same(at("(2**3)**2", x), 64));
  CHECK(same(at("-2**2", x), -4));
  CHECK(same(at("(-2)**2", x), 4));
  CHECK(same(at("2**-1", x), 0.5));
  CHECK(same(at("2**-2**2", x), 0.0625));
  CHECK(same(at("2**-1*4", x), 2));
  CHECK(same(at("-2*-3", x), 6));
  CHECK(same(at("1--1", x), 2));
  CHECK(same(at("1++1", x), 2));
  CHECK(same(at("--+-x", x), -x));
  CHECK(same(at("3--x", x), 3 + x));
  CHECK(same(at("3+-x", x), 3 - x));
  CHECK(same(at("-x+3", x), 3 - x));
  CHECK(same(at("x-x*2", x), x - x * 2));
  CHECK(same(at("-x**2", x), -(x * x)));
  CHECK(same(at("-x/3", x), -x / 3));
  CHECK(same(at(" \t\n1 + \r x ", x), 1 + x));
}

TEST("expression: numbers and names") {
  CHECK(same(at("0.1", 0), 0.1));
  CHECK(same(at(".5", 0), 0.5));
  CHECK(same(at("5.", 0), 5));
  CHECK(same(at("1e3", 0), 1000));
  CHECK(same(at("1E-3", 0), 1e-3));
  CHECK(same(at("1.5e+3", 0), 1500));
  CHECK(same(at("5e-324", 0), 5e-324));
  CHECK(same(at("1e-999", 0), 0));
  CHECK(same(at("0e999", 0), 0));
  CHECK(same(at("0.0000e99999999999999999999", 0), 0));
  CHECK(same(at("1" + std::string(400, '0') + "e-400", 0), 1));
  CHECK(same(at("0." + std::string(400, '0') + "1e401", 0), 1));
  CHECK(same(at("pi", 0), std::numbers::pi));
  CHECK(same(at("e", 0), std::numbers::e));
  CHECK(column("2e") == 2);  // an exponent without digits, not 2 times e
  CHECK(same(at("1.7976931348623157e308", 0), std::numeric_limits<double>::max()));
}

TEST("expression: every function against libm") {
  struct Pair {
    const char* name;
    double (*reference)(double);
  };
  const std::vector<Pair> pairs{{"sqrt", std::sqrt},   {"exp", std::exp},   {"log", std::log},
                                {"log10", std::log10}, {"log2", std::log2}, {"sin", std::sin},
                                {"cos", std::cos},     {"tan", std::tan},   {"asin", std::asin},
                                {"acos", std::acos},   {"atan", std::atan}, {"sinh", std::sinh},
                                {"cosh", std::cosh},   {"tanh", std::tanh}, {"abs", std::abs},
                                {"floor", std::floor}, {"ceil", std::ceil}};
  const std::vector<double> points{0.0, -0.0, 0.3, -0.7, 1.0, -1.0, 2.5, -2.5, 1e-300, 1e300, inf, -inf, nan};
  for (const Pair& pair : pairs) {
    const Expression f(std::string(pair.name) + "(x)");
    const Expression constant(std::string(pair.name) + "(0.3)");
    CHECK(close(constant.at(0), pair.reference(0.3)));
    CHECK(same(constant.at(0), f.at(0.3)));
    for (const double x : points) {
      if (!close(f.at(x), pair.reference(x)))
        numcore::test::fail(__FILE__, __LINE__, std::string(pair.name) + " at " + std::to_string(x));
    }
  }
}

TEST("expression: pow, min and max have the special cases of JavaScript, folded or not") {
  const std::vector<double> points{0.0, -0.0, 0.5, -0.5, 1, -1, 2, -2, 3.5, inf, -inf, nan};
  const Expression self("pow(x, x)");
  const Expression smallest("min(x, 0)");
  const Expression smallest_negative("min(x, -0)");
  const Expression largest("max(x, 0)");
  const Expression largest_left("max(-0, x)");
  for (const double x : points) {
    CHECK(close(self.at(x), power(x, x)));
    CHECK(same(smallest.at(x), minimum(x, 0)));
    CHECK(same(smallest_negative.at(x), minimum(x, -0.0)));
    CHECK(same(largest.at(x), maximum(x, 0)));
    CHECK(same(largest_left.at(x), maximum(-0.0, x)));
  }
  CHECK(std::isnan(at("1**x", nan)));
  CHECK(std::isnan(at("(-1)**x", inf)));
  CHECK(same(at("x**0", nan), 1));
  CHECK(same(at("1**x", 3), 1));
  CHECK(same(minimum(0.0, -0.0), -0.0));
  CHECK(same(maximum(-0.0, 0.0), 0.0));
  CHECK(same(at("min(3, x, 2)", 1.5), 1.5));
  CHECK(same(at("max(3, x, 2)", 1.5), 3));
}

TEST("expression: powers as products agree with pow, special cases too") {
  for (int doubled = -52; doubled <= 52; ++doubled) {
    const double p = doubled / 2.0;
    const Expression g("x**(" + std::to_string(doubled) + "/2)");
    for (const double x : {1e-3, 0.7, 1.3, 9.5, -0.7, -1.3, 0.0, -0.0, 1.0, -1.0, inf, nan}) {
      const double expected = power(x, p);
      const double actual = g.at(x);
      const double tolerance = 1e-15 + 1.2e-16 * std::abs(doubled);
      const bool near =
          same(expected, actual) || std::abs(actual - expected) <= tolerance * std::abs(expected);
      if (!near) numcore::test::fail(__FILE__, __LINE__, std::to_string(x) + " to " + std::to_string(p));
    }
  }
  CHECK(std::isnan(at("x**0.5", -inf)));  // the documented difference: Math.pow says Infinity
}

TEST("expression: equal parts are computed once") {
  CHECK(Expression("sin(x)+sin(x)").program().instructions.size() == 2);
  CHECK(Expression("(x+1)*(1+x)").program().instructions.size() == 2);
  CHECK(Expression("x**(3/2)").program().instructions.size() == 1);
  CHECK(Expression("2*pi/3").program().instructions.size() == 1);
  CHECK(Expression("x").program().instructions.empty());
  CHECK(Expression("-(-x)*1").program().instructions.empty());
}

TEST("expression: several variables and parameters, any number of points") {
  const Expression f("a*x + y/z - b", Names{{"z", "y", "x"}, {{"a", 2}, {"b", 0.5}}});
  const Registers registers(f.program());
  JobContext context(2);
  for (const std::size_t count : {std::size_t{1}, std::size_t{511}, std::size_t{512}, std::size_t{40007}}) {
    std::vector<double> x(count), y(count), z(count), out(count), whole(count);
    for (std::size_t i = 0; i < count; ++i) {
      x[i] = static_cast<double>(i) / 7;
      y[i] = std::sin(static_cast<double>(i));
      z[i] = 3 + std::cos(static_cast<double>(i));
    }
    const std::vector<const double*> variables{z.data(), y.data(), x.data()};
    f.block(variables, count, out.data(), registers, context);
    evaluate(f, variables, whole, context);
    for (std::size_t i = 0; i < count; ++i) {
      CHECK(same(out[i], 2 * x[i] + y[i] / z[i] - 0.5));
      CHECK(same(out[i], whole[i]));
    }
    f.block(variables, count, x.data(), registers, context);  // in place
    CHECK(x == out);
  }
  // A variable that is the whole expression, one that is not used, and no variable at all.
  const double two[]{2};
  const double three[]{3};
  const std::vector<const double*> pair{two, three};
  for (const auto& [source, expected] :
       {std::pair<const char*, double>{"q", 3}, {"p", 2}, {"p**q+q", 11}, {"7", 7}}) {
    const Expression g(source, Names{{"p", "q"}, {}});
    double value = 0;
    g.block(pair, 1, &value, Registers(g.program()), context);
    CHECK(same(value, expected));
  }
}

TEST("expression: parse errors point at the column") {
  CHECK(column("") == 0);
  CHECK(column("   ") == 3);
  CHECK(column("x+") == 2);
  CHECK(column("x+*2") == 2);
  CHECK(column("2x") == 1);
  CHECK(column("2 (x)") == 2);
  CHECK(column("(x") == 2);
  CHECK(column("x)") == 1);
  CHECK(column("()") == 1);
  CHECK(column("sin x") == 4);
  CHECK(column("sin()") == 4);
  CHECK(column("1+sin(1,2)") == 2);
  CHECK(column("pow(x)") == 0);
  CHECK(column("pow(x,1,2)") == 0);
  CHECK(column("1+min(x)") == 2);
  CHECK(column("min(x,)") == 6);
  CHECK(column("x,2") == 1);
  CHECK(column("(x,2)") == 2);
  CHECK(column("1+foo(x)") == 2);
  CHECK(column("__proto__") == 0);
  CHECK(column("x+y") == 2);
  CHECK(column("1e") == 2);
  CHECK(column("1e+") == 3);
  CHECK(column(".") == 1);
  CHECK(column("1..2") == 2);
  CHECK(column("1e999") == 0);
  CHECK(column("1+1e999") == 2);
  CHECK(column("9" + std::string(400, '9')) == 0);
  CHECK(column("x//2") == 2);
  CHECK(column("x***2") == 3);
  CHECK(column("x%2") == 1);
  CHECK(column("x;") == 1);
  CHECK(column("0x10") == 1);
  CHECK(column("x\xc2\xb2") == 1);
  CHECK(column(std::string_view("x\0", 2)) == 1);
  CHECK(message("2*sine(x)") == "Expected x, pi, e or a function but found 'sine'; did you mean 'sin'?");
  CHECK(message("(x+1") == "Expected ')' for the '(' in column 1 but found the end of the expression");
  CHECK(message("x y") == "Expected an operator or the end but found 'y'");
  CHECK(message("x\xc2\xb2") == "Expected an operator or the end but found '\xc2\xb2'; did you mean '**2'?");
  CHECK(message("sin(1,2)") == "Expected 1 argument for sin but found 2");
  CHECK(message(std::string_view("\x07", 1)).find("U+0007") != std::string::npos);
  CHECK_THROWS(Expression("x", Variable::refused), Failure);
  CHECK(same(Expression("2*pi", Variable::refused).at(nan), 2 * std::numbers::pi));
}

TEST("expression: hostile texts give a result or ERR_PARSE, in bounded memory") {
  CHECK(same(at(std::string(10000, '(') + "x" + std::string(10000, ')'), 3), 3));
  CHECK(same(at(std::string(400000, '(') + "x" + std::string(400000, ')'), 3), 3));
  CHECK(column(std::string(10000, '(')) == 10000);
  CHECK(column("x" + std::string(10000, ')')) == 1);
  CHECK(same(at(std::string(1000000, '-') + "x", 3), 3));
  CHECK(same(at(std::string(1000001, '-') + "x", 3), -3));
  CHECK(same(at(repeat("sin(", 100000) + "x" + repeat(")", 100000), 0), 0));
  CHECK(column(repeat("x+", 5u << 20)) == static_cast<std::int64_t>(longest_source));
  CHECK(same(at(repeat("x+", 100000) + "x", 1), 100001));
  CHECK(same(at(repeat("x+(", 100000) + "x" + repeat(")", 100000), 1), 100001));
  CHECK(same(at("x" + repeat("**1", 100000), 2), 2));
  CHECK(same(at("max(" + repeat("x,", 100000) + "1)", 2), 2));
  // Powers of powers are short texts: they must not become long programs.
  std::string tower = "x";
  for (int i = 0; i < 1000; ++i) tower = "(" + tower + ")**25";
  CHECK(Expression(tower).program().instructions.size() == 1000);
  CHECK(same(at(tower, 1), 1));
}

TEST("expression: few registers, however long the text") {
  std::string sum;
  std::string nested;
  for (int i = 1; i <= 5000; ++i) {
    const std::string term = "sqrt(x+" + std::to_string(i) + ")";
    sum += (i > 1 ? "+" : "") + term;
    nested += term + (i < 5000 ? "+(" : "");
  }
  const Expression flat(sum);
  const Expression deep(nested + std::string(4999, ')'));
  CHECK(flat.program().registers <= 4);
  CHECK(deep.program().registers <= 4);
  double expected = 0;
  for (int i = 1; i <= 5000; ++i) expected += std::sqrt(2.0 + i);
  CHECK(same(flat.at(2), expected));
  CHECK_NEAR(deep.at(2), expected, 1e-8);
  // Every term is used twice, far apart: keeping all of them would need 5000 registers.
  std::string product;
  for (int i = 1; i <= 5000; ++i) product += "*sqrt(x+" + std::to_string(i) + ")/50";
  const Expression both("(" + sum + ")+(1" + product + ")");
  CHECK(both.program().registers <= 32);
  double factor = 1;
  for (int i = 1; i <= 5000; ++i) factor = factor * std::sqrt(2.0 + i) / 50;
  CHECK_NEAR(both.at(2) / (expected + factor), 1, 1e-12);
}

}  // namespace
