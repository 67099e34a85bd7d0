// Datatypes: those that MPI predefines, and those that describe data with gaps.
#include "mpi/call.h"

namespace numcore::mpi {
namespace {

struct Predefined {
  const char* name;
  MPI_Datatype handle;
  napi_typedarray_type kind;
  bool has_kind;
};

// Elements of typed arrays first. A table in a function: with Open MPI the handles are addresses that are
// known only when the library has been loaded.
const std::vector<Predefined>& predefined() {
  static const std::vector<Predefined> all = {
      {"BYTE", MPI_BYTE, napi_uint8_array, false},
      {"INT8", MPI_INT8_T, napi_int8_array, true},
      {"UINT8", MPI_UINT8_T, napi_uint8_array, true},
      {"INT16", MPI_INT16_T, napi_int16_array, true},
      {"UINT16", MPI_UINT16_T, napi_uint16_array, true},
      {"INT32", MPI_INT32_T, napi_int32_array, true},
      {"UINT32", MPI_UINT32_T, napi_uint32_array, true},
      {"INT64", MPI_INT64_T, napi_bigint64_array, true},
      {"UINT64", MPI_UINT64_T, napi_biguint64_array, true},
      {"FLOAT", MPI_FLOAT, napi_float32_array, true},
      {"DOUBLE", MPI_DOUBLE, napi_float64_array, true},
      // Two numbers in one element, for complex sums and for MAXLOC and MINLOC.
      {"COMPLEX", MPI_C_FLOAT_COMPLEX, napi_float32_array, false},
      {"DOUBLE_COMPLEX", MPI_C_DOUBLE_COMPLEX, napi_float64_array, false},
      {"TWO_INT", MPI_2INT, napi_int32_array, false},
  };
  return all;
}

Type measured(MPI_Datatype handle, bool is_predefined) {
  Type type;
  type.handle = handle;
  type.predefined = is_predefined;
  MPI_Count low = 0, true_low = 0, true_extent = 0;
  check(MPI_Type_size_x(handle, &type.size), "MPI_Type_size_x");
  check(MPI_Type_get_extent_x(handle, &low, &type.extent), "MPI_Type_get_extent_x");
  check(MPI_Type_get_true_extent_x(handle, &true_low, &true_extent), "MPI_Type_get_true_extent_x");
  type.end = true_low + true_extent;
  return type;
}

napi_value describe(napi_env env, int index) {
  const Type& type = state().types.at(index);
  napi_value result = object(env);
  set(env, result, "index", number(env, index));
  set(env, result, "size", number(env, static_cast<double>(type.size)));
  set(env, result, "extent", number(env, static_cast<double>(type.extent)));
  return result;
}

// Takes a new type in, or frees it again when it cannot be used: data before the start of an array is
// nobody's.
napi_value keep(const Call& call, MPI_Datatype made, const char* routine) {
  try {
    check(MPI_Type_commit(&made), "MPI_Type_commit");
    MPI_Count low = 0, extent = 0;
    check(MPI_Type_get_true_extent_x(made, &low, &extent), "MPI_Type_get_true_extent_x");
    const Type type = measured(made, false);
    if (low < 0 || type.extent < 0) {
      throw Refused(std::string("Expected no data before the start of an element from ") + routine);
    }
    return describe(call.env(), state().types.add(type));
  } catch (...) {
    MPI_Type_free(&made);
    throw;
  }
}

napi_value contiguous(const Call& call) {
  MPI_Datatype made;
  check(MPI_Type_contiguous(call.integer(0), call.type(1).handle, &made), "MPI_Type_contiguous");
  return keep(call, made, "contiguous");
}

napi_value vector(const Call& call) {
  MPI_Datatype made;
  check(MPI_Type_vector(call.integer(0), call.integer(1), call.integer(2), call.type(3).handle, &made),
        "MPI_Type_vector");
  return keep(call, made, "vector");
}

napi_value indexed(const Call& call) {
  const int count = call.integer(0);
  const auto length = static_cast<std::size_t>(count);
  MPI_Datatype made;
  check(
      MPI_Type_indexed(count, call.integers(1, length), call.integers(2, length), call.type(3).handle, &made),
      "MPI_Type_indexed");
  return keep(call, made, "indexed");
}

// subarray(dimensions, sizes, subsizes, starts, type), in row-major order.
napi_value subarray(const Call& call) {
  const int dimensions = call.integer(0);
  const auto length = static_cast<std::size_t>(dimensions);
  MPI_Datatype made;
  check(MPI_Type_create_subarray(dimensions, call.integers(1, length), call.integers(2, length),
                                 call.integers(3, length), MPI_ORDER_C, call.type(4).handle, &made),
        "MPI_Type_create_subarray");
  return keep(call, made, "subarray");
}

// resized(extent in bytes, type)
napi_value resized(const Call& call) {
  MPI_Datatype made;
  check(MPI_Type_create_resized(call.type(1).handle, 0, static_cast<MPI_Aint>(call.whole(0)), &made),
        "MPI_Type_create_resized");
  return keep(call, made, "resized");
}

napi_value free_type(const Call& call) {
  Type& type = state().types.at(call.integer(0));
  if (type.predefined) throw Refused("Expected a datatype of your own to free but received a predefined one");
  check(MPI_Type_free(&type.handle), "MPI_Type_free");
  state().types.remove(call.integer(0));
  return nullptr;
}

}  // namespace

napi_value predefine_types(napi_env env) {
  napi_value result = object(env);
  for (const Predefined& each : predefined()) {
    const int index = state().types.add(measured(each.handle, true));
    set(env, result, each.name, describe(env, index));
  }
  return result;
}

bool array_kind(MPI_Datatype type, napi_typedarray_type& kind) {
  for (const Predefined& each : predefined()) {
    if (!each.has_kind || each.handle != type) continue;
    kind = each.kind;
    return true;
  }
  return false;
}

void init_types(napi_env env, napi_value exports) {
  define<contiguous>(env, exports, "typeContiguous");
  define<vector>(env, exports, "typeVector");
  define<indexed>(env, exports, "typeIndexed");
  define<subarray>(env, exports, "typeSubarray");
  define<resized>(env, exports, "typeResized");
  define<free_type>(env, exports, "typeFree");
}

}  // namespace numcore::mpi
