// What a running kernel is told and may ask: how many threads it has, whether anybody still wants
// the result, and where to say how far it is. Kernels get one as an argument; nothing is global.
#pragma once

#include <atomic>
#include <functional>
#include <utility>

namespace numcore {

// Thrown by JobContext::check() to unwind a kernel whose result nobody wants any more.
// Never throw it out of an OpenMP region: leave the region first, then check().
struct Cancelled {};

class JobContext {
 public:
  using ProgressSink = std::function<void(double)>;

  explicit JobContext(int threads, ProgressSink sink = {})
      : threads_(threads < 1 ? 1 : threads), sink_(std::move(sink)) {}
  JobContext(const JobContext&) = delete;
  JobContext& operator=(const JobContext&) = delete;

  // The width of every parallel region of the job: pass it as num_threads(context.threads()).
  [[nodiscard]] int threads() const noexcept { return threads_; }

  // Cheap enough for every tile or chunk (a relaxed load); safe from every thread.
  [[nodiscard]] bool cancelled() const noexcept { return cancelled_.load(std::memory_order_relaxed); }
  void check() const {
    if (cancelled()) throw Cancelled{};
  }
  void cancel() noexcept { cancelled_.store(true, std::memory_order_relaxed); }

  // `fraction` is 0 to 1 of the whole job. Safe from every thread; the sink drops what comes too often. What
  // is less than was said before is not passed on: a kernel that begins again is no further back for those
  // who wait.
  void progress(double fraction) const {
    if (!sink_) return;
    double most = most_.load(std::memory_order_relaxed);
    while (fraction >= most) {
      if (most_.compare_exchange_weak(most, fraction, std::memory_order_relaxed)) return sink_(fraction);
    }
  }

 private:
  const int threads_;
  std::atomic<bool> cancelled_{false};
  mutable std::atomic<double> most_{0};
  ProgressSink sink_;
};

}  // namespace numcore
