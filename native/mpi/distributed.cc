// The edge of what ranks compute together with ScaLAPACK. It takes long, so it runs on a thread of its own
// beside JavaScript's, where MPI allows that (MPI_THREAD_MULTIPLE; lib/mpi/distributed/ looks after it).
#include <exception>
#include <memory>
#include <mutex>
#include <thread>

#include "mpi/call.h"
#include "mpi/inverse.h"

namespace numcore::mpi {
namespace {

// scalapackOpen(file): why it cannot be used; undefined when it can.
napi_value scalapack_open(const Call& call) {
  const std::string reason = open_scalapack(call.text(0));
  return reason.empty() ? nullptr : string(call.env(), reason);
}

// scalapackFiles(): { scalapack, blas }
napi_value scalapack_files(const Call& call) {
  napi_value result = object(call.env());
  set(call.env(), result, "scalapack", string(call.env(), scalapack().file));
  set(call.env(), result, "blas", string(call.env(), scalapack().blas));
  return result;
}

struct Job {
  InverseTask task{};
  InverseReport report;
  std::exception_ptr error;
  napi_ref part = nullptr;
  napi_ref done = nullptr;
  napi_threadsafe_function wake = nullptr;

  void run() {
    // The BLACS keep their grids in tables that know nothing of threads.
    static std::mutex one_at_a_time;
    const std::lock_guard lock(one_at_a_time);
    try {
      report = invert(task, scalapack());
    } catch (...) {
      error = std::current_exception();
    }
  }
};

napi_value to_object(napi_env env, const InverseReport& report) {
  napi_value result = object(env);
  set(env, result, "verdict", number(env, static_cast<int>(report.verdict)));
  set(env, result, "where", number(env, static_cast<double>(report.where)));
  set(env, result, "value", number(env, report.value));
  set(env, result, "cholesky", boolean(env, report.cholesky));
  set(env, result, "rcond", number(env, report.rcond));
  set(env, result, "residual", number(env, report.residual));
  return result;
}

// Back on JavaScript's thread: done(report), or done(undefined, error).
void deliver(napi_env env, napi_value, void*, void* data) {
  const std::unique_ptr<Job> job(static_cast<Job*>(data));
  --state().computing;
  if (env == nullptr) return;
  napi_value done = nullptr, self = nullptr;
  napi_get_undefined(env, &self);
  napi_get_reference_value(env, job->done, &done);
  napi_value arguments[] = {self, nullptr};
  std::size_t count = 1;
  if (job->error) {
    try {
      std::rethrow_exception(job->error);
    } catch (...) {
      raise(env);
    }
    napi_get_and_clear_last_exception(env, &arguments[1]);
    count = 2;
  } else {
    arguments[0] = to_object(env, job->report);
  }
  napi_delete_reference(env, job->part);
  napi_delete_reference(env, job->done);
  napi_call_function(env, self, done, count, arguments, nullptr);
}

Assume assumption(int value) { return static_cast<Assume>(value); }

// inverse(comm, part, order, block, gridRows, gridColumns, assume, threads, single, done): a part of null
// stands for memory that could not be had. Without `done` (undefined) the report is returned, else `done` is
// called.
napi_value inverse(const Call& call) {
  const napi_env env = call.env();
  auto job = std::make_unique<Job>();
  const Area part = call.area(1);
  int rank = 0;
  check(MPI_Comm_rank(call.comm(0), &rank), "MPI_Comm_rank");
  const Layout layout{call.integer(2), call.integer(3), call.integer(4), call.integer(5), rank};
  const bool single = call.truth(8);
  // A part without elements has no memory either.
  static double nothing = 0;
  void* const data =
      part.bytes == 0 && part.kind != napi_uint8_array ? &nothing : static_cast<void*>(part.data);
  if (data != nullptr && part.bytes != layout.size() * (single ? sizeof(float) : sizeof(double))) {
    call.refuse("this rank's part of the matrix", 1);
  }
  job->task = {call.comm(0), layout, assumption(call.integer(6)), call.integer(7), single, data};
  napi_valuetype kind = napi_undefined;
  napi_typeof(env, call.value(9), &kind);
  if (kind != napi_function) {
    job->run();
    if (job->error) std::rethrow_exception(job->error);
    return to_object(env, job->report);
  }
  napi_create_reference(env, call.value(1), 1, &job->part);
  napi_create_reference(env, call.value(9), 1, &job->done);
  napi_value name = string(env, "numcore/mpi");
  if (napi_create_threadsafe_function(env, nullptr, nullptr, name, 0, 1, nullptr, nullptr, nullptr, deliver,
                                      &job->wake) != napi_ok) {
    throw Refused("No function can be called from another thread");
  }
  ++state().computing;
  std::thread([raw = job.release()] {
    raw->run();
    napi_threadsafe_function const wake = raw->wake;
    napi_call_threadsafe_function(wake, raw, napi_tsfn_blocking);
    napi_release_threadsafe_function(wake, napi_tsfn_release);
  }).detach();
  return nullptr;
}

// computing(): whether another thread is at work with the other ranks.
napi_value computing(const Call& call) { return boolean(call.env(), state().computing > 0); }

}  // namespace

void init_distributed(napi_env env, napi_value exports) {
  define<scalapack_open>(env, exports, "scalapackOpen");
  define<scalapack_files>(env, exports, "scalapackFiles");
  define<inverse>(env, exports, "inverse");
  define<computing>(env, exports, "computing");
}

}  // namespace numcore::mpi
