#include "kernels/text/sentences.h"

#include <algorithm>
#include <utility>

#include "kernels/text/unicode.h"

namespace numcore::text {
namespace {

constexpr std::size_t kMarks = 7;
constexpr SentenceState kNothing = 0;

constexpr bool is_ended(SentenceState state) { return state >= 6; }
constexpr SentenceState without_end(SentenceState state) { return static_cast<SentenceState>(state % 6); }

constexpr SentenceState next_state(SentenceState state, Mark mark) {
  bool ended = is_ended(state), pending = state % 2 != 0;
  unsigned line = state % 6 / 2;
  switch (mark) {
    case Mark::other:
      pending = false;
      line = 0;
      break;
    case Mark::stop:
      pending = true;
      line = 0;
      break;
    case Mark::closer:
      line = 0;
      break;
    case Mark::blank:
    case Mark::space:
      ended = ended || pending;
      pending = false;
      line = mark == Mark::blank && line != 0 ? 1 : 0;
      break;
    case Mark::cr:
      ended = ended || pending || line != 0;
      pending = false;
      line = 2;
      break;
    case Mark::lf:
      ended = ended || pending || line == 1;
      pending = false;
      line = 1;
      break;
  }
  return static_cast<SentenceState>((ended ? 6 : 0) + 2 * line + (pending ? 1 : 0));
}

struct Steps {
  SentenceState of[kMarks][kSentenceStates] = {};
  constexpr Steps() {
    for (std::size_t mark = 0; mark < kMarks; ++mark) {
      for (std::size_t state = 0; state < kSentenceStates; ++state)
        of[mark][state] = next_state(static_cast<SentenceState>(state), static_cast<Mark>(mark));
    }
  }
};
constexpr Steps kSteps;

constexpr Mark ascii_mark(unsigned char byte) {
  switch (byte) {
    case '.':
    case '!':
    case '?':
      return Mark::stop;
    case '"':
    case '\'':
    case ')':
    case ']':
    case '}':
      return Mark::closer;
    case ' ':
    case '\t':
      return Mark::blank;
    case '\r':
      return Mark::cr;
    case '\n':
      return Mark::lf;
    default:
      return byte == '\v' || byte == '\f' || (byte >= 0x1C && byte <= 0x1F) ? Mark::space : Mark::other;
  }
}

constexpr std::array<Mark, 128> make_ascii_marks() {
  std::array<Mark, 128> marks{};
  for (std::size_t byte = 0; byte < marks.size(); ++byte)
    marks[byte] = ascii_mark(static_cast<unsigned char>(byte));
  return marks;
}
constexpr std::array<Mark, 128> kAsciiMarks = make_ascii_marks();

}  // namespace

Mark mark_of(std::int32_t character) noexcept {
  if (character < 128) return kAsciiMarks[static_cast<std::size_t>(character)];
  switch (character) {
    case 0x2026:  // horizontal ellipsis
      return Mark::stop;
    case 0xBB:    // right-pointing double angle quotation mark
    case 0x2019:  // right single quotation mark
    case 0x201D:  // right double quotation mark
      return Mark::closer;
    default:
      return is_space(character) ? Mark::space : Mark::other;
  }
}

void SentenceFinder::begin_piece() {
  piece_ = {};
  for (std::size_t s = 0; s < kSentenceStates; ++s) states_[s] = static_cast<SentenceState>(s);
  agreed_ = false;
}

void SentenceFinder::step(Mark mark) noexcept {
  const SentenceState* const next = kSteps.of[static_cast<std::size_t>(mark)];
  if (agreed_) [[likely]] {
    state_ = next[state_];
    return;
  }
  for (SentenceState& state : states_) state = next[state];
}

void SentenceFinder::separators(std::string_view bytes) noexcept {
  for (const char byte : bytes) step(kAsciiMarks[static_cast<unsigned char>(byte) & 127]);
}

void SentenceFinder::token(std::size_t number) {
  if (agreed_) [[likely]] {
    if (!is_ended(state_)) return;
    piece_.starts.push_back(static_cast<std::uint32_t>(number));
    state_ = without_end(state_);
    return;
  }
  unsigned when = 0;
  for (std::size_t s = 0; s < kSentenceStates; ++s) {
    if (!is_ended(states_[s])) continue;
    when |= 1u << s;
    states_[s] = without_end(states_[s]);
  }
  if (when != 0) {
    piece_.doubtful.push_back({static_cast<std::uint32_t>(number), static_cast<std::uint16_t>(when)});
  }
  agreed_ = std::all_of(states_.begin(), states_.end(), [&](SentenceState s) { return s == states_[0]; });
  state_ = states_[0];
}

void SentenceFinder::word(std::size_t number, std::string_view chunk) {
  const auto is_ascii = [](char byte) { return static_cast<unsigned char>(byte) < 128; };
  if (is_ascii(chunk.front()) && is_ascii(chunk.back())) [[likely]] {
    // What matters of a character is what comes directly before a separator or is white space, and neither
    // can be inside a token: nothing is pending behind an ordinary last letter.
    token(number);
    agreed_ = true;
    state_ = kNothing;
    return;
  }
  bool begun = false;
  for (std::size_t at = 0; at < chunk.size();) {
    const std::int32_t next = decode(chunk, at);
    if (!begun && !is_space(next)) {
      token(number);
      begun = true;
    }
    character(next);
  }
}

PieceSentences SentenceFinder::end_piece() {
  if (agreed_) states_.fill(state_);
  piece_.last = states_;
  return std::exchange(piece_, {});
}

void SentenceJoin::add(const PieceSentences& piece, std::size_t first_token) {
  const auto start = [&](std::uint32_t token) {
    starts_.push_back(static_cast<std::uint32_t>(first_token + token));
  };
  for (const PieceSentences::Doubtful& each : piece.doubtful) {
    if ((each.when >> state_ & 1) != 0) start(each.token);
  }
  for (const std::uint32_t token : piece.starts) start(token);
  state_ = piece.last[state_];
}

}  // namespace numcore::text
