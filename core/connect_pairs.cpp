// Rules that decide pair by pair: all-to-all, one-to-one, explicit lists, fixed and
// distance-dependent probability, and the small world of Watts & Strogatz 1998.
#include "core/connect_rules.h"

#include <algorithm>

#include "core/error.h"
#include "core/math.h"

namespace ranvier {
namespace {

template <class Rule>
class PairRows : public RowsOf<Rule> {
 public:
  using RowsOf<Rule>::RowsOf;

 protected:
  std::uint64_t word(std::uint64_t source, std::uint64_t n) const {
    return random_bits(this->d_.key, source, n);
  }
};

class AllToAll final : public PairRows<AllToAll> {
 public:
  using PairRows::PairRows;
  template <class F>
  void each(std::uint64_t source, F&& f) const {
    const std::uint64_t row = word(source, 0);
    for (std::uint64_t t = d_.begin; t < d_.end; ++t)
      if (!d_.no_self || t != source) f(t, hash_word(row, t), source * d_.n_targets + t);
  }
};

class OneToOne final : public PairRows<OneToOne> {
 public:
  using PairRows::PairRows;
  template <class F>
  void each(std::uint64_t source, F&& f) const {
    if (source >= d_.begin && source < d_.end && !d_.no_self) f(source, word(source, 0), source);
  }
  std::uint64_t next_source(std::uint64_t from) const override {
    return from < d_.end ? std::max(from, d_.begin) : d_.n_sources;
  }
};

/// Geometric skips from one connected target to the next within each logical block (Batagelj &
/// Brandes 2005).
class FixedProbability final : public PairRows<FixedProbability> {
 public:
  explicit FixedProbability(const Drawing& d)
      : PairRows(d),
        p_(d.projection->connector.probability),
        per_skip_(p_ < 1 ? 1.0 / log_of_miss(p_) : 0) {}
  template <class F>
  void each(std::uint64_t source, F&& f) const {
    if (p_ <= 0) return;
    for (std::uint64_t block = d_.begin / d_.block; block * d_.block < d_.end; ++block) {
      const std::uint64_t row = word(source, block);
      const std::uint64_t end = std::min(d_.end, block * d_.block + d_.block);
      std::uint64_t t = block * d_.block;
      for (std::uint64_t k = 0;; ++k, ++t) {
        if (p_ < 1)
          t += static_cast<std::uint64_t>(
              std::min(0x1p62, math::log(to_open_uniform(hash_word(row, 2 * k))) * per_skip_));
        if (t >= end) break;
        if (t < d_.begin || (d_.no_self && t == source)) continue;
        f(t, hash_word(row, 2 * k + 1), 0);
      }
    }
  }

 private:
  /// log(1 - p), where 1 - p has lost p's digits by its series.
  static double log_of_miss(double p) { return p < 1e-8 ? -p * (1 + p / 2) : math::log(1.0 - p); }

  double p_, per_skip_;
};

class DistanceDependent final : public PairRows<DistanceDependent> {
 public:
  using PairRows::PairRows;
  template <class F>
  void each(std::uint64_t source, F&& f) const {
    const std::uint64_t row = word(source, 0);
    for (std::uint64_t t = d_.begin; t < d_.end; ++t) {
      if (d_.no_self && t == source) continue;
      if (to_uniform(hash_word(row, 2 * t)) <
          apply(d_.projection->connector.distance, d_.distance(source, t)))
        f(t, hash_word(row, 2 * t + 1), 0);
    }
  }
};

/// A rewired edge goes to a target that the source does not have yet, be it by the ring or by an
/// earlier edge.
class SmallWorld final : public PairRows<SmallWorld> {
 public:
  using PairRows::PairRows;
  template <class F>
  void each(std::uint64_t source, F&& f) const {
    const std::uint64_t row = word(source, 0), n = d_.n_targets;
    const auto half = static_cast<std::uint64_t>(d_.projection->connector.number / 2);
    const auto ring = [&](std::uint64_t k) {
      return (source + (k < half ? k + 1 : n - (k - half + 1))) % n;
    };
    std::vector<std::uint64_t> taken;
    for (std::uint64_t k = 0; k < 2 * half; ++k) taken.push_back(ring(k));
    for (std::uint64_t k = 0; k < 2 * half; ++k) {
      std::uint64_t target = taken[k];
      for (std::uint64_t attempt = 0;
           to_uniform(hash_word(row, 3 * k)) < d_.projection->connector.rewiring && attempt < 1000;
           ++attempt) {
        const std::uint64_t drawn = below(hash_word(hash_word(row, 3 * k + 1), attempt), n);
        if ((drawn == source && d_.no_self) ||
            std::find(taken.begin(), taken.end(), drawn) != taken.end())
          continue;
        target = drawn;
        break;
      }
      taken[k] = target;
      if (target >= d_.begin && target < d_.end) f(target, hash_word(row, 3 * k + 2), 0);
    }
  }
};

class List final : public PairRows<List> {
 public:
  explicit List(const Drawing& d) : PairRows(d), begin_(d.n_sources + 1) {
    const auto& sources = *d.projection->connector.sources;
    const auto& targets = *d.projection->connector.targets;
    const auto mine = [&](std::size_t k) {
      return targets[k] >= d.begin && targets[k] < d.end &&
             !(d.no_self && targets[k] == sources[k]);
    };
    for (std::size_t k = 0; k < sources.size(); ++k)
      if (mine(k)) ++begin_[sources[k] + std::size_t{1}];
    for (std::uint64_t s = 0; s < d.n_sources; ++s) begin_[s + 1] += begin_[s];
    order_.resize(begin_.back());
    std::vector<std::size_t> at(begin_.begin(), begin_.end() - 1);
    for (std::size_t k = 0; k < sources.size(); ++k)
      if (mine(k)) order_[at[sources[k]]++] = k;
  }
  template <class F>
  void each(std::uint64_t source, F&& f) const {
    const auto& targets = *d_.projection->connector.targets;
    for (std::size_t i = begin_[source]; i < begin_[source + 1]; ++i)
      f(targets[order_[i]], random_bits(d_.key, order_[i], 1), order_[i]);
  }

 private:
  std::vector<std::size_t> begin_, order_;
};

}  // namespace

std::unique_ptr<Rows> make_pair_rows(const Drawing& d) {
  switch (d.projection->connector.rule) {
    case Connector::Rule::all_to_all:
      return std::make_unique<AllToAll>(d);
    case Connector::Rule::one_to_one:
      return std::make_unique<OneToOne>(d);
    case Connector::Rule::fixed_probability:
      return std::make_unique<FixedProbability>(d);
    case Connector::Rule::distance_dependent:
      return std::make_unique<DistanceDependent>(d);
    case Connector::Rule::small_world:
      return std::make_unique<SmallWorld>(d);
    default:
      return std::make_unique<List>(d);
  }
}

}  // namespace ranvier
