// nir_li: NIR's node LI, a leaky integrator. It never spikes; a probe reads v.
//   tau dv/dt = (v_leak - v) + r u,   u: arriving weights and injected current (neurons/nir.h)
// Methods: exact under the input of a step, and forward Euler. Tested by
// tests/unit/neurons/test_nir_models.cpp.
#include "core/neuron_model.h"
#include "neurons/nir.h"

struct NirLi {
  static constexpr const char* summary = "NIR node LI: leaky integrator, never spikes";
  static constexpr Method methods[] = {nir::exact, nir::euler};
  static constexpr const char* source = nir::source;
  struct Parameters {
    double tau = 20, r = 1, v_leak = 0;
  };
  static constexpr Field<Parameters> parameters[] = {nir::tau<Parameters>, nir::r<Parameters>,
                                                     nir::v_leak<Parameters>};
  template <class V>
  struct State {
    V v;
  };
  static constexpr FieldText state[] = {nir::v};
  static constexpr Receptor receptors[] = {nir::input};
  template <class V>
  struct Derived {
    V keep, take, euler_keep, euler_take, v_leak;
  };
  static Derived<double> derive(const Parameters& p, double dt) {
    const nir::Filter exact = nir::exact_filter(dt, p.tau), euler = nir::euler_filter(dt, p.tau);
    return {exact.keep, p.r * exact.take, euler.keep, p.r * euler.take, p.v_leak};
  }
  static State<double> initial(const Parameters& p) { return {p.v_leak}; }
  static const char* check(const Parameters&) { return ""; }

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    s.v = c.v_leak + fma(c.keep, s.v - c.v_leak, c.take * (in.sum[0] + in.current));
    return V(0.0) > V(0.0);
  }
  template <class V>
  static void exponential_euler(State<V>& s, const Derived<V>& c, V current) {
    s.v = c.v_leak + fma(c.euler_keep, s.v - c.v_leak, c.euler_take * current);
  }
  template <class V>
  static typename V::Mask settle(State<V>& s, const State<V>&, const Derived<V>& c,
                                 const Input<V>& in) {
    s.v = fma(c.euler_take, in.sum[0], s.v);
    return V(0.0) > V(0.0);
  }
};
RANVIER_REGISTER(NeuronModel, nir_li, NirLi)
