// A Document as JSON text, the inverse of loading: every field that differs from its default is
// written, in a fixed order, doubles in the shortest form that reads back as the same bits. A
// DataSink, where given, takes arrays too long for JSON.
#include "app/document_write.h"

#include "core/error.h"
#include "core/sha256.h"
#include "core/titles.h"

#include <fmt/core.h>

#include <cmath>

namespace ranvier::app {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

struct Writer {
  DataSink* sink;

  Json numbers(const std::string& name, const std::vector<double>& values) const {
    if (sink && values.size() > long_array) return sink->numbers(name, values);
    return Json::array(values);
  }
  Json indices(const std::string& name, const std::vector<std::int64_t>& values) const {
    if (sink && values.size() > long_array)
      return sink->numbers(name, {values.begin(), values.end()});
    return Json::array(values);
  }
  Json value(const std::string& name, const Value& value) const;
  Json population(const Population& population) const;
  Json synapse(const std::string& folder, const Projection& projection) const;
  Json projection(const Projection& projection, std::size_t index) const;
  Json stimulus(const Stimulus& stimulus, std::size_t index) const;
  Json probe(const Probe& probe, std::size_t index) const;
};

Json law(const Distribution& d) {
  using Kind = Distribution::Kind;
  Json json;
  const bool bounded = std::isfinite(d.low) || std::isfinite(d.high);
  if (d.kind == Kind::uniform) {
    if (bounded)
      throw Error(ErrorKind::unsupported,
                  "a document has no bounds for a uniform law beside its own low and high");
    return json.set("distribution", "uniform").set("low", d.a).set("high", d.b);
  }
  if (d.kind == Kind::normal) json.set("distribution", "normal").set("mean", d.a).set("sd", d.b);
  if (d.kind == Kind::lognormal)
    json.set("distribution", "lognormal").set("mu", d.a).set("sigma", d.b);
  if (d.kind == Kind::exponential) json.set("distribution", "exponential").set("mean", d.a);
  if (std::isfinite(d.low)) json.set("low", d.low);
  if (std::isfinite(d.high)) json.set("high", d.high);
  if (d.bounds == Distribution::Bounds::clip) json.set("bounds", "clip");
  return json;
}

Json function(const DistanceFunction& f) {
  using Kind = DistanceFunction::Kind;
  Json json;
  json.set("function", f.kind == Kind::linear        ? "linear"
                       : f.kind == Kind::exponential ? "exponential"
                                                     : "gaussian");
  json.set("a", f.a).set("b", f.b);
  if (std::isfinite(f.low)) json.set("low", f.low);
  if (std::isfinite(f.high)) json.set("high", f.high);
  return json;
}

Json Writer::value(const std::string& name, const Value& value) const {
  if (const double* one = std::get_if<double>(&value)) return *one;
  if (const Array* array = std::get_if<Array>(&value)) return numbers(name, **array);
  if (const Distribution* d = std::get_if<Distribution>(&value)) return law(*d);
  return function(std::get<DistanceFunction>(value));
}

const char* name_of(Storage storage) {
  return storage == Storage::automatic ? "auto" : storage == Storage::compact ? "compact" : "exact";
}

Json positions(const Writer& writer, const Population& population) {
  if (writer.sink && population.positions.size() > long_array) {
    std::vector<double> flat;
    for (const Position& point : population.positions)
      flat.insert(flat.end(), point.begin(), point.end());
    return writer.sink->numbers("populations/" + population.name + "/positions", flat);
  }
  Json::Array points;
  for (const Position& p : population.positions)
    points.push_back(Json::array(std::vector<double>(p.begin(), p.end())));
  return points;
}

Json spike_times(const Writer& writer, const Population& population) {
  std::size_t total = 0;
  for (const auto& train : population.spike_times) total += train.size();
  if (writer.sink && total > long_array)
    return writer.sink->trains(population.name, population.spike_times);
  Json::Array trains;
  for (const auto& train : population.spike_times) trains.push_back(Json::array(train));
  return trains;
}

Json Writer::population(const Population& p) const {
  const std::string folder = "populations/" + p.name + "/";
  Json json;
  json.set("model", p.model).set("size", p.size);
  const auto table = [this](const std::string& prefix, const std::map<std::string, Value>& values) {
    Json fields = Json::object();
    for (const auto& [name, one] : values) fields.set(name, value(prefix + name, one));
    return fields;
  };
  if (!p.parameters.empty()) json.set("parameters", table(folder + "parameters/", p.parameters));
  if (!p.initial.empty()) json.set("initial", table(folder + "initial/", p.initial));
  if (!p.spike_times.empty()) json.set("spike_times", spike_times(*this, p));
  if (p.values) json.set("values", value(folder + "values", p.values));
  if (!p.file.empty()) json.set("file", sink ? sink->file_name(p.file) : p.file);
  if (!p.options.empty()) {
    Json options = Json::object();
    for (const auto& [key, text] : p.options) options.set(key, text);
    json.set("options", options);
  }
  if (!p.positions.empty()) json.set("positions", positions(*this, p));
  if (!p.method.empty()) json.set("method", p.method);
  if (p.advance != Advance::clocked)
    json.set("advance", p.advance == Advance::event ? "event" : "auto");
  if (p.precision != Precision::automatic)
    json.set("precision", p.precision == Precision::single_ ? "single" : "double");
  return json;
}

Json connector(const Writer& writer, const Connector& c, const std::string& folder) {
  using Rule = Connector::Rule;
  static constexpr const char* names[] = {
      "all_to_all",         "one_to_one", "fixed_probability",  "fixed_indegree", "fixed_outdegree",
      "fixed_total_number", "list",       "distance_dependent", "small_world"};
  Json json;
  json.set("rule", names[static_cast<std::size_t>(c.rule)]);
  if (c.rule == Rule::fixed_probability) json.set("probability", c.probability);
  if (c.rule == Rule::distance_dependent) json.set("probability", function(c.distance));
  const bool degree = c.rule == Rule::fixed_indegree || c.rule == Rule::fixed_outdegree ||
                      c.rule == Rule::fixed_total_number;
  if (degree || c.rule == Rule::small_world) json.set("number", c.number);
  if (c.rule == Rule::small_world) json.set("rewiring", c.rewiring);
  if (!c.self_connections) json.set("self_connections", false);
  if (degree && !c.multiple_connections) json.set("multiple_connections", false);
  if (c.procedural) json.set("procedural", true);
  if (c.rule != Rule::list) return json;
  RANVIER_ASSERT(c.sources && c.targets && c.sources->size() == c.targets->size(),
                 "a list of connections without its indices");
  if (writer.sink && c.sources->size() > long_array)
    return writer.sink->connections(folder + "/connections", *c.sources, *c.targets);
  Json::Array rows;
  for (std::size_t i = 0; i < c.sources->size(); ++i)
    rows.push_back(Json::Array{std::int64_t{(*c.sources)[i]}, std::int64_t{(*c.targets)[i]}});
  return json.set("connections", rows);
}

Json Writer::synapse(const std::string& folder, const Projection& p) const {
  if (p.parameters.empty() && p.options.empty()) return p.synapse;
  Json json;
  json.set("model", p.synapse);
  for (const auto& [name, word] : p.options) json.set(name, word);
  for (const auto& [name, one] : p.parameters) json.set(name, value(folder + name, one));
  return json;
}

Json Writer::projection(const Projection& p, std::size_t index) const {
  const std::string folder = fmt::format("projections/{}", index);
  Json json;
  if (!p.name.empty()) json.set("name", p.name);
  json.set("source", p.source).set("target", p.target);
  json.set("connector", connector(*this, p.connector, folder));
  if (p.synapse != "static") json.set("synapse", synapse(folder + "/synapse/", p));
  json.set("weight", value(folder + "/weight", p.weight))
      .set("delay", value(folder + "/delay", p.delay));
  if (!p.receptor.empty()) json.set("receptor", p.receptor);
  if (p.stream) json.set("stream", *p.stream);
  return json;
}

Json Writer::stimulus(const Stimulus& s, std::size_t index) const {
  using Type = Stimulus::Type;
  const std::string folder = fmt::format("stimuli/{}/", index);
  Json json;
  json.set("type", name_of(s.type));
  if (!s.name.empty()) json.set("name", s.name);
  json.set("target", s.target);
  if (!s.neurons.empty()) json.set("neurons", indices(folder + "neurons", s.neurons));
  if (s.start != 0) json.set("start", s.start);
  if (std::isfinite(s.stop)) json.set("stop", s.stop);
  if (s.type == Type::poisson && s.times.empty()) json.set("rate", value(folder + "rate", s.rate));
  if (!s.times.empty())
    json.set("times", numbers(folder + "times", s.times))
        .set("values", numbers(folder + "values", s.values));
  if (s.type == Type::poisson) json.set("weight", s.weight);
  if (!s.receptor.empty()) json.set("receptor", s.receptor);
  if (s.type == Type::dc || s.type == Type::ac)
    json.set("amplitude", value(folder + "amplitude", s.amplitude));
  if (s.type == Type::ac)
    json.set("offset", s.offset).set("frequency", s.frequency).set("phase", s.phase);
  if (s.type == Type::noise)
    json.set("mean", s.mean).set("stdev", s.stdev).set("interval", s.interval);
  return json;
}

Json Writer::probe(const Probe& p, std::size_t index) const {
  Json json;
  if (!p.projection.empty()) {
    json.set("projection", p.projection);
    if (p.variables != std::vector<std::string>{"weight"})
      json.set("variables", Json::array(p.variables));
    return json.set("interval", p.interval);
  }
  json.set("population", p.population).set("variables", Json::array(p.variables));
  if (!p.neurons.empty())
    json.set("neurons", indices(fmt::format("probes/{}/neurons", index), p.neurons));
  if (p.interval != 0) json.set("interval", p.interval);
  return json;
}

}  // namespace

