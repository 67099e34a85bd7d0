#include "kernels/text/scan.h"

#include <array>
#include <bit>

#include "kernels/text/unicode.h"

#if defined(__x86_64__)
#if defined(__GNUC__) && !defined(__clang__)
// GCC 12 takes the deliberately undefined operands in its own AVX-512 header for mistakes (GCC bug 105593).
#pragma GCC diagnostic ignored "-Wuninitialized"
#pragma GCC diagnostic ignored "-Wmaybe-uninitialized"
#endif
#include <immintrin.h>
#elif defined(__aarch64__)
#include <arm_neon.h>
#endif

namespace numcore::text {
namespace {

// Two look-ups of 16 entries classify a byte: bit h of kLow[l] says whether 0x(h)(l) is a separator, and
// kHigh[h] is bit h. ASCII has eight rows of 16, one for each bit.
constexpr std::array<std::uint8_t, 16> make_low() {
  std::array<std::uint8_t, 16> low{};
  for (unsigned byte = 0; byte < 128; ++byte) {
    if (is_ascii_separator(static_cast<unsigned char>(byte)))
      low[byte & 15] = static_cast<std::uint8_t>(low[byte & 15] | (1u << (byte >> 4)));
  }
  return low;
}
[[maybe_unused]] alignas(16) constexpr std::array<std::uint8_t, 16> kLow = make_low();
[[maybe_unused]] alignas(16) constexpr std::array<std::uint8_t, 16> kHigh = {1, 2, 4, 8, 16, 32, 64, 128};

// 0, 1, 2, ... 63
constexpr std::array<std::uint8_t, kBlock> make_places() {
  std::array<std::uint8_t, kBlock> places{};
  for (std::size_t i = 0; i < kBlock; ++i) places[i] = static_cast<std::uint8_t>(i);
  return places;
}
[[maybe_unused]] alignas(64) constexpr std::array<std::uint8_t, kBlock> kPlaces = make_places();

// Appends the places at which the mask of word bytes changes. Eight at a time, needed or not: a loop that
// ended at the last bit would be mispredicted in every block.
[[gnu::always_inline]] inline std::size_t append_edges(std::uint64_t word, std::uint64_t& carry,
                                                       std::uint32_t position, std::uint32_t* edges) {
  std::uint64_t edge = word ^ (word << 1 | carry);
  carry = word >> 63;
  const auto count = static_cast<std::size_t>(std::popcount(edge));
  for (std::size_t done = 0; done < count; done += 8) {
    for (std::size_t i = 0; i < 8; ++i) {
      edges[done + i] = position + static_cast<std::uint32_t>(std::countr_zero(edge));
      edge &= edge - 1;
    }
  }
  return count;
}

#if defined(__x86_64__)
[[gnu::target("avx2,bmi,bmi2,popcnt,lzcnt")]] std::size_t scan_avx2(const char* in, std::size_t blocks,
                                                                    char* lowered, std::uint32_t position,
                                                                    bool& inside, std::uint32_t* edges) {
  const __m256i low =
      _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(kLow.data())));
  const __m256i high =
      _mm256_broadcastsi128_si256(_mm_load_si128(reinterpret_cast<const __m128i*>(kHigh.data())));
  const __m256i before_a = _mm256_set1_epi8('A' - 1), after_z = _mm256_set1_epi8('Z' + 1),
                case_bit = _mm256_set1_epi8(0x20), nibble = _mm256_set1_epi8(0x0F);
  std::uint64_t carry = inside;
  std::size_t count = 0;
  for (std::size_t b = 0; b < blocks; ++b, in += kBlock, lowered += kBlock, position += kBlock) {
    std::uint32_t halves[2];
    for (int half = 0; half < 2; ++half) {
      const __m256i bytes = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(in) + half);
      // A byte with its top bit set finds 0 in the table of low nibbles: no separator.
      const __m256i row = _mm256_shuffle_epi8(low, bytes);
      const __m256i column = _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(bytes, 4), nibble));
      const __m256i word = _mm256_cmpeq_epi8(_mm256_and_si256(row, column), _mm256_setzero_si256());
      halves[half] = static_cast<std::uint32_t>(_mm256_movemask_epi8(word));
      const __m256i upper =
          _mm256_and_si256(_mm256_cmpgt_epi8(bytes, before_a), _mm256_cmpgt_epi8(after_z, bytes));
      _mm256_storeu_si256(reinterpret_cast<__m256i*>(lowered) + half,
                          _mm256_or_si256(bytes, _mm256_and_si256(upper, case_bit)));
    }
    const std::uint64_t word = halves[0] | static_cast<std::uint64_t>(halves[1]) << 32;
    count += append_edges(word, carry, position, edges + count);
  }
  inside = carry != 0;
  return count;
}

