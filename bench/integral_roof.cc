// The roof of bench/integral.mjs: n square roots at the rate of the faster vsqrtpd, nothing else, on p threads.
#include <immintrin.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

__attribute__((target("avx512f"))) void wide(long n) {
  __m512d v[8];
  for (auto& each : v) each = _mm512_set1_pd(0.7);
  for (long i = 0; i < n; i += 64) {
    for (auto& each : v) asm volatile("vsqrtpd %0, %0" : "+v"(each));
  }
}
__attribute__((target("avx2"))) void narrow(long n) {
  __m256d v[8];
  for (auto& each : v) each = _mm256_set1_pd(0.7);
  for (long i = 0; i < n; i += 32) {
    for (auto& each : v) asm volatile("vsqrtpd %0, %0" : "+x"(each));
  }
}

double seconds(void (*roots)(long), long n, int threads) {
  const auto start = std::chrono::steady_clock::now();
#pragma omp parallel num_threads(threads)
  roots(n / threads);
  return std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
}

int main(int, char** argv) {
  const int threads = std::atoi(argv[1]);
  const bool avx512 = __builtin_cpu_supports("avx512f");
  long n = 0;
  char line[4096];
  while (std::fgets(line, sizeof line, stdin)) {
    const char* at = __builtin_strstr(line, "\"n\":");
    n = at ? std::atol(at + 4) : 0;
    // The wider instruction is not the faster one everywhere.
    const double ymm = seconds(narrow, n, threads);
    const double zmm = avx512 ? seconds(wide, n, threads) : ymm;
    std::printf("{\"seconds\":%.9f,\"version\":\"%s\",\"threads\":%d}\n", zmm < ymm ? zmm : ymm,
                zmm < ymm ? "vsqrtpd zmm" : "vsqrtpd ymm", threads);
    std::fflush(stdout);
  }
}