Json document_json(const Document& document, DataSink* sink) {
  const Writer writer{sink};
  Json json, run, populations = Json::object();
  json.set("ranvier", 1);
  if (!document.description.empty()) json.set("description", document.description);
  run.set("duration", document.run.duration)
      .set("dt", document.run.dt)
      .set("seed", document.run.seed);
  if (document.run.storage != Storage::automatic) run.set("storage", name_of(document.run.storage));
  json.set("run", run);
  const Network& network = document.network;
  for (const Population& population : network.populations)
    populations.set(population.name, writer.population(population));
  json.set("populations", populations);
  const auto list = [&json](const char* key, const auto& items, const auto& each) {
    Json::Array array;
    for (std::size_t i = 0; i < items.size(); ++i) array.push_back(each(items[i], i));
    if (!array.empty()) json.set(key, array);
  };
  list("projections", network.projections,
       [&writer](const Projection& p, std::size_t i) { return writer.projection(p, i); });
  list("stimuli", network.stimuli,
       [&writer](const Stimulus& s, std::size_t i) { return writer.stimulus(s, i); });
  list("probes", network.probes,
       [&writer](const Probe& p, std::size_t i) { return writer.probe(p, i); });
  return json;
}

namespace {

template <class T>
void add_array(Sha256& sha, const std::vector<T>& values) {
  const std::uint64_t size = values.size();
  sha.add(&size, sizeof size);
  sha.add(values.data(), values.size() * sizeof(T));
}

/// Hashes what is too long for JSON.
class HashSink final : public DataSink {
 public:
  explicit HashSink(Sha256& sha) : sha_(&sha) {}
  Json numbers(const std::string& name, const std::vector<double>& values) override {
    add_array(*sha_, values);
    return name;
  }
  Json trains(const std::string& population,
              const std::vector<std::vector<double>>& trains) override {
    for (const std::vector<double>& train : trains) add_array(*sha_, train);
    return population;
  }
  Json connections(const std::string& group, const std::vector<std::uint32_t>& sources,
                   const std::vector<std::uint32_t>& targets) override {
    add_array(*sha_, sources);
    add_array(*sha_, targets);
    return group;
  }
  std::string file_name(const std::string& given) override { return given; }

