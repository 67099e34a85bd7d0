#include "kernels/text/tokenize.h"

#include <sys/mman.h>

#include <algorithm>
#include <atomic>
#include <cstring>
#include <deque>
#include <exception>
#include <map>
#include <mutex>
#include <new>
#include <utility>

#include "kernels/text/numbering.h"
#include "kernels/text/parallel.h"
#include "kernels/text/reader.h"
#include "kernels/text/unicode.h"
#include "runtime/failure.h"

namespace numcore::text {
namespace {

// A sixth of a millisecond of work: often enough for cancelling and for threads to end together, seldom
// enough to cost nothing.
constexpr std::size_t kPieceBytes = 64 * 1024;

// Where a piece ends is seldom further than this from where it could.
constexpr std::size_t kSlackBytes = 512;

// Tokens are counted in 32 bits, and every token but the last has a separator after it.
constexpr std::size_t kMaxBytes = std::size_t{1} << 33;

std::size_t find_separator(std::string_view bytes, std::size_t from) {
  while (from < bytes.size() && kByte[static_cast<unsigned char>(bytes[from])] != Byte::separator) ++from;
  return from;
}

struct PieceView {
  std::string_view bytes;
  std::size_t offset;
};

// Piece `number`: from the first ASCII separator in its kPieceBytes (the first piece: from the start) to the
// next piece's, so that no word, no character and no \r\n is divided. A stretch without any belongs to the
// piece in which it begins, and those that it covers are empty. Independent of the number of threads, and
// found without asking the neighbours.
PieceView cut(const Source& source, std::size_t number, Scratch& scratch, const JobContext& context) {
  const std::size_t begin = number * kPieceBytes;
  for (std::size_t slack = kSlackBytes;; slack *= 4) {
    context.check();
    const std::string_view seen = source.read(begin, begin + kPieceBytes + slack, scratch);
    const std::size_t start = number == 0 ? 0 : find_separator(seen.substr(0, kPieceBytes), 0);
    if (start >= kPieceBytes || start >= seen.size()) return {{}, begin};
    const std::size_t end = find_separator(seen, std::min(kPieceBytes, seen.size()));
    if (end < seen.size() || seen.size() < kPieceBytes + slack)
      return {seen.substr(start, end - start), begin + start};
  }
}

// Puts the ids of the pieces one behind the other, though pieces end in any order: one that comes early is
// kept aside until its place is known.
class Assembly {
 public:
  Assembly(const Pages<std::uint32_t>& ids, std::size_t pieces) : ids_(ids), ends_(pieces + 1, 0) {}

  // The first `count` of `tokens` are the piece's. A piece that is kept aside keeps the array, and the caller
  // gets one that has done its duty instead.
  //
  // Only the places are found under the lock; the ids are copied outside.
  void add(std::size_t piece, std::vector<std::uint32_t>& tokens, std::size_t count) {
    std::size_t begin = 0;
    std::vector<std::pair<std::size_t, Early>> now;
    {
      const std::lock_guard lock(mutex_);
      if (piece != next_) {
        std::vector<std::uint32_t> spare;
        if (!spares_.empty()) {
          spare = std::move(spares_.back());
          spares_.pop_back();
        }
        early_.emplace(piece, Early{std::exchange(tokens, std::move(spare)), count});
        return;
      }
      begin = place(count);
      for (auto found = early_.begin(); found != early_.end() && found->first == next_;
           found = early_.erase(found)) {
        const std::size_t at = place(found->second.count);
        now.emplace_back(at, std::move(found->second));
      }
    }
    copy(begin, tokens, count);
    for (const auto& [at, each] : now) copy(at, each.tokens, each.count);
    const std::lock_guard lock(mutex_);
    for (auto& [at, each] : now) {
      if (spares_.size() < kSpares) spares_.push_back(std::move(each.tokens));
    }
  }

  [[nodiscard]] std::size_t length() const { return ends_[next_]; }
  [[nodiscard]] std::size_t first_token(std::size_t piece) const { return ends_[piece]; }

 private:
  struct Early {
    std::vector<std::uint32_t> tokens;
    std::size_t count;
  };

  // Where the next piece's ids belong.
  std::size_t place(std::size_t count) {
    const std::size_t begin = ends_[next_];
    // Only when somebody else writes to the text while it is read can there be more than room.
    if (count > ids_.size() - begin) {
      throw Failure{"ERR_INVALID_ARGUMENT", "Expected a text that does not change while it is read"};
    }
    ends_[++next_] = begin + count;
    return begin;
  }
  void copy(std::size_t begin, const std::vector<std::uint32_t>& tokens, std::size_t count) const {
    if (count > 0) std::memcpy(ids_.data() + begin, tokens.data(), count * sizeof(std::uint32_t));
  }

