// nir_chain: NIR's neurons one behind the other, element by element, that give real values to each
// other and not spikes: up to four stages and a membrane.
//   tau_k dx_k/dt = (leak_k - x_k) + r_k x_{k-1},   x_0 = u: arriving weights and injected current
//   tau dv/dt = (v_leak - v) + r (x_4 + m),   m: arriving weights of the receptor "membrane"
//   v > v_threshold: spike, v = v_reset + subtract (v - v_threshold)
// A tau of 0 hands the input on (leak + r times it). LI is a stage, CubaLI are two, I is one whose
// tau is so long that it only integrates.
// Methods: every stage exactly under its input at the step's end (order 1 from stage to stage), and
// forward Euler; then the threshold. Tested by tests/unit/neurons/test_nir_models.cpp and, as a
// part of graphs, by tests/unit/python/test_nir.py.
#include "core/neuron_model.h"
#include "neurons/nir.h"

template <class P>
constexpr Field<P> stage_tau(const char* name, double P::*member) {
  return {name, member, "ms", Range::not_negative, "time constant of a stage; 0: none"};
}
template <class P>
constexpr Field<P> stage_r(const char* name, double P::*member) {
  return {name, member, "1", Range::any, "weight of a stage's input"};
}
template <class P>
constexpr Field<P> stage_leak(const char* name, double P::*member) {
  return {name, member, "1", Range::any, "value of a stage at rest"};
}

struct NirChain {
  static constexpr const char* summary =
      "NIR nodes in a row (LI, I, CubaLI, then any neuron) without spikes between them";
  static constexpr Method methods[] = {
      {"stages", "every stage exactly under its input at the step's end"}, nir::euler};
  static constexpr const char* source = nir::source;
  struct Parameters {
    double tau_1 = 0, r_1 = 1, leak_1 = 0, tau_2 = 0, r_2 = 1, leak_2 = 0, tau_3 = 0, r_3 = 1,
           leak_3 = 0, tau_4 = 0, r_4 = 1, leak_4 = 0, tau = 20, r = 1, v_leak = 0, v_threshold = 1,
           v_reset = 0, subtract = 0;
  };
  using P = Parameters;
  static constexpr Field<P> parameters[] = {stage_tau("tau_1", &P::tau_1),
                                            stage_r("r_1", &P::r_1),
                                            stage_leak("leak_1", &P::leak_1),
                                            stage_tau("tau_2", &P::tau_2),
                                            stage_r("r_2", &P::r_2),
                                            stage_leak("leak_2", &P::leak_2),
                                            stage_tau("tau_3", &P::tau_3),
                                            stage_r("r_3", &P::r_3),
                                            stage_leak("leak_3", &P::leak_3),
                                            stage_tau("tau_4", &P::tau_4),
                                            stage_r("r_4", &P::r_4),
                                            stage_leak("leak_4", &P::leak_4),
                                            stage_tau("tau", &P::tau),
                                            nir::r<P>,
                                            nir::v_leak<P>,
                                            nir::v_threshold<P>,
                                            nir::v_reset<P>,
                                            nir::subtract<P>};
  template <class V>
  struct State {
    V v, x_1, x_2, x_3, x_4;
  };
  static constexpr FieldText state[] = {nir::v,
                                        {"x_1", "1", "first stage"},
                                        {"x_2", "1", "second stage"},
                                        {"x_3", "1", "third stage"},
                                        {"x_4", "1", "fourth stage"}};
  static constexpr Receptor receptors[] = {nir::input, {"membrane", "1"}};
  /// A stage over one step: x <- rest + keep (x - rest) + take input.
  template <class V>
  struct Stage {
    V keep, take, euler_keep, euler_take, rest;
  };
  template <class V>
  struct Derived {
    Stage<V> stage_1, stage_2, stage_3, stage_4, membrane;
    V v_threshold, v_reset, subtract;
  };
  static Stage<double> stage(double dt, double tau, double r, double rest) {
    if (tau == 0) return {0, r, 0, r, rest};
    const nir::Filter exact = nir::exact_filter(dt, tau), euler = nir::euler_filter(dt, tau);
    return {exact.keep, r * exact.take, euler.keep, r * euler.take, rest};
  }
  static Derived<double> derive(const P& p, double dt) {
    return {stage(dt, p.tau_1, p.r_1, p.leak_1),
            stage(dt, p.tau_2, p.r_2, p.leak_2),
            stage(dt, p.tau_3, p.r_3, p.leak_3),
            stage(dt, p.tau_4, p.r_4, p.leak_4),
            stage(dt, p.tau, p.r, p.v_leak),
            p.v_threshold,
            p.v_reset,
            p.subtract};
  }
  static State<double> initial(const P& p) {
    return {p.v_leak, p.leak_1, p.leak_2, p.leak_3, p.leak_4};
  }
  static const char* check(const P& p) { return nir::reset_not_above_threshold(p); }

  template <class V>
  static V moved(V x, V keep, V take, V rest, V input) {
    return rest + fma(keep, x - rest, take * input);
  }
  template <class V>
  static typename V::Mask spike(State<V>& s, const Derived<V>& c) {
    const auto fired = s.v > c.v_threshold;
    s.v = select(fired, fma(c.subtract, s.v - c.v_threshold, c.v_reset), s.v);
    return fired;
  }
  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    const auto move = [](V x, const Stage<V>& k, V input) {
      return moved(x, k.keep, k.take, k.rest, input);
    };
    s.x_1 = move(s.x_1, c.stage_1, in.sum[0] + in.current);
    s.x_2 = move(s.x_2, c.stage_2, s.x_1);
    s.x_3 = move(s.x_3, c.stage_3, s.x_2);
    s.x_4 = move(s.x_4, c.stage_4, s.x_3);
    s.v = move(s.v, c.membrane, s.x_4 + in.sum[1]);
    return spike(s, c);
  }
  template <class V>
  static void exponential_euler(State<V>& s, const Derived<V>& c, V current) {
    const auto move = [](V x, const Stage<V>& k, V input) {
      return moved(x, k.euler_keep, k.euler_take, k.rest, input);
    };
    s.x_1 = move(s.x_1, c.stage_1, current);
    s.x_2 = move(s.x_2, c.stage_2, s.x_1);
    s.x_3 = move(s.x_3, c.stage_3, s.x_2);
    s.x_4 = move(s.x_4, c.stage_4, s.x_3);
    s.v = move(s.v, c.membrane, s.x_4);
  }
  /// What arrives goes through all stages from its own on, as if it had been there before.
  template <class V>
  static typename V::Mask settle(State<V>& s, const State<V>&, const Derived<V>& c,
                                 const Input<V>& in) {
    V arrived = c.stage_1.euler_take * in.sum[0];
    s.x_1 = s.x_1 + arrived;
    arrived = c.stage_2.euler_take * arrived;
    s.x_2 = s.x_2 + arrived;
    arrived = c.stage_3.euler_take * arrived;
    s.x_3 = s.x_3 + arrived;
    arrived = c.stage_4.euler_take * arrived;
    s.x_4 = s.x_4 + arrived;
    s.v = fma(c.membrane.euler_take, arrived + in.sum[1], s.v);
    return spike(s, c);
  }
};
RANVIER_REGISTER(NeuronModel, nir_chain, NirChain)
