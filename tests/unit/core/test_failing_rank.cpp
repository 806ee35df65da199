// How ranks end together when one of them fails while the network runs. See core/kernel.h.
#include <functional>
#include <span>
#include <string>
#include <vector>

#include "app/catalogue.h"
#include "core/kernel.h"
#include "tests/catch.h"

using namespace ranvier;

namespace {

/// Keeps nothing, and fails where its disk is full.
class Disk final : public Recorder {
 public:
  explicit Disk(bool full) : full_(full) {}
  void spikes(std::span<const RecordedSpike> window) override {
    if (full_ && !window.empty()) throw Error(ErrorKind::io, "no space left");
  }
  void sample(std::size_t, std::int64_t, std::span<const std::uint32_t>,
              std::span<const double>) override {}
  void flush(std::int64_t) override {}
  void sync() override {}
  void finish(const Outcome&) override {}

 private:
  bool full_;
};

}  // namespace

TEST_CASE("what fails on one rank while the network runs ends all ranks", "[core][threads]") {
  Network network;
  network.populations.resize(1);
  Population& cells = network.populations[0];
  cells.name = "cells";
  cells.model = "if_curr_exp";
  cells.size = 130;
  cells.parameters = {{"i_offset", 1.0}};
  RunSettings settings;
  settings.duration = 100;
  std::vector<std::string> told(3);
  const auto run = [&](int failing, const std::function<bool(std::int64_t, int)>& keep_going) {
    run_as_ranks(3, [&](Comm& comm) {
      Workers workers(1);
      const Layout layout = make_layout(network, settings, app::catalogue(), {3, 1, false});
      Kernel kernel(layout, comm, workers);
      Disk disk(comm.rank() == failing);
      std::string& mine = told[static_cast<std::size_t>(comm.rank())];
      try {
        kernel.run(100'000'000, disk,
                   [&](std::int64_t now) { return keep_going(now, comm.rank()); });
      } catch (const Error& error) {
        mine = error.what();
        throw;
      }
    });
  };
  CHECK_THROWS_WITH(run(1, [](std::int64_t, int) { return true; }), "no space left");
  CHECK(told ==
        std::vector<std::string>{"another rank stopped", "no space left", "another rank stopped"});
  const auto interrupted = [](std::int64_t now, int rank) -> bool {
    if (rank == 2 && now >= 50'000'000) throw Error(ErrorKind::range, "enough");
    return true;
  };
  CHECK_THROWS(run(-1, interrupted));
  const std::string others = "the run was ended by what failed on another rank";
  CHECK(told == std::vector<std::string>{others, others, "enough"});
}
