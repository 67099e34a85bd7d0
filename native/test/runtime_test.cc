#include <atomic>
#include <chrono>
#include <condition_variable>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <mutex>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

#include "runtime/blas_cores.h"
#include "runtime/compute_queue.h"
#include "runtime/threads.h"
#include "test/check.h"

namespace {

using numcore::ComputeQueue;
using numcore::Lane;

// What must happen is waited for as long as that; how long it takes is the machine's affair.
constexpr auto patience = std::chrono::minutes(5);

// A cgroup tree in a folder of its own.
class Tree {
 public:
  Tree() {
    std::string name = (std::filesystem::temp_directory_path() / "numcore-cgroup-XXXXXX").string();
    if (mkdtemp(name.data()) == nullptr) throw std::runtime_error("no temporary folder");
    root_ = name;
  }
  ~Tree() { std::filesystem::remove_all(root_); }
  void write(const std::string& path, const std::string& text) const {
    std::filesystem::create_directories((root_ / path).parent_path());
    std::ofstream(root_ / path) << text << '\n';
  }
  std::optional<double> quota() const {
    return numcore::read_cgroup_quota((root_ / "self").string(), (root_ / "fs").string());
  }

 private:
  std::filesystem::path root_;
};

// A task that says when it runs and goes on until it is released or cancelled.
class Held final : public numcore::Task {
 public:
  void run() noexcept override {
    std::unique_lock lock(mutex_);
    running_ = true;
    changed_.notify_all();
    changed_.wait(lock, [&] { return released_; });
    ended_ = true;
    changed_.notify_all();
  }
  void cancel() noexcept override { release(); }
  bool ended() const noexcept override {
    const std::lock_guard lock(mutex_);
    return ended_;
  }
  void release() {
    const std::lock_guard lock(mutex_);
    released_ = true;
    changed_.notify_all();
  }
  bool wait_running(std::chrono::milliseconds limit = patience) {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, limit, [&] { return running_; });
  }
  bool wait_ended() {
    std::unique_lock lock(mutex_);
    return changed_.wait_for(lock, patience, [&] { return ended_; });
  }

 private:
  mutable std::mutex mutex_;
  std::condition_variable changed_;
  bool running_ = false, released_ = false, ended_ = false;
};

}  // namespace

TEST("threads: OMP_NUM_THREADS is the first number of its list, or nothing") {
  using numcore::parse_omp_num_threads;
  CHECK(parse_omp_num_threads("4") == 4);
  CHECK(parse_omp_num_threads(" 4 ") == 4);
  CHECK(parse_omp_num_threads("+4") == 4);
  CHECK(parse_omp_num_threads("3,2,1") == 3);
  CHECK(parse_omp_num_threads("1024") == 1024);
  for (const char* wrong : {"", " ", "0", "-2", "4.0", "four", "4x", ",4", "1025", "99999999999999999999"}) {
    CHECK(!parse_omp_num_threads(wrong));
  }
}

TEST("threads: a cgroup v2 quota is the tightest on the way to the root") {
  const Tree tree;
  tree.write("self", "0::/a/b");
  CHECK(!tree.quota());
  tree.write("fs/cpu.max", "max 100000");
  tree.write("fs/a/cpu.max", "150000 100000");
  tree.write("fs/a/b/cpu.max", "max 100000");
  CHECK_NEAR(tree.quota().value_or(-1), 1.5, 0);
  tree.write("fs/a/b/cpu.max", "25000 100000");
  CHECK_NEAR(tree.quota().value_or(-1), 0.25, 0);
  tree.write("fs/a/b/cpu.max", "nonsense");
  CHECK_NEAR(tree.quota().value_or(-1), 1.5, 0);
}

TEST("threads: a cgroup v1 quota is found under the cpu controller") {
  const Tree tree;
  tree.write("self", "12:memory:/x\n4:cpu,cpuacct:/docker/1\n1:name=systemd:/y");
  tree.write("fs/cpu,cpuacct/docker/1/cpu.cfs_period_us", "100000");
  tree.write("fs/cpu,cpuacct/docker/1/cpu.cfs_quota_us", "-1");
  CHECK(!tree.quota());
  tree.write("fs/cpu,cpuacct/docker/1/cpu.cfs_quota_us", "300000");
  CHECK_NEAR(tree.quota().value_or(-1), 3, 0);
}

