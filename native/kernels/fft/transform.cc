#include "kernels/fft/transform.h"

#include <algorithm>
#include <cstring>

#include "kernels/fft/tasks.h"

namespace numcore::fft {
namespace {

const LaneKernel& best_kernel() { return *lane_kernels().front(); }

std::size_t eights(std::size_t n) { return (n + lane_count - 1) / lane_count; }

void run_line(const Plan& plan, const double* from, double* to, const Manner& manner, JobContext& context) {
  const LaneKernel& kernel = best_kernel();
  const std::size_t n = plan.length;
  const Buffer scratch = make_buffer(plan.columns.scratch());
  kernel.load_columns(scratch.get(), from, 1, n, 1, manner.backward);
  const double* const result = plan.columns.run(kernel, scratch.get());
  kernel.store_columns(result, to, 1, n, 1, manner.backward, manner.scale);
  context.check();
  context.progress(manner.end);
}

// Input a x b, row-major. Columns are transformed and turned by the roots of the length, then rows are, and
// come to lie as columns.
void run_grid(const Plan& plan, const double* from, double* to, const Manner& manner, JobContext& context) {
  const LaneKernel& kernel = best_kernel();
  const std::size_t a = plan.columns.length(), b = plan.rows.length();
  // Rows a little longer than they are: a column of a power of two would fall on a few places of the cache.
  const std::size_t stride = b + lane_count;
  const Buffer between = make_buffer(2 * a * stride);
  const RootPair roots{plan.roots->coarse(), plan.roots->fine(), plan.roots->shift()};
  run_tasks(eights(b), plan.columns.scratch(), part_of(manner, 0, 0.5), context,
            [&](std::size_t task, double* scratch) {
              const std::size_t first = task * lane_count, count = std::min(lane_count, b - first);
              kernel.load_columns(scratch, from + 2 * first, b, a, count, manner.backward);
              double* const result = plan.columns.run(kernel, scratch);
              kernel.twiddle(result, a, first, roots, plan.lane_roots.data());
              kernel.store_columns(result, between.get() + 2 * first, stride, a, count, false, 1);
            });
  run_tasks(eights(a), plan.rows.scratch(), part_of(manner, 0.5, 1), context,
            [&](std::size_t task, double* scratch) {
              const std::size_t first = task * lane_count, count = std::min(lane_count, a - first);
              kernel.load_rows(scratch, between.get() + 2 * first * stride, stride, b, count, false);
              const double* const result = plan.rows.run(kernel, scratch);
              kernel.store_columns(result, to + 2 * first, a, b, count, manner.backward, manner.scale);
            });
}

// With c[k] = exp(-pi i k^2 / n), jk = (j^2 + k^2 - (k - j)^2) / 2 makes the transform a convolution:
// X[k] = c[k] sum over j of (x[j] c[j]) conj(c[k - j]).
void run_chirp(const Plan& plan, const double* from, double* to, const Manner& manner, JobContext& context) {
  const LaneKernel& kernel = best_kernel();
  const std::size_t n = plan.length, m = plan.inner->length;
  const Buffer buffer = make_buffer(2 * m);
  double* const u = buffer.get();
  const double* const chirp = plan.chirp.get();
  // A backward transform is a forward one with real and imaginary parts exchanged, before and after.
  const std::size_t re = manner.backward ? 1 : 0, im = 1 - re;
  run_pieces(m, part_of(manner, 0, 0.05), context, [&](std::size_t first, std::size_t last) {
    const std::size_t middle = std::clamp(n, first, last);
    for (std::size_t k = first; k < middle; ++k) {
      const double x = from[2 * k + re], y = from[2 * k + im], c = chirp[2 * k], d = chirp[2 * k + 1];
      u[2 * k] = x * c - y * d;
      u[2 * k + 1] = x * d + y * c;
    }
    std::fill(u + 2 * middle, u + 2 * last, 0.0);
  });
  Manner inner = part_of(manner, 0.05, 0.45);
  inner.backward = false;
  inner.scale = 1;
  transform(*plan.inner, u, u, inner, context);
  run_pieces(m, part_of(manner, 0.45, 0.55), context, [&](std::size_t first, std::size_t last) {
    kernel.multiply(u + 2 * first, plan.filter.get() + 2 * first, last - first);
  });
  inner = part_of(manner, 0.55, 0.95);
  inner.backward = true;
  inner.scale = 1;
  transform(*plan.inner, u, u, inner, context);
  run_pieces(n, part_of(manner, 0.95, 1), context, [&](std::size_t first, std::size_t last) {
    for (std::size_t k = first; k < last; ++k) {
      const double x = u[2 * k], y = u[2 * k + 1], c = chirp[2 * k], d = chirp[2 * k + 1];
      to[2 * k + re] = (x * c - y * d) * manner.scale;
      to[2 * k + im] = (x * d + y * c) * manner.scale;
    }
  });
}

}  // namespace

void transform(const Plan& plan, const double* from, double* to, const Manner& manner, JobContext& context) {
  switch (plan.kind) {
    case Plan::Kind::line:
      return run_line(plan, from, to, manner, context);
    case Plan::Kind::grid:
      return run_grid(plan, from, to, manner, context);
    case Plan::Kind::chirp:
      return run_chirp(plan, from, to, manner, context);
  }
}

namespace {

// Longer lines go one by one, each cut in two steps: eight of them at once would leave the cache.
constexpr std::size_t kLongestLine = 4096;

bool is_line(std::size_t length) { return length <= kLongestLine && is_smooth(length); }

void transform_rows(double* data, std::size_t rows, std::size_t columns, const Manner& manner,
                    JobContext& context) {
  const LaneKernel& kernel = best_kernel();
  const bool line = is_line(columns);
  const auto plan = find_plan(columns, line, context);
  if (!line) {
    for (std::size_t row = 0; row < rows; ++row) {
      const double begin = static_cast<double>(row) / static_cast<double>(rows);
      const double end = static_cast<double>(row + 1) / static_cast<double>(rows);
      transform(*plan, data + 2 * row * columns, data + 2 * row * columns, part_of(manner, begin, end),
                context);
    }
    return;
  }
  run_tasks(eights(rows), plan->columns.scratch(), manner, context, [&](std::size_t task, double* scratch) {
    const std::size_t first = task * lane_count, count = std::min(lane_count, rows - first);
    double* const at = data + 2 * first * columns;
    kernel.load_rows(scratch, at, columns, columns, count, manner.backward);
    const double* const result = plan->columns.run(kernel, scratch);
    kernel.store_rows(result, at, columns, columns, count, manner.backward, manner.scale);
  });
}

void transform_columns(double* data, std::size_t rows, std::size_t columns, const Manner& manner,
                       JobContext& context) {
  const LaneKernel& kernel = best_kernel();
  if (is_line(rows)) {
    const auto plan = find_plan(rows, true, context);
    run_tasks(
        eights(columns), plan->columns.scratch(), manner, context, [&](std::size_t task, double* scratch) {
          const std::size_t first = task * lane_count, count = std::min(lane_count, columns - first);
          kernel.load_columns(scratch, data + 2 * first, columns, rows, count, manner.backward);
          const double* const result = plan->columns.run(kernel, scratch);
          kernel.store_columns(result, data + 2 * first, columns, rows, count, manner.backward, manner.scale);
        });
    return;
  }
  // Eight columns are brought out as rows, transformed, and brought back.
  const Buffer cells = make_buffer(rows * cell_size), lines = make_buffer(2 * rows * lane_count);
  Manner each = manner;
  for (std::size_t first = 0; first < columns; first += lane_count) {
    const std::size_t count = std::min(lane_count, columns - first);
    kernel.load_columns(cells.get(), data + 2 * first, columns, rows, count, false);
    kernel.store_rows(cells.get(), lines.get(), rows, rows, count, false, 1);
    each = part_of(manner, static_cast<double>(first) / static_cast<double>(columns),
                   static_cast<double>(first + count) / static_cast<double>(columns));
    transform_rows(lines.get(), count, rows, each, context);
    kernel.load_rows(cells.get(), lines.get(), rows, rows, count, false);
    kernel.store_columns(cells.get(), data + 2 * first, columns, rows, count, false, 1);
    context.check();
  }
}

}  // namespace

void transform_2d(const double* from, double* to, std::size_t rows, std::size_t columns, const Manner& manner,
                  JobContext& context) {
  if (to != from) std::memmove(to, from, 2 * rows * columns * sizeof(double));
  Manner first = part_of(manner, 0, 0.5);
  first.scale = 1;
  transform_rows(to, rows, columns, first, context);
  transform_columns(to, rows, columns, part_of(manner, 0.5, 1), context);
}

}  // namespace numcore::fft
