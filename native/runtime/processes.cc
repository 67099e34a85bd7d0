#include "runtime/processes.h"

#include <fcntl.h>
#include <linux/futex.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <ctime>
#include <optional>
#include <string>
#include <string_view>

namespace numcore {
namespace {

struct Status {
  char state;
  std::int32_t start;
};

// Fields 3 and 22 of /proc/TID/stat. The name in field 2 may hold anything, so counting begins behind its
// bracket.
std::optional<Status> status_of(std::int32_t id) {
  std::array<char, 32> path{};
  std::snprintf(path.data(), path.size(), "/proc/%d/stat", id);
  const int fd = open(path.data(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return std::nullopt;
  std::array<char, 1024> buffer{};
  const ssize_t size = read(fd, buffer.data(), buffer.size() - 1);
  close(fd);
  if (size <= 0) return std::nullopt;
  const std::string_view line(buffer.data(), static_cast<std::size_t>(size));
  std::size_t at = line.rfind(')');
  if (at == std::string_view::npos || at + 2 >= line.size()) return std::nullopt;
  const char state = line[at + 2];
  for (int field = 2; field < 22; ++field) {
    at = line.find(' ', at + 1);
    if (at == std::string_view::npos) return std::nullopt;
  }
  const unsigned long long ticks = std::strtoull(buffer.data() + at + 1, nullptr, 10);
  // Never 0, which means "not known".
  return Status{state, static_cast<std::int32_t>((ticks & 0x3fffffff) | 0x40000000)};
}

}  // namespace

Wait futex_wait(const std::int32_t* word, std::int32_t expected, std::chrono::nanoseconds patience) {
  const auto seconds = std::chrono::duration_cast<std::chrono::seconds>(patience);
  timespec limit{};
  limit.tv_sec = seconds.count();
  limit.tv_nsec = (patience - seconds).count();
  // Not FUTEX_PRIVATE_FLAG: the word is other processes' as well.
  if (syscall(SYS_futex, word, FUTEX_WAIT, expected, &limit, nullptr, 0) == 0) return Wait::woken;
  if (errno == ETIMEDOUT) return Wait::timed_out;
  return errno == EAGAIN ? Wait::different : Wait::woken;
}

int futex_wake(std::int32_t* word, int count) {
  return static_cast<int>(syscall(SYS_futex, word, FUTEX_WAKE, count, nullptr, nullptr, 0));
}

ThreadName this_thread() {
  thread_local const ThreadName name = [] {
    const auto id = static_cast<std::int32_t>(syscall(SYS_gettid));
    const std::optional<Status> status = status_of(id);
    return ThreadName{id, status ? status->start : 0};
  }();
  return name;
}

void die_with_parent(std::int32_t parent) {
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) raise(SIGKILL);
}

bool thread_lives(ThreadName name) {
  const std::optional<Status> status = status_of(name.id);
  if (!status || status->state == 'Z' || status->state == 'X') return false;
  return name.start == 0 || status->start == name.start;
}

}  // namespace numcore
