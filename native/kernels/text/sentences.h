// Where sentences begin, found while a text becomes tokens.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

namespace numcore::text {

// What a character means to the end of a sentence.
enum class Mark : std::uint8_t {
  other,
  stop,    // . ! ? and the ellipsis character
  closer,  // quotes and brackets that may stand between the stop and the white space after it
  blank,   // space and tab: an empty line may have them
  cr,
  lf,
  space,  // other white space
};
[[nodiscard]] Mark mark_of(std::int32_t character) noexcept;

// What has been seen of an end, in twelve states: a stop with nothing but closers after it (pending); a line
// end with nothing but blanks after it (line 1, or 2 directly behind a \r, whose \n is the same line end);
// and an end after which no token has come yet (ended).
using SentenceState = std::uint8_t;
inline constexpr std::size_t kSentenceStates = 12;
// Of a text before its first character: the first token begins a sentence.
inline constexpr SentenceState kTextBegins = 6;

// The sentences of one piece of a text. What came before the piece is not known while it is read, so
// everything is told for each of the states it may have left; they agree from the first ordinary word on.
struct PieceSentences {
  struct Doubtful {
    std::uint32_t token;
    std::uint16_t when;  // bit s: a sentence begins here if the piece began in state s
  };
  std::vector<Doubtful> doubtful;     // rising, all before `starts`
  std::vector<std::uint32_t> starts;  // tokens of the piece at which a sentence begins, rising
  std::array<SentenceState, kSentenceStates> last{};  // state behind the piece, by the state before it
};

// A sentence ends where white space (or the text's end) follows one or more stops and the closers behind
// them, and at an empty line; the next begins with the next token.
class SentenceFinder {
 public:
  void begin_piece();
  // Bytes that are ASCII separators.
  void separators(std::string_view bytes) noexcept;
  void character(std::int32_t character) noexcept { step(mark_of(character)); }
  // Token `number` of the piece begins with the next character.
  void token(std::size_t number);
  // A chunk of valid UTF-8 without ASCII separators that is one token, with white space at its ends at most.
  void word(std::size_t number, std::string_view chunk);
  [[nodiscard]] PieceSentences end_piece();

 private:
  void step(Mark mark) noexcept;

  PieceSentences piece_;
  std::array<SentenceState, kSentenceStates> states_{};
  SentenceState state_ = 0;
  bool agreed_ = false;  // all twelve are state_
};

// The pieces' sentences one behind the other: `first_token` is each piece's place among all tokens.
class SentenceJoin {
 public:
  void add(const PieceSentences& piece, std::size_t first_token);
  [[nodiscard]] std::vector<std::uint32_t> take() && noexcept { return std::move(starts_); }

 private:
  SentenceState state_ = kTextBegins;
  std::vector<std::uint32_t> starts_;
};

}  // namespace numcore::text
