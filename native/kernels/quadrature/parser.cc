#include "kernels/quadrature/parser.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdio>
#include <numbers>
#include <string>
#include <unordered_map>
#include <vector>

#include "runtime/failure.h"

namespace numcore::quadrature {

namespace {

constexpr int variadic = -1;

struct Function {
  std::string_view name;
  Op op;
  int arguments;
};

constexpr std::array functions{
    Function{"sqrt", Op::sqrt, 1},      Function{"exp", Op::exp, 1},        Function{"log", Op::log, 1},
    Function{"log10", Op::log10, 1},    Function{"log2", Op::log2, 1},      Function{"sin", Op::sin, 1},
    Function{"cos", Op::cos, 1},        Function{"tan", Op::tan, 1},        Function{"asin", Op::asin, 1},
    Function{"acos", Op::acos, 1},      Function{"atan", Op::atan, 1},      Function{"sinh", Op::sinh, 1},
    Function{"cosh", Op::cosh, 1},      Function{"tanh", Op::tanh, 1},      Function{"abs", Op::abs, 1},
    Function{"floor", Op::floor, 1},    Function{"ceil", Op::ceil, 1},      Function{"pow", Op::power, 2},
    Function{"min", Op::min, variadic}, Function{"max", Op::max, variadic},
};

// What people write when they come from another language or from paper.
struct Habit {
  std::string_view written;
  std::string_view meant;
};
constexpr std::array habits{
    Habit{"ln", "log"},     Habit{"arcsin", "asin"}, Habit{"arccos", "acos"}, Habit{"arctan", "atan"},
    Habit{"fabs", "abs"},   Habit{"power", "pow"},   Habit{"\u03c0", "pi"},   Habit{"\u2212", "-"},
    Habit{"\u00d7", "*"},   Habit{"\u00b7", "*"},    Habit{"\u00f7", "/"},    Habit{"\u00b2", "**2"},
    Habit{"\u00b3", "**3"}, Habit{"\u221a", "sqrt"},
};

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }
bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c; }

std::string quoted(std::string_view text) {
  constexpr std::size_t shown = 24;
  std::string result = "'";
  result += text.substr(0, shown);
  if (text.size() > shown) result += "...";
  return result + "'";
}

// The number of letters to change, add or drop to come from one name to the other; case is free.
std::size_t distance(std::string_view from, std::string_view to) {
  constexpr std::size_t longest = 8;
  if (from.size() > longest || to.size() > longest) return longest;
  std::array<std::size_t, longest + 1> row{};
  for (std::size_t j = 0; j <= to.size(); ++j) row[j] = j;
  for (std::size_t i = 1; i <= from.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i;
    for (std::size_t j = 1; j <= to.size(); ++j) {
      const std::size_t changed = diagonal + (lower(from[i - 1]) == to[j - 1] ? 0 : 1);
      diagonal = row[j];
      row[j] = std::min({changed, row[j] + 1, row[j - 1] + 1});
    }
  }
  return row[to.size()];
}

std::string suggestion(std::string_view name, const Names& names) {
  for (const Habit& habit : habits) {
    if (habit.written == name) return "; did you mean " + quoted(habit.meant) + "?";
  }
  std::string_view nearest;
  std::size_t best = 3;
  const auto offer = [&](std::string_view known) {
    const std::size_t changes = distance(name, known);
    if (changes < best && changes < known.size()) {
      best = changes;
      nearest = known;
    }
  };
  for (const std::string& variable : names.variables) offer(variable);
  for (const auto& param : names.params) offer(param.first);
  for (const std::string_view known : {"pi", "e"}) offer(known);
  for (const Function& function : functions) offer(function.name);
  return nearest.empty() ? "" : "; did you mean " + quoted(nearest) + "?";
}

// Shunting-yard (Dijkstra 1961): operators wait on a stack until one that binds less tightly, a bracket
// or the end comes, and values wait on another.
class Parser {
 public:
  Parser(std::string_view source, Graph& graph, const Names& names)
      : source_(source), graph_(graph), names_(names) {
    for (std::uint32_t i = 0; i < names.variables.size(); ++i) {
      known_[names.variables[i]] = graph_.variable(i);
    }
    for (const auto& [name, value] : names.params) known_[name] = graph_.constant(value);
  }

  Graph::Id run() {
    if (source_.size() > longest_source) {
      fail(longest_source, "an expression of at most " + std::to_string(longest_source) + " characters",
           "one of " + std::to_string(source_.size()));
    }
    bool value_next = true;
    for (;;) {
      skip_space();
      if (at_end()) break;
      value_next = value_next ? read_value() : read_operator();
    }
    if (value_next) expect_value();
    reduce_to_bracket();
    if (!pending_.empty()) {
      fail(at_, "')' for the '(' in column " + std::to_string(pending_.back().column + 1), found());
    }
    return values_.back();
  }

