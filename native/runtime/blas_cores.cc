#include "runtime/blas_cores.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

extern "C" {
char* openblas_get_corename(void);
// Of a DYNAMIC_ARCH build only: hence weak.
__attribute__((weak)) void gotoblas_dynamic_init(void);
__attribute__((weak)) void gotoblas_dynamic_quit(void);
}

namespace numcore {
namespace {

constexpr char kVariable[] = "OPENBLAS_CORETYPE";

std::string_view choose() {
  if (std::getenv(kVariable) != nullptr) return kVariable;
#if defined(__x86_64__)
  __builtin_cpu_init();
  const bool avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  const bool avx512 = avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
                      __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
                      __builtin_cpu_supports("avx512vl");
  const std::string wanted(better_cores(openblas_get_corename(), avx2, avx512));
  if (!wanted.empty() && gotoblas_dynamic_init != nullptr && gotoblas_dynamic_quit != nullptr) {
    // The variable is the only way to tell it, and is nobody else's business: children keep their own choice.
    setenv(kVariable, wanted.c_str(), 1);
    gotoblas_dynamic_quit();
    gotoblas_dynamic_init();
    unsetenv(kVariable);
    if (better_cores(openblas_get_corename(), avx2, avx512).empty()) return "numcore";
  }
#endif
  return "OpenBLAS";
}

}  // namespace

std::string_view better_cores(std::string_view chosen, bool avx2, bool avx512) {
  // Every kernel set that uses AVX2 or more; what is not in the list is older.
  constexpr std::array<std::string_view, 7> kModern = {
      "Haswell", "Zen", "Excavator", "SkylakeX", "Cooperlake", "SapphireRapids", "Diamondrapids"};
  const bool modern = std::find(kModern.begin(), kModern.end(), chosen) != kModern.end();
  if (modern || !avx2) return {};
  return avx512 ? "SkylakeX" : "Haswell";
}

std::string_view choose_blas_cores() {
  static const std::string_view source = choose();
  return source;
}

}  // namespace numcore
