// ranvier info: what this build can do.
#include <fmt/format.h>

#include <thread>

#include "app/catalogue.h"
#include "app/command.h"
#include "app/options.h"
#include "core/comm/mpi_library.h"
#include "core/error.h"
#include "core/math.h"
#include "encoding/codes.h"
#include "encoding/event_file.h"
#include "generated/version.h"

namespace ranvier::app {
namespace {

void print_fields(const char* title, const std::vector<FieldInfo>& fields) {
  if (fields.empty()) return;
  fmt::print("\n{}\n  {:<14} {:>12} {:<12} {}\n", title, "name", "default", "unit", "meaning");
  for (const FieldInfo& f : fields) {
    const std::string bound = f.range == Range::any ? "" : fmt::format(" ({})", describe(f.range));
    fmt::print("  {:<14} {:>12} {:<12} {}{}\n", f.name, f.default_value, f.unit, f.meaning, bound);
  }
}

void print_presets(const NeuronModel& model) {
  if (model.presets.empty()) return;
  fmt::print("\npresets\n");
  for (const auto& [name, values] : model.presets) {
    std::string line;
    for (const auto& [field, value] : values)
      line += fmt::format("{}{} {}", line.empty() ? "" : ", ", field, value);
    fmt::print("  {:<14} {}\n", name, line);
  }
}

/// What a population of a source has beside parameters, by the names of the network document.
struct SourceField {
  const char *model, *name, *meaning;
};
constexpr SourceField source_fields[] = {
    {"spike_source_array", "spike_times", "a list a source (ms), or a SONATA file and population"},
    {"spike_source_encoded", "values", "samples of numbers: lists, or a .npy, .csv or .h5 file"},
    {"spike_source_encoded", "options/code", "the code (`ranvier info codes`); no default"},
    {"spike_source_encoded", "options/window", "ms a sample; 100"},
    {"spike_source_encoded", "options/gap", "ms of silence after each sample; 0"},
    {"spike_source_encoded", "options/dt", "ms, grid of the spikes; 0: nanoseconds"},
    {"spike_source_encoded", "options/steps", "numbers a channel in a sample of a signal"},
    {"spike_source_encoded", "options/...", "the code's parameters (`ranvier info codes NAME`)"},
    {"spike_source_events", "file", "the recording; of `replay` the command line's"},
    {"spike_source_events", "options/width", "pixels"},
    {"spike_source_events", "options/height", "pixels"},
    {"spike_source_events", "options/polarity", "merge (default), on, off or split"},
    {"spike_source_events", "options/filter",
     "filters, apart by blanks (`ranvier events filters`)"},
    {"spike_source_events", "options/format", "of the recording, where its bytes do not tell"},
    {"spike_source_stream", "file", "a text file or pipe; -: standard input"},
};

void print_source(const SourceModel& source) {
  fmt::print("{}: {}\n", source.name, source.summary);
  print_fields("parameters", source.parameters);
  const char* title = "\nfields of the population\n";
  for (const SourceField& f : source_fields)
    if (source.name == f.model) {
      fmt::print("{}  {:<18} {}\n", title, f.name, f.meaning);
      title = "";
    }
}

void print_model(const std::string& name) {
  if (const SourceModel* source = catalogue().find_source(name)) return print_source(*source);
  const NeuronModel* model = catalogue().neurons.find(name);
  if (!model)
    throw Error(ErrorKind::usage,
                fmt::format("unknown model \"{}\"{}", name, catalogue().near_model(name)));
  fmt::print("{}: {}\nsource: {}\nadvance: {}\n", model->name, model->summary, model->source,
             model->make_event ? "clocked, event" : "clocked");
  fmt::print("\nmethods of integration (the first is the default)\n");
  for (const Method& m : model->methods) fmt::print("  {:<18} {}\n", m.name, m.text);
  print_fields("parameters", model->parameters);
  print_presets(*model);
  print_fields("state", model->state);
  fmt::print("\nreceptors\n");
  for (const Receptor& r : model->receptors) fmt::print("  {:<14} weights in {}\n", r.name, r.unit);
}

void print_code(const std::string& name) {
  const encoding::Code& code = encoding::code_named(name);
  static constexpr const char* inputs[] = {"values in [0, 1], one a channel and sample",
                                           "signals, [steps, channels] a sample",
                                           "signals in [0, 1], [steps, channels] a sample"};
  fmt::print("{}: {}\nsource: {}\nencodes: {}\nspike channels of a channel: {}\n", code.name,
             code.summary, code.source, inputs[static_cast<std::size_t>(code.input)],
             encoding::outputs_a_channel({code.name}));
  fmt::print("error of a round trip: {}\n", code.error);
  print_fields("parameters", code.parameters);
}

void print_codes() {
  fmt::print("codes\n");
  for (const encoding::Code& c : encoding::codes()) fmt::print("  {:<31} {}\n", c.name, c.summary);
}

void print_rule(const std::string& name) {
  const SynapseRule* rule = catalogue().find_rule(name);
  if (!rule) {
    std::vector<std::string> known;
    for (const SynapseRule& r : catalogue().rules) known.push_back(r.name);
    throw Error(ErrorKind::usage,
                fmt::format("unknown rule \"{}\"{}", name, did_you_mean(name, known)));
  }
  fmt::print("{}: {}\nsource: {}\nbytes a synapse: {} (compact), {} (exact)\n", rule->name,
             rule->summary, rule->source, rule->bytes(true, 0), rule->bytes(false, 0));
  print_fields("parameters", rule->parameters);
  for (const ChoiceInfo& choice : rule->choices)
    fmt::print("  {:<14} {} ({})\n", choice.name, choice.meaning, fmt::join(choice.words, ", "));
  if (!rule->uniform.empty())
    fmt::print("one number for the whole projection: {}\n", fmt::join(rule->uniform, ", "));
  for (const auto* variables : {&rule->trace, &rule->synapse})
    for (const RuleVariable& v : *variables)
      fmt::print("state: {:<14} {} (one a {}{})\n", v.name, v.meaning,
                 variables == &rule->trace ? "source" : "synapse",
                 *v.unit ? fmt::format(", {}", v.unit) : "");
}

void print_rules() {
  fmt::print("rules of synapses (beside static)\n");
  for (const SynapseRule& rule : catalogue().rules)
    fmt::print("  {:<31} {}\n", rule.name, rule.summary);
}

int run(const std::vector<std::string>& words) {
  Options options(
      "info [models|rules|codes [NAME]]",
      "Prints what this build can do: compiler, SIMD and MPI; models, rules of synapses and codes\n"
      "and their parameters with units; event formats.");
  options.positional({"TOPIC", "NAME"}, 0);
  if (!options.parse(words)) return 0;
  const std::string topic = options.get("TOPIC");
  if (!topic.empty() && topic != "models" && topic != "rules" && topic != "codes")
    throw Error(ErrorKind::usage,
                fmt::format("unknown topic \"{}\"; accepted: models, rules, codes", topic));
  if (options.has("NAME")) {
    const auto print_one = topic == "rules"   ? print_rule
                           : topic == "codes" ? print_code
                                              : print_model;
    print_one(options.get("NAME"));
    return 0;
  }
  if (topic == "rules" || topic == "codes") {
    topic == "rules" ? print_rules() : print_codes();
    return 0;
  }
  if (topic.empty())
    fmt::print("ranvier {}\nbuild: {}, {}\nSIMD: {}\nMPI: {}\nprocessors: {}\n\n", version,
               build_type, compiler, math::simd_target(), mpi_library(),
               std::thread::hardware_concurrency());
  fmt::print("neuron models\n");
  for (const NeuronModel& m : catalogue().neurons.all())
    fmt::print("  {:<31} {}\n", m.name, m.summary);
  fmt::print("spike sources\n");
  for (const SourceModel& s : catalogue().sources) fmt::print("  {:<31} {}\n", s.name, s.summary);
  if (topic.empty()) {
    print_rules();
    print_codes();
    fmt::print("event formats\n");
    for (const encoding::Format& f : encoding::formats())
      fmt::print("  {:<31} {}\n", f.name, f.summary);
  }
  return 0;
}

}  // namespace

Command info_command() { return {"info", "what this build can do", run}; }

}  // namespace ranvier::app
