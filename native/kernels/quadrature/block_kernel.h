// What is done with blocks of points, compiled once for each instruction set; the processor decides at
// run time. Every variant does the same operations on the same lanes in the same order, so that all give the
// same bits for + - * / and powers by products. The functions come from SLEEF, whose deterministic variants
// have one set of bits for all processors with a fused multiply-add (AVX2, AVX-512, NEON) and another for
// those without ("baseline" on x86-64); both are within 1 unit in the last place.
#pragma once

#include <cstddef>
#include <span>

#include "kernels/quadrature/program.h"
#include "runtime/job_context.h"

namespace numcore::quadrature {

// Point i of a chunk adds to lane i mod 16, whatever the width of the machine's vectors.
constexpr std::size_t lane_count = 16;

// Registers lie this far apart: not a multiple of 4096 bytes, which the first cache level maps to one
// place, and with room for the last two values of the block before in front.
constexpr std::size_t register_stride = block_size + 8;

struct alignas(64) LaneSums {
  double high[lane_count] = {};  // high + low is the sum of the values
  double low[lane_count] = {};
  double bend[lane_count] = {};  // sum of the absolute second differences
  double peak[lane_count] = {};  // the largest of them
};

struct BlockKernel {
  const char* name;

  // x[i] = high + (low + offsets[i]) for the whole block.
  void (*grid)(double* x, const double* offsets, double high, double low);

  // Runs the instructions over the registers that hold the variables. A block of a program of 10^5
  // instructions takes milliseconds, so the job is asked between instructions too; when it is cancelled
  // the values mean nothing.
  void (*run)(const Instruction* instructions, std::size_t count, double* registers,
              const JobContext& context);

  // Adds `count` values. With `skip` = 2 the second differences begin at values[2], else at values[0],
  // and values[-1] and values[-2] are those of the block before.
  void (*accumulate)(const double* values, std::size_t count, std::size_t skip, LaneSums& sums);

  // grid, run and accumulate of a whole block at once for a program that is one square root of the
  // point, or the point times that: sqrt, half_power with an exponent of 0 or 1. The same bits, sooner;
  // null where it is not sooner.
  void (*fused_roots)(const Instruction& root, double* values, const double* offsets, double high, double low,
                      std::size_t skip, LaneSums& sums);

  // exp ... tanh and power for `count` points, a multiple of lane_count; `out` may be an operand.
  void (*function)(Op op, double* out, const double* a, const double* b, std::size_t count);
};

// The variants that this processor can run, the fastest first; there is always one.
std::span<const BlockKernel* const> block_kernels();

}  // namespace numcore::quadrature
