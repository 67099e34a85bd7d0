// Runs every registered case and prints a line each, so that a crash shows which one it was in.
#include <exception>

#include "runtime/blas_cores.h"
#include "test/check.h"

int main() {
  numcore::choose_blas_cores();  // the kernels that users get
  int failed_cases = 0;
  for (const auto& test : numcore::test::cases()) {
    const int before = numcore::test::failures();
    std::printf("  %s\n", test.name.c_str());
    std::fflush(stdout);
    try {
      test.run();
    } catch (const std::exception& error) {
      numcore::test::fail(test.name.c_str(), 0, std::string("threw: ") + error.what());
    } catch (...) {
      numcore::test::fail(test.name.c_str(), 0, "threw something");
    }
    if (numcore::test::failures() != before) ++failed_cases;
  }
  std::printf("native: %zu cases, %d failed\n", numcore::test::cases().size(), failed_cases);
  return failed_cases == 0 ? 0 : 1;
}
