// nir_threshold: NIR's node Threshold, the Heaviside step. It keeps nothing from step to step.
//   v = u,   u: arriving weights and injected current of the step (neurons/nir.h)
//   v > threshold: spike
// Method: exact. Tested by tests/unit/neurons/test_nir_models.cpp.
#include "core/neuron_model.h"
#include "neurons/nir.h"

struct NirThreshold {
  static constexpr const char* summary = "NIR node Threshold: spikes while its input is above it";
  static constexpr Method methods[] = {nir::exact};
  static constexpr const char* source = nir::source;
  struct Parameters {
    double threshold = 1;
  };
  static constexpr Field<Parameters> parameters[] = {
      {"threshold", &Parameters::threshold, "1", Range::any, "an input above it spikes"}};
  template <class V>
  struct State {
    V v;
  };
  static constexpr FieldText state[] = {{"v", "1", "input of the last step"}};
  static constexpr Receptor receptors[] = {nir::input};
  template <class V>
  struct Derived {
    V threshold;
  };
  static Derived<double> derive(const Parameters& p, double) { return {p.threshold}; }
  static State<double> initial(const Parameters&) { return {0}; }
  static const char* check(const Parameters&) { return ""; }

  template <class V>
  static typename V::Mask step(State<V>& s, const Derived<V>& c, const Input<V>& in) {
    s.v = in.sum[0] + in.current;
    return s.v > c.threshold;
  }
};
RANVIER_REGISTER(NeuronModel, nir_threshold, NirThreshold)
