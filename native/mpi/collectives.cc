// Collective operations. The last argument of each says whether it is started (true: the index of a request
// comes back) or done. Arrays come as (array, count, type), those of the v-forms as (array, counts,
// displacements, type).
#include <algorithm>

#include "mpi/call.h"

namespace numcore::mpi {
namespace {

int size_of(MPI_Comm comm) {
  int size = 0;
  MPI_Comm_size(comm, &size);
  return size;
}

int rank_of(MPI_Comm comm) {
  int rank = 0;
  MPI_Comm_rank(comm, &rank);
  return rank;
}

struct Part {
  const Area area;
  const Counted elements;
  Part(const Call& call, std::size_t at, std::int64_t times)
      : area(call.area(at)), elements(call.whole(at + 1), call.type(at + 2)) {
    // Memory that is not significant on this rank is null, with count 0.
    expect_room(area, call.whole(at + 1), call.type(at + 2), times);
  }
  void* data() const { return pointer(area); }
};

struct Parts {
  const Area area;
  int* const counts;
  int* const places;
  const MPI_Datatype type;
  Parts(const Call& call, std::size_t at, int size)
      : area(call.area(at)),
        counts(call.integers(at + 1, static_cast<std::size_t>(size))),
        places(call.integers(at + 2, static_cast<std::size_t>(size))),
        type(call.type(at + 3).handle) {
    if (counts == nullptr || area.in_place) return;
    const Type& element = call.type(at + 3);
    for (int i = 0; i < size; ++i) {
      if (counts[i] < 0 || places[i] < 0) call.refuse("counts and displacements of at least 0", at + 1);
      if (counts[i] > 0) expect_room(area, std::int64_t{counts[i]} + places[i], element);
    }
  }
  void* data() const { return pointer(area); }
};

// Done now, or started: `blocking` and `starting` are the two routines with their arguments.
template <class Blocking, class Starting>
napi_value perform(const Call& call, std::size_t at, const char* routine, Blocking blocking,
                   Starting starting) {
  if (!call.truth(at)) {
    check(blocking(), routine);
    return nullptr;
  }
  MPI_Request request = MPI_REQUEST_NULL;
  check(starting(&request), routine);
  return started(call, request);
}

// barrier(comm, start)
napi_value barrier(const Call& call) {
  const MPI_Comm comm = call.comm(0);
  return perform(
      call, 1, "MPI_Barrier", [=] { return MPI_Barrier(comm); },
      [=](MPI_Request* request) { return MPI_Ibarrier(comm, request); });
}

// bcast(comm, array, count, type, root, start)
napi_value bcast(const Call& call) {
  const MPI_Comm comm = call.comm(0);
  const Part part(call, 1, 1);
  const int count = part.elements.count, root = call.integer(4);
  const MPI_Datatype type = part.elements.type;
  return perform(
      call, 5, "MPI_Bcast", [&] { return MPI_Bcast(part.data(), count, type, root, comm); },
      [&](MPI_Request* request) { return MPI_Ibcast(part.data(), count, type, root, comm, request); });
}

// gather(comm, send..., receive..., root, start); the received count is for each rank.
napi_value gather(const Call& call) {
  const MPI_Comm comm = call.comm(0);
  const int root = call.integer(7);
  const Part from(call, 1, 1), to(call, 4, rank_of(comm) == root ? size_of(comm) : 0);
  const Counted &f = from.elements, &t = to.elements;
  return perform(
      call, 8, "MPI_Gather",
      [&] { return MPI_Gather(from.data(), f.count, f.type, to.data(), t.count, t.type, root, comm); },
      [&](MPI_Request* r) {
        return MPI_Igather(from.data(), f.count, f.type, to.data(), t.count, t.type, root, comm, r);
      });
}

// scatter(comm, send..., receive..., root, start); the sent count is for each rank.
napi_value scatter(const Call& call) {
  const MPI_Comm comm = call.comm(0);
  const int root = call.integer(7);
  const Part from(call, 1, rank_of(comm) == root ? size_of(comm) : 0), to(call, 4, 1);
  const Counted &f = from.elements, &t = to.elements;
  return perform(
      call, 8, "MPI_Scatter",
      [&] { return MPI_Scatter(from.data(), f.count, f.type, to.data(), t.count, t.type, root, comm); },
      [&](MPI_Request* r) {
        return MPI_Iscatter(from.data(), f.count, f.type, to.data(), t.count, t.type, root, comm, r);
      });
}

// allgather(comm, send..., receive..., start)
napi_value allgather(const Call& call) {
  const MPI_Comm comm = call.comm(0);
  const Part from(call, 1, 1), to(call, 4, size_of(comm));
  const Counted &f = from.elements, &t = to.elements;
  return perform(
      call, 7, "MPI_Allgather",
      [&] { return MPI_Allgather(from.data(), f.count, f.type, to.data(), t.count, t.type, comm); },
      [&](MPI_Request* r) {
        return MPI_Iallgather(from.data(), f.count, f.type, to.data(), t.count, t.type, comm, r);
      });
}

// alltoall(comm, send..., receive..., start)
napi_value alltoall(const Call& call) {
  const MPI_Comm comm = call.comm(0);
  const Part from(call, 1, size_of(comm)), to(call, 4, size_of(comm));
  const Counted &f = from.elements, &t = to.elements;
  return perform(
      call, 7, "MPI_Alltoall",
      [&] { return MPI_Alltoall(from.data(), f.count, f.type, to.data(), t.count, t.type, comm); },
      [&](MPI_Request* r) {
        return MPI_Ialltoall(from.data(), f.count, f.type, to.data(), t.count, t.type, comm, r);
      });
}

// gatherv(comm, send (array, count, type), receive (array, counts, displacements, type), root, start)
napi_value gatherv(const Call& call) {
  const MPI_Comm comm = call.comm(0);
  const int root = call.integer(8);
  const Part from(call, 1, 1);
  const Parts to(call, 4, rank_of(comm) == root ? size_of(comm) : 0);
  const Counted& f = from.elements;
  return perform(
      call, 9, "MPI_Gatherv",
      [&] {
        return MPI_Gatherv(from.data(), f.count, f.type, to.data(), to.counts, to.places, to.type, root,
                           comm);
      },
      [&](MPI_Request* r) {
        return MPI_Igatherv(from.data(), f.count, f.type, to.data(), to.counts, to.places, to.type, root,
                            comm, r);
      });
}

// scatterv(comm, send (array, counts, displacements, type), receive (array, count, type), root, start)
napi_value scatterv(const Call& call) {
  const MPI_Comm comm = call.comm(0);
  const int root = call.integer(8);
  const Parts from(call, 1, rank_of(comm) == root ? size_of(comm) : 0);
  const Part to(call, 5, 1);
  const Counted& t = to.elements;
  return perform(
      call, 9, "MPI_Scatterv",
      [&] {
        return MPI_Scatterv(from.data(), from.counts, from.places, from.type, to.data(), t.count, t.type,
                            root, comm);
      },
      [&](MPI_Request* r) {
        return MPI_Iscatterv(from.data(), from.counts, from.places, from.type, to.data(), t.count, t.type,
                             root, comm, r);
      });
}

// allgatherv(comm, send (array, count, type), receive (array, counts, displacements, type), start)
napi_value allgatherv(const Call& call) {
  const MPI_Comm comm = call.comm(0);
  const Part from(call, 1, 1);
  const Parts to(call, 4, size_of(comm));
  const Counted& f = from.elements;
  return perform(
      call, 8, "MPI_Allgatherv",
      [&] {
        return MPI_Allgatherv(from.data(), f.count, f.type, to.data(), to.counts, to.places, to.type, comm);
      },
      [&](MPI_Request* r) {
        return MPI_Iallgatherv(from.data(), f.count, f.type, to.data(), to.counts, to.places, to.type, comm,
                               r);
      });
}

// alltoallv(comm, send (array, counts, displacements, type), receive (the same), start)
napi_value alltoallv(const Call& call) {
  const MPI_Comm comm = call.comm(0);
  const Parts from(call, 1, size_of(comm)), to(call, 5, size_of(comm));
  return perform(
      call, 9, "MPI_Alltoallv",
      [&] {
        return MPI_Alltoallv(from.data(), from.counts, from.places, from.type, to.data(), to.counts,
                             to.places, to.type, comm);
      },
      [&](MPI_Request* r) {
        return MPI_Ialltoallv(from.data(), from.counts, from.places, from.type, to.data(), to.counts,
                              to.places, to.type, comm, r);
      });
}

// A reduction's two arrays of one count and type. Operations do not know the types that Counted makes, so
// more elements than an int counts are reduced in pieces: nothing changes, because every element stands for
// itself.
class Reduction {
 public:
  Reduction(const Call& call, std::int64_t times_from = 1, std::int64_t times_to = 1)
      : from_(call.area(1)), to_(call.area(2)), count_(call.whole(3)), type_(call.type(4)) {
    expect_room(from_, count_, type_, times_from);
    // What is not significant on this rank is null.
    if (to_.data != nullptr || to_.in_place) expect_room(to_, count_, type_, times_to);
  }

