// The process-wide compute queue. Wide jobs run one after another on one thread, the only OpenMP master that
// ever opens a team (two teams at once would fight for the cores). Small jobs, and those that ask for one
// thread, run beside it and beside each other, up to the number of CPUs. libuv's pool is never used.
#pragma once

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <memory>
#include <mutex>
#include <vector>

namespace numcore {

// `sleeping` is for what waits for others and needs no CPU: any number beside each other, up to a limit that
// only guards against running away.
enum class Lane { narrow, wide, sleeping };

// One piece of queued work. `run` is called once on a compute thread unless remove() came first; `cancel` may
// come from any thread and asks a running task to end soon.
class Task {
 public:
  virtual ~Task() = default;
  virtual void run() noexcept = 0;
  virtual void cancel() noexcept = 0;
  // True from the moment in which others may hear that it has ended, which is before run() returns.
  virtual bool ended() const noexcept = 0;
};

class ComputeQueue {
 public:
  // Lives until the process ends, on purpose: its threads may still wait in it while destructors run.
  static ComputeQueue& instance();

  void submit(std::shared_ptr<Task> task, Lane lane);

  // True when the task was still waiting and will now never run.
  bool remove(const Task* task);

  // A task that has ended is no load, even while its thread is still on the way out of it: whoever has heard
  // of its end finds it gone.
  struct Load {
    std::size_t queued, running;
  };
  Load load() const;

 private:
  struct LaneState {
    std::deque<std::shared_ptr<Task>> waiting;
    std::condition_variable arrived;
    int threads = 0, idle = 0;
  };

  ComputeQueue();
  LaneState& state_of(Lane lane);
  void shut_down();
  void work(LaneState& lane);
  void start_thread(LaneState& lane);

  mutable std::mutex mutex_;
  LaneState narrow_, wide_, sleeping_;
  std::vector<std::shared_ptr<Task>> running_;
  std::condition_variable task_ended_;
  bool closed_ = false;
};

}  // namespace numcore
