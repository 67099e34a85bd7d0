// Files that the ranks of a communicator read and write together, at offsets of their own.
#include "mpi/call.h"

namespace numcore::mpi {
namespace {

MPI_File file(const Call& call) { return state().files.at(call.integer(0)); }

// fileOpen(comm, path, mode)
napi_value open(const Call& call) {
  MPI_File handle;
  check(MPI_File_open(call.comm(0), call.text(1).c_str(), call.integer(2), MPI_INFO_NULL, &handle),
        "MPI_File_open");
  MPI_File_set_errhandler(handle, MPI_ERRORS_RETURN);
  return number(call, state().files.add(handle));
}

napi_value close(const Call& call) {
  MPI_File& handle = state().files.at(call.integer(0));
  const int code = MPI_File_close(&handle);
  state().files.remove(call.integer(0));
  check(code, "MPI_File_close");
  return nullptr;
}

// fileTransfer(file, offset, array, count, type, writing, collective): at an offset in units of the view.
napi_value transfer(const Call& call) {
  const auto offset = static_cast<MPI_Offset>(call.whole(1));
  const Area area = call.area(2);
  expect_room(area, call.whole(3), call.type(4));
  const Counted elements(call.whole(3), call.type(4));
  const bool writing = call.truth(5), collective = call.truth(6);
  const auto writer = collective ? MPI_File_write_at_all : MPI_File_write_at;
  const auto reader = collective ? MPI_File_read_at_all : MPI_File_read_at;
  MPI_Status status;
  if (writing) {
    check(writer(file(call), offset, area.data, elements.count, elements.type, &status), "MPI_File_write_at");
  } else {
    check(reader(file(call), offset, area.data, elements.count, elements.type, &status), "MPI_File_read_at");
  }
  note(status);
  return nullptr;
}

// fileStart(file, offset, array, count, type, writing): a request.
napi_value start(const Call& call) {
  const auto offset = static_cast<MPI_Offset>(call.whole(1));
  const Area area = call.area(2);
  expect_room(area, call.whole(3), call.type(4));
  const Counted elements(call.whole(3), call.type(4));
  MPI_Request request = MPI_REQUEST_NULL;
  if (call.truth(5)) {
    check(MPI_File_iwrite_at(file(call), offset, area.data, elements.count, elements.type, &request),
          "MPI_File_iwrite_at");
  } else {
    check(MPI_File_iread_at(file(call), offset, area.data, elements.count, elements.type, &request),
          "MPI_File_iread_at");
  }
  return started(call, request);
}

// fileView(file, displacement in bytes, element type, file type)
napi_value view(const Call& call) {
  check(MPI_File_set_view(file(call), static_cast<MPI_Offset>(call.whole(1)), call.type(2).handle,
                          call.type(3).handle, "native", MPI_INFO_NULL),
        "MPI_File_set_view");
  return nullptr;
}

napi_value size(const Call& call) {
  MPI_Offset bytes = 0;
  check(MPI_File_get_size(file(call), &bytes), "MPI_File_get_size");
  return number(call, static_cast<double>(bytes));
}

napi_value resize(const Call& call) {
  check(MPI_File_set_size(file(call), static_cast<MPI_Offset>(call.whole(1))), "MPI_File_set_size");
  return nullptr;
}

napi_value sync(const Call& call) {
  check(MPI_File_sync(file(call)), "MPI_File_sync");
  return nullptr;
}

napi_value remove(const Call& call) {
  check(MPI_File_delete(call.text(0).c_str(), MPI_INFO_NULL), "MPI_File_delete");
  return nullptr;
}

}  // namespace

void init_files(napi_env env, napi_value exports) {
  define<open>(env, exports, "fileOpen");
  define<close>(env, exports, "fileClose");
  define<transfer>(env, exports, "fileTransfer");
  define<start>(env, exports, "fileStart");
  define<view>(env, exports, "fileView");
  define<size>(env, exports, "fileSize");
  define<resize>(env, exports, "fileResize");
  define<sync>(env, exports, "fileSync");
  define<remove>(env, exports, "fileDelete");
}

}  // namespace numcore::mpi
