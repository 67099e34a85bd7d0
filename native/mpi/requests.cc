// Requests: what has been started and may not have ended.
#include <chrono>

#include "mpi/call.h"

namespace numcore::mpi {
namespace {

// An ended request that is not persistent gives its index back.
void settle(int index) {
  Request& request = state().requests.at(index);
  if (!request.persistent) state().requests.remove(index);
}

void note_end(MPI_Status& status, double* to) {
  int cancelled = 0;
  MPI_Test_cancelled(&status, &cancelled);
  if (cancelled != 0) {
    // MPI leaves the rest undefined.
    to[0] = MPI_PROC_NULL;
    to[1] = MPI_ANY_TAG;
    to[2] = 0;
  } else {
    note(status, to);
  }
  to[3] = cancelled;
}

bool ended(int index) {
  Request& request = state().requests.at(index);
  MPI_Status status;
  int flag = 0;
  const int code = MPI_Test(&request.handle, &flag, &status);
  if (code != MPI_SUCCESS) {
    // It has ended, though badly.
    settle(index);
    throw Failed{code, "MPI_Test"};
  }
  if (flag == 0) return false;
  note_end(status, state().status);
  settle(index);
  return true;
}

napi_value wait(const Call& call) {
  const int index = call.integer(0);
  MPI_Status status;
  const int code = MPI_Wait(&state().requests.at(index).handle, &status);
  if (code == MPI_SUCCESS) note_end(status, state().status);
  settle(index);
  check(code, "MPI_Wait");
  return nullptr;
}

napi_value test(const Call& call) { return boolean(call.env(), ended(call.integer(0))); }

// spin(request, microseconds): tests until it has ended or the time is over.
napi_value spin(const Call& call) {
  using Clock = std::chrono::steady_clock;
  const int index = call.integer(0);
  const auto limit = Clock::now() + std::chrono::microseconds(call.integer(1));
  do {
    if (ended(index)) return boolean(call.env(), true);
  } while (Clock::now() < limit);
  return boolean(call.env(), false);
}

// testSome(requests, count, done, statuses, codes): which of them have ended. `done` gets positions in
// `requests`, statuses four numbers each, codes what MPI says of each. Returns how many.
napi_value test_some(const Call& call) {
  const auto count = static_cast<std::size_t>(call.integer(1));
  const int* indices = call.integers(0, count);
  int* done = call.integers(2, count);
  const Area numbers = call.area(3);
  int* codes = call.integers(4, count);
  if (numbers.kind != napi_float64_array || numbers.length < 4 * count)
    call.refuse("a long enough Float64Array", 3);
  static std::vector<MPI_Request> handles;
  static std::vector<MPI_Status> statuses;
  handles.resize(count);
  statuses.resize(count);
  for (std::size_t i = 0; i < count; ++i) handles[i] = state().requests.at(indices[i]).handle;
  int ended_count = 0;
  const int code = MPI_Testsome(static_cast<int>(count), handles.data(), &ended_count, done, statuses.data());
  if (code != MPI_ERR_IN_STATUS) check(code, "MPI_Testsome");
  if (ended_count == MPI_UNDEFINED) ended_count = 0;
  for (int k = 0; k < ended_count; ++k) {
    const auto at = static_cast<std::size_t>(k);
    const auto place = static_cast<std::size_t>(done[at]);
    codes[at] = code == MPI_ERR_IN_STATUS ? statuses[at].MPI_ERROR : MPI_SUCCESS;
    note_end(statuses[at], reinterpret_cast<double*>(numbers.data) + 4 * at);
    state().requests.at(indices[place]).handle = handles[place];
    settle(indices[place]);
  }
  return number(call, ended_count);
}

napi_value cancel(const Call& call) {
  check(MPI_Cancel(&state().requests.at(call.integer(0)).handle), "MPI_Cancel");
  return nullptr;
}

// start(request): a persistent one.
napi_value start(const Call& call) {
  check(MPI_Start(&state().requests.at(call.integer(0)).handle), "MPI_Start");
  return nullptr;
}

napi_value free_request(const Call& call) {
  check(MPI_Request_free(&state().requests.at(call.integer(0)).handle), "MPI_Request_free");
  state().requests.remove(call.integer(0));
  return nullptr;
}

// raiseCode(code): as if the routine had failed just now.
napi_value raise_code(const Call& call) { throw Failed{call.integer(0), "MPI_Testsome"}; }

}  // namespace

void init_requests(napi_env env, napi_value exports) {
  define<wait>(env, exports, "wait");
  define<test>(env, exports, "test");
  define<spin>(env, exports, "spin");
  define<test_some>(env, exports, "testSome");
  define<cancel>(env, exports, "cancel");
  define<start>(env, exports, "start");
  define<free_request>(env, exports, "requestFree");
  define<raise_code>(env, exports, "raiseCode");
}

}  // namespace numcore::mpi
