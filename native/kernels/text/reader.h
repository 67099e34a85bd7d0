// Turns pieces of a text into ids, one piece after another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/text/dictionary.h"
#include "kernels/text/scan.h"
#include "kernels/text/sentences.h"
#include "runtime/job_context.h"

namespace numcore::text {

// Where a token stands: the piece in the upper half, which of its tokens it is in the lower one.
using Place = std::uint64_t;
inline constexpr Place kNowhere = ~Place{0};

// What one thread has seen so far. It is given pieces in rising order, so the words are in `seen` in the
// order in which it came upon them.
class alignas(64) Reader {
 public:
  // `alone`: no other reader uses the dictionary, so its ids are in order, and `firsts` and `seen` stay
  // empty.
  Reader(Dictionary& words, bool alone) : words_(words), alone_(alone) {}

  // By id: how often, and where first. Of others' words that it has not seen: 0 and kNowhere.
  std::vector<std::uint32_t> counts;
  std::vector<Place> firsts;
  std::vector<std::uint32_t> seen;
  WordStore store;  // the words that it was the first to put into the dictionary

  // Tokens that a piece of so many bytes has at most: every one but the last has a separator after it.
  [[nodiscard]] static constexpr std::size_t most_tokens(std::size_t bytes) noexcept {
    return (bytes + 1) / 2;
  }

  // Reads `piece`, which begins and ends where words do and is number `number`; it lies at `offset` in the
  // text, for messages. Writes the ids of its tokens to `out`, which has room for most_tokens(), and returns
  // how many. Where sentences begin goes to `sentences`, if there is one. Throws Failure ERR_INVALID_UTF8,
  // and Cancelled.
  //
  // The bytes may be written to by others meanwhile: each is read once.
  std::size_t read(std::string_view piece, std::size_t number, std::size_t offset, std::uint32_t* out,
                   PieceSentences* sentences, const JobContext& context);

 private:
  struct Run;  // what reading one piece needs

  template <bool kSentences>
  std::size_t read_piece(Run& run, std::string_view piece, const JobContext& context);
  template <bool kSentences>
  void resolve(Run& run, std::size_t tokens);
  void emit(Run& run, std::uint32_t id);
  void add_new(Run& run, const Key& key, std::string_view word);
  // Goes into the dictionary, and out and in again before the visit's slots are used up.
  void enter();
  void spend();
  void add_non_ascii(Run& run, const Key& key, std::string_view chunk, SentenceFinder* finder);

  Dictionary& words_;
  const bool alone_;
  std::optional<Dictionary::Visit> visit_;
  std::size_t budget_ = 0;
  Scan scan_ = choose_scan();
  // The piece with ASCII lower-cased; never cleared, so that only growing costs.
  std::unique_ptr<char[]> lowered_;
  std::size_t room_ = 0;
  std::vector<std::uint32_t> edges_;
  std::vector<std::int32_t> characters_;
  std::string word_;
  SentenceFinder finder_;
};

}  // namespace numcore::text
