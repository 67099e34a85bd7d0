#include "addon/job.h"

#include <algorithm>
#include <atomic>
#include <condition_variable>
#include <exception>
#include <memory>
#include <mutex>
#include <new>
#include <unordered_map>
#include <utility>

#include "runtime/compute_queue.h"
#include "runtime/failure.h"
#include "runtime/team_size.h"

namespace numcore::addon {
namespace {

class Job;

// What compute threads know of a JavaScript environment: where to post, and whether it is still there. Shared
// by the environment and its jobs, because a job may outlive the environment.
class Mailbox {
 public:
  void open(napi_threadsafe_function wake) { wake_ = wake; }

  void post(std::shared_ptr<Job> job) {
    const std::lock_guard lock(mutex_);
    if (closed_) return;
    inbox_.push_back(std::move(job));
    napi_call_threadsafe_function(wake_, nullptr, napi_tsfn_nonblocking);
  }
  std::vector<std::shared_ptr<Job>> take() {
    const std::lock_guard lock(mutex_);
    return std::exchange(inbox_, {});
  }
  void close() {
    const std::lock_guard lock(mutex_);
    closed_ = true;
    inbox_.clear();
    napi_release_threadsafe_function(wake_, napi_tsfn_abort);
  }

 private:
  std::mutex mutex_;
  bool closed_ = false;
  napi_threadsafe_function wake_ = nullptr;
  std::vector<std::shared_ptr<Job>> inbox_;
};

class Job final : public Task, public std::enable_shared_from_this<Job> {
 public:
  Job(int threads, Work work, std::shared_ptr<Mailbox> mailbox, bool wants_progress)
      : context_(threads, wants_progress ? JobContext::ProgressSink([this](double f) { report(f); })
                                         : JobContext::ProgressSink()),
        work_(std::move(work)),
        mailbox_(std::move(mailbox)) {}

  void run() noexcept override {
    compute();
    end();
  }

  void cancel() noexcept override { context_.cancel(); }

  // The work itself, on the calling thread.
  void compute() noexcept {
    try {
      context_.check();
      const TeamSize team(context_.threads());
      finish_ = work_(context_);
    } catch (...) {
      error_ = std::current_exception();
    }
    work_ = nullptr;
  }

  // Says that run() will not be called, or has ended.
  void end() {
    {
      const std::lock_guard lock(mutex_);
      ended_ = true;
    }
    ended_changed_.notify_all();
    if (mailbox_) mailbox_->post(shared_from_this());
  }
  void drop() {
    error_ = std::make_exception_ptr(Cancelled{});
    end();
  }

  void wait() {
    std::unique_lock lock(mutex_);
    ended_changed_.wait(lock, [&] { return ended_; });
  }
  bool ended() const noexcept override {
    const std::lock_guard lock(mutex_);
    return ended_;
  }

  const std::exception_ptr& error() const { return error_; }
  const Finish& finish() const { return finish_; }

  // The newest fraction not yet told to JavaScript, or -1.
  double take_fraction() { return fraction_.exchange(-1.0); }

 private:
  // Compute threads call this as often as they like; at most one message is under way.
  void report(double fraction) {
    if (fraction_.exchange(fraction) < 0.0) mailbox_->post(shared_from_this());
  }

  JobContext context_;
  Work work_;
  std::shared_ptr<Mailbox> mailbox_;
  Finish finish_;
  std::exception_ptr error_;
  std::atomic<double> fraction_{-1.0};
  mutable std::mutex mutex_;
  std::condition_variable ended_changed_;
  bool ended_ = false;
};

Napi::Error to_js(Napi::Env env, const std::exception_ptr& error) {
  const auto make = [&](const char* message, const char* code, double where) {
    Napi::Error js = Napi::Error::New(env, message);
    js.Set("code", Napi::String::New(env, code));
    if (where >= 0) js.Set("where", Napi::Number::New(env, where));
    return js;
  };
  try {
    std::rethrow_exception(error);
  } catch (const Cancelled&) {
    return make("The job was cancelled", "ABORT", -1);
  } catch (const Failure& failure) {
    return make(failure.what(), failure.code(), static_cast<double>(failure.where()));
  } catch (const std::bad_alloc&) {
    return make("Not enough memory", "ERR_OUT_OF_MEMORY", -1);
  } catch (const std::exception& other) {
    return make(other.what(), "ERR_INTERNAL", -1);
  } catch (...) {
    return make("Unknown failure", "ERR_INTERNAL", -1);
  }
}

// One per environment (the main thread and each worker), used on its JavaScript thread only.
class Environment {
 public:
  explicit Environment(napi_env env) : env_(env) {
    napi_value name = nullptr;
    napi_create_string_utf8(env, "numcore", NAPI_AUTO_LENGTH, &name);
    napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, this, on_wake,
                                    &wake_);
    napi_unref_threadsafe_function(env, wake_);
    mailbox_->open(wake_);
  }

  void start(std::shared_ptr<Job> job, Lane lane, Napi::FunctionReference done,
             Napi::FunctionReference progress, std::vector<Napi::Reference<Napi::Value>> lent) {
    ComputeQueue::instance().submit(job, lane);
    Job* key = job.get();
    open_.emplace(key, Open{std::move(job), std::move(done), std::move(progress), std::move(lent)});
    if (open_.size() == 1) napi_ref_threadsafe_function(env_, wake_);
  }

  void cancel(const std::shared_ptr<Job>& job) {
    if (!open_.contains(job.get())) return;
    if (ComputeQueue::instance().remove(job.get())) {
      job->drop();
    } else {
      job->cancel();
    }
  }

