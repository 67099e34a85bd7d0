#include "runtime/blas_cores.h"

#include <algorithm>
#include <array>
#include <cstdlib>
#include <string>

#if defined(__x86_64__)
#include <cpuid.h>
#endif

extern "C" {
char* openblas_get_corename(void);
// Of a DYNAMIC_ARCH build only: hence weak.
__attribute__((weak)) void gotoblas_dynamic_init(void);
__attribute__((weak)) void gotoblas_dynamic_quit(void);
}

namespace numcore {
namespace {

constexpr char kVariable[] = "OPENBLAS_CORETYPE";

#if defined(__x86_64__)
Abilities abilities() {
  __builtin_cpu_init();
  Abilities has;
  has.sse3 = __builtin_cpu_supports("sse3");
  has.avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  has.avx512 = has.avx2 && __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512cd") &&
               __builtin_cpu_supports("avx512bw") && __builtin_cpu_supports("avx512dq") &&
               __builtin_cpu_supports("avx512vl");
  unsigned a = 0, b = 0, c = 0, d = 0;
  constexpr unsigned k3dNow = 1U << 31;
  has.now3d = __get_cpuid(0x80000001U, &a, &b, &c, &d) != 0 && (d & k3dNow) != 0;
  return has;
}
#endif

std::string_view choose() {
  if (std::getenv(kVariable) != nullptr) return kVariable;
#if defined(__x86_64__)
  const Abilities has = abilities();
  const std::string wanted(better_cores(openblas_get_corename(), has));
  if (!wanted.empty() && gotoblas_dynamic_init != nullptr && gotoblas_dynamic_quit != nullptr) {
    // The variable is the only way to tell it, and is nobody else's business: children keep their own choice.
    setenv(kVariable, wanted.c_str(), 1);
    gotoblas_dynamic_quit();
    gotoblas_dynamic_init();
    unsetenv(kVariable);
    if (better_cores(openblas_get_corename(), has).empty()) return "numcore";
  }
#endif
  return "OpenBLAS";
}

}  // namespace

std::string_view better_cores(std::string_view chosen, const Abilities& has) {
  // Every kernel set that uses AVX2 or more; what is not in the list is older.
  constexpr std::array<std::string_view, 7> kModern = {
      "Haswell", "Zen", "Excavator", "SkylakeX", "Cooperlake", "SapphireRapids", "Diamondrapids"};
  const bool modern = std::find(kModern.begin(), kModern.end(), chosen) != kModern.end();
  if (!modern && has.avx2) return has.avx512 ? "SkylakeX" : "Haswell";
  const bool needs_3d_now = chosen == "Opteron" || chosen == "Opteron_SSE3";
  if (needs_3d_now && !has.now3d && has.sse3) return "Prescott";
  return {};
}

std::string_view choose_blas_cores() {
  static const std::string_view source = choose();
  return source;
}

}  // namespace numcore
