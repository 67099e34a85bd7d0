// The least a native unit test needs: TEST registers a case, CHECK and CHECK_NEAR count failures with
// their place, and main (in check_main.cc) runs every case and exits non-zero when one failed.
#pragma once

#include <cmath>
#include <cstdio>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace numcore::test {

struct Case {
  std::string name;
  std::function<void()> run;
};
inline std::vector<Case>& cases() {
  static std::vector<Case> all;
  return all;
}
inline int& failures() {
  static int count = 0;
  return count;
}
struct Registration {
  Registration(const char* name, std::function<void()> run) { cases().push_back({name, std::move(run)}); }
};
inline void fail(const char* file, int line, const std::string& what) {
  std::printf("    %s:%d: %s\n", file, line, what.c_str());
  ++failures();
}

}  // namespace numcore::test

#define NUMCORE_CONCAT_(a, b) a##b
#define NUMCORE_CONCAT(a, b) NUMCORE_CONCAT_(a, b)
#define NUMCORE_TEST_(name, id)                                                                            \
  static void NUMCORE_CONCAT(test_, id)();                                                                 \
  static const numcore::test::Registration NUMCORE_CONCAT(register_, id)(name, NUMCORE_CONCAT(test_, id)); \
  static void NUMCORE_CONCAT(test_, id)()
#define NUMCORE_TEST(name, id) NUMCORE_TEST_(name, id)
#define TEST(name) NUMCORE_TEST(name, __COUNTER__)
#define CHECK(condition)                                                              \
  do {                                                                                \
    if (!(condition)) numcore::test::fail(__FILE__, __LINE__, "not so: " #condition); \
  } while (false)
#define CHECK_NEAR(actual, expected, tolerance)                                                             \
  do {                                                                                                      \
    const double actual_ = static_cast<double>(actual), expected_ = static_cast<double>(expected);          \
    if (!(std::abs(actual_ - expected_) <= (tolerance)))                                                    \
      numcore::test::fail(__FILE__, __LINE__,                                                               \
                          #actual " is " + std::to_string(actual_) + ", not " + std::to_string(expected_)); \
  } while (false)
#define CHECK_THROWS(expression, Type)                                                          \
  do {                                                                                          \
    bool thrown_ = false;                                                                       \
    try {                                                                                       \
      (void)(expression);                                                                       \
    } catch (const Type&) {                                                                     \
      thrown_ = true;                                                                           \
    }                                                                                           \
    if (!thrown_) numcore::test::fail(__FILE__, __LINE__, #expression " did not throw " #Type); \
  } while (false)