#define NUMCORE_AVX512 "avx512f,avx512bw,avx512vl,avx512vbmi,avx512vbmi2,bmi,bmi2,popcnt,lzcnt"
// Here the places of the edges are gathered by one instruction as well. Three rounds of sixteen are written,
// needed or not; a block seldom has more.
[[gnu::target(NUMCORE_AVX512)]] std::size_t scan_avx512(const char* in, std::size_t blocks, char* lowered,
                                                        std::uint32_t position, bool& inside,
                                                        std::uint32_t* edges) {
  const __m512i low = _mm512_broadcast_i32x4(_mm_load_si128(reinterpret_cast<const __m128i*>(kLow.data())));
  const __m512i high = _mm512_broadcast_i32x4(_mm_load_si128(reinterpret_cast<const __m128i*>(kHigh.data())));
  const __m512i places = _mm512_load_si512(kPlaces.data()), a = _mm512_set1_epi8('A'),
                letters = _mm512_set1_epi8(26), case_bit = _mm512_set1_epi8(0x20),
                nibble = _mm512_set1_epi8(0x0F);
  std::uint64_t carry = inside;
  std::size_t count = 0;
  for (std::size_t b = 0; b < blocks; ++b, in += kBlock, lowered += kBlock, position += kBlock) {
    const __m512i bytes = _mm512_loadu_si512(in);
    const __m512i row = _mm512_shuffle_epi8(low, bytes);
    const __m512i column = _mm512_shuffle_epi8(high, _mm512_and_si512(_mm512_srli_epi16(bytes, 4), nibble));
    const std::uint64_t word = _mm512_testn_epi8_mask(row, column);
    const __mmask64 upper = _mm512_cmplt_epu8_mask(_mm512_sub_epi8(bytes, a), letters);
    _mm512_storeu_si512(lowered, _mm512_mask_add_epi8(bytes, upper, bytes, case_bit));

    const std::uint64_t edge = word ^ (word << 1 | carry);
    carry = word >> 63;
    const __m512i found = _mm512_maskz_compress_epi8(edge, places),
                  base = _mm512_set1_epi32(static_cast<int>(position));
    std::uint32_t* const out = edges + count;
    const auto write = [&](int part, __m128i sixteen) __attribute__((target(NUMCORE_AVX512), always_inline)) {
      _mm512_storeu_si512(out + 16 * part, _mm512_add_epi32(_mm512_cvtepu8_epi32(sixteen), base));
    };
    write(0, _mm512_castsi512_si128(found));
    write(1, _mm512_extracti32x4_epi32(found, 1));
    write(2, _mm512_extracti32x4_epi32(found, 2));
    const auto here = static_cast<std::size_t>(std::popcount(edge));
    if (here > 48) [[unlikely]]
      write(3, _mm512_extracti32x4_epi32(found, 3));
    count += here;
  }
  inside = carry != 0;
  return count;
}
#elif defined(__aarch64__)
std::size_t scan_neon(const char* in, std::size_t blocks, char* lowered, std::uint32_t position, bool& inside,
                      std::uint32_t* edges) {
  const uint8x16_t low = vld1q_u8(kLow.data()), high = vld1q_u8(kHigh.data());
  const uint8x16_t bits = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  std::uint64_t carry = inside;
  std::size_t count = 0;
  for (std::size_t b = 0; b < blocks; ++b, in += kBlock, lowered += kBlock, position += kBlock) {
    uint8x16_t masks[4];
    for (int part = 0; part < 4; ++part) {
      const uint8x16_t bytes = vld1q_u8(reinterpret_cast<const std::uint8_t*>(in) + 16 * part);
      const uint8x16_t row = vqtbl1q_u8(low, vandq_u8(bytes, vdupq_n_u8(0x0F)));
      const uint8x16_t column = vqtbl1q_u8(high, vshrq_n_u8(bytes, 4));  // 0 for a byte beyond ASCII
      masks[part] = vandq_u8(vceqzq_u8(vandq_u8(row, column)), bits);
      const uint8x16_t upper = vandq_u8(vcgeq_u8(bytes, vdupq_n_u8('A')), vcleq_u8(bytes, vdupq_n_u8('Z')));
      vst1q_u8(reinterpret_cast<std::uint8_t*>(lowered) + 16 * part,
               vorrq_u8(bytes, vandq_u8(upper, vdupq_n_u8(0x20))));
    }
    // Adding neighbours three times gathers eight bytes' bits in one.
    const uint8x16_t sum = vpaddq_u8(vpaddq_u8(masks[0], masks[1]), vpaddq_u8(masks[2], masks[3]));
    const std::uint64_t word = vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sum, sum)), 0);
    count += append_edges(word, carry, position, edges + count);
  }
  inside = carry != 0;
  return count;
}
#endif

std::size_t scan_portable(const char* in, std::size_t blocks, char* lowered, std::uint32_t position,
                          bool& inside, std::uint32_t* edges) {
  std::uint64_t carry = inside;
  std::size_t count = 0;
  for (std::size_t b = 0; b < blocks; ++b, in += kBlock, lowered += kBlock, position += kBlock) {
    std::uint64_t word = 0;
    for (std::size_t i = 0; i < kBlock; ++i) {
      const auto byte = static_cast<unsigned char>(in[i]);
      word |= static_cast<std::uint64_t>(kByte[byte] != Byte::separator) << i;
      lowered[i] = static_cast<char>(byte >= 'A' && byte <= 'Z' ? byte | 0x20 : byte);
    }
    count += append_edges(word, carry, position, edges + count);
  }
  inside = carry != 0;
  return count;
}

}  // namespace

std::span<const Scanner> scanners() noexcept {
  // The fastest first.
  static const Scanner all[] = {
#if defined(__x86_64__)
    {"avx512", scan_avx512,
     __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512vl") &&
         __builtin_cpu_supports("avx512vbmi") && __builtin_cpu_supports("avx512vbmi2")},
    {"avx2", scan_avx2,
     __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2") && __builtin_cpu_supports("popcnt")},
#elif defined(__aarch64__)
    {"neon", scan_neon, true},
#endif
    {"portable", scan_portable, true},
  };
  return all;
}

Scan choose_scan() noexcept {
  for (const Scanner& each : scanners()) {
    if (each.runs_here) return each.scan;
  }
  return scan_portable;
}

}  // namespace numcore::text
