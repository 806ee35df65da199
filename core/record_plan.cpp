#include "core/record_plan.h"

#include <fmt/core.h>

#include <limits>
#include <span>

#include "core/error.h"
#include "core/json_reader.h"
#include "core/raw_file.h"
#include "core/run_folder.h"

namespace ranvier {
namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

RecordedPopulation population_from(const Place& place) {
  const Fields fields(place, {"name", "first", "size", "spikes"});
  return {fields.need("name").text(), static_cast<Gid>(fields.need("first").integer(0, most)),
          fields.need("size").integer(0, most), fields.need("spikes").boolean()};
}

/// Numbers, sources, then targets: as they are, since there may be many millions.
void save_synapses(const std::filesystem::path& path, const Report& report) {
  RawFile file = RawFile::create(path);
  for (const auto* column : {&report.neurons, &report.sources, &report.targets})
    file.append(std::as_bytes(std::span(*column)));
}

void load_synapses(const std::filesystem::path& path, Report& report) {
  const RawFile file = RawFile::open(path);
  const std::uint64_t bytes = file.size();
  if (bytes % 24 != 0)
    throw Error(ErrorKind::parse,
                fmt::format("{}: {} bytes, must be 24 a synapse", path.string(), bytes));
  std::uint64_t at = 0;
  for (auto* column : {&report.neurons, &report.sources, &report.targets}) {
    column->resize(bytes / 24);
    at += file.read_at(at, std::as_writable_bytes(std::span(*column)));
  }
}

Report report_from(const Place& place, const std::filesystem::path& folder) {
  const Fields fields(place, {"population", "variable", "unit", "interval", "neurons", "synapses"});
  Report report;
  report.population = fields.need("population").text();
  report.variable = fields.need("variable").text();
  report.unit = fields.text("unit", "");
  report.interval = fields.need("interval").number();
  if (!(report.interval > 0)) fields.need("interval").fail("must be > 0");
  report.of_projection = fields.has("synapses");
  if (report.of_projection) {
    load_synapses(folder / fields.need("synapses").text(), report);
    return report;
  }
  const Place neurons = fields.need("neurons");
  for (std::size_t i = 0; i < neurons.array().size(); ++i)
    report.neurons.push_back(neurons.inside(i).integer(0, most));
  return report;
}

}  // namespace

void save_record_plan(const std::filesystem::path& path, const RecordPlan& plan) {
  Json populations = Json(Json::Array{}), reports = Json(Json::Array{});
  for (const RecordedPopulation& p : plan.populations)
    populations.push_back(Json::object({{"name", p.name},
                                        {"first", static_cast<std::int64_t>(p.first)},
                                        {"size", p.size},
                                        {"spikes", p.spikes}}));
  for (const Report& r : plan.reports) {
    Json report = Json::object({{"population", r.population}, {"variable", r.variable}});
    if (!r.unit.empty()) report.set("unit", r.unit);
    report.set("interval", r.interval);
    if (r.of_projection) {
      const std::string name = fmt::format("plan.synapses-{}", &r - plan.reports.data());
      save_synapses(path.parent_path() / name, r);
      report.set("synapses", name);
    } else {
      report.set("neurons", Json::array(r.neurons));
    }
    reports.push_back(std::move(report));
  }
  write_file(path, to_text(Json::object({{"populations", std::move(populations)},
                                         {"reports", std::move(reports)},
                                         {"duration", plan.duration}})));
}

RecordPlan load_record_plan(const std::filesystem::path& path) {
  const JsonLimits limits{.bytes = std::size_t{4} << 30};
  const Json json = parse_json(read_text(path, limits.bytes), path.string(), limits);
  const Fields fields(Place(json, path.string()), {"populations", "reports", "duration"});
  RecordPlan plan;
  const Place populations = fields.need("populations"), reports = fields.need("reports");
  for (std::size_t i = 0; i < populations.array().size(); ++i)
    plan.populations.push_back(population_from(populations.inside(i)));
  for (std::size_t i = 0; i < reports.array().size(); ++i)
    plan.reports.push_back(report_from(reports.inside(i), path.parent_path()));
  plan.duration = fields.need("duration").number();
  return plan;
}

}  // namespace ranvier
