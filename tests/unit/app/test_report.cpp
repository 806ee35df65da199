// The report page and its statistics. Expected numbers are closed forms: a clock has rate 1/T and
// CV 0; intervals a, b in turn have CV |a - b| / (a + b) when there are as many of each; uniform
// counts fill histogram bins equally.
#include "app/command.h"
#include "app/report/charts.h"
#include "app/report/event_image.h"
#include "app/report/report.h"
#include "app/report/statistics.h"
#include "core/comm/comm.h"
#include "core/json.h"
#include "tests/catch.h"

#include <unistd.h>

#include <algorithm>
#include <filesystem>

using namespace ranvier;
using namespace ranvier::app;

namespace {

/// Neuron 0 spikes at 10, 20, ... 1000 ms; neuron 1 with intervals of 5 and 15 ms in turn, 50 of
/// each; neurons 2 and 3 are silent.
SpikeTrainData two_trains() {
  std::vector<std::pair<double, std::int64_t>> spikes;
  for (int k = 1; k <= 100; ++k) spikes.emplace_back(10.0 * k, 0);
  double t = 0;
  for (int k = 0; k <= 100; ++k) {
    spikes.emplace_back(t, 1);
    t += k % 2 == 0 ? 5 : 15;
  }
  std::sort(spikes.begin(), spikes.end());
  SpikeTrainData train{"a<b", {}, {}};
  for (const auto& [time, neuron] : spikes) {
    train.times.push_back(time);
    train.neurons.push_back(neuron);
  }
  return train;
}

RunFolder small_folder() {
  RunFolder folder;
  folder.run_json = R"({"version": "9.9", "settings": {"duration": 1000, "dt": 0.1, "seed": 7},
    "document": {"description": "a test", "populations": {"a<b": {"model": "if_curr_exp", "size": 4},
      "eye": {"model": "spike_source_events", "size": 12, "options": {"width": "3", "height": "2", "polarity": "split"}}}}})";
  folder.status_json = R"({"complete": true, "ended_at": 1000, "state_sha256": "00"})";
  folder.spikes = {two_trains(), {"eye", {1, 2, 3, 900}, {0, 6, 6, 11}}};
  folder.reports = {{"a<b", "v", "mV", 0.5, {1, 3}, {-70, -60, -69, -61, -68, -62}}};
  return folder;
}

std::size_t count(const std::string& text, const std::string& part) {
  std::size_t n = 0;
  for (std::size_t at = text.find(part); at != std::string::npos;
       at = text.find(part, at + part.size()))
    ++n;
  return n;
}

bool has(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

}  // namespace

TEST_CASE("rates and CV of regular and alternating trains are the closed forms", "[app]") {
  const TrainStatistics s = train_statistics(two_trains(), 4, 1000);
  CHECK(s.spikes == 201);
  CHECK(s.active == 2);
  CHECK(s.rate == Approx(201.0 / 4));
  CHECK(s.rates == std::vector<double>{100, 101, 0, 0});
  REQUIRE(s.cvs.size() == 2);
  CHECK(s.cvs[0] == Approx(0).margin(1e-12));
  CHECK(s.cvs[1] == Approx(0.5));  // |5 - 15| / (5 + 15)
  CHECK(*s.cv == Approx(0.25));
}

TEST_CASE("a rate curve counts each spike once, and its short last bin by its own width", "[app]") {
  SpikeTrainData train{"p", {10, 10.1, 20, 25}, {0, 1, 0, 1}};
  const RateCurve curve = rate_curve(train, 2, 25, 3);  // bins (0, 10], (10, 20], (20, 25]
  CHECK(curve.bin == 10);
  REQUIRE(curve.rates.size() == 3);
  CHECK(curve.rates[0] == Approx(50));
  CHECK(curve.rates[1] == Approx(100));
  CHECK(curve.rates[2] == Approx(100));
}

TEST_CASE("histogram bins include their lower edge, the last one its upper edge too", "[app]") {
  CHECK(histogram(std::vector<double>{0, 0.5, 1, 1.5, 2, 2.1}, 2, 2) ==
        std::vector<std::int64_t>{2, 3});
}

