// Messages from one rank to another. Every array comes as (array, count, type), all of them checked.
#include <algorithm>

#include "mpi/call.h"

namespace numcore::mpi {
namespace {

// As lib/mpi numbers them.
enum class Mode { standard, synchronous, ready };

struct Outgoing {
  const Area area;
  const Counted elements;
  Outgoing(const Call& call, std::size_t at)
      : area(call.area(at)), elements(call.whole(at + 1), call.type(at + 2)) {
    expect_room(area, call.whole(at + 1), call.type(at + 2));
  }
};

// What send(array), recv(array) and their like are to do, which lib/mpi wrote into the frame: fetching six
// numbers through Node-API takes longer than all else that is done here for a short message.
struct Envelope {
  explicit Envelope(const Call& call)
      : comm(state().comms.at(integer(0))),
        peer(integer(3)),
        tag(integer(4)),
        last(integer(5)),
        area(call.area(0)),
        wanted(static_cast<std::int64_t>(state().frame[1])),
        element(state().types.at(integer(2))),
        elements(wanted, element) {
    expect_room(area, wanted, element);
  }
  static int integer(std::size_t i) { return static_cast<int>(state().frame[i]); }
  const MPI_Comm comm;
  const int peer, tag;
  const int last;  // a Mode, or whether the caller wants the status
  const Area area;
  const std::int64_t wanted;
  const Type& element;
  const Counted elements;  // as many as wanted
};

// send(array), with comm, count, type, dest, tag and mode in the frame
napi_value send(const Call& call) {
  const Envelope out(call);
  const auto& [count, type] = std::pair{out.elements.count, out.elements.type};
  switch (static_cast<Mode>(out.last)) {
    case Mode::standard:
      check(MPI_Send(out.area.data, count, type, out.peer, out.tag, out.comm), "MPI_Send");
      break;
    case Mode::synchronous:
      check(MPI_Ssend(out.area.data, count, type, out.peer, out.tag, out.comm), "MPI_Ssend");
      break;
    case Mode::ready:
      check(MPI_Rsend(out.area.data, count, type, out.peer, out.tag, out.comm), "MPI_Rsend");
      break;
  }
  return nullptr;
}

// isend(array) and sendInit, the same: a request.
template <bool kPersistent>
napi_value start_send(const Call& call) {
  const Envelope out(call);
  const auto& [count, type] = std::pair{out.elements.count, out.elements.type};
  MPI_Request request = MPI_REQUEST_NULL;
  const auto start = [&](auto routine, const char* name) {
    check(routine(out.area.data, count, type, out.peer, out.tag, out.comm, &request), name);
  };
  switch (static_cast<Mode>(out.last)) {
    case Mode::standard:
      start(kPersistent ? MPI_Send_init : MPI_Isend, kPersistent ? "MPI_Send_init" : "MPI_Isend");
      break;
    case Mode::synchronous:
      start(kPersistent ? MPI_Ssend_init : MPI_Issend, kPersistent ? "MPI_Ssend_init" : "MPI_Issend");
      break;
    case Mode::ready:
      start(kPersistent ? MPI_Rsend_init : MPI_Irsend, kPersistent ? "MPI_Rsend_init" : "MPI_Irsend");
      break;
  }
  return started(call, request, kPersistent);
}

// recv(array), with comm, count, type, source, tag and whether the status is wanted in the frame
napi_value recv(const Call& call) {
  const Envelope in(call);
  MPI_Status status;
  check(MPI_Recv(in.area.data, in.elements.count, in.elements.type, in.peer, in.tag, in.comm,
                 in.last != 0 ? &status : MPI_STATUS_IGNORE),
        "MPI_Recv");
  if (in.last != 0) note(status);
  return nullptr;
}

// irecv(array) and recvInit, the same: a request.
template <bool kPersistent>
napi_value start_recv(const Call& call) {
  const Envelope in(call);
  MPI_Request request = MPI_REQUEST_NULL;
  check((kPersistent ? MPI_Recv_init : MPI_Irecv)(in.area.data, in.elements.count, in.elements.type, in.peer,
                                                  in.tag, in.comm, &request),
        kPersistent ? "MPI_Recv_init" : "MPI_Irecv");
  return started(call, request, kPersistent);
}

// sendrecv(comm, array, count, type, dest, tag, array, count, type, source, tag)
napi_value sendrecv(const Call& call) {
  const Outgoing out(call, 1), in(call, 6);
  MPI_Status status;
  check(MPI_Sendrecv(out.area.data, out.elements.count, out.elements.type, call.integer(4), call.integer(5),
                     in.area.data, in.elements.count, in.elements.type, call.integer(9), call.integer(10),
                     call.comm(0), &status),
        "MPI_Sendrecv");
  note(status);
  return nullptr;
}

// probe(comm, source, tag)
napi_value probe(const Call& call) {
  MPI_Status status;
  check(MPI_Probe(call.integer(1), call.integer(2), call.comm(0), &status), "MPI_Probe");
  note(status);
  return nullptr;
}

napi_value iprobe(const Call& call) {
  MPI_Status status;
  int found = 0;
  check(MPI_Iprobe(call.integer(1), call.integer(2), call.comm(0), &found, &status), "MPI_Iprobe");
  if (found != 0) note(status);
  return boolean(call.env(), found != 0);
}

// mprobe(comm, source, tag): a message that only whoever holds it can receive.
napi_value mprobe(const Call& call) {
  MPI_Status status;
  MPI_Message message;
  check(MPI_Mprobe(call.integer(1), call.integer(2), call.comm(0), &message, &status), "MPI_Mprobe");
  note(status);
  return number(call, state().messages.add(message));
}

// The same if there is one, else -1.
napi_value improbe(const Call& call) {
  MPI_Status status;
  MPI_Message message;
  int found = 0;
  check(MPI_Improbe(call.integer(1), call.integer(2), call.comm(0), &found, &message, &status),
        "MPI_Improbe");
  if (found == 0) return number(call, -1);
  note(status);
  return number(call, state().messages.add(message));
}

// mrecv(message, array, count, type)
napi_value mrecv(const Call& call) {
  const Outgoing in(call, 1);
  const int index = call.integer(0);
  MPI_Message message = state().messages.at(index);
  MPI_Status status;
  const int code = MPI_Mrecv(in.area.data, in.elements.count, in.elements.type, &message, &status);
  state().messages.remove(index);
  check(code, "MPI_Mrecv");
  note(status);
  return nullptr;
}

napi_value imrecv(const Call& call) {
  const Outgoing in(call, 1);
  const int index = call.integer(0);
  MPI_Message message = state().messages.at(index);
  MPI_Request request = MPI_REQUEST_NULL;
  const int code = MPI_Imrecv(in.area.data, in.elements.count, in.elements.type, &message, &request);
  state().messages.remove(index);
  check(code, "MPI_Imrecv");
  return started(call, request);
}

// Receives a found message into the scratch memory and tells its bytes; one that does not fit is kept, and -1
// less its index is told.
napi_value take(const Call& call, MPI_Message message, MPI_Status& status) {
  note(status);
  const double bytes = state().status[2];
  if (bytes > static_cast<double>(state().scratch_bytes)) {
    return number(call, -1 - state().messages.add(message));
  }
  check(MPI_Mrecv(state().scratch, static_cast<int>(bytes), MPI_BYTE, &message, MPI_STATUS_IGNORE),
        "MPI_Mrecv");
  return number(call, bytes);
}

// receiveObject(comm, source, tag): one call from JavaScript for the many small messages.
napi_value receive_object(const Call& call) {
  MPI_Status status;
  MPI_Message message;
  check(MPI_Mprobe(call.integer(1), call.integer(2), call.comm(0), &message, &status), "MPI_Mprobe");
  return take(call, message, status);
}

// The same if there is a message, else undefined.
napi_value poll_object(const Call& call) {
  MPI_Status status;
  MPI_Message message;
  int found = 0;
  check(MPI_Improbe(call.integer(1), call.integer(2), call.comm(0), &found, &message, &status),
        "MPI_Improbe");
  return found == 0 ? nullptr : take(call, message, status);
}

}  // namespace

void init_point_to_point(napi_env env, napi_value exports) {
  define<send>(env, exports, "send");
  define<start_send<false>>(env, exports, "isend");
  define<start_send<true>>(env, exports, "sendInit");
  define<recv>(env, exports, "recv");
  define<start_recv<false>>(env, exports, "irecv");
  define<start_recv<true>>(env, exports, "recvInit");
  define<sendrecv>(env, exports, "sendrecv");
  define<probe>(env, exports, "probe");
  define<iprobe>(env, exports, "iprobe");
  define<mprobe>(env, exports, "mprobe");
  define<improbe>(env, exports, "improbe");
  define<mrecv>(env, exports, "mrecv");
  define<imrecv>(env, exports, "imrecv");
  define<receive_object>(env, exports, "receiveObject");
  define<poll_object>(env, exports, "pollObject");
}

}  // namespace numcore::mpi
