#include "core/math.h"

#include "core/simd.h"

namespace ranvier::math {
namespace {
using One = ranvier::HWY_NAMESPACE::Lanes<hwy::HWY_NAMESPACE::CappedTag<double, 1>>;
double value(One x) { return hwy::HWY_NAMESPACE::GetLane(x.v); }
}  // namespace

double exp(double x) { return value(exp(One(x))); }
double expm1(double x) { return value(expm1(One(x))); }
double log(double x) { return value(log(One(x))); }
double tanh(double x) { return value(tanh(One(x))); }
double sin(double x) {
  return hwy::HWY_NAMESPACE::GetLane(hwy::HWY_NAMESPACE::Sin(One::Tag(), One(x).v));
}

const char* simd_target() {
  const std::int64_t best = hwy::SupportedTargets() & (HWY_TARGETS);
  return hwy::TargetName(best & ~(best - 1));  // the lowest bit is the best target
}

}  // namespace ranvier::math
