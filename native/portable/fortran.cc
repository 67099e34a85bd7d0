// The one function of gfortran's run-time library that LAPACK's compiled code calls. Defined here, a shipped
// binary needs neither that library nor libquadmath (LGPL), which comes with it.
#include <algorithm>
#include <cstddef>

// Fortran's a // b, cut or filled with blanks to the length of the result.
extern "C" void _gfortran_concat_string(std::size_t length, char* result, std::size_t length_a, const char* a,
                                        std::size_t length_b, const char* b) {
  const std::size_t from_a = std::min(length, length_a);
  const std::size_t from_b = std::min(length - from_a, length_b);
  char* end = std::copy_n(a, from_a, result);
  end = std::copy_n(b, from_b, end);
  std::fill(end, result + length, ' ');
}
