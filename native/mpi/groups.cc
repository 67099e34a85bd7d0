// Groups: ordered sets of ranks.
#include "mpi/call.h"

namespace numcore::mpi {
namespace {

MPI_Group group(const Call& call, std::size_t i) { return state().groups.at(call.integer(i)); }
napi_value made(const Call& call, MPI_Group result) { return number(call, state().groups.add(result)); }

napi_value of_comm(const Call& call) {
  MPI_Group result;
  check(MPI_Comm_group(call.comm(0), &result), "MPI_Comm_group");
  return made(call, result);
}

// groupPick(group, ranks, excluded)
napi_value pick(const Call& call) {
  const Area ranks = call.area(1);
  const auto count = static_cast<int>(ranks.length);
  MPI_Group result;
  if (call.truth(2)) {
    check(MPI_Group_excl(group(call, 0), count, call.integers(1, ranks.length), &result), "MPI_Group_excl");
  } else {
    check(MPI_Group_incl(group(call, 0), count, call.integers(1, ranks.length), &result), "MPI_Group_incl");
  }
  return made(call, result);
}

template <auto F>
napi_value combine(const Call& call) {
  MPI_Group result;
  check(F(group(call, 0), group(call, 1), &result), "MPI_Group_union, intersection or difference");
  return made(call, result);
}

napi_value size(const Call& call) {
  int result = 0;
  check(MPI_Group_size(group(call, 0), &result), "MPI_Group_size");
  return number(call, result);
}

napi_value rank(const Call& call) {
  int result = 0;
  check(MPI_Group_rank(group(call, 0), &result), "MPI_Group_rank");
  return number(call, result);
}

napi_value compare(const Call& call) {
  int result = 0;
  check(MPI_Group_compare(group(call, 0), group(call, 1), &result), "MPI_Group_compare");
  return number(call, result);
}

// groupTranslate(group, ranks, other, out)
napi_value translate(const Call& call) {
  const Area ranks = call.area(1);
  check(MPI_Group_translate_ranks(group(call, 0), static_cast<int>(ranks.length),
                                  call.integers(1, ranks.length), group(call, 2),
                                  call.integers(3, ranks.length)),
        "MPI_Group_translate_ranks");
  return nullptr;
}

napi_value free_group(const Call& call) {
  MPI_Group& one = state().groups.at(call.integer(0));
  check(MPI_Group_free(&one), "MPI_Group_free");
  state().groups.remove(call.integer(0));
  return nullptr;
}

}  // namespace

void init_groups(napi_env env, napi_value exports) {
  define<of_comm>(env, exports, "commGroup");
  define<pick>(env, exports, "groupPick");
  define<combine<MPI_Group_union>>(env, exports, "groupUnion");
  define<combine<MPI_Group_intersection>>(env, exports, "groupIntersection");
  define<combine<MPI_Group_difference>>(env, exports, "groupDifference");
  define<size>(env, exports, "groupSize");
  define<rank>(env, exports, "groupRank");
  define<compare>(env, exports, "groupCompare");
  define<translate>(env, exports, "groupTranslate");
  define<free_group>(env, exports, "groupFree");
}

}  // namespace numcore::mpi
