#include "runtime/threads.h"

#include <sched.h>
#include <unistd.h>

#include <algorithm>
#include <atomic>
#include <charconv>
#include <cmath>
#include <cstdlib>
#include <fstream>
#include <sstream>

namespace numcore {
namespace {

std::string_view trim(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

std::optional<std::string> read_line(const std::string& path) {
  std::ifstream file(path);
  std::string line;
  if (!file || !std::getline(file, line)) return std::nullopt;
  return line;
}

// "max 100000" or "150000 100000": microseconds of CPU time in each period.
std::optional<double> quota_v2(const std::string& folder) {
  const auto line = read_line(folder + "/cpu.max");
  if (!line) return std::nullopt;
  std::istringstream words(*line);
  double quota = 0, period = 0;
  if (!(words >> quota >> period) || quota <= 0 || period <= 0) return std::nullopt;
  return quota / period;
}

std::optional<double> quota_v1(const std::string& folder) {
  const auto quota = read_line(folder + "/cpu.cfs_quota_us");
  const auto period = read_line(folder + "/cpu.cfs_period_us");
  if (!quota || !period) return std::nullopt;
  const double time = std::atof(quota->c_str()), every = std::atof(period->c_str());
  if (time <= 0 || every <= 0) return std::nullopt;
  return time / every;
}

// A limit set on any ancestor holds for us too.
template <class Read>
std::optional<double> tightest(const std::string& root, std::string path, Read read) {
  std::optional<double> least;
  const auto consider = [&](const std::string& folder) {
    if (const auto quota = read(folder)) least = std::min(least.value_or(*quota), *quota);
  };
  while (!path.empty() && path != "/") {
    consider(root + path);
    path.erase(path.find_last_of('/'));
  }
  consider(root);
  return least;
}

bool has_controller(std::string_view list, std::string_view name) {
  while (!list.empty()) {
    const auto comma = list.find(',');
    if (list.substr(0, comma) == name) return true;
    if (comma == std::string_view::npos) break;
    list.remove_prefix(comma + 1);
  }
  return false;
}

struct AtLoad {
  std::optional<int> omp_num_threads;
  Cpus cpus = read_cpus();
  AtLoad() {
    if (const char* text = std::getenv("OMP_NUM_THREADS")) omp_num_threads = parse_omp_num_threads(text);
  }
};
const AtLoad& at_load() {
  static const AtLoad values;
  return values;
}

std::atomic<int> chosen{0};

}  // namespace

std::optional<double> read_cgroup_quota(const std::string& proc_self_cgroup, const std::string& cgroup_root) {
  std::ifstream file(proc_self_cgroup);
  std::optional<double> least;
  std::string line;
  const auto consider = [&](std::optional<double> quota) {
    if (quota) least = std::min(least.value_or(*quota), *quota);
  };
  // Lines are "id:controllers:path"; version 2 is the one with id 0 and no controllers.
  while (std::getline(file, line)) {
    const auto first = line.find(':');
    const auto second = first == std::string::npos ? first : line.find(':', first + 1);
    if (second == std::string::npos) continue;
    const std::string controllers = line.substr(first + 1, second - first - 1);
    const std::string path = line.substr(second + 1);
    if (controllers.empty()) {
      consider(tightest(cgroup_root, path, quota_v2));
    } else if (has_controller(controllers, "cpu")) {
      consider(tightest(cgroup_root + "/" + controllers, path, quota_v1));
      consider(tightest(cgroup_root + "/cpu", path, quota_v1));
    }
  }
  return least;
}

Cpus read_cpus() {
  Cpus cpus{};
  cpus.online = static_cast<int>(std::max(1L, sysconf(_SC_NPROCESSORS_ONLN)));
  // The kernel refuses a mask smaller than its own, so the mask grows until it fits.
  for (int bits = 1024; bits <= 1 << 20; bits *= 2) {
    cpu_set_t* mask = CPU_ALLOC(static_cast<std::size_t>(bits));
    if (mask == nullptr) break;
    const std::size_t size = CPU_ALLOC_SIZE(static_cast<std::size_t>(bits));
    CPU_ZERO_S(size, mask);
    const bool read = sched_getaffinity(0, size, mask) == 0;
    for (int id = 0; read && id < bits; ++id) {
      if (CPU_ISSET_S(static_cast<std::size_t>(id), size, mask)) cpus.affinity.push_back(id);
    }
    CPU_FREE(mask);
    if (read) break;
  }
  cpus.quota = read_cgroup_quota();
  const int allowed = cpus.affinity.empty() ? cpus.online : static_cast<int>(cpus.affinity.size());
  const int granted = cpus.quota ? static_cast<int>(std::ceil(std::min(*cpus.quota, 1e6))) : allowed;
  cpus.available = std::max(1, std::min(allowed, granted));
  return cpus;
}

std::optional<int> parse_omp_num_threads(std::string_view text) {
  text = trim(text.substr(0, text.find(',')));
  if (text.starts_with('+')) text.remove_prefix(1);
  int count = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), count);
  if (error != std::errc{} || end != text.data() + text.size() || count < 1 || count > kMaxThreads) {
    return std::nullopt;
  }
  return count;
}

ThreadDecision default_threads() {
  if (const int count = chosen.load(); count > 0) return {count, "setThreads"};
  const AtLoad& seen = at_load();
  if (seen.omp_num_threads) return {*seen.omp_num_threads, "OMP_NUM_THREADS"};
  const int allowed =
      seen.cpus.affinity.empty() ? seen.cpus.online : static_cast<int>(seen.cpus.affinity.size());
  return {seen.cpus.available, seen.cpus.available < allowed ? "cgroup quota" : "affinity"};
}

void set_default_threads(int count) { chosen.store(count); }

int available_cpus() { return at_load().cpus.available; }

}  // namespace numcore