  std::mutex mutex_;
  const Pages<std::uint32_t>& ids_;
  std::size_t next_ = 0;
  std::vector<std::size_t> ends_;
  static constexpr std::size_t kSpares = 16;
  std::map<std::size_t, Early> early_;
  std::vector<std::vector<std::uint32_t>> spares_;
};

}  // namespace

void Text::take_ids(std::uint32_t* target, int threads) noexcept {
  constexpr std::size_t kStep = std::size_t{1} << 19;  // two mebibytes: whole pages of any size
  std::uint32_t* const from = id_memory.data();
  const std::size_t steps = (length + kStep - 1) / kStep;
#pragma omp parallel for num_threads(threads) schedule(dynamic, 1) if (threads > 1 && steps > 1)
  for (std::size_t step = 0; step < steps; ++step) {
    const std::size_t begin = step * kStep, part = std::min(kStep, length - begin);
    if (id_of.empty()) {
      std::memcpy(target + begin, from + begin, part * sizeof(std::uint32_t));
    } else {
      for (std::size_t i = begin; i < begin + part; ++i) target[i] = id_of[from[i]];
    }
    if (part == kStep) madvise(from + begin, kStep * sizeof(std::uint32_t), MADV_DONTNEED);
  }
  id_memory = {};
}

Text tokenize(const Source& source, JobContext& context, bool sentences) {
  if (source.size() >= kMaxBytes) {
    throw Failure{"ERR_INVALID_ARGUMENT", "Expected a text of less than 8 GiB"};
  }
  Text text;
  if (source.size() == 0) return text;

  const std::size_t pieces = (source.size() + kPieceBytes - 1) / kPieceBytes;
  text.id_memory = Pages<std::uint32_t>(Reader::most_tokens(source.size()));
  Assembly assembly(text.id_memory, pieces);
  std::vector<PieceSentences> found(sentences ? pieces : 0);
  const int threads =
      static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(context.threads()), pieces));
  Dictionary words(source.size(), threads);
  std::deque<Reader> readers;
  for (int t = 0; t < threads; ++t) readers.emplace_back(words, threads == 1);
  // The first piece that cannot be read decides what is wrong with the text, so later pieces do not matter
  // any more.
  std::vector<std::exception_ptr> errors(pieces);
  std::atomic<std::size_t> first_bad{pieces}, finished{0};
  std::atomic<std::uint32_t> seats{0};

#pragma omp parallel num_threads(threads)
  {
    const std::uint32_t seat = seats.fetch_add(1);
    Scratch scratch;
    std::vector<std::uint32_t> tokens;
#pragma omp for schedule(monotonic : dynamic, 1)
    for (std::size_t p = 0; p < pieces; ++p) {
      if (context.cancelled() || p > first_bad.load()) continue;
      try {
        const PieceView piece = cut(source, p, scratch, context);
        if (tokens.size() < Reader::most_tokens(piece.bytes.size()))
          tokens.resize(Reader::most_tokens(piece.bytes.size()));
        const std::size_t count = readers[seat].read(piece.bytes, p, piece.offset, tokens.data(),
                                                     sentences ? &found[p] : nullptr, context);
        assembly.add(p, tokens, count);
        context.progress(0.95 * static_cast<double>(++finished) / static_cast<double>(pieces));
      } catch (...) {
        errors[p] = std::current_exception();
        std::size_t known = first_bad.load();
        while (p < known && !first_bad.compare_exchange_weak(known, p)) {
        }
      }
    }
  }
  context.check();
  if (first_bad.load() < pieces) std::rethrow_exception(errors[first_bad.load()]);

  text.length = assembly.length();
  if (sentences) {
    SentenceJoin join;
    for (std::size_t p = 0; p < pieces; ++p) join.add(found[p], assembly.first_token(p));
    text.starts = std::move(join).take();
  }
  Numbered numbered = number_words(readers, words.size(), pieces, threads);
  text.vocabulary = std::move(numbered.vocabulary);
  text.counts = std::move(numbered.counts);
  text.id_of = std::move(numbered.ids);
  return text;
}

Text tokenize(std::string_view utf8, JobContext& context, bool sentences) {
  return tokenize(Memory(utf8), context, sentences);
}

}  // namespace numcore::text
