// From a JavaScript call to a compute thread and back. A family's file checks nothing but types (lib/ has
// validated), borrows the buffers and hands submit() a closure; everything about promises, cancelling and
// teardown is here.
#pragma once

#include <napi.h>

#include <functional>
#include <initializer_list>
#include <span>
#include <utility>
#include <vector>

#include "runtime/job_context.h"
#include "runtime/team_size.h"

namespace numcore::addon {

// Runs on the JS thread and turns the result into a value.
using Finish = std::function<Napi::Value(Napi::Env)>;
// Runs on a compute thread. What it throws becomes the job's error; Cancelled becomes code ABORT.
using Work = std::function<Finish(JobContext&)>;

// `small`: not worth a second thread, runs on one beside the wide jobs whatever `threads` says. `sleeping`:
// does not compute but waits for something.
enum class Size { small, wide, sleeping };

// The buffers that a job reads or writes: they are kept alive until it has ended.
class Lent {
 public:
  Lent(std::initializer_list<Napi::Value> buffers) : buffers_(buffers.begin(), buffers.size()) {}
  Lent(const std::vector<Napi::Value>& buffers) : buffers_(buffers) {}
  [[nodiscard]] std::span<const Napi::Value> get() const { return buffers_; }

 private:
  std::span<const Napi::Value> buffers_;
};

// What submit() is made of.
namespace jobs {

// The threads of a job that the caller waits for and that runs on the caller's own thread, which does as well
// as another, and nothing has to be woken; 0 for every other job.
int threads_here(const Napi::Value& control, Size size);
// Gives the job to the queue.
Napi::Value hand_over(const Napi::CallbackInfo& info, const Napi::Value& control, Size size, const Lent& lent,
                      Work work);
// The exception that is being handled, as JavaScript is to see it.
Napi::Error current_error(Napi::Env env);

}  // namespace jobs

// `control` is made by lib/job.ts: a number of threads, which computes and returns the value, or throws; or
//   { threads: number, done: (error, value) => void, progress?: (fraction) => void }
// which returns a function that cancels the job; `done` is called exactly once, unless the environment ends
// first.
//
// A template, because a small synchronous job is over sooner than it could be wrapped up for the queue.
template <class W>
Napi::Value submit(const Napi::CallbackInfo& info, const Napi::Value& control, Size size, const Lent& lent,
                   W&& work) {
  const int threads = jobs::threads_here(control, size);
  if (threads == 0) return jobs::hand_over(info, control, size, lent, Work(std::forward<W>(work)));
  const Napi::Env env = info.Env();
  try {
    JobContext context(threads);
    const TeamSize team(threads);
    return work(context)(env);
  } catch (const Napi::Error&) {
    throw;
  } catch (...) {
    throw jobs::current_error(env);
  }
}

// To be called once in every environment that loads the add-on, before any submit().
void init_jobs(Napi::Env env);

}  // namespace numcore::addon
