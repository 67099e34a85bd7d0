#include "kernels/quadrature/grid_rules.h"

#include <algorithm>

#include "kernels/quadrature/gauss_grid.h"
#include "kernels/quadrature/uniform_grid.h"

namespace numcore::quadrature {

namespace {

template <class Rule>
class Session final : public GridSession {
 public:
  template <class... Arguments>
  explicit Session(const Arguments&... arguments)
      : rule_(x_, arguments..., context_, *block_kernels().front()), scratch_(rule_.scratch()) {}

  [[nodiscard]] std::size_t size() const override { return next_ < rule_.chunks() ? rule_.size(next_) : 0; }
  void points(std::span<double> out) override { rule_.points(next_, scratch_, out); }
  void give(std::span<const double> values) override {
    scratch_.given = values;
    const typename Rule::Part part = rule_.evaluate(next_, scratch_);
    if (!rule_.finite(part)) {
      rule_.explain(next_, scratch_);
      report_overflow();
    }
    rule_.add(part, next_++);
    scratch_.given = {};
  }
  [[nodiscard]] Integral finish() const override { return rule_.finish(); }

 private:
  const Expression x_{"x"};  // never evaluated
  JobContext context_{1};
  Rule rule_;
  typename Rule::Scratch scratch_;
  std::uint64_t next_ = 0;
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

std::unique_ptr<GridSession> grid_session(double a, double b, std::uint64_t bins, GridRule rule, int order) {
  if (rule == GridRule::gauss && order == 1) rule = GridRule::midpoint;
  if (rule == GridRule::gauss) return std::make_unique<Session<GaussGrid>>(a, b, bins, order);
  return std::make_unique<Session<UniformGrid>>(a, b, bins, rule);
}

}  // namespace numcore::quadrature