TEST_CASE("a thinned curve keeps the least and greatest value of each piece", "[app]") {
  Series s{"v", 0, {}, {}};
  for (int i = 0; i < 1000; ++i) {
    s.x.push_back(i);
    s.y.push_back(i == 437 ? 99 : i == 438 ? -99 : 0);
  }
  const Series t = thin(s, 10);
  CHECK(t.x.size() == 20);
  CHECK(std::count(t.y.begin(), t.y.end(), 99) == 1);
  CHECK(std::count(t.y.begin(), t.y.end(), -99) == 1);
  CHECK(std::is_sorted(t.x.begin(), t.x.end()));
}

TEST_CASE("event counts place neurons on pixels, OFF before ON", "[app]") {
  const Sensor sensor{3, 2, Sensor::Polarity::split};
  const EventCounts c = event_counts(small_folder().spikes[1], sensor, -1, 1000);
  CHECK(c.off == std::vector<std::int64_t>{1, 0, 0, 0, 0, 0});
  CHECK(c.on == std::vector<std::int64_t>{2, 0, 0, 0, 0, 1});
  CHECK(event_counts(small_folder().spikes[1], sensor, 2, 3).all_on == 1);
  const EventCounts large = event_counts({"eye", {1}, {1279 + 1280 * 719}},
                                         {1280, 720, Sensor::Polarity::both}, -1, 1000);
  CHECK(large.width == 320);
  CHECK(large.height == 180);
  CHECK(large.on.back() == 1);
}

TEST_CASE("an event image is a whole bitmap", "[app]") {
  EventCounts c{1, 1, 1, {1}, {0}, 1, 0};
  const std::string uri = event_bitmap(c, 1);
  CHECK(uri.rfind("data:image/bmp;base64,Qk0", 0) == 0);  // "BM"
  // 14 + 40 + 1024 + 4 bytes (a row is padded to 4) are 1082, in base64 4 ceil(1082 / 3) = 1444
  // characters
  CHECK(uri.size() == std::string("data:image/bmp;base64,").size() + 1444);
}

TEST_CASE("the page holds tables, charts and images of the run, and needs nothing from elsewhere",
          "[app]") {
  const std::string page = report_page(small_folder(), "my <run>");
  CHECK(has(page, "<h1>my &lt;run&gt;</h1>"));
  CHECK(has(page,
            "<th scope=\"row\"><i "
            "class=\"c0\"></i>a&lt;b</th><td>if_curr_exp</td><td>4</td><td>201</td><td>50.250</"
            "td><td>0.250</td><td>50.0</td>"));
  CHECK(has(page,
            "<th scope=\"row\"><i "
            "class=\"c1\"></i>eye</th><td>spike_source_events</td><td>12</td><td>4</td>"));
  for (const char* part :
       {"time (ms)", "rate (Hz)", "neuron (index in population)", "CV of inter-spike intervals",
        "v (mV)", "ON 3", "OFF 1", "seed 7", "a test"})
    CHECK(has(page, part));
  CHECK(count(page, "h0") == 201);  // a dot a spike of the population that has no image
  CHECK(count(page, "<svg") == count(page, "</svg>"));
  CHECK(count(page, "data:image/bmp") == 21);  // whole run and slices
  for (const char* foreign : {"http:", "https:", "<link", "@import", "url(", "src=\"/", "fetch("})
    CHECK_FALSE(has(page, foreign));
}

TEST_CASE("a trace that differs in its last bits is drawn as level", "[app]") {
  for (const double v : {-65.0, -1e-300, -1e20}) {
    RunFolder folder = small_folder();
    folder.reports = {{"a<b", "v", "mV", 0.5, {1}, {v, std::nextafter(v, 0), v}}};
    CAPTURE(v);
    CHECK(count(report_page(folder, "a run"), "class=\"line") >= 1);
  }
}

