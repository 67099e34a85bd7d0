#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <map>
#include <random>
#include <string>
#include <utility>
#include <vector>

#include "kernels/text/dictionary.h"
#include "kernels/text/read_file.h"
#include "kernels/text/scan.h"
#include "kernels/text/source.h"
#include "kernels/text/tokenize.h"
#include "kernels/text/unicode.h"
#include "kernels/text/word_count.h"
#include "runtime/failure.h"
#include "runtime/job_context.h"
#include "test/check.h"

namespace {

using numcore::Failure;
using numcore::JobContext;
using namespace numcore::text;

// Once for each text.
std::vector<std::uint32_t> ids_of(Text& text, int threads = 1) {
  std::vector<std::uint32_t> ids(text.length);
  text.take_ids(ids.data(), threads);
  return ids;
}

std::vector<std::string> words_of(std::string_view utf8, int threads = 1) {
  JobContext context(threads);
  Text text = tokenize(utf8, context);
  std::vector<std::string> words;
  for (const std::uint32_t id : ids_of(text)) words.emplace_back(text.vocabulary[id]);
  return words;
}

// Where the tokeniser says the text is bad, or -1.
std::int64_t bad_offset(std::string_view utf8, int threads = 1) {
  JobContext context(threads);
  try {
    (void)tokenize(utf8, context);
  } catch (const Failure& failure) {
    return std::string_view(failure.code()) == "ERR_INVALID_UTF8" ? failure.where() : -2;
  }
  return -1;
}

using Words = std::vector<std::string>;

TEST("text: an empty text and one of separators have no words") {
  CHECK(words_of("").empty());
  CHECK(words_of(" \t\r\n.,;:?$@^<>#%`!*-=()[]{}/\"'\v\f\x1c\x1d\x1e\x1f").empty());
  CHECK(words_of("\xC2\x85\xC2\xA0\xE2\x80\xA8\xE2\x80\xA9\xE3\x80\x80").empty());
}

TEST("text: words are split at separators and lower-cased") {
  CHECK((words_of("To be, or NOT to-be") == Words{"to", "be", "or", "not", "to", "be"}));
  CHECK((words_of("back\\slash under_score a\x1b"
                  "b") == Words{"back\\slash", "under_score",
                                "a\x1b"
                                "b"}));
  CHECK((words_of(std::string_view("nul\0 nul", 8)) == Words{std::string("nul\0", 4), "nul"}));
  CHECK((words_of("\xEF\xBB\xBFThe the") == Words{"\xEF\xBB\xBFthe", "the"}));
  CHECK((words_of("a\xE2\x80\x8B"
                  "b") == Words{"a\xE2\x80\x8B"
                                "b"}));  // U+200B is no space
}

TEST("text: every length of word, at the end of the text and before its end") {
  for (std::size_t length = 1; length < 70; ++length) {
    const std::string upper(length, 'Z'), lower(length, 'z');
    CHECK((words_of(upper) == Words{lower}));
    CHECK((words_of("A " + upper + " b") == Words{"a", lower, "b"}));
  }
}

TEST("text: all ASCII characters but A-Z are their own lower case") {
  std::string text, expected;
  for (int c = 0; c < 128; ++c) {
    if (kByte[static_cast<std::size_t>(c)] != Byte::word) continue;
    text.push_back(static_cast<char>(c));
    expected.push_back(static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c));
  }
  CHECK((words_of(text) == Words{expected}));
  for (const char c : text) {
    const char low = static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
    CHECK((words_of(std::string(1, c)) == Words{std::string(1, low)}));
  }
}

TEST("text: capital sigma is final at the end of a word only") {
  CHECK((words_of("\u039F\u0394\u039F\u03A3") == Words{"\u03BF\u03B4\u03BF\u03C2"}));
  CHECK((words_of("\u03A3\u039F\u03A6\u039F\u03A3") == Words{"\u03C3\u03BF\u03C6\u03BF\u03C2"}));
  CHECK((words_of("\u03A3") == Words{"\u03C3"}));
  CHECK((words_of("A\u03A3\u2019") == Words{"a\u03C2\u2019"}));  // the quote is case-ignorable
  CHECK((words_of("A\u03A3\u2019B") == Words{"a\u03C3\u2019"
                                             "b"}));
  CHECK((words_of("A\u03A3'B") == Words{"a\u03C2", "b"}));  // the apostrophe ends the word
  CHECK((words_of("A\u0301\u03A3") == Words{"a\u0301\u03C2"}));
  CHECK((words_of("A\u03A31") == Words{"a\u03C21"}));
  CHECK((words_of("1\u03A3") == Words{"1\u03C3"}));
  CHECK((words_of("\u0130\u03A3") == Words{"i\u0307\u03C2"}));
}

