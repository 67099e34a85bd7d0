// One-sided communication and memory that the ranks of one machine share.
#include "mpi/call.h"

namespace numcore::mpi {
namespace {

Window& window(const Call& call, std::size_t i) { return state().windows.at(call.integer(i)); }

napi_value view(const Call& call, Window& one, void* data, std::size_t bytes) {
  napi_value result = external(call.env(), data, bytes);
  napi_ref keep = nullptr;
  napi_create_reference(call.env(), result, 1, &keep);
  one.views.push_back(keep);
  return result;
}

// What JavaScript gets of a new window: its index, and its memory when it is MPI's.
napi_value described(const Call& call, int index, napi_value memory) {
  napi_value result = object(call.env());
  set(call.env(), result, "index", number(call, index));
  if (memory != nullptr) set(call.env(), result, "memory", memory);
  return result;
}

int keep(MPI_Win handle) {
  MPI_Win_set_errhandler(handle, MPI_ERRORS_RETURN);
  return state().windows.add(Window{handle, {}, nullptr});
}

// winAllocate(bytes, unit, comm, shared)
napi_value allocate(const Call& call) {
  const auto bytes = static_cast<MPI_Aint>(call.whole(0));
  void* data = nullptr;
  MPI_Win handle;
  if (call.truth(3)) {
    check(MPI_Win_allocate_shared(bytes, call.integer(1), MPI_INFO_NULL, call.comm(2), &data, &handle),
          "MPI_Win_allocate_shared");
  } else {
    // Whole cache lines. With 24 bytes a rank MPICH 4.0.2 was seen, once, to put what was meant for rank 1
    // eight bytes before its memory, as if the parts of the ranks lay one behind the other without the gap
    // that they have.
    const MPI_Aint whole = (bytes + 63) / 64 * 64;
    check(MPI_Win_allocate(whole, call.integer(1), MPI_INFO_NULL, call.comm(2), &data, &handle),
          "MPI_Win_allocate");
  }
  const int index = keep(handle);
  return described(call, index, view(call, state().windows.at(index), data, static_cast<std::size_t>(bytes)));
}

// winCreate(array, unit, comm): over memory that the caller has.
napi_value create(const Call& call) {
  const Area area = call.area(0);
  MPI_Win handle;
  check(MPI_Win_create(area.data, static_cast<MPI_Aint>(area.bytes), call.integer(1), MPI_INFO_NULL,
                       call.comm(2), &handle),
        "MPI_Win_create");
  const int index = keep(handle);
  napi_create_reference(call.env(), call.value(0), 1, &state().windows.at(index).lent);
  return described(call, index, nullptr);
}

// winShared(window, rank): the memory of another rank of this machine.
napi_value shared(const Call& call) {
  Window& one = window(call, 0);
  MPI_Aint bytes = 0;
  int unit = 0;
  void* data = nullptr;
  check(MPI_Win_shared_query(one.handle, call.integer(1), &bytes, &unit, &data), "MPI_Win_shared_query");
  return view(call, one, data, static_cast<std::size_t>(bytes));
}

// winFree(window): its ArrayBuffers become empty, because the memory goes.
napi_value free_window(const Call& call) {
  const int index = call.integer(0);
  Window& one = state().windows.at(index);
  for (napi_ref each : one.views) {
    napi_value buffer = nullptr;
    if (napi_get_reference_value(call.env(), each, &buffer) == napi_ok && buffer != nullptr) {
      napi_detach_arraybuffer(call.env(), buffer);
    }
    napi_delete_reference(call.env(), each);
  }
  one.views.clear();
  const int code = MPI_Win_free(&one.handle);
  if (one.lent != nullptr) napi_delete_reference(call.env(), one.lent);
  state().windows.remove(index);
  check(code, "MPI_Win_free");
  return nullptr;
}

// winFence(window, assertions)
napi_value fence(const Call& call) {
  check(MPI_Win_fence(call.integer(1), window(call, 0).handle), "MPI_Win_fence");
  return nullptr;
}

// winLock(window, kind, rank, assertions); rank -1 for all.
napi_value lock(const Call& call) {
  const int rank = call.integer(2);
  if (rank < 0) {
    check(MPI_Win_lock_all(call.integer(3), window(call, 0).handle), "MPI_Win_lock_all");
  } else {
    check(MPI_Win_lock(call.integer(1), rank, call.integer(3), window(call, 0).handle), "MPI_Win_lock");
  }
  return nullptr;
}

napi_value unlock(const Call& call) {
  const int rank = call.integer(1);
  if (rank < 0) {
    check(MPI_Win_unlock_all(window(call, 0).handle), "MPI_Win_unlock_all");
  } else {
    check(MPI_Win_unlock(rank, window(call, 0).handle), "MPI_Win_unlock");
  }
  return nullptr;
}

napi_value flush(const Call& call) {
  const int rank = call.integer(1);
  if (rank < 0) {
    check(MPI_Win_flush_all(window(call, 0).handle), "MPI_Win_flush_all");
  } else {
    check(MPI_Win_flush(rank, window(call, 0).handle), "MPI_Win_flush");
  }
  return nullptr;
}

napi_value sync(const Call& call) {
  check(MPI_Win_sync(window(call, 0).handle), "MPI_Win_sync");
  return nullptr;
}

// An access of the form (window, array, count, type, target, displacement ...): both sides have the same
// layout.
struct Access {
  MPI_Win window;
  Area area;
  const Counted elements;
  int target;
  MPI_Aint at;
  explicit Access(const Call& call)
      : window(state().windows.at(call.integer(0)).handle),
        area(call.area(1)),
        elements(call.whole(2), call.type(3)),
        target(call.integer(4)),
        at(static_cast<MPI_Aint>(call.whole(5))) {
    expect_room(area, call.whole(2), call.type(3));
  }
};

napi_value put(const Call& call) {
  const Access a(call);
  const auto& [count, type] = std::pair{a.elements.count, a.elements.type};
  check(MPI_Put(a.area.data, count, type, a.target, a.at, count, type, a.window), "MPI_Put");
  return nullptr;
}

napi_value get(const Call& call) {
  const Access a(call);
  const auto& [count, type] = std::pair{a.elements.count, a.elements.type};
  check(MPI_Get(a.area.data, count, type, a.target, a.at, count, type, a.window), "MPI_Get");
  return nullptr;
}

// winAccumulate(window, array, count, type, target, displacement, op)
napi_value accumulate(const Call& call) {
  const Access a(call);
  const auto& [count, type] = std::pair{a.elements.count, a.elements.type};
  check(MPI_Accumulate(a.area.data, count, type, a.target, a.at, count, type, call.op(6), a.window),
        "MPI_Accumulate");
  return nullptr;
}

// winGetAccumulate(window, array, count, type, target, displacement, op, result): result gets what was there.
napi_value get_accumulate(const Call& call) {
  const Access a(call);
  const Area result = call.area(7);
  expect_room(result, call.whole(2), call.type(3));
  const auto& [count, type] = std::pair{a.elements.count, a.elements.type};
  check(MPI_Get_accumulate(a.area.data, count, type, result.data, count, type, a.target, a.at, count, type,
                           call.op(6), a.window),
        "MPI_Get_accumulate");
  return nullptr;
}

// winCompareAndSwap(window, array, 1, type, target, displacement, compare, result)
napi_value compare_and_swap(const Call& call) {
  const Access a(call);
  const Area expected = call.area(6), result = call.area(7);
  expect_room(expected, 1, call.type(3));
  expect_room(result, 1, call.type(3));
  check(MPI_Compare_and_swap(a.area.data, expected.data, result.data, a.elements.type, a.target, a.at,
                             a.window),
        "MPI_Compare_and_swap");
  return nullptr;
}

}  // namespace

void init_windows(napi_env env, napi_value exports) {
  define<allocate>(env, exports, "winAllocate");
  define<create>(env, exports, "winCreate");
  define<shared>(env, exports, "winShared");
  define<free_window>(env, exports, "winFree");
  define<fence>(env, exports, "winFence");
  define<lock>(env, exports, "winLock");
  define<unlock>(env, exports, "winUnlock");
  define<flush>(env, exports, "winFlush");
  define<sync>(env, exports, "winSync");
  define<put>(env, exports, "winPut");
  define<get>(env, exports, "winGet");
  define<accumulate>(env, exports, "winAccumulate");
  define<get_accumulate>(env, exports, "winGetAccumulate");
  define<compare_and_swap>(env, exports, "winCompareAndSwap");
}

}  // namespace numcore::mpi
