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
// place, and with room for the last values of the block before in front.
constexpr std::size_t register_margin = 8;
constexpr std::size_t register_stride = block_size + register_margin;

// high + low is the sum of the values, and of those below zero: what both say of the magnitudes costs only
// integrands that have such values.
struct alignas(64) LaneSums {
  double high[lane_count] = {};
  double low[lane_count] = {};
  double negative_high[lane_count] = {};
  double negative_low[lane_count] = {};
};

// Magnitudes: their sum, and the largest of them.
struct alignas(64) LaneBends {
  double sum[lane_count] = {};
  double peak[lane_count] = {};
};

// Arrays of values begin at a multiple of 64 bytes, and what a function reads in front of them is there.
struct BlockKernel {
  const char* name;

  // x[i] = high + (low + offsets[i]) for the whole block.
  void (*grid)(double* x, const double* offsets, double high, double low);

  // Runs the instructions over the registers that hold the variables. A block of a program of 10^5
  // instructions takes milliseconds, so the job is asked between instructions too; when it is cancelled
  // the values mean nothing.
  void (*run)(const Instruction* instructions, std::size_t count, double* registers,
              const JobContext& context);

  void (*add)(const double* values, std::size_t count, LaneSums& sums);

  // grid, run and add of a whole block at once for a program that is one square root of the point, or the
  // point times that: sqrt, half_power with an exponent of 0 or 1. The same bits, sooner; null where it is
  // not sooner.
  void (*add_roots)(const Instruction& root, double* values, const double* offsets, double high, double low,
                    LaneSums& sums);

  // The second or fourth differences (`order`) that end at values[skip] ... values[count - 1]. They reach
  // `order` values back: without `skip` these are the last of the block before, in front of values[0].
  void (*bend)(const double* values, std::size_t count, std::size_t skip, int order, LaneBends& bends);

  // left[i] += at_left * values[i], right[i] += at_right * values[i] for the whole block.
  void (*extend)(const double* values, double at_left, double at_right, double* left, double* right);

  // |left[i] - right[i - 1]| for skip <= i < count.
  void (*gap)(const double* left, const double* right, std::size_t count, std::size_t skip, LaneBends& gaps);

  // exp ... tanh and power for `count` points, a multiple of lane_count; `out` may be an operand.
  void (*function)(Op op, double* out, const double* a, const double* b, std::size_t count);
};

// The variants that this processor can run, the fastest first; there is always one.
std::span<const BlockKernel* const> block_kernels();

}  // namespace numcore::quadrature
