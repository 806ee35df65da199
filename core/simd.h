// Lanes<D>: a Highway vector with the operators of arithmetic, so that a model's equation reads as
// an equation and is compiled for every SIMD target (and, with one lane, as the plain reference).
// The only file that includes Highway. Multiply-add is written out (`fma`), since contraction is
// off: all targets then give the same bits.
//
// Included once for every target by the units that cmake/model.cpp.in makes, hence the toggle in
// place of `#pragma once`.
#include <hwy/highway.h>

#include <type_traits>
#include <utility>

#if defined(RANVIER_CORE_SIMD_TOGGLE) == defined(HWY_TARGET_TOGGLE)
#ifdef RANVIER_CORE_SIMD_TOGGLE
#undef RANVIER_CORE_SIMD_TOGGLE
#else
#define RANVIER_CORE_SIMD_TOGGLE
#endif

#include <hwy/contrib/math/math-inl.h>

HWY_BEFORE_NAMESPACE();
namespace ranvier::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

/// f(0), ..., f(n - 1) with constant arguments: what they index stays in registers.
template <std::size_t n, class F>
HWY_INLINE void unrolled(const F& f) {
  [&]<std::size_t... k>(std::index_sequence<k...>) {
    (f(std::integral_constant<std::size_t, k>()), ...);
  }
  (std::make_index_sequence<n>());
}

/// The truth of a comparison in every lane.
template <class D>
struct LaneMask {
  hn::Mask<D> m;
  friend HWY_INLINE LaneMask operator&(LaneMask a, LaneMask b) { return {hn::And(a.m, b.m)}; }
  friend HWY_INLINE LaneMask operator|(LaneMask a, LaneMask b) { return {hn::Or(a.m, b.m)}; }
  friend HWY_INLINE LaneMask operator!(LaneMask a) { return {hn::Not(a.m)}; }
  /// Whether it is true in a lane at all: to skip work whose result no lane would take.
  friend HWY_INLINE bool any(LaneMask a) { return !hn::AllFalse(D(), a.m); }
};

/// As many numbers (float or double) as the target's registers hold.
template <class D>
struct Lanes {
  using Tag = D;
  using Real = hn::TFromD<D>;
  using Mask = LaneMask<D>;
  using Raw = hn::Vec<D>;
  Raw v;

  Lanes() = default;
  HWY_INLINE Lanes(Raw raw) : v(raw) {}  // NOLINT: a vector is lanes
  HWY_INLINE Lanes(double x)
      : v(hn::Set(D(), static_cast<Real>(x))) {}  // NOLINT: constants in equations

  friend HWY_INLINE Lanes operator+(Lanes a, Lanes b) { return hn::Add(a.v, b.v); }
  friend HWY_INLINE Lanes operator-(Lanes a, Lanes b) { return hn::Sub(a.v, b.v); }
  friend HWY_INLINE Lanes operator*(Lanes a, Lanes b) { return hn::Mul(a.v, b.v); }
  friend HWY_INLINE Lanes operator/(Lanes a, Lanes b) { return hn::Div(a.v, b.v); }
  friend HWY_INLINE Lanes operator-(Lanes a) { return hn::Neg(a.v); }
  HWY_INLINE Lanes& operator+=(Lanes b) { return *this = *this + b; }
  HWY_INLINE Lanes& operator-=(Lanes b) { return *this = *this - b; }
  HWY_INLINE Lanes& operator*=(Lanes b) { return *this = *this * b; }
  friend HWY_INLINE Mask operator>(Lanes a, Lanes b) { return {hn::Gt(a.v, b.v)}; }
  friend HWY_INLINE Mask operator<(Lanes a, Lanes b) { return {hn::Lt(a.v, b.v)}; }
  friend HWY_INLINE Mask operator>=(Lanes a, Lanes b) { return {hn::Ge(a.v, b.v)}; }
  friend HWY_INLINE Mask operator<=(Lanes a, Lanes b) { return {hn::Le(a.v, b.v)}; }

  /// a b + c, rounded once.
  friend HWY_INLINE Lanes fma(Lanes a, Lanes b, Lanes c) { return hn::MulAdd(a.v, b.v, c.v); }
  /// yes where the mask is true, else no.
  friend HWY_INLINE Lanes select(Mask m, Lanes yes, Lanes no) {
    return hn::IfThenElse(m.m, yes.v, no.v);
  }
  friend HWY_INLINE Lanes min(Lanes a, Lanes b) { return hn::Min(a.v, b.v); }
  friend HWY_INLINE Lanes max(Lanes a, Lanes b) { return hn::Max(a.v, b.v); }
  friend HWY_INLINE Lanes abs(Lanes a) { return hn::Abs(a.v); }
  friend HWY_INLINE Lanes sqrt(Lanes a) { return hn::Sqrt(a.v); }
  /// Highway's polynomial forms: the same bits on every target (error about 1 unit in the last
  /// place).
  friend HWY_INLINE Lanes exp(Lanes a) { return hn::Exp(D(), a.v); }
  friend HWY_INLINE Lanes expm1(Lanes a) { return hn::Expm1(D(), a.v); }
  friend HWY_INLINE Lanes log(Lanes a) { return hn::Log(D(), a.v); }
  /// At most the binary logarithm of a normal double a > 0, by less than 0.021: its exponent, and a
  /// parabola below that of its mantissa. A few cycles; infinity counts as 2^1024.
  friend HWY_INLINE Lanes log2_below(Lanes a) {
    const hn::RebindToSigned<D> di;
    const auto one = hn::Set(di, std::int64_t{1023} << 52);
    const auto bits = hn::BitCast(di, a.v);
    const auto mantissa = hn::And(bits, hn::Set(di, (std::int64_t{1} << 52) - 1));
    const Lanes m = hn::Sub(hn::BitCast(D(), hn::Or(mantissa, one)), hn::Set(D(), 1.0));
    const Lanes exponent_and_m =
        hn::Mul(hn::ConvertTo(D(), hn::Sub(bits, one)), hn::Set(D(), 0x1p-52));
    return fma(Lanes(0.2786) * m, Lanes(1.0) - m, exponent_and_m);
  }
  friend HWY_INLINE Lanes tanh(Lanes a) { return hn::Tanh(D(), a.v); }
};

}  // namespace ranvier::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();
#endif
