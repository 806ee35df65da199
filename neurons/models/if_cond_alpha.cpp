// if_cond_alpha: leaky integrate-and-fire neuron, synaptic conductances of alpha shape; a spike of
// weight w makes a conductance w (t/tau) exp(1 - t/tau), whose peak w comes after tau.
//   cm dv/dt = -(cm/tau_m) (v - v_rest) - g_e (v - e_rev_E) - g_i (v - e_rev_I)
//              + i_offset + i_injected
//   dg_X/dt = y_X - g_X/tau_syn_X,  dy_X/dt = -y_X/tau_syn_X;   y_X += w e/tau_syn_X at a spike
//   v >= v_thresh: spike, v = v_reset, held for tau_refrac (conductances go on)
// Methods: magnus (default), conductances exactly, the membrane by a Magnus step of order 4
// (neurons/membrane.h); rk4 and rk_adaptive (neurons/methods.h). Dynamics, arrivals, threshold.
// PyNN: IF_cond_alpha; NEST: iaf_cond_alpha. Tested by tests/unit/neurons/test_lif_conductance.cpp.
#include "core/neuron_model.h"

struct IfCondAlpha {
  static constexpr const char* summary =
      "leaky integrate-and-fire, alpha-shaped synaptic conductances";
  static constexpr Method methods[] = {
      {"magnus", "Magnus expansion (order 4)"}, method::rk4, method::rk_adaptive};
  static constexpr const char* source =
      "Roth & van Rossum 2009; NEST iaf_cond_alpha; PyNN IF_cond_alpha";
  struct Parameters {
    double v_rest = -65, cm = 1, tau_m = 20, tau_refrac = 0.1, tau_syn_E = 0.3, tau_syn_I = 0.5,
           e_rev_E = 0, e_rev_I = -70, i_offset = 0, v_reset = -65, v_thresh = -50;
  };
  static constexpr Field<Parameters> parameters[] = {
      field::v_rest<Parameters>,
      field::cm<Parameters>,
      field::tau_m<Parameters>,
      field::tau_refrac<Parameters>,
      field::tau_syn_E<Parameters>("time to peak of the excitatory conductance"),
      field::tau_syn_I<Parameters>("time to peak of the inhibitory conductance"),
      field::e_rev_E<Parameters>,
      field::e_rev_I<Parameters>,
      field::i_offset<Parameters>,
      field::v_reset<Parameters>,
      field::v_thresh<Parameters>};
  template <class V>
  struct State {
    V v, g_e, y_e, g_i, y_i, refractory;
  };
  static constexpr FieldText state[] = {field::v,
                                        field::g_e,
                                        {"y_e", "uS/ms", "rise of the excitatory conductance"},
                                        field::g_i,
                                        {"y_i", "uS/ms", "rise of the inhibitory conductance"},
                                        field::refractory};
  static constexpr Receptor receptors[] = {{"excitatory", "uS"}, {"inhibitory", "uS"}};
  /// t_1, t_2: Gauss's two points; the decays at them carry the 1/cm, so that rates are g/cm in
  /// 1/ms.
  template <class V>
  struct Derived {
    V dt, t_1, t_2, leak, per_cm, e_1, e_2, p_ee, jump_e, i_1, i_2, p_ii, jump_i, drive_e, drive_i,
        v_rest, i_offset, v_reset, v_thresh, refractory_steps, per_tau_e, per_tau_i;
  };
  static Derived<double> derive(const Parameters& p, double dt) {
    constexpr double e = 2.718281828459045;
    const double t_1 = exact::first_point(dt), t_2 = exact::second_point(dt);
    return {dt,
            t_1,
            t_2,
            1 / p.tau_m,
            1 / p.cm,
            exact::decay(t_1, p.tau_syn_E) / p.cm,
            exact::decay(t_2, p.tau_syn_E) / p.cm,
            exact::decay(dt, p.tau_syn_E),
            e / p.tau_syn_E,
            exact::decay(t_1, p.tau_syn_I) / p.cm,
            exact::decay(t_2, p.tau_syn_I) / p.cm,
            exact::decay(dt, p.tau_syn_I),
            e / p.tau_syn_I,
            p.e_rev_E - p.v_rest,
            p.e_rev_I - p.v_rest,
            p.v_rest,
            p.i_offset,
            p.v_reset,
            p.v_thresh,
            exact::steps(p.tau_refrac, dt),
            1 / p.tau_syn_E,
            1 / p.tau_syn_I};
  }
  static State<double> initial(const Parameters& p) { return {p.v_rest, 0, 0, 0, 0, 0}; }
  static const char* check(const Parameters& p) { return field::reset_below_threshold(p); }

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    const V current = c.per_cm * (c.i_offset + in.current);
    const V e_1 = c.e_1 * fma(c.t_1, s.y_e, s.g_e), e_2 = c.e_2 * fma(c.t_2, s.y_e, s.g_e);
    const V i_1 = c.i_1 * fma(c.t_1, s.y_i, s.g_i), i_2 = c.i_2 * fma(c.t_2, s.y_i, s.g_i);
    const V moved = membrane_step(
        s.v - c.v_rest, c.dt, c.leak + e_1 + i_1, fma(e_1, c.drive_e, fma(i_1, c.drive_i, current)),
        c.leak + e_2 + i_2, fma(e_2, c.drive_e, fma(i_2, c.drive_i, current)));
    move_unless_refractory(s, c.v_rest + moved);
    s.g_e = c.p_ee * fma(c.dt, s.y_e, s.g_e);
    s.y_e = fma(c.p_ee, s.y_e, c.jump_e * in.sum[0]);
    s.g_i = c.p_ii * fma(c.dt, s.y_i, s.g_i);
    s.y_i = fma(c.p_ii, s.y_i, c.jump_i * in.sum[1]);
    return spike_at_threshold(s, c);
  }

  template <class V>
  static State<V> slope(const State<V>& s, const Derived<V>& c, V current) {
    const V u = s.v - c.v_rest;
    const V synaptic = fma(s.g_e, c.drive_e - u, s.g_i * (c.drive_i - u));
    const V v = fma(c.per_cm, c.i_offset + current + synaptic, -(c.leak * u));
    return {select(s.refractory > V(0.0), V(0.0), v),
            s.y_e - c.per_tau_e * s.g_e,
            -(c.per_tau_e * s.y_e),
            s.y_i - c.per_tau_i * s.g_i,
            -(c.per_tau_i * s.y_i),
            V(0.0)};
  }

  template <class V>
  static typename V::Mask settle(State<V>& s, const State<V>&, const Derived<V>& c,
                                 const Input<V>& in) {
    move_unless_refractory(s, s.v);
    s.y_e = fma(c.jump_e, in.sum[0], s.y_e);
    s.y_i = fma(c.jump_i, in.sum[1], s.y_i);
    return spike_at_threshold(s, c);
  }
};
RANVIER_REGISTER(NeuronModel, if_cond_alpha, IfCondAlpha)