TEST_CASE("the page of a million spikes and a large sensor stays below 2 MB", "[app]") {
  RunFolder folder = small_folder();
  folder.run_json =
      R"({"settings": {"duration": 1000}, "document": {"populations": {"many": {"model": "x", "size": 10000},
    "eye": {"model": "spike_source_events", "size": 307200, "options": {"width": "640", "height": "480"}}}}})";
  SpikeTrainData many{"many", {}, {}}, eye{"eye", {}, {}};
  for (int i = 0; i < 500'000; ++i) {
    many.times.push_back(0.002 * i);
    many.neurons.push_back(std::int64_t{i} * 7919 % 10'000);
    eye.times.push_back(0.002 * i);
    eye.neurons.push_back(std::int64_t{i} * 7919 % 307'200);
  }
  folder.spikes = {std::move(many), std::move(eye)};
  const std::string page = report_page(folder, "large");
  CHECK(page.size() < 2'000'000);
  CHECK(has(page, "Thinned: "));
  CHECK(count(page, "h0") <= 24'000);
}

TEST_CASE("a raster draws at most the dots asked for, of every population", "[app]") {
  SpikeTrainData dense{"dense", {}, {}}, sparse{"sparse", {1, 2}, {0, 999}};
  for (int i = 0; i < 60'000; ++i) {
    dense.times.push_back(i / 60.0);
    dense.neurons.push_back(i % 7);
  }
  const Raster raster = raster_chart({{&dense, 7, 0}, {&sparse, 1000, 1}}, 1000, 1000);
  CHECK(raster.spikes == 60'002);
  CHECK(raster.shown == static_cast<std::int64_t>(count(raster.svg, "h0")));
  CHECK(raster.shown <= 1001);
  CHECK(raster.shown > 900);
  CHECK(has(raster.svg, "<path class=\"dots few c1\" d=\"M"));
}

TEST_CASE("populations come in the order of the document", "[app]") {
  RunFolder folder = small_folder();
  folder.run_json =
      R"({"document": {"populations": {"z": {"size": 1}, "eye": {"size": 12}, "a<b": {"size": 4}}}})";
  const std::string page = report_page(folder, "order");
  CHECK(page.find("</i>eye</th>") < page.find("</i>a&lt;b</th>"));
}

TEST_CASE("ranvier report writes the page of a run folder where it is told to", "[app]") {
  const std::filesystem::path folder =
      std::filesystem::temp_directory_path() / ("ranvier_report_" + std::to_string(getpid()));
  std::filesystem::remove_all(folder);
  std::filesystem::create_directories(folder);
  const auto comm = make_local_comm();
  RecordPlan plan;
  plan.populations = {{"cells", 0, 2, true}};
  plan.duration = 100;
  const auto recorder = make_run_folder(
      plan,
      {folder / "run", R"({"document": {"populations": {"cells": {"model": "m", "size": 2}}}})"},
      *comm);
  const std::vector<RecordedSpike> spikes{
      {10'000'000, 0}, {20'000'000, 0}, {50'000'000, 0}, {60'000'000, 1}};  // intervals 10, 30 ms
  recorder->spikes(spikes);
  recorder->finish({true, 100, "00"});
  CHECK(run_program({"report", (folder / "run").string(), "-o", (folder / "page.html").string()}) ==
        0);
  CHECK(has(read_text(folder / "page.html"),
            "cells</th><td>m</td><td>2</td><td>4</td><td>20.000</td><td>0.500</td><td>100.0</td>"));
  CHECK(run_program({"report", (folder / "run").string()}) == 0);
  CHECK(read_text(folder / "run" / "report.html") == read_text(folder / "page.html"));
  CHECK(run_program({"report", (folder / "run").string()}) == 1);  // it is there
  CHECK(run_program({"report", (folder / "run").string(), "--overwrite"}) == 0);
  CHECK(run_program({"report", (folder / "none").string()}) == 1);
  std::filesystem::remove_all(folder);
}

TEST_CASE("a run without document or spikes still has a page", "[app]") {
  RunFolder folder;
  folder.run_json = R"({"document": null})";
  folder.status_json = "{}";
  CHECK(has(report_page(folder, "empty"), "No spikes were recorded."));
  folder.spikes = {{"p", {1, 2}, {0, 5}}, {"silent", {}, {}}};
  CHECK(has(report_page(folder, "guessed"), "<td>≥ 6</td>"));
}
