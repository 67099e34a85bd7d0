// What processes know of each other: waiting for a word of shared memory to change, and who still lives.
#pragma once

#include <chrono>
#include <cstdint>

namespace numcore {

enum class Wait { woken, different, timed_out };

// Sleeps while *word is `expected`, until futex_wake or for at most `patience`; may wake for no reason.
Wait futex_wait(const std::int32_t* word, std::int32_t expected, std::chrono::nanoseconds patience);

// Wakes up to `count` who wait for the word; returns how many.
int futex_wake(std::int32_t* word, int count);

// A thread of this machine: its id (one of the few things that all processes agree on) and when it started,
// because ids are given again. Both fit into 31 bits.
struct ThreadName {
  std::int32_t id;
  std::int32_t start;
};
ThreadName this_thread();

// Ends this process with SIGKILL when the thread that started it ends, also when that is killed. `parent` is
// the process of that thread: it may have ended already.
void die_with_parent(std::int32_t parent);

// False when it has ended, or was killed and waits to be buried. `start` 0: only the id is looked at.
bool thread_lives(ThreadName name);

}  // namespace numcore
