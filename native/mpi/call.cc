#include "mpi/call.h"

namespace numcore::mpi {

Counted::Counted(std::int64_t wanted, const Type& of) : count(0), type(of.handle) {
  if (wanted <= state().most_elements) {
    count = static_cast<int>(wanted);
    return;
  }
  // Whole pieces and a rest, side by side in one structure.
  const std::int64_t in_piece = piece_elements();
  MPI_Datatype piece, pieces, rest;
  check(MPI_Type_contiguous(static_cast<int>(in_piece), of.handle, &piece), "MPI_Type_contiguous");
  check(MPI_Type_contiguous(static_cast<int>(wanted / in_piece), piece, &pieces), "MPI_Type_contiguous");
  check(MPI_Type_contiguous(static_cast<int>(wanted % in_piece), of.handle, &rest), "MPI_Type_contiguous");
  const int lengths[] = {1, 1};
  const MPI_Aint places[] = {0, static_cast<MPI_Aint>(wanted / in_piece * in_piece * of.extent)};
  const MPI_Datatype parts[] = {pieces, rest};
  check(MPI_Type_create_struct(2, lengths, places, parts, &made_), "MPI_Type_create_struct");
  check(MPI_Type_commit(&made_), "MPI_Type_commit");
  for (MPI_Datatype* each : {&piece, &pieces, &rest}) MPI_Type_free(each);
  count = 1;
  type = made_;
}

std::string Call::text(std::size_t i) const {
  std::size_t length = 0;
  if (napi_get_value_string_utf8(env_, values_[i], nullptr, 0, &length) != napi_ok) refuse("a string", i);
  std::string result(length, '\0');
  napi_get_value_string_utf8(env_, values_[i], result.data(), length + 1, &length);
  return result;
}

void expect_room(const Area& area, std::int64_t count, const Type& type, std::int64_t times) {
  if (area.in_place) return;
  const std::int64_t all = count * times;
  if (count < 0 || times < 0) throw Refused("Expected a count of at least 0");
  const MPI_Count needed = all == 0 ? 0 : (all - 1) * type.extent + type.end;
  if (needed > static_cast<MPI_Count>(area.bytes)) {
    throw Refused("Expected room for " + std::to_string(all) + " elements (" + std::to_string(needed) +
                  " bytes) in the buffer but it has " + std::to_string(area.bytes) + " bytes");
  }
}

napi_value number(napi_env env, double value) {
  napi_value result = nullptr;
  napi_create_double(env, value, &result);
  return result;
}

napi_value boolean(napi_env env, bool value) {
  napi_value result = nullptr;
  napi_get_boolean(env, value, &result);
  return result;
}

napi_value string(napi_env env, const std::string& value) {
  napi_value result = nullptr;
  napi_create_string_utf8(env, value.data(), value.size(), &result);
  return result;
}

napi_value object(napi_env env) {
  napi_value result = nullptr;
  napi_create_object(env, &result);
  return result;
}

void set(napi_env env, napi_value target, const char* name, napi_value value) {
  napi_set_named_property(env, target, name, value);
}

napi_value external(napi_env env, void* data, std::size_t bytes) {
  napi_value result = nullptr;
  // V8 wants memory of its own for an empty one.
  if (bytes == 0) {
    void* ignored = nullptr;
    napi_create_arraybuffer(env, 0, &ignored, &result);
  } else if (napi_create_external_arraybuffer(env, data, bytes, nullptr, nullptr, &result) != napi_ok) {
    throw Refused(
        "This runtime does not let JavaScript see memory that is not its own, so windows do not work");
  }
  return result;
}

namespace {

std::string sentence_of(int code) {
  char text[MPI_MAX_ERROR_STRING + 1] = "";
  int length = 0;
  MPI_Error_string(code, text, &length);
  return std::string(text, static_cast<std::size_t>(length));
}

void throw_made(napi_env env, const char* routine, int code, int family, const std::string& sentence) {
  napi_value make = nullptr, self = nullptr, error = nullptr;
  // Before init() there is nobody to make it.
  if (state().make_error == nullptr) {
    napi_throw_error(env, nullptr, sentence.c_str());
    return;
  }
  napi_get_undefined(env, &self);
  napi_get_reference_value(env, state().make_error, &make);
  const napi_value arguments[] = {string(env, routine), number(env, code), number(env, family),
                                  string(env, sentence)};
  if (napi_call_function(env, self, make, 4, arguments, &error) == napi_ok) napi_throw(env, error);
}

}  // namespace

void raise(napi_env env) noexcept {
  try {
    throw;
  } catch (const Failed& failed) {
    int family = MPI_ERR_UNKNOWN;
    MPI_Error_class(failed.code, &family);
    throw_made(env, failed.routine, failed.code, family, sentence_of(failed.code));
  } catch (const Thrown&) {
  } catch (const std::bad_alloc&) {
    throw_made(env, "memory", 0, 0, "There is not enough memory for this MPI call");
  } catch (const std::exception& error) {
    throw_made(env, "", 0, 0, error.what());
  }
}

void raise_held(napi_env env) {
  napi_value error = nullptr;
  napi_get_reference_value(env, state().held_error, &error);
  napi_delete_reference(env, state().held_error);
  state().held_error = nullptr;
  napi_throw(env, error);
}

}  // namespace numcore::mpi
