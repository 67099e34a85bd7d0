// Turns pieces of a text into ids, one piece after another.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "kernels/text/dictionary.h"
#include "kernels/text/scan.h"
#include "kernels/text/sentences.h"
#include "runtime/job_context.h"

namespace numcore::text {

// What one thread has read so far. It is given pieces in rising order, so the words of its dictionary are in
// the order in which they first come among its pieces.
class alignas(64) Reader {
 public:
  // For a text of which it reads about so many bytes.
  Reader(std::size_t bytes, bool huge) : words_(bytes, huge) {}

  [[nodiscard]] const Dictionary& dictionary() const noexcept { return words_; }

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
  void add_non_ascii(Run& run, const Key& key, std::string_view chunk, SentenceFinder* finder);

  Dictionary words_;
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
