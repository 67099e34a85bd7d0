// Communicators: made from others, and arranged in grids.
#include "mpi/call.h"

namespace numcore::mpi {
namespace {

// -1 for a rank that is in none.
napi_value made(const Call& call, MPI_Comm comm) {
  return number(call, comm == MPI_COMM_NULL ? -1 : state().comms.add(comm));
}

napi_value size(const Call& call) {
  int result = 0;
  check(MPI_Comm_size(call.comm(0), &result), "MPI_Comm_size");
  return number(call, result);
}

napi_value rank(const Call& call) {
  int result = 0;
  check(MPI_Comm_rank(call.comm(0), &result), "MPI_Comm_rank");
  return number(call, result);
}

napi_value dup(const Call& call) {
  MPI_Comm comm;
  check(MPI_Comm_dup(call.comm(0), &comm), "MPI_Comm_dup");
  return made(call, comm);
}

// split(comm, color, key)
napi_value split(const Call& call) {
  MPI_Comm comm;
  check(MPI_Comm_split(call.comm(0), call.integer(1), call.integer(2), &comm), "MPI_Comm_split");
  return made(call, comm);
}

// splitShared(comm, key): the ranks that can share memory.
napi_value split_shared(const Call& call) {
  MPI_Comm comm;
  check(MPI_Comm_split_type(call.comm(0), MPI_COMM_TYPE_SHARED, call.integer(1), MPI_INFO_NULL, &comm),
        "MPI_Comm_split_type");
  return made(call, comm);
}

napi_value create(const Call& call) {
  MPI_Comm comm;
  check(MPI_Comm_create(call.comm(0), state().groups.at(call.integer(1)), &comm), "MPI_Comm_create");
  return made(call, comm);
}

// createGroup(comm, group, tag): only the ranks of the group take part.
napi_value create_group(const Call& call) {
  MPI_Comm comm;
  check(MPI_Comm_create_group(call.comm(0), state().groups.at(call.integer(1)), call.integer(2), &comm),
        "MPI_Comm_create_group");
  return made(call, comm);
}

napi_value compare(const Call& call) {
  int result = 0;
  check(MPI_Comm_compare(call.comm(0), call.comm(1), &result), "MPI_Comm_compare");
  return number(call, result);
}

napi_value set_name(const Call& call) {
  check(MPI_Comm_set_name(call.comm(0), call.text(1).substr(0, MPI_MAX_OBJECT_NAME - 1).c_str()),
        "MPI_Comm_set_name");
  return nullptr;
}

napi_value get_name(const Call& call) {
  char name[MPI_MAX_OBJECT_NAME + 1] = "";
  int length = 0;
  check(MPI_Comm_get_name(call.comm(0), name, &length), "MPI_Comm_get_name");
  return string(call.env(), name);
}

napi_value free_comm(const Call& call) {
  MPI_Comm& comm = state().comms.at(call.integer(0));
  check(MPI_Comm_free(&comm), "MPI_Comm_free");
  state().comms.remove(call.integer(0));
  return nullptr;
}

// dimensions(ranks, dims): fills in the zeros of an Int32Array.
napi_value dimensions(const Call& call) {
  const Area dims = call.area(1);
  check(MPI_Dims_create(call.integer(0), static_cast<int>(dims.length), call.integers(1, dims.length)),
        "MPI_Dims_create");
  return nullptr;
}

// cartCreate(comm, dims, periods, reorder)
napi_value cart_create(const Call& call) {
  const Area dims = call.area(1);
  MPI_Comm comm;
  check(MPI_Cart_create(call.comm(0), static_cast<int>(dims.length), call.integers(1, dims.length),
                        call.integers(2, dims.length), call.truth(3) ? 1 : 0, &comm),
        "MPI_Cart_create");
  return made(call, comm);
}

// cartCoords(comm, rank, out)
napi_value cart_coords(const Call& call) {
  const Area out = call.area(2);
  check(MPI_Cart_coords(call.comm(0), call.integer(1), static_cast<int>(out.length),
                        call.integers(2, out.length)),
        "MPI_Cart_coords");
  return nullptr;
}

// cartRank(comm, coords)
napi_value cart_rank(const Call& call) {
  int result = 0;
  check(MPI_Cart_rank(call.comm(0), call.integers(1, call.area(1).length), &result), "MPI_Cart_rank");
  return number(call, result);
}

// cartShift(comm, direction, steps, out): source and destination.
napi_value cart_shift(const Call& call) {
  int* out = call.integers(3, 2);
  check(MPI_Cart_shift(call.comm(0), call.integer(1), call.integer(2), out, out + 1), "MPI_Cart_shift");
  return nullptr;
}

// cartSub(comm, kept dimensions)
napi_value cart_sub(const Call& call) {
  MPI_Comm comm;
  check(MPI_Cart_sub(call.comm(0), call.integers(1, call.area(1).length), &comm), "MPI_Cart_sub");
  return made(call, comm);
}

}  // namespace

void init_communicators(napi_env env, napi_value exports) {
  define<size>(env, exports, "commSize");
  define<rank>(env, exports, "commRank");
  define<dup>(env, exports, "commDup");
  define<split>(env, exports, "commSplit");
  define<split_shared>(env, exports, "commSplitShared");
  define<create>(env, exports, "commCreate");
  define<create_group>(env, exports, "commCreateGroup");
  define<compare>(env, exports, "commCompare");
  define<set_name>(env, exports, "commSetName");
  define<get_name>(env, exports, "commGetName");
  define<free_comm>(env, exports, "commFree");
  define<dimensions>(env, exports, "dimensions");
  define<cart_create>(env, exports, "cartCreate");
  define<cart_coords>(env, exports, "cartCoords");
  define<cart_rank>(env, exports, "cartRank");
  define<cart_shift>(env, exports, "cartShift");
  define<cart_sub>(env, exports, "cartSub");
}

}  // namespace numcore::mpi