TEST("text: lower-casing changes lengths and planes") {
  CHECK((words_of("\u0130STANBUL") == Words{"i\u0307stanbul"}));
  CHECK((words_of("\u212A\u2126\u1E9E") == Words{"k\u03C9\u00DF"}));
  CHECK((words_of("\U00010400\U00010427") == Words{"\U00010428\U0001044F"}));
}

TEST("text: invalid UTF-8 is reported with the offset of its first byte") {
  CHECK(bad_offset("abc") == -1);
  CHECK(bad_offset("a\xFF") == 1);
  CHECK(bad_offset("ab \x80") == 3);
  CHECK(bad_offset("\xC0\x80") == 0);           // overlong
  CHECK(bad_offset("x\xE0\x80\x80") == 1);      // overlong
  CHECK(bad_offset("x\xED\xA0\x80") == 1);      // surrogate
  CHECK(bad_offset("x\xF4\x90\x80\x80") == 1);  // beyond U+10FFFF
  CHECK(bad_offset("\u00E9\xE2\x82") == 2);     // ends too early
  CHECK(bad_offset("\xE2\x82 a") == 0);
}

TEST("text: of several bad places the first is reported, whatever the number of threads") {
  std::string text(2'000'000, ' ');
  for (std::size_t i = 0; i < text.size(); i += 7) text[i] = 'w';
  for (const std::size_t place : {1'999'000u, 1'200'000u, 700'001u}) {
    text[place] = '\xFF';
    for (const int threads : {1, 2, 3, 8})
      CHECK(bad_offset(text, threads) == static_cast<std::int64_t>(place));
  }
}

TEST("text: pieces, threads and words without separators give the same as a plain map") {
  std::mt19937 random(1);
  std::string text;
  std::vector<std::string> expected;
  while (text.size() < 1'500'000) {
    // Frequent short words, rare long ones; one long enough to cover a whole piece.
    std::string word;
    const bool giant = text.size() > 500'000 && text.size() < 500'010;
    const std::size_t length = giant ? 700'000 : 1 + random() % (random() % 50 == 0 ? 40 : 5);
    for (std::size_t i = 0; i < length; ++i) word.push_back(static_cast<char>('a' + random() % 4));
    text += word;
    static const char* const kBetween[] = {" ", "\r\n", "\n", "\r", ", ", "\u2028", "\u3000", "--"};
    text += kBetween[random() % 8];
    expected.push_back(std::move(word));
  }
  std::map<std::string, std::uint32_t> ids;
  std::vector<std::string> vocabulary;
  std::vector<std::uint32_t> expected_ids, counts;
  for (const std::string& word : expected) {
    const auto [found, is_new] = ids.emplace(word, static_cast<std::uint32_t>(vocabulary.size()));
    if (is_new) {
      vocabulary.push_back(word);
      counts.push_back(0);
    }
    ++counts[found->second];
    expected_ids.push_back(found->second);
  }
  for (const int threads : {1, 2, 3, 4, 8}) {
    JobContext context(threads);
    Text read = tokenize(text, context);
    CHECK(ids_of(read, threads) == expected_ids);
    CHECK(read.counts == counts);
    CHECK(read.vocabulary.size() == vocabulary.size());
    bool same = read.vocabulary.size() == vocabulary.size();
    for (std::size_t id = 0; same && id < vocabulary.size(); ++id)
      same = read.vocabulary[id] == vocabulary[id];
    CHECK(same);
  }
}

TEST("text: every scanner finds the edges and the lower case that a plain loop finds") {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    const std::size_t blocks = 1 + random() % 8, bytes = blocks * kBlock;
    std::string text(bytes, ' ');
    // From hardly any separator to nearly nothing but: up to an edge at every byte.
    const unsigned density = 1 + static_cast<unsigned>(random() % 20);
    for (char& c : text) c = random() % density == 0 ? ' ' : static_cast<char>(random() % 256);
    const bool was_inside = random() % 2 == 0;
    std::vector<std::uint32_t> expected;
    std::string lowered = text;
    bool before = was_inside;
    for (std::size_t i = 0; i < bytes; ++i) {
      const bool word = kByte[static_cast<unsigned char>(text[i])] != Byte::separator;
      if (word != before) expected.push_back(static_cast<std::uint32_t>(1000 + i));
      before = word;
      if (text[i] >= 'A' && text[i] <= 'Z') lowered[i] = static_cast<char>(text[i] + 32);
    }
    for (const Scanner& scanner : scanners()) {
      if (!scanner.runs_here) continue;
      bool inside = was_inside;
      std::string out(bytes, '?');
      std::vector<std::uint32_t> edges(bytes + kEdgeSlack);
      edges.resize(scanner.scan(text.data(), blocks, out.data(), 1000, inside, edges.data()));
      CHECK(edges == expected);
      CHECK(out == lowered);
      CHECK(inside == before);
    }
  }
}

