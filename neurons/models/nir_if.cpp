// nir_if: NIR's node IF, a perfect integrate-and-fire neuron.
//   dv/dt = r u,   u: arriving weights and injected current (neurons/nir.h)
//   v > v_threshold: spike, v = v_reset + subtract (v - v_threshold)
// Method: exact under the input of a step, which is forward Euler as well; then the threshold.
// Tested by tests/unit/neurons/test_nir_models.cpp.
#include "core/neuron_model.h"
#include "neurons/nir.h"

struct NirIf {
  static constexpr const char* summary = "NIR node IF: perfect integrate-and-fire";
  static constexpr Method methods[] = {nir::exact};
  static constexpr const char* source = nir::source;
  struct Parameters {
    double r = 1, v_threshold = 1, v_reset = 0, subtract = 0;
  };
  static constexpr Field<Parameters> parameters[] = {
      nir::rate<Parameters>, nir::v_threshold<Parameters>, nir::v_reset<Parameters>,
      nir::subtract<Parameters>};
  template <class V>
  struct State {
    V v;
  };
  static constexpr FieldText state[] = {nir::v};
  static constexpr Receptor receptors[] = {nir::input};
  template <class V>
  struct Derived {
    V take, v_threshold, v_reset, subtract;
  };
  static Derived<double> derive(const Parameters& p, double dt) {
    return {p.r * dt, p.v_threshold, p.v_reset, p.subtract};
  }
  static State<double> initial(const Parameters&) { return {0}; }
  static const char* check(const Parameters& p) { return nir::reset_not_above_threshold(p); }

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    s.v = fma(c.take, in.sum[0] + in.current, s.v);
    const auto fired = s.v > c.v_threshold;
    s.v = select(fired, fma(c.subtract, s.v - c.v_threshold, c.v_reset), s.v);
    return fired;
  }
};
RANVIER_REGISTER(NeuronModel, nir_if, NirIf)
