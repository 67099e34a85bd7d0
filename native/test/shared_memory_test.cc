#include "runtime/shared_memory.h"

#include <poll.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <functional>
#include <limits>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <thread>
#include <vector>

#include "runtime/failure.h"
#include "runtime/processes.h"
#include "test/check.h"

namespace {

using numcore::Block;
using numcore::Failure;
using numcore::Mapping;
using numcore::Segment;
using numcore::SegmentAddress;
using numcore::Sharing;
using numcore::Wait;
using std::chrono::milliseconds;

// What must happen is waited for as long as that; how long it takes is the machine's affair.
constexpr int kPatience = 300'000;

// A process of its own that runs `work` and ends with what that returns. Whatever becomes of the test, it is
// killed. Only what is async-signal-safe is used in it, and what these classes do: the test has one thread
// when it forks, but the runtime may have others.
class Child {
 public:
  explicit Child(const std::function<int()>& work) {
    if (pipe(told_.data()) != 0) throw std::runtime_error("no pipe");
    id_ = fork();
    if (id_ < 0) throw std::runtime_error("no process");
    if (id_ > 0) {
      close(told_[1]);
      return;
    }
    instance_ = this;
    alarm(kPatience / 1000);
    _exit(work());
  }
  ~Child() {
    close(told_[0]);
    if (id_ < 0) return;
    kill();
    wait();
  }
  Child(const Child&) = delete;
  Child& operator=(const Child&) = delete;

  [[nodiscard]] int id() const { return id_; }
  void kill() const { ::kill(id_, SIGKILL); }

  // Its exit code, or minus the signal that it died of.
  int wait() {
    int status = 0;
    while (waitpid(id_, &status, 0) < 0 && errno == EINTR) {
    }
    id_ = -1;
    return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
  }

  // For the child: says that it has come so far. For the test: waits until it has said so.
  static void tell() { [[maybe_unused]] const auto written = ::write(instance_->told_[1], "x", 1); }
  void hear() const {
    pollfd come{told_[0], POLLIN, 0};
    char byte = 0;
    if (poll(&come, 1, kPatience) != 1 || read(told_[0], &byte, 1) != 1)
      throw std::runtime_error("heard nothing");
  }

 private:
  static inline Child* instance_ = nullptr;
  std::array<int, 2> told_{};
  pid_t id_ = -1;
};

SegmentAddress address_of(const Segment& segment) { return {getpid(), segment.fd(), segment.inode()}; }

std::int32_t* words_of(const Mapping& mapping) { return reinterpret_cast<std::int32_t*>(mapping.data()); }

std::vector<std::byte> pattern(std::size_t bytes) {
  std::vector<std::byte> all(bytes);
  for (std::size_t i = 0; i < bytes; ++i) all[i] = static_cast<std::byte>(i * 31 >> 3);
  return all;
}

bool same(std::span<const std::byte> a, std::span<const std::byte> b) {
  return a.size() == b.size() && std::memcmp(a.data(), b.data(), a.size()) == 0;
}

std::string code_of(const std::function<void()>& action) {
  try {
    action();
  } catch (const Failure& failure) {
    return failure.code();
  }
  return "no failure";
}

// How many of this process's descriptors, and of its mappings, are of our segments.
constexpr const char* kName = "memfd:numcore";
int open_descriptors() {
  int count = 0;
  for (const auto& entry : std::filesystem::directory_iterator("/proc/self/fd")) {
    std::error_code gone;
    if (std::filesystem::read_symlink(entry.path(), gone).string().find(kName) != std::string::npos) ++count;
  }
  return count;
}
int open_mappings() {
  int count = 0;
  std::ifstream maps("/proc/self/maps");
  for (std::string line; std::getline(maps, line);) {
    if (line.find(kName) != std::string::npos) ++count;
  }
  return count;
}

}  // namespace

TEST("shared memory is zeroed, and what one process writes the other reads") {
  const Segment segment = Segment::create(3 * sizeof(std::int32_t));
  const Mapping here = segment.map(12, Sharing::shared);
  CHECK(words_of(here)[0] == 0 && words_of(here)[1] == 0 && words_of(here)[2] == 0);
  words_of(here)[0] = 5;
  const SegmentAddress address = address_of(segment);
  Child child([&] {
    const Segment opened = Segment::open(address, 12);
    const Mapping there = opened.map(12, Sharing::shared);
    words_of(there)[1] = words_of(there)[0] + 1;
    return 0;
  });
  CHECK(child.wait() == 0);
  CHECK(words_of(here)[1] == 6);
}

