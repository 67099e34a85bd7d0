// Reduction operations: MPI's own, and JavaScript functions. MPI gives a function of ours no word about which
// operation it is called for, so there is one C function for each of a fixed number of places. Everything MPI
// does here happens inside a call from JavaScript, on its thread, so calling back is allowed.
#include <algorithm>
#include <cstring>
#include <utility>

#include "mpi/call.h"

namespace numcore::mpi {
namespace {

constexpr std::size_t kPlaces = 64;

struct Place {
  napi_ref function = nullptr;
  int op = -1;
};
std::array<Place, kPlaces> places;

napi_value copy_of(napi_env env, const void* from, std::size_t count, napi_typedarray_type kind,
                   void** data) {
  napi_value buffer = nullptr, view = nullptr;
  const std::size_t bytes = count * element_size(kind);
  if (napi_create_arraybuffer(env, bytes, data, &buffer) != napi_ok) throw Thrown{};
  if (bytes != 0) std::memcpy(*data, from, bytes);
  napi_create_typedarray(env, kind, count, buffer, 0, &view);
  return view;
}

void hold(napi_env env, napi_value error) {
  if (state().held_error == nullptr) napi_create_reference(env, error, 1, &state().held_error);
}

void hold_message(napi_env env, const char* message) {
  napi_value error = nullptr;
  napi_create_error(env, nullptr, string(env, message), &error);
  hold(env, error);
}

// inout = in op inout, element by element: the function gets both arrays and writes the second.
void apply(std::size_t place, void* in, void* inout, int* length, MPI_Datatype* type) {
  const napi_env env = state().env;
  // After the first exception the result is lost anyway; it is thrown when MPI returns.
  if (state().held_error != nullptr) return;
  napi_handle_scope scope = nullptr;
  if (napi_open_handle_scope(env, &scope) != napi_ok) return;
  napi_typedarray_type kind = napi_uint8_array;
  if (!array_kind(*type, kind)) {
    hold_message(env, "A JavaScript reduction works on the elements of typed arrays only");
  } else {
    const auto count = static_cast<std::size_t>(*length);
    void *first = nullptr, *second = nullptr;
    const napi_value arguments[] = {copy_of(env, in, count, kind, &first),
                                    copy_of(env, inout, count, kind, &second)};
    napi_value function = nullptr, self = nullptr, ignored = nullptr;
    napi_get_reference_value(env, places[place].function, &function);
    napi_get_undefined(env, &self);
    if (napi_call_function(env, self, function, 2, arguments, &ignored) == napi_ok) {
      if (count != 0) std::memcpy(inout, second, count * element_size(kind));
    } else {
      bool pending = false;
      napi_is_exception_pending(env, &pending);
      napi_value error = nullptr;
      if (pending && napi_get_and_clear_last_exception(env, &error) == napi_ok) hold(env, error);
    }
  }
  napi_close_handle_scope(env, scope);
}

template <std::size_t I>
void trampoline(void* in, void* inout, int* length, MPI_Datatype* type) {
  apply(I, in, inout, length, type);
}

template <std::size_t... I>
constexpr std::array<MPI_User_function*, kPlaces> trampolines(std::index_sequence<I...>) {
  return {trampoline<I>...};
}

// opCreate(function(in, inout), commutes)
napi_value create(const Call& call) {
  static constexpr auto kFunctions = trampolines(std::make_index_sequence<kPlaces>());
  const auto free_place =
      std::find_if(places.begin(), places.end(), [](const Place& each) { return each.op < 0; });
  if (free_place == places.end()) {
    throw Refused("Expected at most " + std::to_string(kPlaces) +
                  " operations of your own at a time: free some");
  }
  const auto index = static_cast<std::size_t>(free_place - places.begin());
  MPI_Op op;
  check(MPI_Op_create(kFunctions[index], call.truth(1) ? 1 : 0, &op), "MPI_Op_create");
  napi_create_reference(call.env(), call.value(0), 1, &free_place->function);
  free_place->op = state().ops.add(op);
  return number(call, free_place->op);
}

napi_value free_op(const Call& call) {
  const int index = call.integer(0);
  const auto place =
      std::find_if(places.begin(), places.end(), [index](const Place& each) { return each.op == index; });
  if (place == places.end())
    throw Refused("Expected an operation of your own to free but received a predefined one");
  check(MPI_Op_free(&state().ops.at(index)), "MPI_Op_free");
  state().ops.remove(index);
  napi_delete_reference(call.env(), place->function);
  *place = Place{};
  return nullptr;
}

// reduceLocal(in, inout, count, type, op)
napi_value reduce_local(const Call& call) {
  const Area in = call.area(0), inout = call.area(1);
  const std::int64_t count = call.whole(2);
  const Type& type = call.type(3);
  expect_room(in, count, type);
  expect_room(inout, count, type);
  check(MPI_Reduce_local(in.data, inout.data, static_cast<int>(count), type.handle, call.op(4)),
        "MPI_Reduce_local");
  return nullptr;
}

}  // namespace

napi_value predefine_operations(napi_env env) {
  const std::pair<const char*, MPI_Op> all[] = {
      {"MAX", MPI_MAX},         {"MIN", MPI_MIN},     {"SUM", MPI_SUM},       {"PROD", MPI_PROD},
      {"LAND", MPI_LAND},       {"BAND", MPI_BAND},   {"LOR", MPI_LOR},       {"BOR", MPI_BOR},
      {"LXOR", MPI_LXOR},       {"BXOR", MPI_BXOR},   {"MAXLOC", MPI_MAXLOC}, {"MINLOC", MPI_MINLOC},
      {"REPLACE", MPI_REPLACE}, {"NO_OP", MPI_NO_OP},
  };
  napi_value result = object(env);
  for (const auto& [name, handle] : all) set(env, result, name, number(env, state().ops.add(handle)));
  return result;
}

void init_operations(napi_env env, napi_value exports) {
  define<create>(env, exports, "opCreate");
  define<free_op>(env, exports, "opFree");
  define<reduce_local>(env, exports, "reduceLocal");
}

}  // namespace numcore::mpi
