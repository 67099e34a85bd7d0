// Tasks with dependencies, run by the threads of one parallel region. Which thread runs a task is left to
// chance; what a task reads and writes is fixed by its dependencies, so the result is not.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <vector>

#include "runtime/job_context.h"

namespace numcore::inverse {

class Graph {
 public:
  using Id = std::uint32_t;

  // Of the tasks that are ready the one with the smallest `rank` runs first, then the one added first.
  // `weight` is its share of the work, for the progress.
  Id add(std::int64_t rank, double weight, std::function<void()> run);
  void after(Id later, Id earlier);

  // Runs everything, reporting progress between `from` and `to`. A cancelled job, or a true `stop`, skips
  // the tasks that have not begun. What a task throws is thrown again once all threads have left.
  void run(JobContext& context, const std::atomic<bool>& stop, double from, double to);

  struct Record {  // of one task: what schedules are simulated from (bench/inverse_schedule.cc)
    double seconds = 0;
    std::int64_t rank = 0;
    std::vector<Id> next;
  };
  using Trace = std::vector<Record>;
  // run() appends what it did, unless this is null.
  std::vector<Trace>* traces = nullptr;

 private:
  struct Task {
    std::int64_t rank;
    double weight;
    std::function<void()> run;
    std::vector<Id> next;
    std::uint32_t waits_for = 0;
  };
  std::vector<Task> tasks_;
};

}  // namespace numcore::inverse
