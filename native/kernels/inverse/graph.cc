#include "kernels/inverse/graph.h"

#include <algorithm>
#include <chrono>
#include <condition_variable>
#include <exception>
#include <functional>
#include <mutex>
#include <queue>
#include <utility>

namespace numcore::inverse {

Graph::Id Graph::add(std::int64_t rank, double weight, std::function<void()> run) {
  tasks_.push_back({rank, weight, std::move(run), {}, 0});
  return static_cast<Id>(tasks_.size() - 1);
}

void Graph::after(Id later, Id earlier) {
  tasks_[earlier].next.push_back(later);
  ++tasks_[later].waits_for;
}

void Graph::run(JobContext& context, const std::atomic<bool>& stop, double from, double to) {
  using Ready = std::pair<std::int64_t, Id>;
  std::priority_queue<Ready, std::vector<Ready>, std::greater<>> ready;
  double total = 0, done = 0, told = from;
  for (Id id = 0; id < tasks_.size(); ++id) {
    total += tasks_[id].weight;
    if (tasks_[id].waits_for == 0) ready.push({tasks_[id].rank, id});
  }
  if (traces) traces->emplace_back(tasks_.size());
  std::size_t left = tasks_.size();
  std::mutex mutex;
  std::condition_variable changed;
  std::exception_ptr thrown;
  const auto skip = [&] { return context.cancelled() || stop.load(std::memory_order_relaxed) || thrown; };

  const auto work = [&] {
    std::unique_lock lock(mutex);
    while (left > 0) {
      if (ready.empty()) {
        changed.wait(lock);
        continue;
      }
      const Id id = ready.top().second;
      ready.pop();
      if (!skip()) {
        lock.unlock();
        std::exception_ptr mine;
        const auto start = std::chrono::steady_clock::now();
        try {
          tasks_[id].run();
        } catch (...) {
          mine = std::current_exception();
        }
        const std::chrono::duration<double> taken = std::chrono::steady_clock::now() - start;
        lock.lock();
        if (mine && !thrown) thrown = mine;
        if (traces) traces->back()[id] = {taken.count(), tasks_[id].rank, tasks_[id].next};
      }
      done += tasks_[id].weight;
      --left;
      std::size_t woken = 0;
      for (const Id next : tasks_[id].next) {
        if (--tasks_[next].waits_for > 0) continue;
        ready.push({tasks_[next].rank, next});
        ++woken;
      }
      if (left == 0 || woken > 1) {
        changed.notify_all();
      } else if (woken == 1 && ready.size() > 1) {
        changed.notify_one();
      }
      // Inside the lock, so that it only rises; a hundred times at most, so that nobody waits for it.
      const double now = from + (to - from) * (total > 0 ? done / total : 1);
      if (now - told >= 0.01 && !skip()) {
        told = now;
        context.progress(now);
      }
    }
  };
  if (context.threads() == 1 || tasks_.size() <= 1) {
    work();
  } else {
#pragma omp parallel num_threads(context.threads())
    work();
  }
  tasks_.clear();
  if (thrown) std::rethrow_exception(thrown);
}

}  // namespace numcore::inverse
