// nir_cubali: NIR's node CubaLI, a leaky integrator with a synaptic current. It never spikes; a
// probe reads v.
//   tau_syn di/dt = -i + w_in u,   u: arriving weights and injected current (neurons/nir.h)
//   tau_mem dv/dt = (v_leak - v) + r i
// Methods: exact under the input of a step (the current's course within the step included), and
// forward Euler with the current of the step's end. Tested by
// tests/unit/neurons/test_nir_models.cpp.
#include "core/neuron_model.h"
#include "neurons/nir.h"

struct NirCubaLi {
  static constexpr const char* summary =
      "NIR node CubaLI: leaky integrator with a synaptic current, never spikes";
  static constexpr Method methods[] = {nir::exact, nir::euler};
  static constexpr const char* source = nir::source;
  struct Parameters {
    double tau_syn = 5, tau_mem = 20, r = 1, v_leak = 0, w_in = 1;
  };
  static constexpr Field<Parameters> parameters[] = {
      nir::tau_syn<Parameters>, nir::tau_mem<Parameters>, nir::r<Parameters>,
      nir::v_leak<Parameters>, nir::w_in<Parameters>};
  template <class V>
  struct State {
    V v, i;
  };
  static constexpr FieldText state[] = {nir::v, nir::i};
  static constexpr Receptor receptors[] = {nir::input};
  template <class V>
  struct Derived {
    V keep_i, take_i, keep_v, v_of_i, v_of_u;
    V euler_keep_i, euler_take_i, euler_keep_v, euler_take_v, v_leak;
  };
  static Derived<double> derive(const Parameters& p, double dt) {
    const nir::TwoFilters c = nir::two_filters(dt, p.tau_syn, p.tau_mem, p.w_in, p.r);
    return {c.exact_i.keep, c.exact_i.take, c.exact_v.keep, c.v_of_i,       c.v_of_u,
            c.euler_i.keep, c.euler_i.take, c.euler_v.keep, c.euler_v.take, p.v_leak};
  }
  static State<double> initial(const Parameters& p) { return {p.v_leak, 0}; }
  static const char* check(const Parameters&) { return ""; }

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    const V u = in.sum[0] + in.current;
    s.v = c.v_leak + fma(c.keep_v, s.v - c.v_leak, fma(c.v_of_i, s.i, c.v_of_u * u));
    s.i = fma(c.keep_i, s.i, c.take_i * u);
    return V(0.0) > V(0.0);
  }
  template <class V>
  static void exponential_euler(State<V>& s, const Derived<V>& c, V current) {
    s.i = fma(c.euler_keep_i, s.i, c.euler_take_i * current);
    s.v = c.v_leak + fma(c.euler_keep_v, s.v - c.v_leak, c.euler_take_v * s.i);
  }
  /// What arrives counts in the current that moved v, as if it had been there before.
  template <class V>
  static typename V::Mask settle(State<V>& s, const State<V>&, const Derived<V>& c,
                                 const Input<V>& in) {
    const V arrived = c.euler_take_i * in.sum[0];
    s.i = s.i + arrived;
    s.v = fma(c.euler_take_v, arrived, s.v);
    return V(0.0) > V(0.0);
  }
};
RANVIER_REGISTER(NeuronModel, nir_cubali, NirCubaLi)
