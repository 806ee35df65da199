// The equations of if_cond_exp and if_cond_alpha as an adaptive integration takes them.
#pragma once
#include <vector>

namespace ranvier::neurons::testing {

using Vector = std::vector<double>;

/// PyNN's defaults with tau_syn_E 2 ms, tau_syn_I 5 ms and i_offset 0.2 nA; y = v, g_e, y_e, g_i,
/// y_i (alpha) or v, g_e, g_i.
inline auto conductance_slopes(bool alpha) {
  return [alpha](const Vector& y, Vector& dy) {
    const std::size_t i = alpha ? 3 : 2;
    dy[0] = -(y[0] + 65) / 20 - y[1] * y[0] - y[i] * (y[0] + 70) + 0.2;
    dy[1] = (alpha ? y[2] : 0) - y[1] / 2;
    dy[i] = (alpha ? y[4] : 0) - y[i] / 5;
    if (!alpha) return;
    dy[2] = -y[2] / 2;
    dy[4] = -y[4] / 5;
  };
}

}  // namespace ranvier::neurons::testing