 private:
  // What waits on the stack; the order is how tightly it binds.
  enum class Kind : std::uint8_t { group, call, sum, product, sign, power };

  struct Pending {
    Kind kind;
    Op op;
    std::uint32_t column;
    // For a call:
    const Function* function = nullptr;
    std::uint32_t arguments = 0;  // complete ones
  };

  // Both return whether a value must come next.
  bool read_value() {
    const char c = peek();
    const auto column = static_cast<std::uint32_t>(at_);
    if (c == '+' || c == '-') {
      ++at_;
      if (c == '-') pending_.push_back({Kind::sign, Op::negate, column});
      return true;
    }
    if (c == '(') {
      ++at_;
      pending_.push_back({Kind::group, Op::constant, column});
      return true;
    }
    if (is_digit(c) || c == '.') {
      values_.push_back(graph_.constant(read_number()));
      return false;
    }
    if (is_letter(c)) return read_name();
    expect_value();
  }

  bool read_operator() {
    const char c = peek();
    const auto column = static_cast<std::uint32_t>(at_);
    const bool doubled = source_.substr(at_, 2) == "**";
    if (c == '^' || doubled) {
      at_ += doubled ? 2 : 1;
      // Nothing binds more tightly, and it associates to the right: nothing to reduce.
      pending_.push_back({Kind::power, Op::power, column});
      return true;
    }
    switch (c) {
      case '+':
        return infix(Kind::sum, Op::add);
      case '-':
        return infix(Kind::sum, Op::subtract);
      case '*':
        return infix(Kind::product, Op::multiply);
      case '/':
        return infix(Kind::product, Op::divide);
      case ',':
        reduce_to_bracket();
        if (pending_.empty() || pending_.back().kind != Kind::call) expect_operator();
        take_argument();
        ++at_;
        return true;
      case ')':
        reduce_to_bracket();
        if (pending_.empty()) expect_operator();
        if (pending_.back().kind == Kind::call) close_call();
        pending_.pop_back();
        ++at_;
        return false;
      default:
        expect_operator();
    }
  }

  bool infix(Kind kind, Op op) {
    while (!pending_.empty() && pending_.back().kind >= kind) reduce();
    pending_.push_back({kind, op, static_cast<std::uint32_t>(at_)});
    ++at_;
    return true;
  }

  void reduce_to_bracket() {
    while (!pending_.empty() && pending_.back().kind > Kind::call) reduce();
  }

  void reduce() {
    const Op op = pending_.back().op;
    pending_.pop_back();
    const Graph::Id last = values_.back();
    if (op == Op::negate) {
      values_.back() = graph_.unary(op, last);
      return;
    }
    values_.pop_back();
    values_.back() = graph_.binary(op, values_.back(), last);
  }

  void take_argument() {
    Pending& call = pending_.back();
    ++call.arguments;
    // min and max take their arguments as they come, so that a long list needs no room.
    if (call.function->arguments == variadic && call.arguments > 1) {
      const Graph::Id last = values_.back();
      values_.pop_back();
      values_.back() = graph_.binary(call.function->op, values_.back(), last);
    }
  }

  void close_call() {
    take_argument();
    const Pending& call = pending_.back();
    const Function& function = *call.function;
    const bool fits = function.arguments == variadic
                          ? call.arguments >= 2
                          : call.arguments == static_cast<std::uint32_t>(function.arguments);
    if (!fits) fail(call.column, arguments_of(function), std::to_string(call.arguments));
    if (function.arguments == variadic) return;
    const Graph::Id last = values_.back();
    if (function.arguments == 1) {
      values_.back() = graph_.unary(function.op, last);
    } else {
      values_.pop_back();
      values_.back() = graph_.binary(function.op, values_.back(), last);
    }
  }

  static std::string arguments_of(const Function& function) {
    const std::string count = function.arguments == variadic ? "at least 2 arguments"
                              : function.arguments == 1      ? "1 argument"
                                                        : std::to_string(function.arguments) + " arguments";
    return count + " for " + std::string(function.name);
  }

  bool read_name() {
    const std::size_t begin = at_;
    while (!at_end() && (is_letter(peek()) || is_digit(peek()))) ++at_;
    const std::string_view name = source_.substr(begin, at_ - begin);
    if (const auto known = known_.find(name); known != known_.end()) {
      values_.push_back(known->second);
      return false;
    }
    if (known_.empty() && name == "x") fail(begin, "a constant", "'x'");
    if (name == "pi" || name == "e") {
      values_.push_back(graph_.constant(name == "pi" ? std::numbers::pi : std::numbers::e));
      return false;
    }
    const auto* const function = std::find_if(functions.begin(), functions.end(),
                                              [name](const Function& f) { return f.name == name; });
    if (function == functions.end()) {
      fail(begin, known_names() + "pi, e or a function", quoted(name) + suggestion(name, names_));
    }
    skip_space();
    if (at_end() || peek() != '(') fail(at_, "'(' after " + std::string(name), found());
    ++at_;
    pending_.push_back({Kind::call, function->op, static_cast<std::uint32_t>(begin), function});
    return true;
  }