  int count() const {
    if (count_ > std::numeric_limits<int>::max()) {
      throw Refused("Expected at most 2147483647 elements in a reduction that is not blocking");
    }
    return static_cast<int>(count_);
  }
  void* from() const { return pointer(from_); }
  void* to() const { return pointer(to_); }
  MPI_Datatype type() const { return type_.handle; }

  // f(from, to, count) for one piece after the other.
  template <class F>
  int pieces(F f) const {
    if (count_ <= state().most_elements) return f(from(), to(), static_cast<int>(count_));
    const std::int64_t piece = piece_elements();
    for (std::int64_t start = 0; start < count_; start += piece) {
      const std::int64_t bytes = start * type_.extent;
      const int code =
          f(moved(from_, bytes), moved(to_, bytes), static_cast<int>(std::min(piece, count_ - start)));
      if (code != MPI_SUCCESS) return code;
    }
    return MPI_SUCCESS;
  }

 private:
  static void* moved(const Area& area, std::int64_t bytes) {
    return area.in_place || area.data == nullptr ? pointer(area) : area.data + bytes;
  }
  const Area from_, to_;
  const std::int64_t count_;
  const Type type_;
};

// reduce(comm, from, to, count, type, op, root, start)
napi_value reduce(const Call& call) {
  const MPI_Comm comm = call.comm(0);
  const Reduction r(call);
  const MPI_Op op = call.op(5);
  const int root = call.integer(6);
  return perform(
      call, 7, "MPI_Reduce",
      [&] {
        return r.pieces([&](void* from, void* to, int count) {
          return MPI_Reduce(from, to, count, r.type(), op, root, comm);
        });
      },
      [&](MPI_Request* request) {
        return MPI_Ireduce(r.from(), r.to(), r.count(), r.type(), op, root, comm, request);
      });
}

// The four of one form: f(comm, from, to, count, type, op, start).
template <auto kBlocking, auto kStarting>
napi_value reduce_all(const Call& call, const char* routine) {
  const MPI_Comm comm = call.comm(0);
  const Reduction r(call);
  const MPI_Op op = call.op(5);
  return perform(
      call, 6, routine,
      [&] {
        return r.pieces(
            [&](void* from, void* to, int count) { return kBlocking(from, to, count, r.type(), op, comm); });
      },
      [&](MPI_Request* request) {
        return kStarting(r.from(), r.to(), r.count(), r.type(), op, comm, request);
      });
}

napi_value allreduce(const Call& call) {
  return reduce_all<MPI_Allreduce, MPI_Iallreduce>(call, "MPI_Allreduce");
}
napi_value scan(const Call& call) { return reduce_all<MPI_Scan, MPI_Iscan>(call, "MPI_Scan"); }
napi_value exscan(const Call& call) { return reduce_all<MPI_Exscan, MPI_Iexscan>(call, "MPI_Exscan"); }

// reduceScatterBlock(comm, from, to, count for each rank, type, op, start)
napi_value reduce_scatter_block(const Call& call) {
  const MPI_Comm comm = call.comm(0);
  const int size = size_of(comm);
  const Reduction r(call, size, call.area(1).in_place ? size : 1);
  const MPI_Op op = call.op(5);
  return perform(
      call, 6, "MPI_Reduce_scatter_block",
      [&] { return MPI_Reduce_scatter_block(r.from(), r.to(), r.count(), r.type(), op, comm); },
      [&](MPI_Request* q) {
        return MPI_Ireduce_scatter_block(r.from(), r.to(), r.count(), r.type(), op, comm, q);
      });
}

// reduceScatter(comm, from, to, counts, type, op, start)
napi_value reduce_scatter(const Call& call) {
  const MPI_Comm comm = call.comm(0);
  const int size = size_of(comm);
  const Area from = call.area(1), to = call.area(2);
  int* counts = call.integers(3, static_cast<std::size_t>(size));
  if (counts == nullptr) call.refuse("an Int32Array of counts", 3);
  const Type& type = call.type(4);
  std::int64_t all = 0;
  for (int i = 0; i < size; ++i) all += counts[i];
  expect_room(from, all, type);
  expect_room(to, from.in_place ? all : counts[rank_of(comm)], type);
  const MPI_Op op = call.op(5);
  return perform(
      call, 6, "MPI_Reduce_scatter",
      [&] { return MPI_Reduce_scatter(pointer(from), to.data, counts, type.handle, op, comm); },
      [&](MPI_Request* q) {
        return MPI_Ireduce_scatter(pointer(from), to.data, counts, type.handle, op, comm, q);
      });
}

}  // namespace

void init_collectives(napi_env env, napi_value exports) {
  define<barrier>(env, exports, "barrier");
  define<bcast>(env, exports, "bcast");
  define<gather>(env, exports, "gather");
  define<scatter>(env, exports, "scatter");
  define<allgather>(env, exports, "allgather");
  define<alltoall>(env, exports, "alltoall");
  define<gatherv>(env, exports, "gatherv");
  define<scatterv>(env, exports, "scatterv");
  define<allgatherv>(env, exports, "allgatherv");
  define<alltoallv>(env, exports, "alltoallv");
  define<reduce>(env, exports, "reduce");
  define<allreduce>(env, exports, "allreduce");
  define<scan>(env, exports, "scan");
  define<exscan>(env, exports, "exscan");
  define<reduce_scatter_block>(env, exports, "reduceScatterBlock");
  define<reduce_scatter>(env, exports, "reduceScatter");
}

}  // namespace numcore::mpi
