#include "kernels/text/unicode.h"

#include <utf8proc.h>

#include <algorithm>

#include "runtime/failure.h"

namespace numcore::text {
namespace {

struct Range {
  std::int32_t first, last;
};

bool contains(std::span<const Range> ranges, std::int32_t c) {
  return std::any_of(ranges.begin(), ranges.end(), [c](Range r) { return r.first <= c && c <= r.last; });
}

// utf8proc has the general categories but not these two derived properties (DerivedCoreProperties.txt), which
// decide what a final sigma is. Each is a union of categories and a few others, and only the others need a
// table. Cased characters that are case-ignorable as well (modifier letters) are left out: the rule below
// looks at those first.
constexpr Range kOtherCased[] = {{0xAA, 0xAA},       {0xBA, 0xBA},       {0x2160, 0x217F},  {0x24B6, 0x24E9},
                                 {0x1F130, 0x1F149}, {0x1F150, 0x1F169}, {0x1F170, 0x1F189}};
constexpr Range kOtherCaseIgnorable[] = {
    {0x27, 0x27},     {0x2E, 0x2E},     {0x3A, 0x3A},     {0xB7, 0xB7},
    {0x387, 0x387},   {0x55F, 0x55F},   {0x5F4, 0x5F4},   {0x2018, 0x2019},
    {0x2024, 0x2024}, {0x2027, 0x2027}, {0xFE13, 0xFE13}, {0xFE52, 0xFE52},
    {0xFE55, 0xFE55}, {0xFF07, 0xFF07}, {0xFF0E, 0xFF0E}, {0xFF1A, 0xFF1A}};

bool is_case_ignorable(std::int32_t c) {
  switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_MN:
    case UTF8PROC_CATEGORY_ME:
    case UTF8PROC_CATEGORY_CF:
    case UTF8PROC_CATEGORY_LM:
    case UTF8PROC_CATEGORY_SK:
      return true;
    default:
      return contains(kOtherCaseIgnorable, c);
  }
}

bool is_cased(std::int32_t c) {
  switch (utf8proc_category(c)) {
    case UTF8PROC_CATEGORY_LU:
    case UTF8PROC_CATEGORY_LL:
    case UTF8PROC_CATEGORY_LT:
      return true;
    default:
      return contains(kOtherCased, c);
  }
}

// SpecialCasing.txt, Final_Sigma: a cased letter before, none after, case-ignorable characters not counted.
bool is_final(std::span<const std::int32_t> word, std::size_t sigma) {
  std::size_t before = sigma;
  while (before > 0 && is_case_ignorable(word[before - 1])) --before;
  if (before == 0 || !is_cased(word[before - 1])) return false;
  std::size_t after = sigma + 1;
  while (after < word.size() && is_case_ignorable(word[after])) ++after;
  return after == word.size() || !is_cased(word[after]);
}

void append(std::int32_t character, std::string& out) {
  utf8proc_uint8_t bytes[4];
  const utf8proc_ssize_t length = utf8proc_encode_char(character, bytes);
  out.append(reinterpret_cast<const char*>(bytes), static_cast<std::size_t>(length));
}

constexpr std::array<Byte, 256> make_bytes() {
  std::array<Byte, 256> bytes{};
  for (std::size_t b = 0; b < 256; ++b) {
    if (b >= 128) bytes[b] = Byte::non_ascii;
    if (is_ascii_separator(static_cast<unsigned char>(b))) bytes[b] = Byte::separator;
  }
  return bytes;
}

}  // namespace

constexpr std::array<Byte, 256> kByte = make_bytes();

bool is_space(std::int32_t c) noexcept {
  if (c < 0x1680) return c == 0x85 || c == 0xA0;
  return c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 || c == 0x202F ||
         c == 0x205F || c == 0x3000;
}

void append_lower(std::span<const std::int32_t> word, std::string& out) {
  for (std::size_t i = 0; i < word.size(); ++i) {
    const std::int32_t c = word[i];
    if (c < 0x80) {
      out.push_back(static_cast<char>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c));
    } else if (c == 0x3A3) {
      append(is_final(word, i) ? 0x3C2 : 0x3C3, out);
    } else if (c == 0x130) {
      out.append("i\xCC\x87");  // i and a combining dot above
    } else {
      append(utf8proc_tolower(c), out);
    }
  }
}

std::int32_t decode(std::string_view utf8, std::size_t& at, std::size_t offset) {
  std::int32_t character = -1;
  const utf8proc_ssize_t length =
      utf8proc_iterate(reinterpret_cast<const utf8proc_uint8_t*>(utf8.data()) + at,
                       static_cast<utf8proc_ssize_t>(utf8.size() - at), &character);
  if (length <= 0) {
    throw Failure{
        "ERR_INVALID_UTF8",
        "Expected UTF-8 but received an invalid byte sequence at offset " + std::to_string(offset + at),
        static_cast<std::int64_t>(offset + at)};
  }
  at += static_cast<std::size_t>(length);
  return character;
}

std::size_t characters(std::string_view utf8) noexcept {
  // Every character has one byte that is not a continuation byte (10xxxxxx).
  return static_cast<std::size_t>(
      std::count_if(utf8.begin(), utf8.end(), [](char byte) { return (byte & 0xC0) != 0x80; }));
}

}  // namespace numcore::text
