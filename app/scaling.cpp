#include "app/scaling.h"

#include <fmt/core.h>

#include "app/catalogue.h"
#include "app/interval_recorder.h"
#include "app/prepare.h"
#include "core/error.h"
#include "core/grow.h"
#include "core/plan.h"
#include "core/titles.h"

namespace ranvier::app {
namespace {

/// A rank's average share of the plan.
RankBytes estimated(const Layout& layout, const Plan& plan) {
  const double ranks = layout.partition.ranks;
  RankBytes bytes;
  for (const PlanPart& p : plan.populations) bytes.share.neurons += p.bytes / ranks;
  for (const PlanPart& p : plan.projections) {
    bytes.share.rows += (p.bytes - p.headers) / ranks;
    bytes.share.headers += p.headers / ranks;
  }
  bytes.share.calendars = plan.calendar_bytes / ranks;
  bytes.share.exchange = plan.exchange_bytes / ranks;
  bytes.recorder = plan.recorder_bytes / ranks;
  return bytes;
}

void measure(const Document& document, const Layout& layout, const ScalingOptions& options,
             ScalingPoint& point) {
  require_share(point, available_memory());
  point.is_measured = true;
  point.rank = point.ranks / 2;
  Workers workers(options.threads);
  point.share = with_name_of(document, [&] {
    return build_share(layout, {point.rank, options.rate, options.span}, workers);
  });
  point.measured.share = point.share.bytes;
  const double heap = heap_bytes();
  const IntervalRecorder recorder(layout, point.rank, nullptr);
  point.measured.recorder = heap_bytes() - heap;
  point.exchange_seconds = exchange_seconds(point.share, point.ranks, options.wire);
}

double mb(double bytes) { return bytes * 1e-6; }

std::string bytes_line(const char* what, const RankBytes& b) {
  return fmt::format("{:<12} {:>9.2f} {:>10.2f} {:>9.2f} {:>10.2f} {:>9.2f} {:>9.2f} {:>10.2f}\n",
                     what, mb(b.share.neurons), mb(b.share.rows), mb(b.share.headers),
                     mb(b.share.calendars), mb(b.share.exchange), mb(b.recorder), mb(b.total()));
}

Json bytes_json(const RankBytes& b) {
  return Json::object({{"neurons", b.share.neurons},
                       {"rows", b.share.rows},
                       {"header_tables", b.share.headers},
                       {"calendars", b.share.calendars},
                       {"exchange_tables", b.share.exchange},
                       {"recorder", b.recorder},
                       {"total", b.total()}});
}

}  // namespace

ScalingPoint scaling_point(const Document& document, int ranks, const ScalingOptions& options) {
  const Network network = options.grow ? grown(document.network, ranks) : document.network;
  const Layout layout = with_name_of(document, [&] {
    return make_layout(network, document.run, catalogue(), {ranks, options.threads, false});
  });
  ScalingPoint point;
  point.ranks = ranks;
  const Plan plan = make_plan(layout);
  for (const PlanPart& p : plan.populations) point.neurons += p.count;
  for (const PlanPart& p : plan.projections) point.synapses += p.count;
  point.estimate = estimated(layout, plan);
  point.building = plan.building_bytes / ranks;
  if (options.measure) measure(document, layout, options, point);
  return point;
}

void require_share(const ScalingPoint& point, double available) {
  const double needed = point.estimate.total() + point.building;
  if (available <= 0 || needed <= available) return;
  throw Error(
      ErrorKind::capacity,
      fmt::format("--measure: a rank's share of {} needs about {:.0f} MB while it is built, "
                  "{:.0f} MB are available: use more ranks, or a smaller network",
                  point.ranks, needed * 1e-6, available * 1e-6));
}

std::string scaling_table(const std::vector<ScalingPoint>& points) {
  std::string text;
  for (const ScalingPoint& p : points) {
    text += fmt::format("{}: neurons {:.5g}, synapses {:.5g}\n", count_of(p.ranks, "rank"),
                        p.neurons, p.synapses);
    text += fmt::format("{:<12} {:>9} {:>10} {:>9} {:>10} {:>9} {:>9} {:>10}\n", "MB a rank",
                        "neurons", "rows", "headers", "calendars", "exchange", "recorder", "sum");
    text += bytes_line("  estimated", p.estimate);
    text += fmt::format("  beside that, while it is built: {:.2f} MB\n", mb(p.building));
    if (!p.is_measured) continue;
    const Share& s = p.share;
    text += bytes_line("  measured", p.measured);
    text += fmt::format("  rank {}: {}, {} of {} ({:.1f} bytes a synapse), built in {:.2f} s\n",
                        p.rank, count_of(s.neurons, "neuron"), count_of(s.synapses, "synapse"),
                        count_of(s.sources, "source"),
                        p.measured.total() / std::max(1.0, static_cast<double>(s.synapses)),
                        s.build_seconds);
    text += fmt::format(
        "  spikes go to {}: {:.1f} messages and {:.0f} bytes in each of {:.0f} windows a second\n",
        count_of(s.neighbours, "rank"), s.messages, s.message_bytes, s.windows);
    text += fmt::format(
        "  a biological second: {:.3f} s computing (measured) + {:.3f} s exchange (model)\n",
        s.compute_seconds, p.exchange_seconds);
  }
  return text;
}

Json scaling_json(const std::vector<ScalingPoint>& points, const ScalingOptions& options) {
  Json all = Json(Json::Array{});
  for (const ScalingPoint& p : points) {
    Json point = Json::object({{"ranks", p.ranks},
                               {"neurons", p.neurons},
                               {"synapses", p.synapses},
                               {"estimated_bytes", bytes_json(p.estimate)},
                               {"building_bytes", p.building}});
    if (p.is_measured)
      point.set("rank", p.rank)
          .set("measured_bytes", bytes_json(p.measured))
          .set("share", Json::object({{"neurons", p.share.neurons},
                                      {"synapses", p.share.synapses},
                                      {"sources", p.share.sources},
                                      {"routes", p.share.routes},
                                      {"neighbours", p.share.neighbours}}))
          .set("build_seconds", p.share.build_seconds)
          .set("windows", p.share.windows)
          .set("messages_a_window", p.share.messages)
          .set("message_bytes_a_window", p.share.message_bytes)
          .set("compute_seconds", p.share.compute_seconds)
          .set("exchange_seconds", p.exchange_seconds);
    all.push_back(std::move(point));
  }
  return Json::object({{"threads", options.threads},
                       {"grow", options.grow},
                       {"rate_hz", options.rate},
                       {"latency_us", options.wire.latency * 1e6},
                       {"overhead_us", options.wire.overhead * 1e6},
                       {"bandwidth_gbps", options.wire.bandwidth * 8e-9},
                       {"points", std::move(all)}});
}

}  // namespace ranvier::app