TEST("a private mapping of shared memory is written to without the others seeing it") {
  Segment segment = Segment::empty();
  const auto content = pattern(10'000);
  segment.write(content);
  const Mapping mine = segment.map(content.size(), Sharing::copy_on_write);
  CHECK(same({mine.data(), mine.size()}, content));
  mine.data()[0] = static_cast<std::byte>(~static_cast<unsigned>(content[0]));
  const Mapping shared = segment.map(content.size(), Sharing::shared);
  CHECK(same({shared.data(), shared.size()}, content));
}

TEST("a segment is written again and again, and what was read of it stays") {
  Segment segment = Segment::empty();
  // Shorter, longer, and in huge pages where there are any.
  for (const std::size_t bytes : {100u, 50u, 300'000u, 5'000'000u, 1u}) {
    const auto content = pattern(bytes);
    segment.write(content);
    Block block(bytes);
    segment.read({block.data(), block.size()});
    CHECK(same({block.data(), block.size()}, content));
    const std::vector<std::byte> other(bytes, std::byte{1});
    segment.write(other);
    CHECK(same({block.data(), block.size()}, content));
  }
  Block nothing(0);
  segment.read({nothing.data(), nothing.size()});
}

TEST("reading more of a segment than it holds fails") {
  Segment segment = Segment::empty();
  segment.write(pattern(10));
  std::array<std::byte, 11> room{};
  CHECK(code_of([&] { segment.read(room); }) == "ERR_SHARED_MEMORY");
}

TEST("memory that there is not is refused and leaves nothing behind") {
  const int before = open_descriptors();
  // Not much memory, of which the kernel would reserve all that there is, but a size that no file can have.
  CHECK(code_of([] { Segment::create(std::numeric_limits<std::size_t>::max()); }) == "ERR_SHARED_MEMORY");
  CHECK(code_of([] { const Block block(std::size_t{1} << 62); }) == "ERR_OUT_OF_MEMORY");
  CHECK(open_descriptors() == before);
}

TEST("an address is of one segment only, also when its descriptor is given again") {
  SegmentAddress address{};
  {
    const Segment segment = Segment::create(8);
    address = address_of(segment);
    CHECK(code_of([&] { Segment::open(address, 9); }) == "ERR_SHARED_MEMORY");
    CHECK(code_of([&] { Segment::open(address, 8); }) == "no failure");
  }
  CHECK(code_of([&] { Segment::open(address, 8); }) == "ERR_SHARED_MEMORY");
  const Segment next = Segment::create(8);
  CHECK(next.fd() == address.fd);
  CHECK(code_of([&] { Segment::open(address, 8); }) == "ERR_SHARED_MEMORY");
}

TEST("descriptors and mappings are given back, each by its own end") {
  const int descriptors = open_descriptors();
  const int mappings = open_mappings();
  {
    const Mapping mapping = [] {
      const Segment segment = Segment::create(4096);
      return segment.map(4096, Sharing::shared);
    }();
    CHECK(open_descriptors() == descriptors);
    CHECK(open_mappings() == mappings + 1);
    words_of(mapping)[0] = 1;
  }
  CHECK(open_mappings() == mappings);
}

TEST("shared memory outlives who made it, killed or not, and ends with its last user") {
  const Segment meeting = Segment::create(sizeof(SegmentAddress));
  const Mapping told = meeting.map(sizeof(SegmentAddress), Sharing::shared);
  auto* place = reinterpret_cast<SegmentAddress*>(told.data());
  const int before = open_descriptors();
  Child maker([&] {
    const Segment segment = Segment::create(4);
    words_of(segment.map(4, Sharing::shared))[0] = 7;
    *place = address_of(segment);
    Child::tell();
    for (;;) pause();
    return 0;
  });
  maker.hear();
  const SegmentAddress address = *place;
  {
    const Segment opened = Segment::open(address, 4);
    maker.kill();
    CHECK(maker.wait() == -SIGKILL);
    const Mapping mine = opened.map(4, Sharing::shared);
    CHECK(words_of(mine)[0] == 7);
    // Its maker is gone, and it can be handed on all the same.
    const SegmentAddress ours = address_of(opened);
    Child next([&] {
      const Segment again = Segment::open(ours, 4);
      return static_cast<int>(words_of(again.map(4, Sharing::shared))[0]);
    });
    CHECK(next.wait() == 7);
  }
  CHECK(open_descriptors() == before);
  CHECK(code_of([&] { Segment::open(address, 4); }) == "ERR_SHARED_MEMORY");
}

TEST("a user that is killed does not take the memory from the others") {
  const Segment segment = Segment::create(4);
  const Mapping here = segment.map(4, Sharing::shared);
  const SegmentAddress address = address_of(segment);
  Child user([&] {
    const Segment opened = Segment::open(address, 4);
    const Mapping there = opened.map(4, Sharing::shared);
    words_of(there)[0] = 3;
    Child::tell();
    for (;;) pause();
    return 0;
  });
  user.hear();
  user.kill();
  CHECK(user.wait() == -SIGKILL);
  CHECK(words_of(here)[0] == 3);
}

TEST("a futex wakes across processes, and only when its word is as expected") {
  const Segment segment = Segment::create(2 * sizeof(std::int32_t));
  const Mapping here = segment.map(8, Sharing::shared);
  std::int32_t* word = words_of(here);
  CHECK(numcore::futex_wait(word, 1, milliseconds(kPatience)) == Wait::different);
  CHECK(numcore::futex_wait(word, 0, milliseconds(1)) == Wait::timed_out);
  CHECK(numcore::futex_wake(word, 1) == 0);
  const SegmentAddress address = address_of(segment);
  Child sleeper([&] {
    const Segment opened = Segment::open(address, 8);
    const Mapping there = opened.map(8, Sharing::shared);
    std::int32_t* mine = words_of(there);
    while (__atomic_load_n(mine, __ATOMIC_ACQUIRE) == 0) {
      if (numcore::futex_wait(mine, 0, milliseconds(kPatience)) == Wait::timed_out) return 1;
    }
    return 0;
  });
  __atomic_store_n(word, 1, __ATOMIC_RELEASE);
  // It may not sleep yet: then it sees the word and does not go to sleep at all.
  numcore::futex_wake(word, 1);
  CHECK(sleeper.wait() == 0);
}

TEST("a thread is known by its id and by when it started, as long as it lives") {
  const numcore::ThreadName self = numcore::this_thread();
  CHECK(self.id > 0 && self.start > 0);
  CHECK(numcore::thread_lives(self));
  CHECK(numcore::thread_lives({self.id, 0}));
  CHECK(!numcore::thread_lives({self.id, self.start + 1}));
  numcore::ThreadName other{};
  std::thread([&] { other = numcore::this_thread(); }).join();
  CHECK(other.id != self.id);
  Child child([] {
    for (;;) pause();
    return 0;
  });
  CHECK(numcore::thread_lives({child.id(), 0}));
  child.kill();
  // Also before it is buried: it waits for us as a zombie.
  for (int i = 0; i < kPatience && numcore::thread_lives({child.id(), 0}); ++i) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  CHECK(!numcore::thread_lives({child.id(), 0}));
}

TEST("a process dies with the thread that started it, also when that is killed") {
  const Segment segment = Segment::create(4);
  const Mapping told = segment.map(4, Sharing::shared);
  std::int32_t* grandchild = words_of(told);
  Child parent([&] {
    const pid_t self = getpid();
    const pid_t made = fork();
    if (made == 0) {
      numcore::die_with_parent(self);
      __atomic_store_n(grandchild, getpid(), __ATOMIC_RELEASE);
      Child::tell();
      for (;;) pause();
    }
    for (;;) pause();
    return 0;
  });
  parent.hear();
  const std::int32_t id = __atomic_load_n(grandchild, __ATOMIC_ACQUIRE);
  CHECK(numcore::thread_lives({id, 0}));
  parent.kill();
  for (int i = 0; i < kPatience && numcore::thread_lives({id, 0}); ++i) {
    std::this_thread::sleep_for(milliseconds(1));
  }
  CHECK(!numcore::thread_lives({id, 0}));
}
