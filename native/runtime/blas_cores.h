// Which of OpenBLAS's kernels run: normally its own choice, by processor model. Before 0.3.25 it does not
// look at what a model can do when it does not know the model, and takes kernels of 2004 ("Prescott",
// OpenBLAS issue 4267): a fifth of the speed on an Emerald Rapids Xeon under 0.3.21. And where a virtual
// machine calls its processor an early AMD (qemu's default does), it takes kernels with 3DNow! instructions,
// which no processor has had for long: the process would end with an illegal instruction.
#pragma once

#include <string_view>

namespace numcore {

// What a processor can do, as far as the choice depends on it.
struct Abilities {
  bool sse3 = true;
  bool now3d = false;  // AMD's 3DNow!, of 1998 to 2010.
  bool avx2 = false;
  bool avx512 = false;
};

// Who chose: "OpenBLAS", "OPENBLAS_CORETYPE", or "numcore" where OpenBLAS's choice was a poor one or would
// not run. The first call makes the choice, and has to come before any other of BLAS or LAPACK.
std::string_view choose_blas_cores();

// What to ask for instead of `chosen` on a processor with these abilities; empty when there is no need. Apart
// so that it can be tested on any machine.
std::string_view better_cores(std::string_view chosen, const Abilities& has);

}  // namespace numcore
