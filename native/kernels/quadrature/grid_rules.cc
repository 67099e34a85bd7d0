#include "kernels/quadrature/grid_rules.h"

#include <algorithm>
#include <cstring>

#include "kernels/quadrature/gauss_grid.h"
#include "kernels/quadrature/uniform_grid.h"

namespace numcore::quadrature {

namespace {

// The parts, and behind them what the rule needs beside them.
template <class Rule>
std::vector<std::byte> packed(const Rule& rule, const std::vector<typename Rule::Part>& parts) {
  std::vector<std::byte> bytes;
  append(bytes, parts.data(), parts.size());
  append(bytes, rule.ends().data(), rule.ends().size());
  return bytes;
}

template <class Rule>
GridParts collect(Rule&& rule, std::uint64_t first, std::uint64_t last, JobContext& context) {
  std::vector<typename Rule::Part> parts;
  parts.reserve(last - first);
  const int threads =
      run_chunks(rule, first, last, context,
                 [&parts](const typename Rule::Part& part, std::uint64_t) { parts.push_back(part); });
  return {packed(rule, parts), threads};
}

template <class Rule>
class Session final : public GridSession {
 public:
  using Part = typename Rule::Part;

  template <class... Arguments>
  explicit Session(const Arguments&... arguments)
      : rule_(x_, arguments..., context_, *block_kernels().front()),
        scratch_(rule_.scratch()),
        end_(rule_.chunks()) {}

  [[nodiscard]] std::size_t size() const override { return next_ < end_ ? rule_.size(next_) : 0; }
  void points(std::span<double> out) override { rule_.points(next_, scratch_, out); }
  void give(std::span<const double> values) override {
    scratch_.given = values;
    const Part part = rule_.evaluate(next_, scratch_);
    if (!rule_.finite(part)) {
      rule_.explain(next_, scratch_);
      report_overflow();
    }
    if (selecting_) {
      parts_.push_back(part);
    } else {
      rule_.add(part, next_);
    }
    ++next_;
    scratch_.given = {};
  }
  [[nodiscard]] Integral finish() const override { return rule_.finish(); }

  [[nodiscard]] std::uint64_t chunks() const override { return rule_.chunks(); }
  void select(std::uint64_t first, std::uint64_t last) override {
    selecting_ = true;
    next_ = first;
    end_ = last;
    parts_.clear();
  }
  [[nodiscard]] std::vector<std::byte> parts() const override { return packed(rule_, parts_); }
  void take(std::span<const std::byte> parts) override {
    std::vector<double> ends(rule_.ends().size());
    const std::size_t behind = ends.size() * sizeof(double);
    const std::size_t count = (parts.size() - behind) / sizeof(Part);
    if (count == 0) return;
    Part part;
    const std::uint64_t first = next_;
    for (std::size_t i = 0; i < count; ++i) {
      std::memcpy(&part, parts.data() + i * sizeof(Part), sizeof(Part));
      rule_.add(part, next_++);
    }
    if (behind > 0) std::memcpy(ends.data(), parts.data() + count * sizeof(Part), behind);
    rule_.take_ends(first, next_, ends);
  }

 private:
  const Expression x_{"x"};  // never evaluated
  JobContext context_{1};
  Rule rule_;
  typename Rule::Scratch scratch_;
  std::uint64_t next_ = 0;
  std::uint64_t end_;
  bool selecting_ = false;
  std::vector<Part> parts_;
};

}  // namespace

Integral integrate_grid(const Expression& f, double a, double b, std::uint64_t bins, GridRule rule, int order,
                        JobContext& context, const BlockKernel& kernel) {
  if (a == b) return {};
  if (rule == GridRule::gauss && order == 1) rule = GridRule::midpoint;
  const double low = std::min(a, b);
  const double high = std::max(a, b);
  Integral result = rule == GridRule::gauss ? GaussGrid(f, low, high, bins, order, context, kernel).run()
                                            : UniformGrid(f, low, high, bins, rule, context, kernel).run();
  if (a > b) result.value = 0 - result.value;
  return result;
}

GridParts integrate_parts(const Expression& f, double a, double b, std::uint64_t bins, GridRule rule,
                          int order, std::uint64_t first, std::uint64_t last, JobContext& context) {
  const BlockKernel& kernel = *block_kernels().front();
  if (rule == GridRule::gauss && order > 1) {
    return collect(GaussGrid(f, a, b, bins, order, context, kernel), first, last, context);
  }
  if (rule == GridRule::gauss) rule = GridRule::midpoint;
  return collect(UniformGrid(f, a, b, bins, rule, context, kernel), first, last, context);
}

std::unique_ptr<GridSession> grid_session(double a, double b, std::uint64_t bins, GridRule rule, int order) {
  if (rule == GridRule::gauss && order == 1) rule = GridRule::midpoint;
  if (rule == GridRule::gauss) return std::make_unique<Session<GaussGrid>>(a, b, bins, order);
  return std::make_unique<Session<UniformGrid>>(a, b, bins, rule);
}

}  // namespace numcore::quadrature