TEST("text: another spelling beyond ASCII is the same word the second time as well") {
  const std::string once = "\u00C9t\u00E9 \u00E9t\u00E9 A\u03A3\u00A0A\u03A3 \u00C9T\u00C9 ";
  std::string text;
  Words expected;
  for (int i = 0; i < 3; ++i) {
    text += once;
    for (const char* word : {"\u00E9t\u00E9", "\u00E9t\u00E9", "a\u03C2", "a\u03C2", "\u00E9t\u00E9"})
      expected.emplace_back(word);
  }
  CHECK(words_of(text) == expected);
  CHECK(bad_offset(text + text + "\xC9t\xC9") == static_cast<std::int64_t>(2 * text.size()));
}

TEST("text: a file read by pieces gives what its bytes give") {
  std::mt19937 random(3);
  std::string text;
  while (text.size() < 700'000) {
    text += std::string(1 + random() % (random() % 1000 == 0 ? 90'000 : 9),
                        static_cast<char>('A' + random() % 20));
    text += random() % 4 == 0 ? "\r\n" : " ";
  }
  char name[] = "/tmp/numcore-pieces-XXXXXX";
  std::FILE* file = fdopen(mkstemp(name), "wb");
  std::fwrite(text.data(), 1, text.size(), file);
  std::fclose(file);
  JobContext context(1);
  Text expected = tokenize(text, context);
  const std::vector<std::uint32_t> ids = ids_of(expected);
  for (const int threads : {1, 3}) {
    JobContext several(threads);
    Text read = tokenize(*open_file(name, several), several);
    CHECK(ids_of(read, threads) == ids);
    CHECK(read.counts == expected.counts);
    CHECK(read.vocabulary.arena() == expected.vocabulary.arena());
  }
  std::remove(name);
}

TEST("text: ids are taken on any number of threads, over several steps") {
  std::string text;
  std::vector<std::uint32_t> expected;
  for (std::uint32_t i = 0; i < 1'200'000; ++i) {
    text += i % 3 == 0 ? "a " : "b ";
    expected.push_back(i % 3 == 0 ? 0 : 1);
  }
  for (const int threads : {1, 2, 3}) {
    JobContext context(threads);
    Text read = tokenize(text, context);
    CHECK(ids_of(read, threads) == expected);
  }
}

TEST("text: more distinct words than the table has room for at first, on several threads") {
  // Nearly every word is new, so that the table has to grow while all threads are in it; every other one is
  // longer than a slot, and every tenth has capitals beyond ASCII, which come in as another spelling.
  std::string text;
  for (std::uint32_t i = 0; i < 400'000; ++i) {
    const std::uint32_t word = i % 5 == 4 ? i / 7 : i;
    text += (word % 10 == 0 ? "\xC3\x89" : "w") + std::to_string(word);
    text += word % 2 == 0 ? " " : "_of_more_than_sixteen_bytes ";
  }
  JobContext one(1);
  Text alone = tokenize(text, one);
  const std::vector<std::uint32_t> ids = ids_of(alone);
  std::vector<std::uint32_t> counts(alone.vocabulary.size());
  std::uint32_t next = 0;
  bool in_order = true;
  for (std::uint32_t i = 0; i < ids.size(); ++i) {
    in_order = in_order && ids[i] <= next;
    if (ids[i] == next) ++next;
    ++counts[ids[i]];
    const std::uint32_t word = i % 5 == 4 ? i / 7 : i;
    in_order =
        in_order && alone.vocabulary[ids[i]] == (word % 10 == 0 ? "\xC3\xA9" : "w") + std::to_string(word) +
                                                    (word % 2 == 0 ? "" : "_of_more_than_sixteen_bytes");
  }
  CHECK(in_order);
  CHECK(next == alone.vocabulary.size());
  CHECK(alone.counts == counts);
  for (const int threads : {2, 4, 8, 8, 8}) {
    JobContext context(threads);
    Text read = tokenize(text, context);
    CHECK(ids_of(read, threads) == ids);
    CHECK(read.counts == counts);
    CHECK(read.vocabulary.arena() == alone.vocabulary.arena());
  }
}

TEST("text: a cancelled job stops") {
  JobContext context(2);
  context.cancel();
  const std::string text(1'000'000, 'a');
  CHECK_THROWS(tokenize(text, context), numcore::Cancelled);
}

TEST("text: the dictionary tells words apart that differ in trailing NULs only, and grows") {
  Dictionary dictionary(1'000'000, false);
  const auto add = [&](std::string_view word) {
    const Key key = Key::of(word);
    const std::uint32_t guess = dictionary.guess(key), id = dictionary.find(key, word.data());
    // A guess that is right is the id; and what is in the table is always guessed at.
    CHECK(guess == id || (guess != Dictionary::kNone && !dictionary.is(guess, key, word.data())));
    return id != Dictionary::kNone ? id : dictionary.insert(key, word, 0);
  };
  CHECK(add("a") == 0);
  CHECK(add(std::string_view("a\0", 2)) == 1);
  CHECK(add(std::string(17, '\0')) == 2);
  CHECK(add(std::string(18, '\0')) == 3);
  for (std::uint32_t i = 0; i < 50'000; ++i) {
    CHECK(add("word" + std::to_string(i) + (i % 2 ? " of more than sixteen bytes" : "")) == i + 4);
  }
  CHECK(add("a") == 0);
  CHECK(add(std::string(17, '\0')) == 2);
  // Many that are the same in both registers: some pair of them will meet in the table.
  std::uint32_t next = 50'004;
  for (int i = 0; i < 1'000; ++i) {
    for (std::size_t padding = 0; padding <= 13; ++padding) {
      CHECK(add(std::to_string(i) + std::string(padding, '\0')) == next++);
    }
  }
  CHECK(add("word49999 of more than sixteen bytes") == 50'003);
  CHECK(dictionary.words()[50'003].bytes() == "word49999 of more than sixteen bytes");
  CHECK(dictionary.size() == next);
}

TEST("text: the dictionary gives every word once, by ranges of their tags, and no alias") {
  for (const std::size_t count : {0u, 1u, 1'000u, 60'000u}) {
    Dictionary dictionary(10 * count, false);
    std::vector<std::uint32_t> tags;
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::string word = std::to_string(i) + "w", alias = std::to_string(i) + "W";
      tags.push_back(Key::of(word).tag);
      CHECK(dictionary.insert(Key::of(word), word, 0) == i);
      dictionary.insert_alias(Key::of(alias), i);
      CHECK(dictionary.guess(Key::of(alias)) == Dictionary::kNone);
    }
    for (const unsigned bits : {0u, 1u, 5u, 12u}) {
      std::vector<std::uint32_t> seen(count);
      for (std::uint32_t range = 0; range < 1u << bits; ++range) {
        std::vector<Dictionary::Tagged> found;
        dictionary.append_range(range, bits, found);
        for (const auto& [tag, id] : found) {
          ++seen[id];
          CHECK(tag == tags[id]);
          CHECK(std::uint64_t{tag} >> (32 - bits) == range);
        }
      }
      CHECK(std::all_of(seen.begin(), seen.end(), [](std::uint32_t times) { return times == 1; }));
    }
    for (std::uint32_t i = 0; i < count; ++i) {
      const std::string alias = std::to_string(i) + "W";
      CHECK(dictionary.find(Key::of(alias), alias.data()) == i);
    }
  }
}

TEST("text: word counts fall, ties keep the order of appearance, lengths are in characters") {
  JobContext context(1);
  const Text text = tokenize("b a c a \u00E9 \U0001D518\U0001D518 b d", context);
  const Vocabulary& v = text.vocabulary;
  CHECK((order_by_count(v.arena(), v.begins(), text.counts, 1) ==
         std::vector<std::uint32_t>{0, 1, 2, 3, 4, 5}));
  CHECK((order_by_count(v.arena(), v.begins(), text.counts, 2) == std::vector<std::uint32_t>{4}));
  CHECK(order_by_count(v.arena(), v.begins(), text.counts, 3).empty());
  const std::vector<std::string_view> words{"d", "a", "d"};
  CHECK((find_words(v.arena(), v.begins(), words) == std::vector<std::uint32_t>{5, 1, 5}));
  const std::vector<std::string_view> missing{"a", "zebra"};
  CHECK_THROWS(find_words(v.arena(), v.begins(), missing), Failure);
}

TEST("text: a file is read whole, and what is no file is a failure") {
  char name[] = "/tmp/numcore-read-file-XXXXXX";
  const int descriptor = mkstemp(name);
  std::FILE* file = fdopen(descriptor, "wb");
  const std::string content(100'001, 'x');
  std::fwrite(content.data(), 1, content.size(), file);
  std::fclose(file);
  const JobContext context(1);
  CHECK(read_file(name, context).view() == content);
  std::remove(name);
  CHECK_THROWS(read_file(name, context), Failure);
  CHECK_THROWS(read_file("/tmp", context), Failure);
  CHECK(read_file("/dev/null", context).view().empty());
}

}  // namespace
