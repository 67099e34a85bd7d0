#include "kernels/fft/plan.h"

#include <algorithm>
#include <list>
#include <mutex>
#include <numeric>
#include <utility>

#include "kernels/fft/transform.h"

namespace numcore::fft {
namespace {

// Below this a single lane is no slower than two steps of mostly empty ones.
constexpr std::size_t kLongestSingle = 16;
constexpr std::size_t kCacheBytes = std::size_t{64} << 20;

std::vector<std::size_t> radices(std::size_t length) {
  std::vector<std::size_t> found;
  std::size_t twos = 0;
  for (; length % 2 == 0; length /= 2) ++twos;
  // Few passes, and no pass of radix 2 where 4 x 4 does what 8 x 2 would.
  for (; twos >= 3 && twos != 4; twos -= 3) found.push_back(8);
  for (; twos >= 2; twos -= 2) found.push_back(4);
  if (twos == 1) found.push_back(2);
  for (std::size_t p = 3; length > 1; p += 2) {
    for (; length % p == 0; length /= p) found.push_back(p);
  }
  return found;
}

// length = a x b with both near its root and, if that can be, multiples of the number of lanes: {a, b} with
// the fewest cells to work on. {1, length} for a prime.
std::pair<std::size_t, std::size_t> split(std::size_t length) {
  const auto eights = [](std::size_t n) { return (n + lane_count - 1) / lane_count; };
  std::pair<std::size_t, std::size_t> best{1, length};
  std::size_t least = length;
  for (std::size_t a = 2; a * a <= length; ++a) {
    if (length % a != 0) continue;
    const std::size_t b = length / a, cells = eights(a) * b + eights(b) * a;
    // Of equally many cells the shorter lines fit the cache better.
    if (cells <= least) {
      least = cells;
      best = {a, b};
    }
  }
  return best;
}

void make_grid(Plan& plan, std::size_t a, std::size_t b) {
  plan.kind = Plan::Kind::grid;
  plan.columns = Line(a);
  plan.rows = Line(b);
  plan.roots.emplace(plan.length);
  plan.lane_roots.resize(a * cell_size);
  for (std::size_t k = 0; k < a; ++k) {
    for (std::size_t l = 0; l < lane_count; ++l) {
      const Root<long double> root = wide_root(k * l % plan.length, plan.length);
      plan.lane_roots[k * cell_size + l] = static_cast<double>(root.re);
      plan.lane_roots[k * cell_size + lane_count + l] = static_cast<double>(root.im);
    }
  }
  plan.bytes = plan.columns.bytes() + plan.rows.bytes() + plan.roots->bytes() +
               plan.lane_roots.size() * sizeof(double);
}

void make_chirp(Plan& plan, JobContext& context) {
  const std::size_t n = plan.length, m = good_length(2 * n - 1);
  plan.kind = Plan::Kind::chirp;
  plan.inner = find_plan(m, false, context);
  plan.chirp = make_buffer(2 * n);
  plan.filter = make_buffer(2 * m);
  double *const chirp = plan.chirp.get(), *const filter = plan.filter.get();
  std::fill_n(filter, 2 * m, 0.0);
  const RootTable<long double> roots(2 * n);
  const double scale = 1 / static_cast<double>(m);
  // k^2 modulo 2 n, step by step: k^2 itself could be too large.
  std::size_t square = 0;
  for (std::size_t k = 0; k < n; ++k) {
    if (k % 65536 == 0) context.check();
    const Root<long double> root = roots(square);
    const auto re = static_cast<double>(root.re), im = static_cast<double>(root.im);
    chirp[2 * k] = re;
    chirp[2 * k + 1] = im;
    for (const std::size_t at : {k, k == 0 ? 0 : m - k}) {
      filter[2 * at] = re * scale;
      filter[2 * at + 1] = -im * scale;
    }
    square = (square + 2 * k + 1) % (2 * n);
  }
  transform(*plan.inner, filter, filter, {}, context);
  plan.bytes = (2 * n + 2 * m) * sizeof(double);
}

std::shared_ptr<const Plan> make_plan(std::size_t length, bool as_line, JobContext& context) {
  auto plan = std::make_shared<Plan>();
  plan->length = length;
  if (!is_smooth(length)) {
    make_chirp(*plan, context);
    return plan;
  }
  const auto [a, b] = as_line || length <= kLongestSingle ? std::pair{std::size_t{1}, length} : split(length);
  if (a > 1) {
    make_grid(*plan, a, b);
  } else {
    plan->columns = Line(length);
    plan->bytes = plan->columns.bytes();
  }
  return plan;
}

struct Cache {
  struct Entry {
    std::size_t length;
    bool as_line;
    std::shared_ptr<const Plan> plan;
  };
  std::mutex mutex;
  std::list<Entry> entries;  // the last used first
  std::size_t bytes = 0;
};

// Never destroyed: a compute thread may still run when the process ends.
Cache& cache() {
  static Cache* const only = new Cache;
  return *only;
}

constexpr std::size_t kEntryBytes = 512;

}  // namespace

Line::Line(std::size_t length) : length_(length) {
  const std::vector<std::size_t> factors = radices(length);
  std::vector<std::pair<std::size_t, std::size_t>> places;
  std::size_t left = length, s = 1;
  for (const std::size_t radix : factors) {
    const std::size_t m = left / radix, roots_at = roots_.size();
    for (std::size_t p = 0; p < m; ++p) {
      for (std::size_t k = 1; k < radix; ++k) append_root(roots_, p * k, left);
    }
    places.emplace_back(roots_at, roots_.size());
    for (std::size_t k = 0; k < radix; ++k) append_root(roots_, k, radix);
    passes_.push_back({radix, m, s, nullptr, nullptr});
    left = m;
    s *= radix;
  }
  for (std::size_t i = 0; i < passes_.size(); ++i) {
    passes_[i].roots = roots_.data() + places[i].first;
    passes_[i].unit = roots_.data() + places[i].second;
  }
}

double* Line::run(const LaneKernel& kernel, double* scratch) const {
  double *x = scratch, *y = scratch + length_ * cell_size + gap;
  for (const Pass& pass : passes_) {
    kernel.pass(x, y, pass);
    std::swap(x, y);
  }
  return x;
}

bool is_smooth(std::size_t length) {
  while (length % 2 == 0) length /= 2;
  for (std::size_t p = 3; p <= largest_radix && p * p <= length; p += 2) {
    while (length % p == 0) length /= p;
  }
  return length <= largest_radix;
}

std::size_t good_length(std::size_t least) {
  const std::size_t base = least <= 64 ? 1 : 64, wanted = (least + base - 1) / base;
  std::size_t best = 1;
  while (best < wanted) best *= 2;
  for (std::size_t seven = 1; seven < best; seven *= 7) {
    for (std::size_t five = seven; five < best; five *= 5) {
      for (std::size_t three = five; three < best; three *= 3) {
        std::size_t two = three;
        while (two < wanted) two *= 2;
        best = std::min(best, two);
      }
    }
  }
  return best * base;
}

std::shared_ptr<const Plan> find_plan(std::size_t length, bool as_line, JobContext& context) {
  Cache& known = cache();
  {
    const std::lock_guard lock(known.mutex);
    for (auto entry = known.entries.begin(); entry != known.entries.end(); ++entry) {
      if (entry->length != length || entry->as_line != as_line) continue;
      known.entries.splice(known.entries.begin(), known.entries, entry);
      return entry->plan;
    }
  }
  std::shared_ptr<const Plan> plan = make_plan(length, as_line, context);
  if (plan->bytes + kEntryBytes > kCacheBytes) return plan;
  const std::lock_guard lock(known.mutex);
  // Two threads may have made the same plan: the second is as good, and the first will fall off the end.
  known.entries.push_front({length, as_line, plan});
  known.bytes += plan->bytes + kEntryBytes;
  while (known.bytes > kCacheBytes) {
    known.bytes -= known.entries.back().plan->bytes + kEntryBytes;
    known.entries.pop_back();
  }
  return plan;
}

}  // namespace numcore::fft
