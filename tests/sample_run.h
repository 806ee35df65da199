// A made-up run for tests of run folders: two populations and one that is not recorded, two
// reports; spikes and samples are functions of (gid, window), handed over by the rank that the gid
// belongs to, in an order that differs between ranks.
#pragma once
#include <algorithm>
#include <array>
#include <filesystem>
#include <string>
#include <vector>

#include <unistd.h>

#include "core/comm/comm.h"
#include "core/record.h"
#include "core/run_folder.h"

namespace ranvier::tests {

/// A folder of its own for one test, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    static int made = 0;
    path_ = std::filesystem::temp_directory_path() /
            ("ranvier_" + std::to_string(getpid()) + "_" + std::to_string(++made));
    std::filesystem::create_directories(path_);
  }
  ~TemporaryFolder() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;
  std::filesystem::path operator/(const std::string& name) const { return path_ / name; }

 private:
  std::filesystem::path path_;
};

struct SampleRun {
  static constexpr std::int64_t window_ns = 1'000'000;
  static constexpr std::int64_t windows = 600;
  static constexpr std::int64_t flush_every = 50;
  static constexpr Gid n_gids = 70;

  static RecordPlan plan() {
    RecordPlan plan;
    plan.populations = {{"exc", 0, 50, true}, {"inh", 50, 15, true}, {"silent", 65, 5, false}};
    plan.reports = {{"exc", "v", "mV", {3, 20, 49}, 1.0}, {"inh", "w", "nA", {0}, 1.0}};
    plan.duration = 600;
    return plan;
  }

  static std::uint64_t mix(std::uint64_t gid, std::uint64_t window) {
    std::uint64_t x = (gid * 1'000'003 + window) * 0x9E3779B97F4A7C15u;
    x ^= x >> 29;
    x *= 0xBF58476D1CE4E5B9u;
    return x ^ (x >> 32);
  }

  /// Spikes of one gid in a window (begin, end]; many fall on the window's end, so that ties in
  /// time are common.
  static std::vector<RecordedSpike> spikes(Gid gid, std::int64_t window) {
    const std::uint64_t x = mix(gid, static_cast<std::uint64_t>(window));
    if (x % 3 == 0) return {};
    const std::int64_t end = (window + 1) * window_ns;
    return {{x % 4 == 0 ? end : end - static_cast<std::int64_t>((x >> 8) % window_ns), gid}};
  }

  static double value(std::size_t report, std::int64_t frame, std::uint32_t column) {
    return static_cast<double>(mix(report * 100 + column, static_cast<std::uint64_t>(frame)) >>
                               11) *
               0x1p-53 -
           65;
  }

  static void hand_over_frame(Recorder& recorder, const Comm& comm, std::int64_t frame) {
    const RecordPlan made = plan();
    for (std::size_t r = 0; r < made.reports.size(); ++r)
      for (std::uint32_t c = 0; c < made.reports[r].neurons.size(); ++c) {
        if (static_cast<int>(c) % comm.size() != comm.rank()) continue;
        const double v = value(r, frame, c);
        recorder.sample(r, frame, std::array{c}, std::array{v});
      }
  }

  /// Windows [from, to) of the run, collective over comm.
  static void run(Recorder& recorder, const Comm& comm, std::int64_t from, std::int64_t to) {
    if (from == 0) hand_over_frame(recorder, comm, 0);
    for (std::int64_t w = from; w < to; ++w) {
      std::vector<RecordedSpike> mine;
      for (Gid gid = n_gids; gid-- > 0;)
        if (gid < 65 && static_cast<int>(gid * 5 % static_cast<Gid>(comm.size())) == comm.rank())
          for (const RecordedSpike& s : spikes(gid, w)) mine.push_back(s);
      recorder.spikes(mine);
      hand_over_frame(recorder, comm, w + 1);
      if ((w + 1) % flush_every == 0) recorder.flush((w + 1) * window_ns);
    }
  }

  static Outcome outcome() { return {true, 600, std::string(64, 'a')}; }

  static void write(const RunFolderOptions& options, Comm& comm) {
    const auto recorder = make_run_folder(plan(), options, comm);
    run(*recorder, comm, 0, windows);
    recorder->finish(outcome());
  }

  /// What the file of spikes has to hold for gids [first, first + n): sorted by (time, gid).
  static std::vector<RecordedSpike> expected(Gid first, Gid n) {
    std::vector<RecordedSpike> all;
    for (std::int64_t w = 0; w < windows; ++w)
      for (Gid gid = first; gid < first + n; ++gid)
        for (const RecordedSpike& s : spikes(gid, w)) all.push_back(s);
    std::sort(all.begin(), all.end());
    return all;
  }
};

inline constexpr const char* run_folder_files[] = {
    "spikes.h5", "reports/exc_v.h5", "reports/inh_w.h5", "pynn/exc.h5", "run.json", "status.json"};

}  // namespace ranvier::tests
