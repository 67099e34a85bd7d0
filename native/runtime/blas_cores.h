// Which of OpenBLAS's kernels run: normally its own choice, by processor model. Before 0.3.25 it does not
// look at what a model can do when it does not know the model, and takes kernels of 2004 ("Prescott",
// OpenBLAS issue 4267): a fifth of the speed on an Emerald Rapids Xeon under 0.3.21.
#pragma once

#include <string_view>

namespace numcore {

// Who chose: "OpenBLAS", "OPENBLAS_CORETYPE", or "numcore" where OpenBLAS had passed over AVX2. The first
// call makes the choice, and has to come before any other of BLAS or LAPACK.
std::string_view choose_blas_cores();

// What to ask for instead of `chosen` on a processor with these vectors; empty when there is no need. Apart
// so that it can be tested on any machine.
std::string_view better_cores(std::string_view chosen, bool avx2, bool avx512);

}  // namespace numcore