TEST("threads: setThreads decides until it is taken back") {
  const auto before = numcore::default_threads();
  numcore::set_default_threads(7);
  CHECK(numcore::default_threads().count == 7);
  CHECK(std::string(numcore::default_threads().source) == "setThreads");
  numcore::set_default_threads(0);
  CHECK(numcore::default_threads().count == before.count);
  CHECK(numcore::available_cpus() >= 1);
}

TEST("queue: wide tasks run one at a time, in the order they came") {
  auto& queue = ComputeQueue::instance();
  const auto first = std::make_shared<Held>(), second = std::make_shared<Held>();
  queue.submit(first, Lane::wide);
  queue.submit(second, Lane::wide);
  CHECK(first->wait_running());
  // Its turn cannot come, so a short wait is enough: on a busy machine it proves less, never something wrong.
  CHECK(!second->wait_running(std::chrono::milliseconds(20)));
  CHECK(queue.load().queued == 1 && queue.load().running == 1);
  first->release();
  CHECK(second->wait_running());
  second->release();
  CHECK(second->wait_ended());
  CHECK(queue.load().running == 0);
}

TEST("queue: narrow tasks run beside a wide one, as many as there are CPUs") {
  auto& queue = ComputeQueue::instance();
  const auto wide = std::make_shared<Held>();
  queue.submit(wide, Lane::wide);
  const int limit = numcore::available_cpus();
  std::vector<std::shared_ptr<Held>> narrow;
  for (int i = 0; i <= limit; ++i) narrow.push_back(std::make_shared<Held>());
  for (const auto& task : narrow) queue.submit(task, Lane::narrow);
  for (int i = 0; i < limit; ++i) CHECK(narrow[static_cast<std::size_t>(i)]->wait_running());
  CHECK(!narrow.back()->wait_running(std::chrono::milliseconds(20)));
  for (const auto& task : narrow) task->release();
  for (const auto& task : narrow) CHECK(task->wait_ended());
  wide->release();
  CHECK(wide->wait_ended());
  CHECK(queue.load().running == 0);
}

TEST("queue: a task that waits can be taken out, one that runs cannot") {
  auto& queue = ComputeQueue::instance();
  const auto first = std::make_shared<Held>(), second = std::make_shared<Held>();
  queue.submit(first, Lane::wide);
  CHECK(first->wait_running());
  queue.submit(second, Lane::wide);
  CHECK(queue.remove(second.get()));
  CHECK(!queue.remove(second.get()));
  CHECK(!queue.remove(first.get()));
  first->release();
  CHECK(first->wait_ended());
  CHECK(!second->wait_running(std::chrono::milliseconds(20)));
  CHECK(queue.load().running == 0);
}

TEST("BLAS kernels: replaced where OpenBLAS passed over AVX2") {
  using numcore::better_cores;
  const numcore::Abilities avx512{.avx2 = true, .avx512 = true};
  const numcore::Abilities avx2{.avx2 = true};
  for (const char* modern : {"Haswell", "Zen", "SkylakeX", "Cooperlake", "SapphireRapids", "Excavator"}) {
    CHECK(better_cores(modern, avx512).empty());
  }
  for (const char* old : {"Prescott", "Core2", "Nehalem", "Sandybridge", "Barcelona", "Unknown"}) {
    CHECK(better_cores(old, avx512) == "SkylakeX");
    CHECK(better_cores(old, avx2) == "Haswell");
    CHECK(better_cores(old, {}).empty());
  }
}

TEST("BLAS kernels: replaced where they need 3DNow! and there is none") {
  using numcore::better_cores;
  for (const char* early : {"Opteron", "Opteron_SSE3"}) {
    CHECK(better_cores(early, {.now3d = true}).empty());
    CHECK(better_cores(early, {}) == "Prescott");
    CHECK(better_cores(early, {.sse3 = false}).empty());
    CHECK(better_cores(early, {.avx2 = true}) == "Haswell");
  }
}
