#include "runtime/compute_queue.h"

#include <pthread.h>

#include <algorithm>
#include <cstdlib>
#include <system_error>
#include <utility>

#include "runtime/threads.h"

namespace numcore {
namespace {

// LAPACK's recursive routines keep buffers on the stack, and musl's default is 128 kB.
constexpr std::size_t kStackBytes = std::size_t{8} << 20;

struct Start {
  std::function<void()> body;
};
extern "C" void* run_start(void* argument) {
  std::unique_ptr<Start> start(static_cast<Start*>(argument));
  start->body();
  return nullptr;
}

void start_detached(std::function<void()> body) {
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
  pthread_attr_setstacksize(&attributes, kStackBytes);
  auto start = std::make_unique<Start>(Start{std::move(body)});
  pthread_t thread;
  const int error = pthread_create(&thread, &attributes, run_start, start.get());
  pthread_attr_destroy(&attributes);
  if (error != 0) throw std::system_error(error, std::generic_category(), "could not start a compute thread");
  pthread_setname_np(thread, "numcore");
  start.release();
}

}  // namespace

ComputeQueue& ComputeQueue::instance() {
  static ComputeQueue* queue = new ComputeQueue;
  return *queue;
}

// process.exit() ends the main thread without the clean-up of its environment, and exit() then runs the
// destructors of OpenBLAS, which take the memory away from under a running job. Handlers registered now come
// before those.
ComputeQueue::ComputeQueue() {
  std::atexit([] { instance().shut_down(); });
}

void ComputeQueue::shut_down() {
  std::unique_lock lock(mutex_);
  closed_ = true;
  wide_.waiting.clear();
  narrow_.waiting.clear();
  sleeping_.waiting.clear();
  for (const auto& task : running_) task->cancel();
  task_ended_.wait(lock, [&] { return running_.empty(); });
}

ComputeQueue::LaneState& ComputeQueue::state_of(Lane lane) {
  return lane == Lane::wide ? wide_ : lane == Lane::narrow ? narrow_ : sleeping_;
}

void ComputeQueue::submit(std::shared_ptr<Task> task, Lane which) {
  LaneState& lane = state_of(which);
  const int limit = which == Lane::wide ? 1 : which == Lane::narrow ? available_cpus() : kMaxThreads;
  const std::lock_guard lock(mutex_);
  if (closed_) return;
  lane.waiting.push_back(std::move(task));
  if (static_cast<int>(lane.waiting.size()) > lane.idle && lane.threads < limit) {
    try {
      start_thread(lane);
    } catch (const std::system_error&) {
      // With one thread alive the task still gets its turn; with none it never would.
      if (lane.threads == 0) {
        lane.waiting.pop_back();
        throw;
      }
    }
  }
  lane.arrived.notify_one();
}

void ComputeQueue::start_thread(LaneState& lane) {
  start_detached([this, &lane] { work(lane); });
  ++lane.threads;
}

void ComputeQueue::work(LaneState& lane) {
  std::unique_lock lock(mutex_);
  for (;;) {
    ++lane.idle;
    lane.arrived.wait(lock, [&] { return !lane.waiting.empty(); });
    --lane.idle;
    std::shared_ptr<Task> task = std::move(lane.waiting.front());
    lane.waiting.pop_front();
    running_.push_back(task);
    lock.unlock();
    task->run();
    lock.lock();
    running_.erase(std::find(running_.begin(), running_.end(), task));
    task_ended_.notify_all();
    lock.unlock();
    task.reset();  // outside the lock: it may free much memory
    lock.lock();
  }
}

bool ComputeQueue::remove(const Task* task) {
  const std::lock_guard lock(mutex_);
  for (LaneState* lane : {&wide_, &narrow_, &sleeping_}) {
    const auto found = std::find_if(lane->waiting.begin(), lane->waiting.end(),
                                    [&](const std::shared_ptr<Task>& each) { return each.get() == task; });
    if (found != lane->waiting.end()) {
      lane->waiting.erase(found);
      return true;
    }
  }
  return false;
}

ComputeQueue::Load ComputeQueue::load() const {
  const std::lock_guard lock(mutex_);
  const auto running = std::count_if(running_.begin(), running_.end(),
                                     [](const std::shared_ptr<Task>& task) { return !task->ended(); });
  return {wide_.waiting.size() + narrow_.waiting.size(), static_cast<std::size_t>(running)};
}

}  // namespace numcore
