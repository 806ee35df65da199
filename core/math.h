// Elementary functions with the same bits on every processor (the C library picks other code paths
// by processor). One-lane forms of the polynomials that the SIMD loops use; errors about 1 unit in
// the last place. Tested by tests/unit/core/test_math.cpp against long double.
#pragma once
#include <cstddef>
#include <string_view>

namespace ranvier::math {

/// e^x, e^x - 1, the natural logarithm and the hyperbolic tangent.
double exp(double x);
double expm1(double x);
double log(double x);
double tanh(double x);
/// At most the natural logarithm of a normal x > 0, by less than 0.015, in a few cycles.
double log_below(double x);
/// Replaces each of n numbers by its exponential: the bits of exp, as many at once as the processor
/// takes.
void exp_of_each(double* x, std::size_t n);
/// sin by Cody-Waite reduction; absolute error below 1e-15 for |x| < 1e5.
double sin(double x);

/// The widest SIMD that this processor has and the build serves, as its makers call it: "AVX-512".
std::string_view simd_target();

}  // namespace ranvier::math
