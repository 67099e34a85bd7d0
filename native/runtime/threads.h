// How many threads a job gets when its call does not say, and why that many: the contract of docs/threads.md.
// First that applies: setThreads(n), OMP_NUM_THREADS (read once, when the add-on is loaded), the CPUs
// available.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace numcore {

// More than this is taken for a mistake: OpenMP ends the process when it cannot create the threads it was
// asked for.
inline constexpr int kMaxThreads = 1024;

struct Cpus {
  int online;                   // CPUs of the machine
  std::vector<int> affinity;    // ids this process may run on (taskset, cpuset)
  std::optional<double> quota;  // CPUs' worth of time that the cgroup grants, none when unlimited
  int available;                // min(affinity, quota rounded up), at least 1
};
Cpus read_cpus();

// CPU quota of the process's cgroup (version 2: cpu.max; version 1: cpu.cfs_quota_us), the tightest on the
// way to the root. The folders are parameters so that a test can lay out its own.
std::optional<double> read_cgroup_quota(const std::string& proc_self_cgroup = "/proc/self/cgroup",
                                        const std::string& cgroup_root = "/sys/fs/cgroup");

// First number of an OMP_NUM_THREADS list; none when that is no integer from 1 to kMaxThreads.
std::optional<int> parse_omp_num_threads(std::string_view text);

struct ThreadDecision {
  int count;
  // "setThreads" | "OMP_NUM_THREADS" | "cgroup quota" | "affinity"
  const char* source;
};
ThreadDecision default_threads();

// 0 gives the decision back to the environment.
void set_default_threads(int count);

// CPUs available as seen at load; the width of the lane for small jobs.
int available_cpus();

}  // namespace numcore
