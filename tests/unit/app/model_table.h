// A catalogue of three models and some sources for the tests of documents: the tables alone, so
// that the tests stay as they are when models are added.
#pragma once
#include "core/source.h"
#include "encoding/encoded_source.h"

namespace ranvier::app {

inline Catalogue table_catalogue() {
  NeuronModel lif;
  lif.name = "if_curr_exp";
  const auto field = [](const char* name, const char* unit, double value, Range range) {
    return FieldInfo{name, unit, value, range, ""};
  };
  lif.parameters = {field("v_rest", "mV", -65, Range::any),
                    field("cm", "nF", 1, Range::positive),
                    field("tau_m", "ms", 20, Range::positive),
                    field("tau_refrac", "ms", 0.1, Range::not_negative),
                    field("tau_syn_E", "ms", 5, Range::positive),
                    field("tau_syn_I", "ms", 5, Range::positive),
                    field("i_offset", "nA", 0, Range::any),
                    field("v_reset", "mV", -65, Range::any),
                    field("v_thresh", "mV", -50, Range::any)};
  lif.state = {field("v", "mV", 0, Range::any), field("i_e", "nA", 0, Range::any)};
  lif.receptors = {{"excitatory", "nA"}, {"inhibitory", "nA"}};
  lif.methods = {method::exact};
  lif.make_clocked = [](const SliceSpec&) { return std::unique_ptr<ClockedSlice>(); };
  lif.make_event = [](const SliceSpec&) { return std::unique_ptr<EventSlice>(); };
  lif.check = [](std::span<const double> p) {
    return std::string(p[7] < p[8] ? "" : "v_reset must be below v_thresh");
  };
  NeuronModel hh;
  hh.name = "izhikevich";
  hh.parameters = {field("a", "1/ms", 0.02, Range::positive), field("b", "1/ms", 0.2, Range::any)};
  hh.state = {field("v", "mV", -65, Range::any), field("u", "mV/ms", -13, Range::any)};
  hh.receptors = {{"excitatory", "mV"}, {"inhibitory", "mV"}};
  hh.methods = {{"euler", ""}, method::rk_adaptive};
  hh.presets = {{"RS", {{"a", 0.02}, {"b", 0.2}}}, {"FS", {{"a", 0.1}, {"b", 0.2}}}};
  hh.make_clocked = lif.make_clocked;
  NeuronModel conductances = lif;
  conductances.name = "if_cond_exp";
  conductances.receptors = {{"excitatory", "uS"}, {"inhibitory", "uS"}};
  SourceModel poisson{
      "spike_source_poisson", "", {field("rate", "Hz", 1, Range::not_negative)}, false, nullptr};
  SourceModel array{"spike_source_array", "", {}, false, nullptr};
  SourceModel stream{"spike_source_stream", "", {}, true, nullptr};
  SourceModel events{"spike_source_events", "", {}, true, nullptr};
  return {NeuronCatalogue({conductances, lif, hh}),
          {poisson, array, events, stream, encoding::encoded_source()}};
}

}  // namespace ranvier::app
