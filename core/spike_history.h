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
  /// A neuron's newest spikes, the last one first, in two lines of memory: few presynaptic spikes
  /// ask for more. Where there are not so many, a trace of 0 long ago.
  struct alignas(64) Newest {
    static constexpr std::size_t n = 8;
    static constexpr std::int64_t none = std::numeric_limits<std::int64_t>::min() / 4;
    std::array<std::int64_t, n> step{none, none, none, none, none, none, none, none};
    std::array<double, n> trace{};
  };
  /// \param tau  ms, of the trace
  SpikeHistory(std::uint32_t size, double tau, double dt)
      : of_(size), newest_(size), tau_(tau), decay_(tau, dt) {
    decay_.tabulate(table_);
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
    add_newest(newest_[neuron], entries.back());
  }
  const Newest& newest(std::uint32_t neuron) const { return newest_[neuron]; }
  /// Hints that a neuron's newest spikes will be asked for.
  void fetch(std::uint32_t neuron) const {
    __builtin_prefetch(newest_[neuron].step.data());
    __builtin_prefetch(newest_[neuron].trace.data());
  }
  /// By rising step.
  std::span<const Entry> of(std::uint32_t neuron) const { return of_[neuron]; }
  void load(std::uint32_t neuron, std::vector<Entry> entries) {
    newest_[neuron] = {};
    for (const Entry& e : entries) add_newest(newest_[neuron], e);
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
  static void add_newest(Newest& newest, const Entry& e) {
    std::copy_backward(newest.step.begin(), newest.step.end() - 1, newest.step.end());
    std::copy_backward(newest.trace.begin(), newest.trace.end() - 1, newest.trace.end());
    newest.step[0] = e.step;
    newest.trace[0] = e.trace;
  }

  std::vector<std::vector<Entry>> of_;
  std::vector<Newest> newest_;
  double tau_;
  std::vector<double> table_;
  Decay decay_;
};

}  // namespace ranvier