  // The environment is going: nobody will hear the results, and its buffers go with it, so every job that
  // still uses them has to have stopped before we return.
  void close() {
    mailbox_->close();
    for (auto& [key, open] : open_) {
      if (ComputeQueue::instance().remove(key)) {
        open.job->drop();
      } else {
        open.job->cancel();
      }
    }
    for (auto& [key, open] : open_) open.job->wait();
    open_.clear();
  }

  const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }

 private:
  struct Open {
    std::shared_ptr<Job> job;
    Napi::FunctionReference done, progress;
    std::vector<Napi::Reference<Napi::Value>> lent;
  };

  // Called from C, which no exception may reach. One comes when a worker is being terminated at this moment:
  // no value can be made in its environment any more, and nobody there waits for one; close() ends what is
  // left.
  static void on_wake(napi_env env, napi_value, void* self, void*) {
    if (env == nullptr) return;
    try {
      static_cast<Environment*>(self)->deliver(env);
    } catch (const Napi::Error&) {
    }
  }

  void deliver(Napi::Env env) {
    for (const std::shared_ptr<Job>& job : mailbox_->take()) {
      const Napi::HandleScope scope(env);
      // Asked first, so that what a finished job has reported is not lost.
      const bool ended = job->ended();
      const double fraction = job->take_fraction();
      if (const auto told = open_.find(job.get()); fraction >= 0 && told != open_.end()) {
        call(told->second.progress, env, {Napi::Number::New(env, fraction)});
      }
      // Looked up again: `progress` may run JavaScript that submits, and a table that grows moves.
      const auto found = open_.find(job.get());
      if (!ended || found == open_.end()) continue;
      // Out of the table first: `done` may run JavaScript that submits or cancels.
      Open open = std::move(found->second);
      open_.erase(found);
      if (open_.empty()) napi_unref_threadsafe_function(env, wake_);
      settle(env, open);
    }
  }

  static void settle(Napi::Env env, Open& open) {
    std::exception_ptr error = open.job->error();
    Napi::Value value = env.Undefined();
    if (!error) {
      try {
        value = open.job->finish()(env);
      } catch (const Napi::Error& thrown) {
        call(open.done, env, {thrown.Value()});
        return;
      } catch (...) {
        error = std::current_exception();
      }
    }
    if (error) {
      call(open.done, env, {to_js(env, error).Value()});
    } else {
      call(open.done, env, {env.Null(), value});
    }
  }

  // lib/job.ts gives callbacks that do not throw; should one all the same, it is an uncaught exception like
  // any other.
  static void call(const Napi::FunctionReference& function, Napi::Env env,
                   std::initializer_list<napi_value> arguments) {
    if (function.IsEmpty()) return;
    try {
      function.MakeCallback(env.Global(), arguments);
    } catch (const Napi::Error& error) {
      napi_fatal_exception(env, error.Value());
    }
  }

  napi_env env_;
  napi_threadsafe_function wake_ = nullptr;
  std::shared_ptr<Mailbox> mailbox_ = std::make_shared<Mailbox>();
  std::unordered_map<Job*, Open> open_;
};

// The cleanup hook deletes it; Node-API's own finalizer would come after the buffers have gone.
void keep(Napi::Env, Environment*) {}

}  // namespace

void init_jobs(Napi::Env env) {
  auto* environment = new Environment(env);
  env.SetInstanceData<Environment, keep>(environment);
  env.AddCleanupHook(
      [](Environment* closing) {
        closing->close();
        delete closing;
      },
      environment);
}

namespace jobs {
namespace {

Lane lane_of(Size size, int threads) {
  return size == Size::sleeping ? Lane::sleeping : threads == 1 ? Lane::narrow : Lane::wide;
}

}  // namespace

int threads_here(const Napi::Value& control, Size size) {
  if (!control.IsNumber()) return 0;
  const int threads = size == Size::wide ? control.As<Napi::Number>().Int32Value() : 1;
  return lane_of(size, threads) == Lane::wide ? 0 : threads;
}

Napi::Error current_error(Napi::Env env) { return to_js(env, std::current_exception()); }

Napi::Value hand_over(const Napi::CallbackInfo& info, const Napi::Value& control, Size size, const Lent& lent,
                      Work work) {
  const Napi::Env env = info.Env();
  if (control.IsNumber()) {
    const int threads = control.As<Napi::Number>().Int32Value();
    auto job = std::make_shared<Job>(threads, std::move(work), nullptr, false);
    ComputeQueue::instance().submit(job, lane_of(size, threads));
    job->wait();
    if (job->error()) throw to_js(env, job->error());
    return job->finish()(env);
  }

  const auto options = control.As<Napi::Object>();
  const int asked = options.Get("threads").As<Napi::Number>().Int32Value();
  const int threads = size == Size::wide ? asked : 1;
  const auto function = [&](const char* name) {
    const Napi::Value value = options.Get(name);
    return value.IsFunction() ? Napi::Persistent(value.As<Napi::Function>()) : Napi::FunctionReference();
  };
  auto* environment = env.GetInstanceData<Environment>();
  Napi::FunctionReference progress = function("progress");
  auto job = std::make_shared<Job>(threads, std::move(work), environment->mailbox(), !progress.IsEmpty());
  std::vector<Napi::Reference<Napi::Value>> kept;
  kept.reserve(lent.get().size());
  for (const Napi::Value& each : lent.get()) kept.push_back(Napi::Persistent(each));
  environment->start(job, lane_of(size, threads), function("done"), std::move(progress), std::move(kept));
  return Napi::Function::New(
      env, [job, env](const Napi::CallbackInfo&) { env.GetInstanceData<Environment>()->cancel(job); });
}

}  // namespace jobs

}  // namespace numcore::addon
