// An expression that is ready to be evaluated, and room to evaluate it in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <new>
#include <span>
#include <string_view>

#include "kernels/quadrature/block_kernel.h"
#include "kernels/quadrature/parser.h"
#include "kernels/quadrature/program.h"

namespace numcore::quadrature {

class Registers;

class Expression {
 public:
  // Throws Failure ERR_PARSE; see parser.h for the grammar.
  explicit Expression(std::string_view source, const Names& names = {});
  Expression(std::string_view source, Variable variable);

  [[nodiscard]] const Program& program() const { return program_; }

  [[nodiscard]] std::size_t variables() const { return variables_; }

  // The value at one point of one variable, with the bits that a whole block of points would give.
  [[nodiscard]] double at(double x) const;

  // out[i] = f(variables[0][i], variables[1][i], ...) for i < count, any count. `out` may be one of the
  // variables. When the job is cancelled the values mean nothing.
  void block(std::span<const double* const> variables, std::size_t count, double* out,
             const Registers& registers, const JobContext& context) const;

 private:
  std::size_t variables_;
  Program program_;
};

// Zeros at a multiple of 64 bytes, with register_margin more in front.
class Row {
 public:
  explicit Row(std::size_t size = block_size);
  [[nodiscard]] double* data() const { return data_.get() + register_margin; }

 private:
  static constexpr std::size_t alignment = 64;
  struct Free {
    void operator()(double* data) const { ::operator delete (data, std::align_val_t{alignment}); }
  };
  std::unique_ptr<double[], Free> data_;
};

// The registers of one thread. Zeros at first, so that the gap between registers holds numbers.
class Registers {
 public:
  explicit Registers(const Program& program) : row_(program.registers * register_stride) {}

  [[nodiscard]] double* data() const { return row_.data(); }
  [[nodiscard]] double* block(std::size_t index) const { return data() + index * register_stride; }

 private:
  Row row_;
};

// Whether evaluating the text at `points` points is too little work to be worth a second thread, by a
// glance that reads at most a few thousand characters and never throws.
bool is_small(std::string_view source, std::uint64_t points);

}  // namespace numcore::quadrature
