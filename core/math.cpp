#include "core/math.h"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "core/math.cpp"
#include <hwy/foreach_target.h>

#include "core/simd.h"

HWY_BEFORE_NAMESPACE();
namespace ranvier::HWY_NAMESPACE {
namespace {
/// From x[i] on, as far as whole registers reach; returns where that is.
template <class D>
std::size_t exp_in(D d, double* x, std::size_t i, std::size_t n) {
  for (; i + hn::Lanes(d) <= n; i += hn::Lanes(d))
    hn::StoreU(exp(Lanes<D>(hn::LoadU(d, x + i))).v, d, x + i);
  return i;
}

void exp_of_each(double* x, std::size_t n) {
  const std::size_t whole = exp_in(hn::ScalableTag<double>(), x, 0, n);
  exp_in(hn::CappedTag<double, 1>(), x, whole, n);
}
}  // namespace
}  // namespace ranvier::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace ranvier::math {
namespace {
using One = ranvier::HWY_NAMESPACE::Lanes<hwy::HWY_NAMESPACE::CappedTag<double, 1>>;
double value(One x) { return hwy::HWY_NAMESPACE::GetLane(x.v); }
}  // namespace

double exp(double x) { return value(exp(One(x))); }
double expm1(double x) { return value(expm1(One(x))); }
double log(double x) { return value(log(One(x))); }
double log_below(double x) { return value(log2_below(One(x))) * 0.69314718055994529; }
double tanh(double x) { return value(tanh(One(x))); }
double sin(double x) {
  return hwy::HWY_NAMESPACE::GetLane(hwy::HWY_NAMESPACE::Sin(One::Tag(), One(x).v));
}

HWY_EXPORT(exp_of_each);
void exp_of_each(double* x, std::size_t n) { HWY_DYNAMIC_DISPATCH(exp_of_each)(x, n); }

std::string_view simd_target() {
  const std::int64_t best = hwy::SupportedTargets() & (HWY_TARGETS);
  const std::string_view name = hwy::TargetName(best & ~(best - 1));  // the lowest bit is the best
  return name.starts_with("AVX3") ? "AVX-512" : name;  // AVX3_DL, AVX3_ZEN4: with more of it
}

}  // namespace ranvier::math
#endif
