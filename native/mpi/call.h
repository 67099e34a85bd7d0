// The edge to JavaScript. Plain Node-API instead of its C++ wrapper, because a message of eight bytes takes a
// fifth of a microsecond and the wrapper's part of that can be seen.
#pragma once

#include <array>
#include <limits>

#include "mpi/state.h"

namespace numcore::mpi {

// Memory that JavaScript lends.
struct Area {
  std::uint8_t* data = nullptr;
  std::size_t bytes = 0;
  std::size_t length = 0;  // in elements of the array
  napi_typedarray_type kind = napi_uint8_array;
  bool in_place = false;
};

inline std::size_t element_size(napi_typedarray_type kind) {
  switch (kind) {
    case napi_int16_array:
    case napi_uint16_array:
      return 2;
    case napi_int32_array:
    case napi_uint32_array:
    case napi_float32_array:
      return 4;
    case napi_float64_array:
    case napi_bigint64_array:
    case napi_biguint64_array:
      return 8;
    default:
      return 1;
  }
}

// A number of elements as MPI takes it. More than an int holds becomes one element of a type made for it (MPI
// 3 has no other way, and MPI 4 allows this one), which may be freed as soon as the operation has been
// started.
class Counted {
 public:
  Counted() = default;
  Counted(std::int64_t count, const Type& type);
  Counted(const Counted&) = delete;
  Counted& operator=(const Counted&) = delete;
  ~Counted() {
    if (made_ != MPI_DATATYPE_NULL) MPI_Type_free(&made_);
  }
  int count = 0;
  MPI_Datatype type = MPI_BYTE;

 private:
  MPI_Datatype made_ = MPI_DATATYPE_NULL;
};

class Call {
 public:
  Call(napi_env env, napi_callback_info info) : env_(env) {
    std::size_t count = values_.size();
    napi_get_cb_info(env, info, &count, values_.data(), nullptr, nullptr);
  }

  napi_env env() const { return env_; }
  napi_value value(std::size_t i) const { return values_[i]; }

  int integer(std::size_t i) const {
    std::int32_t result = 0;
    if (napi_get_value_int32(env_, values_[i], &result) != napi_ok) refuse("an integer", i);
    return result;
  }

  std::int64_t whole(std::size_t i) const {
    std::int64_t result = 0;
    if (napi_get_value_int64(env_, values_[i], &result) != napi_ok) refuse("an integer", i);
    return result;
  }

  bool truth(std::size_t i) const {
    bool result = false;
    if (napi_get_value_bool(env_, values_[i], &result) != napi_ok) refuse("a boolean", i);
    return result;
  }

  std::string text(std::size_t i) const;

  // A typed array; true stands for MPI_IN_PLACE and null for no memory at all.
  Area area(std::size_t i) const {
    Area result;
    void* data = nullptr;
    if (napi_get_typedarray_info(env_, values_[i], &result.kind, &result.length, &data, nullptr, nullptr) ==
        napi_ok) {
      result.data = static_cast<std::uint8_t*>(data);
      result.bytes = result.length * element_size(result.kind);
      return result;
    }
    napi_valuetype type = napi_undefined;
    napi_typeof(env_, values_[i], &type);
    if (type == napi_boolean) {
      result.in_place = true;
    } else if (type != napi_null) {
      refuse("a typed array", i);
    }
    return result;
  }

  // An Int32Array, or null for nullptr: counts, displacements, dimensions. `length` is what MPI will read of
  // it.
  int* integers(std::size_t i, std::size_t length) const {
    const Area given = area(i);
    if (given.data == nullptr && given.length == 0 && !given.in_place) return nullptr;
    if (given.kind != napi_int32_array || given.length < length)
      refuse("an Int32Array that is long enough", i);
    return reinterpret_cast<int*>(given.data);
  }

  MPI_Comm comm(std::size_t i) const { return state().comms.at(integer(i)); }
  const Type& type(std::size_t i) const { return state().types.at(integer(i)); }
  MPI_Op op(std::size_t i) const { return state().ops.at(integer(i)); }

  [[noreturn]] void refuse(const char* what, std::size_t i) const {
    throw Refused(std::string("Expected ") + what + " as argument " + std::to_string(i));
  }

 private:
  napi_env env_;
  // Node-API fills all of them; those that were not given are undefined.
  std::array<napi_value, 12> values_;
};

// Throws unless `count` elements of the type, `times` over, lie within the memory. MPI itself does not look.
void expect_room(const Area& area, std::int64_t count, const Type& type, std::int64_t times = 1);

inline void* pointer(const Area& area) { return area.in_place ? MPI_IN_PLACE : area.data; }

napi_value number(napi_env env, double value);
napi_value boolean(napi_env env, bool value);
napi_value string(napi_env env, const std::string& value);
napi_value object(napi_env env);
void set(napi_env env, napi_value target, const char* name, napi_value value);
// Memory of MPI's as an ArrayBuffer that nobody frees.
napi_value external(napi_env env, void* data, std::size_t bytes);

inline napi_value number(const Call& call, double value) { return number(call.env(), value); }

// Turns what a function threw into a JavaScript exception.
void raise(napi_env env) noexcept;
// Throws on in JavaScript what a user's operation threw inside an MPI routine.
void raise_held(napi_env env);

// What MPI tells of a message, where JavaScript can see it.
inline void note(const MPI_Status& status, double* to) {
  MPI_Count bytes = 0;
  MPI_Get_elements_x(&status, MPI_BYTE, &bytes);
  to[0] = status.MPI_SOURCE;
  to[1] = status.MPI_TAG;
  to[2] = bytes == MPI_UNDEFINED ? -1.0 : static_cast<double>(bytes);
  to[3] = 0;
}
inline void note(const MPI_Status& status) { note(status, state().status); }

using Function = napi_value (*)(const Call&);

template <Function F>
napi_value enter(napi_env env, napi_callback_info info) {
  try {
    const napi_value result = F(Call(env, info));
    if (state().held_error != nullptr) raise_held(env);
    return result;
  } catch (...) {
    raise(env);
    return nullptr;
  }
}

template <Function F>
void define(napi_env env, napi_value exports, const char* name) {
  napi_value function = nullptr;
  napi_create_function(env, name, NAPI_AUTO_LENGTH, enter<F>, nullptr, &function);
  set(env, exports, name, function);
}

// A request that has been started, as the index JavaScript gets.
inline napi_value started(const Call& call, MPI_Request request, bool persistent = false) {
  return number(call, state().requests.add(Request{request, persistent}));
}

// One family each, in the file of its name.
void init_environment(napi_env env, napi_value exports);
void init_types(napi_env env, napi_value exports);
void init_operations(napi_env env, napi_value exports);
void init_point_to_point(napi_env env, napi_value exports);
void init_requests(napi_env env, napi_value exports);
void init_collectives(napi_env env, napi_value exports);
void init_communicators(napi_env env, napi_value exports);
void init_groups(napi_env env, napi_value exports);
void init_windows(napi_env env, napi_value exports);
void init_files(napi_env env, napi_value exports);

// Fill the tables with what MPI predefines; called once, after MPI_Init_thread.
napi_value predefine_types(napi_env env);
napi_value predefine_operations(napi_env env);
// The kind of typed array whose elements have this type; false where there is none.
bool array_kind(MPI_Datatype type, napi_typedarray_type& kind);

}  // namespace numcore::mpi
