// What a word is made of, as Python has it: which characters separate words, and how a word is lower-cased.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

namespace numcore::text {

// What a byte means to the tokeniser. Every byte of a non-ASCII character has its top bit set, so ASCII can
// be told from the rest byte by byte.
enum class Byte : std::uint8_t { word, separator, non_ascii };

// The ASCII characters that separate words: the lesson's 26 delimiters and the white space of str.isspace().
constexpr bool is_ascii_separator(unsigned char byte) noexcept {
  return std::string_view(".,;:?$@^<>#%`!*-=()[]{}/\"'\t\n\v\f\r\x1c\x1d\x1e\x1f ")
             .find(static_cast<char>(byte)) != std::string_view::npos;
}
extern const std::array<Byte, 256> kByte;

// The non-ASCII part of str.isspace(). Every line end of str.splitlines() and of universal newlines is white
// space too, which is why the tokeniser never has to look for lines.
[[nodiscard]] bool is_space(std::int32_t character) noexcept;

// Appends `word` in UTF-8 as str.lower() has it: simple lower-case mapping, but U+0130 becomes two characters
// and a capital sigma at the end of the word its final form.
void append_lower(std::span<const std::int32_t> word, std::string& out);

// Decodes the character at `at` and moves past it. Throws Failure ERR_INVALID_UTF8 with the offset of the
// offending sequence's first byte (Python's UnicodeDecodeError.start): no surrogates, no overlong forms.
// `offset` is where utf8 itself lies in the text, for that message.
std::int32_t decode(std::string_view utf8, std::size_t& at, std::size_t offset = 0);

// Length of valid UTF-8 in characters (code points).
[[nodiscard]] std::size_t characters(std::string_view utf8) noexcept;

}  // namespace numcore::text
