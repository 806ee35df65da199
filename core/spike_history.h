// SpikeHistory: the spikes of a slice of neurons that a plasticity rule may still ask for, each
// with the trace just after it: K = K e^(-dt/tau) + 1 (all spikes count). What it answers is a
// function of the neuron's own train, whatever is forgotten meanwhile. Tested by
// tests/unit/core/test_spike_history.cpp.
#pragma once
#include <algorithm>
#include <array>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "core/decay.h"

namespace ranvier {

/// Postsynaptic spikes, in steps of dt, of neurons [0, size).
class SpikeHistory {
 public:
  struct Entry {
    std::int64_t step;
    double trace;  ///< just after the spike
  };
  /// A neuron's newest spikes, the last one first, in one line of memory: few presynaptic spikes
  /// ask for more. Where there are not so many, a trace of 0 long ago. Where traces last too long
  /// for these steps, all are `late`, so that `of` is asked.
  struct alignas(64) Newest {
    static constexpr std::size_t n = 8, traced = 4;
    static constexpr std::int32_t none = std::numeric_limits<std::int32_t>::min();
    static constexpr std::int32_t late = std::numeric_limits<std::int32_t>::max();
    std::array<std::int32_t, n> step{none, none, none, none, none, none, none, none};  ///< - origin
    std::array<double, traced> trace{};
    /// How many came after each of two `short_step`s: in one pass, the second's count below the
    /// first's (two passes are slower, measured).
    std::array<std::uint32_t, 2> after(std::int32_t a, std::int32_t b) const {
      std::int32_t counts = 0;
      for (const std::int32_t s : step) counts += (s > a ? 256 : 0) + (s > b ? 1 : 0);
      return {static_cast<std::uint32_t>(counts) >> 8, static_cast<std::uint32_t>(counts) & 0xFF};
    }
    /// As near to a step (- origin) as one of these can be.
    static std::int32_t short_step(std::int64_t step) {
      return static_cast<std::int32_t>(std::clamp<std::int64_t>(step, none, late - 1));
    }
  };
  /// \param tau  ms, of the trace
  SpikeHistory(std::uint32_t size, double tau, double dt)
      : of_(size), newest_(size), tau_(tau), decay_(tau, dt) {
    decay_.tabulate(table_);
    if (!is_short())
      for (Newest& newest : newest_) newest.step.fill(Newest::late);
  }
  SpikeHistory(const SpikeHistory&) = delete;
  SpikeHistory& operator=(const SpikeHistory&) = delete;

  double tau() const { return tau_; }
  const Decay& decay() const { return decay_; }

  /// Steps of a neuron rise.
  void add(std::uint32_t neuron, std::int64_t step) {
    std::vector<Entry>& entries = of_[neuron];
    const double left =
        entries.empty() ? 0 : entries.back().trace * decay_(step - entries.back().step);
    entries.push_back({step, left + 1});
    add_newest(neuron, entries.back());
  }
  /// Of every neuron.
  const Newest* newest() const { return newest_.data(); }
  /// What the steps of the newest spikes are counted from.
  std::int64_t origin() const { return origin_; }
  /// The trace at a step, of spikes strictly before it.
  double trace_before(std::uint32_t neuron, std::int64_t step) const {
    const std::vector<Entry>& entries = of_[neuron];
    std::size_t k = entries.size();
    while (k > 0 && entries[k - 1].step >= step) --k;
    return k == 0 ? 0 : entries[k - 1].trace * decay_(step - entries[k - 1].step);
  }
  /// By rising step.
  std::span<const Entry> of(std::uint32_t neuron) const { return of_[neuron]; }
  void load(std::uint32_t neuron, std::vector<Entry> entries) {
    if (is_short()) newest_[neuron] = {};
    for (const Entry& e : entries) add_newest(neuron, e);
    of_[neuron] = std::move(entries);
  }

  /// Forgets spikes before `step`, but for the last of each neuron's, which holds the trace.
  void forget_before(std::int64_t step) {
    for (std::vector<Entry>& entries : of_) {
      std::size_t n = 0;
      while (n + 1 < entries.size() && entries[n + 1].step < step) ++n;
      entries.erase(entries.begin(), entries.begin() + static_cast<std::ptrdiff_t>(n));
    }
  }

  std::size_t bytes() const {
    std::size_t bytes = of_.size() * (sizeof(of_[0]) + sizeof(Newest));
    for (const auto& entries : of_) bytes += entries.capacity() * sizeof(Entry);
    return bytes;
  }

 private:
  static constexpr std::int64_t longest = std::int64_t{1} << 30;
  /// Whether a trace is gone long before its spike is too old for a short step.
  bool is_short() const { return decay_.reach() < longest / 2; }

  void add_newest(std::uint32_t neuron, const Entry& e) {
    if (!is_short()) return;
    while (e.step - origin_ >= longest) move_origin();
    Newest& newest = newest_[neuron];
    std::copy_backward(newest.step.begin(), newest.step.end() - 1, newest.step.end());
    std::copy_backward(newest.trace.begin(), newest.trace.end() - 1, newest.trace.end());
    newest.step[0] = static_cast<std::int32_t>(std::max(e.step - origin_, -longest));
    newest.trace[0] = e.step - origin_ < -longest ? 0 : e.trace;
  }
  void move_origin() {
    origin_ += longest;
    for (Newest& newest : newest_)
      for (std::int32_t& step : newest.step)
        step = step < 0 ? Newest::none : static_cast<std::int32_t>(step - longest);
  }

  std::vector<std::vector<Entry>> of_;
  std::vector<Newest> newest_;
  double tau_;
  std::vector<double> table_;
  Decay decay_;
  std::int64_t origin_ = 0;
};

}  // namespace ranvier
