// From a JavaScript call to a compute thread and back. A family's file checks nothing but types (lib/ has
// validated), borrows the buffers and hands submit() a closure; everything about promises, cancelling and
// teardown is here.
#pragma once

#include <napi.h>

#include <functional>
#include <vector>

#include "runtime/job_context.h"

namespace numcore::addon {

// Runs on the JS thread and turns the result into a value.
using Finish = std::function<Napi::Value(Napi::Env)>;
// Runs on a compute thread. What it throws becomes the job's error; Cancelled becomes code ABORT.
using Work = std::function<Finish(JobContext&)>;

// `small`: not worth a second thread, runs on one beside the wide jobs whatever `threads` says. `sleeping`:
// does not compute but waits for something.
enum class Size { small, wide, sleeping };

// `control` is made by lib/job.ts:
//   { threads: number, sync: boolean, done?: (error, value) => void, progress?: (fraction) => void }
// sync: computes and returns the value, or throws. Otherwise returns a function that cancels the job; `done`
// is called exactly once, unless the environment ends first. `lent` are the buffers that the work reads or
// writes: they are kept alive until it has ended.
Napi::Value submit(const Napi::CallbackInfo& info, const Napi::Object& control, Size size,
                   std::vector<Napi::Value> lent, Work work);

// To be called once in every environment that loads the add-on, before any submit().
void init_jobs(Napi::Env env);

}  // namespace numcore::addon
