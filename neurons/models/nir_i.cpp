// nir_i: NIR's node I, an integrator. It never spikes; a probe reads v.
//   dv/dt = r u,   u: arriving weights and injected current (neurons/nir.h)
// Method: exact under the input of a step, which is forward Euler as well. Tested by
// tests/unit/neurons/test_nir_models.cpp.
#include "core/neuron_model.h"
#include "neurons/nir.h"

struct NirI {
  static constexpr const char* summary = "NIR node I: integrator, never spikes";
  static constexpr Method methods[] = {nir::exact};
  static constexpr const char* source = nir::source;
  struct Parameters {
    double r = 1;
  };
  static constexpr Field<Parameters> parameters[] = {nir::rate<Parameters>};
  template <class V>
  struct State {
    V v;
  };
  static constexpr FieldText state[] = {nir::v};
  static constexpr Receptor receptors[] = {nir::input};
  template <class V>
  struct Derived {
    V take;
  };
  static Derived<double> derive(const Parameters& p, double dt) { return {p.r * dt}; }
  static State<double> initial(const Parameters&) { return {0}; }
  static const char* check(const Parameters&) { return ""; }

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    s.v = fma(c.take, in.sum[0] + in.current, s.v);
    return V(0.0) > V(0.0);
  }
};
RANVIER_REGISTER(NeuronModel, nir_i, NirI)
