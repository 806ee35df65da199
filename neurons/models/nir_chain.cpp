// nir_chain: NIR's neurons one behind the other, element by element, that give real values to each
// other and not spikes: up to four stages and a membrane.
//   tau_k dx_k/dt = (leak_k - x_k) + r_k (x_{k-1} + bias_k + u_k)
//   tau dv/dt = (v_leak - v) + r (x_4 + bias + m)
//   v > v_threshold: spike, v = v_reset + subtract (v - v_threshold)
// with x_0 + bias_1 + u_1 = arriving weights of the receptor "input" and injected current, u_3, u_4
// and m those of "stage_3", "stage_4" and "membrane", u_2 = 0. A tau of 0 hands the input on (leak
// + r times it). LI is a stage, CubaLI are two, I is one whose tau is so long that it only
// integrates. Up to the time `onset` the neuron stands still, deaf: a population at depth d of a
// graph begins d steps late (conversion/nir.h), which stages that are not at rest would show.
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
template <class P>
constexpr Field<P> stage_bias(const char* name, double P::*member) {
  return {name, member, "1", Range::any, "constant input beside the stage before"};
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
           v_reset = 0, subtract = 0, bias_2 = 0, bias_3 = 0, bias_4 = 0, bias = 0, onset = 0;
  };
  using P = Parameters;
  static constexpr Field<P> parameters[] = {
      stage_tau("tau_1", &P::tau_1),
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
      nir::subtract<P>,
      stage_bias("bias_2", &P::bias_2),
      stage_bias("bias_3", &P::bias_3),
      stage_bias("bias_4", &P::bias_4),
      stage_bias("bias", &P::bias),
      {"onset", &P::onset, "ms", Range::not_negative, "up to then it stands still"}};
  template <class V>
  struct State {
    V v, x_1, x_2, x_3, x_4, waited;
  };
  static constexpr FieldText state[] = {nir::v,
                                        {"x_1", "1", "first stage"},
                                        {"x_2", "1", "second stage"},
                                        {"x_3", "1", "third stage"},
                                        {"x_4", "1", "fourth stage"},
                                        {"waited", "ms", "for the onset"}};
  static constexpr Receptor receptors[] = {
      nir::input, {"membrane", "1"}, {"stage_3", "1"}, {"stage_4", "1"}};
  /// A stage over one step: x <- rest + keep (x - rest) + take input.
  template <class V>
  struct Stage {
    V keep, take, euler_keep, euler_take, rest;
  };
  template <class V>
  struct Derived {
    Stage<V> stage_1, stage_2, stage_3, stage_4, membrane;
    V v_threshold, v_reset, subtract, bias_2, bias_3, bias_4, bias, begin, dt;
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
            p.subtract,
            p.bias_2,
            p.bias_3,
            p.bias_4,
            p.bias,
            p.onset - dt / 2,
            dt};
  }
  static State<double> initial(const P& p) {
    return {p.v_leak, p.leak_1, p.leak_2, p.leak_3, p.leak_4, 0};
  }
  static const char* check(const P& p) { return nir::reset_not_above_threshold(p); }

  template <class V>
  static typename V::Mask begun(const State<V>& s, const Derived<V>& c) {
    return s.waited >= c.begin;
  }
  template <class V>
  static V moved(typename V::Mask on, V x, V keep, V take, V rest, V input) {
    return select(on, rest + fma(keep, x - rest, take * input), x);
  }
  /// All stages under the inputs u_1 to u_4 and m, by keep and take of the exact solution or Euler.
  template <class V>
  static void move(State<V>& s, const Derived<V>& c, V Stage<V>::*keep, V Stage<V>::*take,
                   const std::array<V, 5>& u) {
    const auto on = begun(s, c);
    const auto stage = [&](V x, const Stage<V>& k, V input) {
      return moved(on, x, k.*keep, k.*take, k.rest, input);
    };
    s.x_1 = stage(s.x_1, c.stage_1, u[0]);
    s.x_2 = stage(s.x_2, c.stage_2, s.x_1 + c.bias_2 + u[1]);
    s.x_3 = stage(s.x_3, c.stage_3, s.x_2 + c.bias_3 + u[2]);
    s.x_4 = stage(s.x_4, c.stage_4, s.x_3 + c.bias_4 + u[3]);
    s.v = stage(s.v, c.membrane, s.x_4 + c.bias + u[4]);
    s.waited = select(on, s.waited, s.waited + c.dt);
  }
  template <class V>
  static typename V::Mask spike(State<V>& s, const Derived<V>& c, typename V::Mask on) {
    const auto fired = on & (s.v > c.v_threshold);
    s.v = select(fired, fma(c.subtract, s.v - c.v_threshold, c.v_reset), s.v);
    return fired;
  }
  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    const auto on = begun(s, c);
    move(s, c, &Stage<V>::keep, &Stage<V>::take,
         {in.sum[0] + in.current, V(0.0), in.sum[2], in.sum[3], in.sum[1]});
    return spike(s, c, on);
  }
  template <class V>
  static void exponential_euler(State<V>& s, const Derived<V>& c, V current) {
    move(s, c, &Stage<V>::euler_keep, &Stage<V>::euler_take,
         {current, V(0.0), V(0.0), V(0.0), V(0.0)});
  }
  template <class V>
  static V add(typename V::Mask on, V& x, V change) {
    x = select(on, x + change, x);
    return change;
  }
  /// What arrives goes through all stages from its own on, as if it had been there before.
  template <class V>
  static typename V::Mask settle(State<V>& s, const State<V>& before, const Derived<V>& c,
                                 const Input<V>& in) {
    const auto on = begun(before, c);
    V arrived = add(on, s.x_1, c.stage_1.euler_take * in.sum[0]);
    arrived = add(on, s.x_2, c.stage_2.euler_take * arrived);
    arrived = add(on, s.x_3, c.stage_3.euler_take * (arrived + in.sum[2]));
    arrived = add(on, s.x_4, c.stage_4.euler_take * (arrived + in.sum[3]));
    add(on, s.v, c.membrane.euler_take * (arrived + in.sum[1]));
    return spike(s, c, on);
  }
};
RANVIER_REGISTER(NeuronModel, nir_chain, NirChain)
