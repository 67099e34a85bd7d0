// The whole point of mapped memory is that JavaScript sees it and not a copy. Runtimes that do not allow
// external buffers (Electron) say so in the status, and lib/ falls back on copies.
#undef NODE_API_NO_EXTERNAL_BUFFERS_ALLOWED
#include <napi.h>

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "addon/arguments.h"
#include "addon/families.h"
#include "addon/job.h"
#include "runtime/failure.h"
#include "runtime/processes.h"
#include "runtime/shared_memory.h"

namespace numcore::addon {
namespace {

Napi::Error make_error(Napi::Env env, const Failure& failure) {
  Napi::Error error = Napi::Error::New(env, failure.what());
  error.Set("code", Napi::String::New(env, failure.code()));
  return error;
}

// Failures become JavaScript errors that have the code.
template <Napi::Value (*function)(const Napi::CallbackInfo&)>
Napi::Value guarded(const Napi::CallbackInfo& call) {
  try {
    return function(call);
  } catch (const Failure& failure) {
    throw make_error(call.Env(), failure);
  }
}

std::span<const std::byte> bytes_of(const Napi::Value& value) {
  return std::as_bytes(view<const std::uint8_t>(value));
}

// { handle, fd, inode }: the descriptor is closed with the handle, or by segmentClose.
Napi::Object describe(Napi::Env env, Segment segment) {
  Napi::Object result = Napi::Object::New(env);
  result.Set("fd", Napi::Number::New(env, segment.fd()));
  result.Set("inode", Napi::Number::New(env, static_cast<double>(segment.inode())));
  auto owner = std::make_unique<std::unique_ptr<Segment>>(std::make_unique<Segment>(std::move(segment)));
  result.Set("handle", Napi::External<std::unique_ptr<Segment>>::New(
                           env, owner.get(), [](Napi::Env, std::unique_ptr<Segment>* each) { delete each; }));
  owner.release();
  return result;
}

// The memory is given back with the ArrayBuffer's backing store: when it is collected or detached.
template <typename Memory>
Napi::Value expose(Napi::Env env, Memory memory) {
  if (memory.size() == 0) return Napi::ArrayBuffer::New(env, 0);
  auto owner = std::make_unique<Memory>(std::move(memory));
  napi_value buffer = nullptr;
  const napi_status status = napi_create_external_arraybuffer(
      env, owner->data(), owner->size(),
      [](napi_env, void*, void* each) { delete static_cast<Memory*>(each); }, owner.get(), &buffer);
  if (status == napi_no_external_buffers_allowed) {
    throw Failure("ERR_SHARED_MEMORY", "this runtime does not allow memory that is not its own");
  }
  if (status != napi_ok) throw Failure("ERR_INTERNAL", "could not make an ArrayBuffer of shared memory");
  owner.release();
  return Napi::Value(env, buffer);
}

// segmentCreate(bytes): { handle, fd, inode, buffer }, zeroed.
Napi::Value segment_create(const Napi::CallbackInfo& call) {
  const auto bytes = static_cast<std::size_t>(integer(call[0]));
  Segment segment = Segment::create(bytes);
  const Napi::Value buffer = expose(call.Env(), segment.map(bytes, Sharing::shared));
  Napi::Object result = describe(call.Env(), std::move(segment));
  result.Set("buffer", buffer);
  return result;
}

Segment& segment_of(const Napi::Value& handle) {
  return **handle.As<Napi::External<std::unique_ptr<Segment>>>().Data();
}

// segmentHolding(bytes): { handle, fd, inode } of a segment with a copy of a Uint8Array.
// segmentWrite(handle, bytes): a copy in the place of what it had.
Napi::Value segment_holding(const Napi::CallbackInfo& call) {
  Segment segment = Segment::empty();
  segment.write(bytes_of(call[0]));
  return describe(call.Env(), std::move(segment));
}
Napi::Value segment_write(const Napi::CallbackInfo& call) {
  segment_of(call[0]).write(bytes_of(call[1]));
  return call.Env().Undefined();
}

// segmentOpen(pid, fd, inode, bytes): { handle, fd, inode, buffer }, shared with those who have it too.
// segmentCopy(pid, fd, inode, bytes): its ArrayBuffer, copied where it is written to: it must not change any
// more. segmentRead(pid, fd, inode, bytes): a copy of it, which may change afterwards.
Segment open(const Napi::CallbackInfo& call) {
  const SegmentAddress address{static_cast<int>(integer(call[0])), static_cast<int>(integer(call[1])),
                               static_cast<std::uint64_t>(integer(call[2]))};
  return Segment::open(address, static_cast<std::size_t>(integer(call[3])));
}
Napi::Value segment_open(const Napi::CallbackInfo& call) {
  Segment segment = open(call);
  const auto bytes = static_cast<std::size_t>(integer(call[3]));
  const Napi::Value buffer = expose(call.Env(), segment.map(bytes, Sharing::shared));
  Napi::Object result = describe(call.Env(), std::move(segment));
  result.Set("buffer", buffer);
  return result;
}
Napi::Value segment_copy(const Napi::CallbackInfo& call) {
  const auto bytes = static_cast<std::size_t>(integer(call[3]));
  return expose(call.Env(), open(call).map(bytes, Sharing::copy_on_write));
}

Napi::Value segment_read(const Napi::CallbackInfo& call) {
  const Segment segment = open(call);
  Block memory(static_cast<std::size_t>(integer(call[3])));
  segment.read({memory.data(), memory.size()});
  return expose(call.Env(), std::move(memory));
}

Napi::Value segment_close(const Napi::CallbackInfo& call) {
  call[0].As<Napi::External<std::unique_ptr<Segment>>>().Data()->reset();
  return call.Env().Undefined();
}

// detach(buffer): gives the mapping back now; views of it have no elements from here on.
Napi::Value detach(const Napi::CallbackInfo& call) {
  call[0].As<Napi::ArrayBuffer>().Detach();
  return call.Env().Undefined();
}

constexpr std::chrono::milliseconds kSlice{20};

Napi::Value name_of(Napi::Env env, Wait outcome) {
  const char* names[] = {"woken", "different", "timed-out"};
  return Napi::String::New(env, names[static_cast<int>(outcome)]);
}

// futexWait(words, index, expected, milliseconds): sleeps on the calling thread; lib/ asks for short sleeps,
// so that a worker that is terminated hears of it.
Napi::Value wait(const Napi::CallbackInfo& call) {
  const auto words = view<const std::int32_t>(call[0]);
  const std::chrono::duration<double, std::milli> patience(number(call[3]));
  return name_of(call.Env(),
                 futex_wait(words.data() + integer(call[1]), call[2].As<Napi::Number>().Int32Value(),
                            std::chrono::duration_cast<std::chrono::nanoseconds>(patience)));
}

// futexWaitAsync(words, index, expected, milliseconds, control): the same, away from JavaScript's thread.
Napi::Value wait_async(const Napi::CallbackInfo& call) {
  const auto words = view<const std::int32_t>(call[0]);
  const std::int32_t* word = words.data() + integer(call[1]);
  const std::int32_t expected = call[2].As<Napi::Number>().Int32Value();
  const std::chrono::duration<double, std::milli> patience(number(call[3]));
  return submit(call, call[4], Size::sleeping, {call[0]}, [=](JobContext& context) -> Finish {
    const auto end = std::chrono::steady_clock::now() + patience;
    Wait outcome = Wait::timed_out;
    do {
      context.check();
      outcome = futex_wait(word, expected, kSlice);
    } while (outcome == Wait::timed_out && std::chrono::steady_clock::now() < end);
    return [outcome](Napi::Env env) { return name_of(env, outcome); };
  });
}

// futexWake(words, index, count)
Napi::Value wake(const Napi::CallbackInfo& call) {
  const auto words = view<std::int32_t>(call[0]);
  const int count = call[2].As<Napi::Number>().Int32Value();
  return Napi::Number::New(call.Env(), futex_wake(words.data() + integer(call[1]), count));
}

// thisThread(): [id, start]; threadLives(id, start)
Napi::Value self(const Napi::CallbackInfo& call) {
  const ThreadName name = this_thread();
  Napi::Array result = Napi::Array::New(call.Env(), 2);
  result.Set(0u, name.id);
  result.Set(1u, name.start);
  return result;
}
Napi::Value follow_parent(const Napi::CallbackInfo& call) {
  die_with_parent(call[0].As<Napi::Number>().Int32Value());
  return call.Env().Undefined();
}
Napi::Value lives(const Napi::CallbackInfo& call) {
  const ThreadName name{call[0].As<Napi::Number>().Int32Value(), call[1].As<Napi::Number>().Int32Value()};
  return Napi::Boolean::New(call.Env(), thread_lives(name));
}

}  // namespace

void init_shared(Napi::Env env, Napi::Object exports) {
  const auto add = [&](const char* name, Napi::Value (*function)(const Napi::CallbackInfo&)) {
    exports.Set(name, Napi::Function::New(env, function, name));
  };
  add("segmentCreate", guarded<segment_create>);
  add("segmentHolding", guarded<segment_holding>);
  add("segmentWrite", guarded<segment_write>);
  add("segmentOpen", guarded<segment_open>);
  add("segmentCopy", guarded<segment_copy>);
  add("segmentRead", guarded<segment_read>);
  add("segmentClose", segment_close);
  add("detach", detach);
  add("futexWait", wait);
  add("futexWaitAsync", wait_async);
  add("futexWake", wake);
  add("thisThread", self);
  add("threadLives", lives);
  add("dieWithParent", follow_parent);
}

}  // namespace numcore::addon
