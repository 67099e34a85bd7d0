#include "kernels/text/tokenize.h"

#include <algorithm>
#include <atomic>
#include <exception>
#include <memory>
#include <span>
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

// From so many bytes a thread on its tokens and its words need megabytes each.
constexpr std::size_t kHugeBytes = std::size_t{6} << 20;

// A thread's own, made on it.
struct Seat {
  Reader reader;
  TokenStore store;
  Scratch scratch;

  explicit Seat(std::size_t bytes) : reader(bytes, bytes >= kHugeBytes), store(bytes >= kHugeBytes) {}

  ReadPiece read(const PieceView& piece, std::size_t number, PieceSentences* sentences,
                 const JobContext& context) {
    const Dictionary& words = reader.dictionary();
    const std::size_t bytes_before = words.bytes();
    ReadPiece read;
    read.first_word = static_cast<std::uint32_t>(words.size());
    std::uint32_t* const ids = store.place(Reader::most_tokens(piece.bytes.size()));
    const std::size_t count = reader.read(piece.bytes, number, piece.offset, ids, sentences, context);
    read.end_word = static_cast<std::uint32_t>(words.size());
    read.word_bytes = words.bytes() - bytes_before;
    read.count = static_cast<std::uint32_t>(count);
    read.ids = ids;
    if (count > 0) read.block = store.keep(count);
    return read;
  }
};

}  // namespace

Text tokenize(const Source& source, JobContext& context, bool sentences) {
  if (source.size() >= kMaxBytes) {
    throw Failure{"ERR_INVALID_ARGUMENT", "Expected a text of less than 8 GiB"};
  }
  Text text;
  if (source.size() == 0) return text;

  const std::size_t pieces = (source.size() + kPieceBytes - 1) / kPieceBytes;
  std::vector<ReadPiece> read(pieces);
  std::vector<PieceSentences> found(sentences ? pieces : 0);
  const int threads =
      static_cast<int>(std::min<std::size_t>(static_cast<std::size_t>(context.threads()), pieces));
  std::vector<std::unique_ptr<Seat>> seats(static_cast<std::size_t>(threads));
  // The first piece that cannot be read decides what is wrong with the text, so later pieces do not matter
  // any more.
  std::vector<std::exception_ptr> errors(pieces);
  std::atomic<std::size_t> first_bad{pieces}, finished{0};
  std::atomic<std::uint32_t> taken{0};

#pragma omp parallel num_threads(threads)
  {
    std::unique_ptr<Seat>* mine = nullptr;
#pragma omp for schedule(monotonic : dynamic, 1)
    for (std::size_t p = 0; p < pieces; ++p) {
      if (context.cancelled() || p > first_bad.load()) continue;
      try {
        if (mine == nullptr) {
          mine = &seats[taken.fetch_add(1)];
          *mine = std::make_unique<Seat>(source.size() / seats.size());
        }
        Seat& seat = **mine;
        const PieceView piece = cut(source, p, seat.scratch, context);
        read[p] = seat.read(piece, p, sentences ? &found[p] : nullptr, context);
        read[p].reader = static_cast<std::uint32_t>(mine - seats.data());
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

  for (ReadPiece& piece : read) {
    piece.first = text.length;
    text.length += piece.count;
  }
  // Only when somebody else writes to the text while it is read can there be more.
  if (text.length > Reader::most_tokens(source.size())) {
    throw Failure{"ERR_INVALID_ARGUMENT", "Expected a text that does not change while it is read"};
  }
  if (sentences) {
    SentenceJoin join;
    for (std::size_t p = 0; p < pieces; ++p) join.add(found[p], read[p].first);
    text.starts = std::move(join).take();
  }
  std::vector<const Dictionary*> dictionaries;
  std::vector<TokenStore> stores;
  for (const std::unique_ptr<Seat>& seat : std::span(seats.data(), taken.load())) {
    dictionaries.push_back(&seat->reader.dictionary());
    stores.push_back(std::move(seat->store));
  }
  Numbered numbered = number_words(dictionaries, read, threads);
  text.vocabulary = std::move(numbered.vocabulary);
  text.counts = std::move(numbered.counts);
  text.tokens = Tokens(std::move(read), std::move(stores), std::move(numbered.ids));
  return text;
}

Text tokenize(std::string_view utf8, JobContext& context, bool sentences) {
  return tokenize(Memory(utf8), context, sentences);
}

}  // namespace numcore::text
