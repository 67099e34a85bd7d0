// A text as numbers: every token an id, ids in the order in which the words first appear.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "kernels/text/source.h"
#include "kernels/text/tokens.h"
#include "kernels/text/vocabulary.h"
#include "runtime/job_context.h"

namespace numcore::text {

struct Text {
  std::size_t length = 0;  // tokens
  Vocabulary vocabulary;
  std::vector<std::uint32_t> counts;  // how often each word occurs
  std::vector<std::uint32_t> starts;  // the first token of each sentence, when asked for

  // Writes the ids of the tokens, once only.
  void take_ids(std::uint32_t* target, int threads) noexcept { tokens.take(target, threads); }
  Tokens tokens;
};

// Splits UTF-8 into lower-cased words as the lesson's program does (the module's Python semantics are in
// unicode.h). O(n) time; memory: 4 bytes a token, and once a thread the vocabulary and its table. The same
// for every thread count. Throws Failure ERR_INVALID_UTF8 (where: byte offset), ERR_INVALID_ARGUMENT for 8
// GiB or more, and what the source throws.
Text tokenize(const Source& source, JobContext& context, bool sentences = false);
Text tokenize(std::string_view utf8, JobContext& context, bool sentences = false);

}  // namespace numcore::text
