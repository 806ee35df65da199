// nir_lif: NIR's node LIF, a leaky integrate-and-fire neuron.
//   tau dv/dt = (v_leak - v) + r u,   u: arriving weights and injected current (neurons/nir.h)
//   v > v_threshold: spike, v = v_reset + subtract (v - v_threshold)
// Methods: exact under the input of a step, and forward Euler; then the threshold. Tested by
// tests/unit/neurons/test_nir_models.cpp against NIR's reference traces and other simulators.
#include "core/neuron_model.h"
#include "neurons/nir.h"

struct NirLif {
  static constexpr const char* summary = "NIR node LIF: leaky integrate-and-fire";
  static constexpr Method methods[] = {nir::exact, nir::euler};
  static constexpr const char* source = nir::source;
  struct Parameters {
    double tau = 20, r = 1, v_leak = 0, v_threshold = 1, v_reset = 0, subtract = 0;
  };
  static constexpr Field<Parameters> parameters[] = {
      nir::tau<Parameters>,         nir::r<Parameters>,       nir::v_leak<Parameters>,
      nir::v_threshold<Parameters>, nir::v_reset<Parameters>, nir::subtract<Parameters>};
  template <class V>
  struct State {
    V v;
  };
  static constexpr FieldText state[] = {nir::v};
  static constexpr Receptor receptors[] = {nir::input};
  template <class V>
  struct Derived {
    V keep, take, euler_keep, euler_take, v_leak, v_threshold, v_reset, subtract;
  };
  static Derived<double> derive(const Parameters& p, double dt) {
    const nir::Filter exact = nir::exact_filter(dt, p.tau), euler = nir::euler_filter(dt, p.tau);
    return {exact.keep, p.r * exact.take, euler.keep, p.r * euler.take,
            p.v_leak,   p.v_threshold,    p.v_reset,  p.subtract};
  }
  static State<double> initial(const Parameters& p) { return {p.v_leak}; }
  static const char* check(const Parameters& p) { return nir::reset_not_above_threshold(p); }

  template <class V>
  static typename V::Mask spike(State<V>& s, const Derived<V>& c) {
    const auto fired = s.v > c.v_threshold;
    s.v = select(fired, fma(c.subtract, s.v - c.v_threshold, c.v_reset), s.v);
    return fired;
  }
  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    s.v = c.v_leak + fma(c.keep, s.v - c.v_leak, c.take * (in.sum[0] + in.current));
    return spike(s, c);
  }
  template <class V>
  static void exponential_euler(State<V>& s, const Derived<V>& c, V current) {
    s.v = c.v_leak + fma(c.euler_keep, s.v - c.v_leak, c.euler_take * current);
  }
  template <class V>
  static typename V::Mask settle(State<V>& s, const State<V>&, const Derived<V>& c,
                                 const Input<V>& in) {
    s.v = fma(c.euler_take, in.sum[0], s.v);
    return spike(s, c);
  }
};
RANVIER_REGISTER(NeuronModel, nir_lif, NirLif)
