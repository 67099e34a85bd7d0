// Start and end of MPI, and its constants: they differ between implementations and are never written down in
// lib/.
#include <sched.h>

#include <algorithm>
#include <iterator>

#include "mpi/call.h"
#include "runtime/huge_pages.h"

namespace numcore::mpi {
namespace {

struct Constant {
  const char* name;
  int value;
};

constexpr int kFamilies[] = {
    MPI_ERR_BUFFER,       MPI_ERR_COUNT,     MPI_ERR_TYPE,        MPI_ERR_TAG,
    MPI_ERR_COMM,         MPI_ERR_RANK,      MPI_ERR_ROOT,        MPI_ERR_GROUP,
    MPI_ERR_OP,           MPI_ERR_TOPOLOGY,  MPI_ERR_DIMS,        MPI_ERR_ARG,
    MPI_ERR_UNKNOWN,      MPI_ERR_TRUNCATE,  MPI_ERR_OTHER,       MPI_ERR_INTERN,
    MPI_ERR_PENDING,      MPI_ERR_IN_STATUS, MPI_ERR_REQUEST,     MPI_ERR_ACCESS,
    MPI_ERR_AMODE,        MPI_ERR_BAD_FILE,  MPI_ERR_FILE_EXISTS, MPI_ERR_FILE_IN_USE,
    MPI_ERR_FILE,         MPI_ERR_IO,        MPI_ERR_NO_MEM,      MPI_ERR_NO_SPACE,
    MPI_ERR_NO_SUCH_FILE, MPI_ERR_READ_ONLY, MPI_ERR_RMA_SYNC,    MPI_ERR_SIZE,
    MPI_ERR_DISP,         MPI_ERR_WIN,       MPI_ERR_LOCKTYPE,    MPI_ERR_UNSUPPORTED_OPERATION};
constexpr const char* kFamilyNames[] = {
    "ERR_BUFFER",       "ERR_COUNT",     "ERR_TYPE",        "ERR_TAG",
    "ERR_COMM",         "ERR_RANK",      "ERR_ROOT",        "ERR_GROUP",
    "ERR_OP",           "ERR_TOPOLOGY",  "ERR_DIMS",        "ERR_ARG",
    "ERR_UNKNOWN",      "ERR_TRUNCATE",  "ERR_OTHER",       "ERR_INTERN",
    "ERR_PENDING",      "ERR_IN_STATUS", "ERR_REQUEST",     "ERR_ACCESS",
    "ERR_AMODE",        "ERR_BAD_FILE",  "ERR_FILE_EXISTS", "ERR_FILE_IN_USE",
    "ERR_FILE",         "ERR_IO",        "ERR_NO_MEM",      "ERR_NO_SPACE",
    "ERR_NO_SUCH_FILE", "ERR_READ_ONLY", "ERR_RMA_SYNC",    "ERR_SIZE",
    "ERR_DISP",         "ERR_WIN",       "ERR_LOCKTYPE",    "ERR_UNSUPPORTED_OPERATION"};
static_assert(std::size(kFamilies) == std::size(kFamilyNames));

napi_value constants(napi_env env) {
  const Constant all[] = {
      {"ANY_SOURCE", MPI_ANY_SOURCE},
      {"ANY_TAG", MPI_ANY_TAG},
      {"PROC_NULL", MPI_PROC_NULL},
      {"UNDEFINED", MPI_UNDEFINED},
      {"IDENT", MPI_IDENT},
      {"CONGRUENT", MPI_CONGRUENT},
      {"SIMILAR", MPI_SIMILAR},
      {"UNEQUAL", MPI_UNEQUAL},
      {"MODE_RDONLY", MPI_MODE_RDONLY},
      {"MODE_WRONLY", MPI_MODE_WRONLY},
      {"MODE_RDWR", MPI_MODE_RDWR},
      {"MODE_CREATE", MPI_MODE_CREATE},
      {"MODE_EXCL", MPI_MODE_EXCL},
      {"MODE_APPEND", MPI_MODE_APPEND},
      {"MODE_DELETE_ON_CLOSE", MPI_MODE_DELETE_ON_CLOSE},
      {"MODE_NOCHECK", MPI_MODE_NOCHECK},
      {"MODE_NOSTORE", MPI_MODE_NOSTORE},
      {"MODE_NOPUT", MPI_MODE_NOPUT},
      {"MODE_NOPRECEDE", MPI_MODE_NOPRECEDE},
      {"MODE_NOSUCCEED", MPI_MODE_NOSUCCEED},
      {"LOCK_EXCLUSIVE", MPI_LOCK_EXCLUSIVE},
      {"LOCK_SHARED", MPI_LOCK_SHARED},
  };
  napi_value result = object(env);
  for (const auto& [name, value] : all) set(env, result, name, number(env, value));
  return result;
}

napi_value families(napi_env env) {
  napi_value result = object(env);
  for (std::size_t i = 0; i < std::size(kFamilies); ++i) {
    set(env, result, kFamilyNames[i], number(env, kFamilies[i]));
  }
  return result;
}

int tag_limit() {
  void* value = nullptr;
  int found = 0;
  MPI_Comm_get_attr(MPI_COMM_WORLD, MPI_TAG_UB, static_cast<void*>(&value), &found);
  return found != 0 ? *static_cast<int*>(value) : 32767;
}

// Numbers that JavaScript sees as a Float64Array and we as memory; see State::status and State::frame.
napi_value shared_numbers(napi_env env, std::size_t count, double** numbers) {
  void* data = nullptr;
  napi_value buffer = nullptr, result = nullptr;
  napi_create_arraybuffer(env, count * sizeof(double), &data, &buffer);
  napi_create_typedarray(env, napi_float64_array, count, buffer, 0, &result);
  napi_ref keep = nullptr;
  napi_create_reference(env, result, 1, &keep);
  *numbers = static_cast<double*>(data);
  return result;
}

// init(level, makeError), level from 0 (single) to 3 (multiple): one environment of the process may, and it
// owns MPI from then on.
napi_value init(const Call& call) {
  if (state().env != nullptr) {
    napi_throw_error(call.env(), "ERR_NO_MPI",
                     "MPI belongs to another thread of this process: import numcore/mpi in one thread only");
    throw Thrown{};
  }
  const napi_env env = call.env();
  napi_create_reference(env, call.value(1), 1, &state().make_error);
  constexpr int kLevels[] = {MPI_THREAD_SINGLE, MPI_THREAD_FUNNELED, MPI_THREAD_SERIALIZED,
                             MPI_THREAD_MULTIPLE};
  int already = 0, provided = 0;
  MPI_Initialized(&already);
  if (already == 0) {
    check(MPI_Init_thread(nullptr, nullptr, kLevels[call.integer(0) & 3], &provided), "MPI_Init_thread");
  } else {
    MPI_Query_thread(&provided);
  }
  state().env = env;
  MPI_Comm_set_errhandler(MPI_COMM_WORLD, MPI_ERRORS_RETURN);
  MPI_Comm_set_errhandler(MPI_COMM_SELF, MPI_ERRORS_RETURN);
  MPI_File_set_errhandler(MPI_FILE_NULL, MPI_ERRORS_RETURN);
  state().comms.add(MPI_COMM_WORLD);
  state().comms.add(MPI_COMM_SELF);
  state().groups.add(MPI_GROUP_EMPTY);

  int version = 0, part = 0, length = 0;
  MPI_Get_version(&version, &part);
  char library[MPI_MAX_LIBRARY_VERSION_STRING + 1] = "";
  MPI_Get_library_version(library, &length);
  char host[MPI_MAX_PROCESSOR_NAME + 1] = "";
  MPI_Get_processor_name(host, &length);

  napi_value result = object(env);
  const auto level = std::find(std::begin(kLevels), std::end(kLevels), provided) - std::begin(kLevels);
  set(env, result, "provided", number(env, static_cast<double>(level)));
  set(env, result, "version", string(env, std::to_string(version) + "." + std::to_string(part)));
  set(env, result, "library", string(env, library));
  set(env, result, "host", string(env, host));
  set(env, result, "tagLimit", number(env, tag_limit()));
  set(env, result, "constants", constants(env));
  set(env, result, "errorClasses", families(env));
  set(env, result, "types", predefine_types(env));
  set(env, result, "ops", predefine_operations(env));
  set(env, result, "status", shared_numbers(env, 4, &state().status));
  double* frame = nullptr;
  set(env, result, "frame", shared_numbers(env, 6, &frame));
  state().frame = frame;
  return result;
}

// setScratch(Uint8Array): where receiveObject puts messages that fit.
napi_value set_scratch(const Call& call) {
  const Area area = call.area(0);
  napi_ref keep = nullptr;
  napi_create_reference(call.env(), call.value(0), 1, &keep);
  state().scratch = area.data;
  state().scratch_bytes = area.bytes;
  return nullptr;
}

// setMostElements(count): for tests of what happens to more elements than an int counts.
napi_value set_most_elements(const Call& call) {
  state().most_elements = call.integer(0);
  return nullptr;
}

napi_value finalize(const Call&) {
  int done = 0;
  MPI_Finalized(&done);
  if (done == 0) check(MPI_Finalize(), "MPI_Finalize");
  return nullptr;
}

napi_value finalized(const Call& call) {
  int done = 0;
  MPI_Finalized(&done);
  return boolean(call.env(), done != 0);
}

napi_value abort_job(const Call& call) {
  MPI_Abort(call.comm(0), call.integer(1));
  return nullptr;
}

// Lets another process have the core: ranks may be more than cores.
napi_value yield_core(const Call&) {
  sched_yield();
  return nullptr;
}

// useLargePages(array): new memory that is going to be filled. Linux fetches pages of 4 KB one by one when
// they are first touched, which takes several times as long as the transfer itself; asked so, it fetches 2 MB
// at a time. Only a hint: where it is not heeded, nothing changes.
napi_value use_large_pages(const Call& call) {
  const Area area = call.area(0);
  prefer_huge_pages(area.data, area.bytes);
  return nullptr;
}

napi_value wtime(const Call& call) { return number(call, MPI_Wtime()); }
napi_value wtick(const Call& call) { return number(call, MPI_Wtick()); }

}  // namespace

void init_environment(napi_env env, napi_value exports) {
  define<init>(env, exports, "init");
  define<set_scratch>(env, exports, "setScratch");
  define<set_most_elements>(env, exports, "setMostElements");
  define<finalize>(env, exports, "finalize");
  define<finalized>(env, exports, "finalized");
  define<abort_job>(env, exports, "abort");
  define<yield_core>(env, exports, "yieldCore");
  define<use_large_pages>(env, exports, "useLargePages");
  define<wtime>(env, exports, "wtime");
  define<wtick>(env, exports, "wtick");
}

}  // namespace numcore::mpi

NAPI_MODULE_INIT() {
  using namespace numcore::mpi;
  init_environment(env, exports);
  init_types(env, exports);
  init_operations(env, exports);
  init_point_to_point(env, exports);
  init_requests(env, exports);
  init_collectives(env, exports);
  init_communicators(env, exports);
  init_groups(env, exports);
  init_windows(env, exports);
  init_files(env, exports);
  init_distributed(env, exports);
  return exports;
}
