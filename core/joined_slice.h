// JoinedSlice: event-driven neurons of a population, moved by a slice that may move those of other
// populations as well. Where populations share what a model's slice has in common for all of its
// neurons, a row of synapses that reaches several of them is walked once.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "core/neuron_model.h"

namespace ranvier {

/// A slice that can take in the neurons of another one.
class GrowingSlice : public EventSlice {
 public:
  /// Takes in the neurons of `other`, as they are, and numbers them from `at` on, which is not
  /// below its size. Returns false, and changes nothing, where they cannot be moved as one.
  virtual bool take_in(std::uint32_t at, const EventSlice& other) = 0;
};

/// The neurons of a slice from some number on, whose other neurons others look at.
class JoinedSlice final : public EventSlice {
 public:
  explicit JoinedSlice(std::unique_ptr<GrowingSlice> whole) : whole_(std::move(whole)) {}

  /// Of the whole, by the slice that others have joined.
  void advance(Window window, std::span<const Arrival> arrivals, std::span<const double> quantum,
               std::vector<Firing>& fired) override {
    whole_->advance(window, arrivals, quantum, fired);
  }
  void advance_through(Window window, ArrivalList& arrivals, std::span<const double> quantum,
                       std::vector<Firing>& fired) override {
    whole_->advance_through(window, arrivals, quantum, fired);
  }
  bool join(EventSlice& before, std::uint32_t distance) override {
    auto* const other = dynamic_cast<JoinedSlice*>(&before);
    if (!other || !other->whole_->take_in(other->begin_ + distance, *whole_)) return false;
    whole_ = other->whole_;
    begin_ = other->begin_ + distance;
    return true;
  }

  void change_current(Time at, std::uint32_t i, double nA) override {
    whole_->change_current(at, begin_ + i, nA);
  }
  double state(int variable, std::uint32_t i, Time at) const override {
    return whole_->state(variable, begin_ + i, at);
  }
  void place(std::uint32_t i, std::span<const double> state, Time at) override {
    whole_->place(begin_ + i, state, at);
  }
  void save(std::uint32_t i, std::vector<double>& out, std::int64_t& moved) const override {
    whole_->save(begin_ + i, out, moved);
  }
  void load(std::uint32_t i, std::span<const double> in, std::int64_t moved) override {
    whole_->load(begin_ + i, in, moved);
  }
  std::optional<std::uint32_t> first_not_finite(std::uint32_t begin,
                                                std::uint32_t end) const override {
    const auto found = whole_->first_not_finite(begin_ + begin, begin_ + end);
    return found ? std::optional(*found - begin_) : std::nullopt;
  }

 private:
  std::shared_ptr<GrowingSlice> whole_;
  std::uint32_t begin_ = 0;
};

}  // namespace ranvier
