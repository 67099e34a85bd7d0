// What the add-on remembers: one table for each kind of MPI handle, whose indices are what JavaScript holds.
// Handles themselves are pointers in one MPI and integers in the other and never leave this folder. There is
// one state a process, because there is one MPI a process, and it belongs to the environment that called
// init().
#pragma once

#define OMPI_SKIP_MPICXX 1
#define MPICH_SKIP_MPICXX 1
#include <mpi.h>
#include <node_api.h>

#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <vector>

namespace numcore::mpi {

// A mistake in the arguments, which lib/mpi did not catch or cannot see.
struct Refused : std::runtime_error {
  using std::runtime_error::runtime_error;
};

// What an MPI routine returned, when that was not MPI_SUCCESS.
struct Failed {
  int code;
  const char* routine;
};

// A JavaScript exception is under way already.
struct Thrown {};

inline void check(int code, const char* routine) {
  if (code != MPI_SUCCESS) throw Failed{code, routine};
}

// Indices of things that are gone are used again, but never for a handle that still lives.
template <class T>
class Table {
 public:
  explicit Table(const char* what) : what_(what) {}

  int add(T item) {
    if (!free_.empty()) {
      const int index = free_.back();
      free_.pop_back();
      slots_[static_cast<std::size_t>(index)] = Slot{std::move(item), true};
      return index;
    }
    slots_.push_back(Slot{std::move(item), true});
    return static_cast<int>(slots_.size()) - 1;
  }

  T& at(int index) {
    if (index < 0 || static_cast<std::size_t>(index) >= slots_.size() ||
        !slots_[static_cast<std::size_t>(index)].used) {
      throw Refused(std::string("Expected a ") + what_ + " that has not been freed");
    }
    return slots_[static_cast<std::size_t>(index)].item;
  }

  void remove(int index) {
    at(index) = T{};
    slots_[static_cast<std::size_t>(index)].used = false;
    free_.push_back(index);
  }

 private:
  struct Slot {
    T item{};
    bool used = false;
  };
  const char* what_;
  std::vector<Slot> slots_;
  std::vector<int> free_;
};

struct Type {
  MPI_Datatype handle = MPI_DATATYPE_NULL;
  MPI_Count size = 0;    // bytes of data in one element
  MPI_Count extent = 0;  // bytes from one element to the next
  MPI_Count end = 0;     // bytes from the start of an element to the end of its last byte
  bool predefined = false;
};

struct Request {
  MPI_Request handle = MPI_REQUEST_NULL;
  bool persistent = false;
};

struct Window {
  MPI_Win handle = MPI_WIN_NULL;
  std::vector<napi_ref> views;  // ArrayBuffers over its memory, detached when it goes
  napi_ref lent = nullptr;      // the array of the caller that it was made on
};

struct State {
  napi_env env = nullptr;
  napi_ref make_error = nullptr;  // (routine, code, class, sentence) => Error
  napi_ref held_error = nullptr;  // thrown by a user's operation inside an MPI routine
  double* status = nullptr;       // source, tag, bytes, cancelled: of the last receive, probe or completion
  const double* frame = nullptr;  // where JavaScript writes what send() and its like are to do
  std::uint8_t* scratch = nullptr;
  std::size_t scratch_bytes = 0;
  Table<MPI_Comm> comms{"communicator"};
  Table<Type> types{"datatype"};
  Table<MPI_Op> ops{"reduction operation"};
  Table<MPI_Group> groups{"group"};
  Table<Request> requests{"request"};
  Table<MPI_Message> messages{"message"};
  Table<Window> windows{"window"};
  Table<MPI_File> files{"file"};
};

// Never destroyed: the exit handlers of an MPI may run after static destructors. Made when the add-on is
// loaded, and not at its first use, which every use would have to look for.
inline State& the_state = *new State;
inline State& state() { return the_state; }

}  // namespace numcore::mpi