  double read_number() {
    const std::size_t begin = at_;
    while (!at_end() && is_digit(peek())) ++at_;
    const std::size_t whole_end = at_;
    if (!at_end() && peek() == '.') {
      ++at_;
      while (!at_end() && is_digit(peek())) ++at_;
      if (at_ - begin == 1) fail(at_, "a digit", found());
    }
    const std::size_t digits_end = at_;
    if (!at_end() && (peek() == 'e' || peek() == 'E')) {
      ++at_;
      if (!at_end() && (peek() == '+' || peek() == '-')) ++at_;
      if (at_end() || !is_digit(peek())) fail(at_, "a digit of the exponent", found());
      while (!at_end() && is_digit(peek())) ++at_;
    }
    const std::string_view text = source_.substr(begin, at_ - begin);
    double value = 0;
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), value);
    if (parsed.ec != std::errc{}) {
      // Too small reads as 0, as in JavaScript; too large is no number that anybody means.
      if (exceeds_one(begin, whole_end, digits_end)) fail(begin, "a number below 1.8e308", quoted(text));
      return 0;
    }
    return value;
  }

  // Whether a number that is out of range is so because it is too large: where its first digit that is
  // not 0 stands, seen from the point that the exponent has moved.
  bool exceeds_one(std::size_t begin, std::size_t whole_end, std::size_t digits_end) const {
    const std::size_t first = source_.find_first_of("123456789", begin);
    if (first >= digits_end) return false;
    std::int64_t exponent = 0;
    if (digits_end < at_) {
      const bool negative = source_[digits_end + 1] == '-';
      for (std::size_t i = digits_end + 1; i < at_; ++i) {
        if (is_digit(source_[i]))
          exponent = std::min<std::int64_t>(10 * exponent + (source_[i] - '0'), 1 << 30);
      }
      if (negative) exponent = -exponent;
    }
    return static_cast<std::int64_t>(whole_end) - static_cast<std::int64_t>(first) + exponent > 0;
  }

  [[nodiscard]] bool at_end() const { return at_ >= source_.size(); }
  [[nodiscard]] char peek() const { return source_[at_]; }
  void skip_space() {
    while (!at_end() && is_space(peek())) ++at_;
  }

  // What stands at the place that was reached, in words.
  [[nodiscard]] std::string found() const {
    if (at_end()) return "the end of the expression";
    const char c = peek();
    std::size_t length = 1;
    if (is_letter(c)) {
      while (at_ + length < source_.size() &&
             (is_letter(source_[at_ + length]) || is_digit(source_[at_ + length]))) {
        ++length;
      }
    } else if (static_cast<unsigned char>(c) >= 0x80) {  // a character of several bytes
      while (at_ + length < source_.size() && (source_[at_ + length] & 0xc0) == 0x80) ++length;
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      std::array<char, 24> text{};
      std::snprintf(text.data(), text.size(), "the character U+%04X", static_cast<unsigned>(c));
      return text.data();
    }
    const std::string_view text = source_.substr(at_, length);
    return quoted(text) + (is_letter(c) ? "" : suggestion(text, names_));
  }

  // The names that the caller has given, each with ", " behind it.
  [[nodiscard]] std::string known_names() const {
    constexpr std::size_t shown = 8;
    std::string list;
    std::size_t count = 0;
    const auto add = [&](std::string_view name) {
      if (count < shown) list.append(name.substr(0, 24)).append(", ");
      if (count++ == shown) list += "..., ";
    };
    for (const std::string& variable : names_.variables) add(variable);
    for (const auto& param : names_.params) add(param.first);
    return list;
  }

  [[noreturn]] void expect_value() const {
    fail(at_, "a number, " + known_names() + "pi, e, a function or '('", found());
  }
  [[noreturn]] void expect_operator() const {
    std::size_t i = pending_.size();
    while (i > 0 && pending_[i - 1].kind > Kind::call) --i;
    const char* const next = i == 0                                ? "an operator or the end"
                             : pending_[i - 1].kind == Kind::group ? "an operator or ')'"
                                                                   : "an operator, ',' or ')'";
    fail(at_, next, found());
  }
  [[noreturn]] static void fail(std::size_t column, const std::string& expected,
                                const std::string& received) {
    throw Failure("ERR_PARSE", "Expected " + expected + " but found " + received,
                  static_cast<std::int64_t>(column));
  }

  std::string_view source_;
  Graph& graph_;
  const Names& names_;
  std::unordered_map<std::string_view, Graph::Id> known_;
  std::size_t at_ = 0;
  std::vector<Pending> pending_;
  std::vector<Graph::Id> values_;
};

}  // namespace

Graph::Id parse(std::string_view source, Graph& graph, const Names& names) {
  return Parser(source, graph, names).run();
}

}  // namespace numcore::quadrature
