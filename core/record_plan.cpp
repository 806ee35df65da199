#include "core/record_plan.h"

#include <limits>

#include "core/json_reader.h"
#include "core/run_folder.h"

namespace ranvier {
namespace {

constexpr std::int64_t most = std::numeric_limits<std::int64_t>::max();

RecordedPopulation population_from(const Place& place) {
  const Fields fields(place, {"name", "first", "size", "spikes"});
  return {fields.need("name").text(), static_cast<Gid>(fields.need("first").integer(0, most)),
          fields.need("size").integer(0, most), fields.need("spikes").boolean()};
}

Report report_from(const Place& place) {
  const Fields fields(
      place, {"population", "variable", "unit", "interval", "neurons", "sources", "targets"});
  Report report;
  report.population = fields.need("population").text();
  report.variable = fields.need("variable").text();
  report.unit = fields.text("unit", "");
  report.interval = fields.need("interval").number();
  if (!(report.interval > 0)) fields.need("interval").fail("must be > 0");
  const auto numbers = [](const Place& list, std::vector<std::int64_t>& out) {
    for (std::size_t i = 0; i < list.array().size(); ++i)
      out.push_back(list.inside(i).integer(0, most));
  };
  numbers(fields.need("neurons"), report.neurons);
  report.of_projection = fields.has("sources");
  if (!report.of_projection) return report;
  numbers(fields.need("sources"), report.sources);
  numbers(fields.need("targets"), report.targets);
  if (report.sources.size() != report.neurons.size() ||
      report.targets.size() != report.neurons.size())
    place.fail("neurons, sources and targets must be of one length");
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
    report.set("neurons", Json::array(r.neurons));
    if (r.of_projection)
      report.set("sources", Json::array(r.sources)).set("targets", Json::array(r.targets));
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
    plan.reports.push_back(report_from(reports.inside(i)));
  plan.duration = fields.need("duration").number();
  return plan;
}

}  // namespace ranvier
