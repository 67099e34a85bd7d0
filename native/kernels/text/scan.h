// Where words begin and end: the first pass over a text, with the widest instructions the machine has.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>

namespace numcore::text {

// Bytes that are scanned at a time.
inline constexpr std::size_t kBlock = 64;

// Looks at `blocks` * 64 bytes at `in`. Writes them to `lowered` with ASCII A-Z as a-z, and to `edges` the
// places, counted from `position`, at which a run of other bytes follows an ASCII separator or the other way
// round: beginnings and ends of words in turn. `inside` says whether the byte before belongs to a word, and
// is left saying so of the last one. Returns the number of edges; `edges` has room for one a byte and
// kEdgeSlack more, which may be written to.
using Scan = std::size_t (*)(const char* in, std::size_t blocks, char* lowered, std::uint32_t position,
                             bool& inside, std::uint32_t* edges);
inline constexpr std::size_t kEdgeSlack = 64;

struct Scanner {
  const char* name;
  Scan scan;
  bool runs_here;
};

// All that were compiled, fastest first; the last one is portable.
[[nodiscard]] std::span<const Scanner> scanners() noexcept;

// The fastest one that this machine can run.
[[nodiscard]] Scan choose_scan() noexcept;

}  // namespace numcore::text