 private:
  Sha256* sha_;
};

/// Tells the length and the hash of what is too long for JSON.
class BriefSink final : public DataSink {
 public:
  Json numbers(const std::string&, const std::vector<double>& values) override {
    Sha256 sha;
    add_array(sha, values);
    return told(Json::object(), values.size(), sha);
  }
  Json trains(const std::string&, const std::vector<std::vector<double>>& trains) override {
    Sha256 sha;
    std::size_t length = 0;
    for (const std::vector<double>& train : trains) {
      add_array(sha, train);
      length += train.size();
    }
    return told(Json::object(), length, sha);
  }
  Json connections(const std::string&, const std::vector<std::uint32_t>& sources,
                   const std::vector<std::uint32_t>& targets) override {
    Sha256 sha;
    add_array(sha, sources);
    add_array(sha, targets);
    return told(Json::object({{"rule", "list"}}), sources.size(), sha);
  }
  std::string file_name(const std::string& given) override { return given; }

 private:
  static Json told(Json json, std::size_t length, Sha256& sha) {
    return json.set("length", static_cast<std::int64_t>(length)).set("sha256", sha.hex());
  }
};

}  // namespace

std::string document_hash(const Document& document) {
  Sha256 sha;
  HashSink sink(sha);
  const std::string text = to_text(document_json(document, &sink));
  sha.add(text.data(), text.size());
  return sha.hex();
}

std::string brief_json(const Document& document) {
  BriefSink sink;
  return to_text(document_json(document, &sink));
}

std::string to_json(const Document& document) { return to_text(document_json(document, nullptr)); }

}  // namespace ranvier::app
