// Rules that fix a number: in-degree, out-degree, total. With multiple connections, numbers are
// split by exact binomials over logical target blocks and, within a block, over sources in a keyed
// binary tree, so that a rank draws only the blocks that hold targets of its own. Without, partners
// are drawn until there are enough distinct ones, and of a total number the k-th pair is the k-th
// element of a keyed permutation.
#include "core/connect_rules.h"

#include <algorithm>
#include <array>
#include <bit>
#include <mutex>
#include <vector>

#include "core/arena.h"
#include "core/distinct.h"
#include "core/prefetch.h"

namespace ranvier {
namespace {

/// Targets of a source that are numbered without itself: [0, n - 1) -> [0, n) \ {self}.
std::uint64_t skip(std::uint64_t drawn, std::uint64_t self, bool no_self) {
  return no_self && drawn >= self ? drawn + 1 : drawn;
}

/// Targets of block [first, end) that `source` may have.
std::uint64_t allowed(const Drawing& d, std::uint64_t source, std::uint64_t first,
                      std::uint64_t end) {
  return end - first - (d.no_self && source >= first && source < end ? 1 : 0);
}

/// The synapses of one source in one block: `count` targets drawn uniformly among the allowed ones.
/// `source_key`: of the source's row in this projection.
template <class F>
void each_of_block(const Drawing& d, std::uint64_t source, std::uint64_t source_key,
                   std::uint64_t block, std::uint64_t count, F&& f) {
  const std::uint64_t first = block * d.block, end = std::min(first + d.block, d.n_targets);
  const bool self_inside = d.no_self && source >= first && source < end;
  const std::uint64_t row = hash_word(source_key, block), n = allowed(d, source, first, end);
  for (std::uint64_t k = 0; k < count; ++k) {
    const std::uint64_t drawn = below(hash_word(row, 2 * k), n);
    const std::uint64_t target = first + skip(drawn, source - first, self_inside);
    if (target >= d.begin && target < d.end) f(target, hash_word(row, 2 * k + 1), 0);
  }
}

std::uint64_t key_of_source(const Drawing& d, std::uint64_t source) {
  return random_bits(d.key, source, std::uint64_t{1} << 40);
}

/// Fixed total number with multiple connections: counts of every (block, source) with targets in
/// the range.
class Total final : public RowsOf<Total> {
 public:
  explicit Total(const Drawing& d) : RowsOf(d) {
    const std::uint64_t blocks = (d.n_targets + d.block - 1) / d.block;
    first_block_ = d.begin / d.block;
    const std::uint64_t last_block = d.end == d.begin ? first_block_ : (d.end - 1) / d.block + 1;
    blocks_ = last_block - first_block_;
    counts_.resize(blocks_ * d.n_sources);
    std::uint64_t left = static_cast<std::uint64_t>(d.projection->connector.number);
    for (std::uint64_t b = 0; b < blocks; ++b) {
      const std::uint64_t first = b * d.block, end = std::min(first + d.block, d.n_targets);
      Words words(random_bits(d.key, b, std::uint64_t{1} << 41));
      const std::uint64_t here = binomial(left, cells(0, d.n_sources, first, end),
                                          cells(0, d.n_sources, first, d.n_targets), words);
      left -= here;
      if (b < first_block_ || b >= last_block) continue;
      split(b, here, 0, d.n_sources);
    }
  }
  template <class F>
  void each(std::uint64_t source, F&& f) const {
    const std::uint64_t key = key_of_source(d_, source);
    const std::uint32_t* counts = counts_.data() + source * blocks_;
    for (std::size_t b = 0; b < blocks_; ++b)
      each_of_block(d_, source, key, first_block_ + b, counts[b], f);
  }
  std::size_t bytes() const override { return counts_.size() * sizeof(counts_[0]); }

 private:
  /// Pairs of sources [low, high) and targets [first, end) that may be connected.
  std::uint64_t cells(std::uint64_t low, std::uint64_t high, std::uint64_t first,
                      std::uint64_t end) const {
    std::uint64_t n = (high - low) * (end - first);
    if (d_.no_self && std::min(high, end) > std::max(low, first))
      n -= std::min(high, end) - std::max(low, first);
    return n;
  }

  void split(std::uint64_t block, std::uint64_t n, std::uint64_t low, std::uint64_t high) {
    if (n == 0) return;
    if (high - low == 1) {
      counts_[low * blocks_ + (block - first_block_)] = static_cast<std::uint32_t>(n);
      return;
    }
    const std::uint64_t first = block * d_.block, end = std::min(first + d_.block, d_.n_targets);
    const std::uint64_t middle =
        low + std::bit_floor(high - low - 1);  // a complete subtree: mostly halves
    Words words(random_bits(d_.key, low << 32 | high, block | std::uint64_t{1} << 42));
    const std::uint64_t left =
        binomial(n, cells(low, middle, first, end), cells(low, high, first, end), words);
    split(block, left, low, middle);
    split(block, n - left, middle, high);
  }

  std::uint64_t first_block_ = 0, blocks_ = 0;
  std::vector<std::uint32_t> counts_;  ///< [source, block]: those of a row lie together
};

/// Fixed out-degree.
class OutDegree final : public RowsOf<OutDegree> {
 public:
  using RowsOf::RowsOf;
  template <class F>
  void each(std::uint64_t source, F&& f) const {
    auto left = static_cast<std::uint64_t>(d_.projection->connector.number);
    if (!d_.projection->connector.multiple_connections) {
      const std::uint64_t row = random_bits(d_.key, source, 0);
      DistinctNumbers().draw(row, left, allowed(d_, source, 0, d_.n_targets),
                             [&](std::uint64_t drawn, std::uint64_t k) {
                               const std::uint64_t target = skip(drawn, source, d_.no_self);
                               if (target >= d_.begin && target < d_.end)
                                 f(target, hash_word(row, 2 * k), 0);
                             });
      return;
    }
    const std::uint64_t key = key_of_source(d_, source);
    Words words(random_bits(d_.key, source, std::uint64_t{1} << 41));
    for (std::uint64_t b = 0; b * d_.block < d_.end && left > 0; ++b) {
      const std::uint64_t first = b * d_.block, end = std::min(first + d_.block, d_.n_targets);
      const std::uint64_t here = binomial(left, allowed(d_, source, first, end),
                                          allowed(d_, source, first, d_.n_targets), words);
      left -= here;
      if (end > d_.begin) each_of_block(d_, source, key, b, here, f);
    }
  }
};

/// Rules drawn otherwise than by source. Row by row, their pairs are gathered by source once, for
/// the range.
class Gathered final : public RowsOf<Gathered, RowsByTarget> {
 public:
  using RowsOf::RowsOf;
  template <class F>
  void each(std::uint64_t source, F&& f) const {
    std::call_once(gathered_, [this] { gather(); });
    const std::uint64_t bin = source >> shift_;
    for (std::uint64_t i = begin_[bin]; i < begin_[bin + 1]; ++i)
      if (shift_ == 0 || inside_.data()[i] == inside_bin(source))
        f(d_.begin + targets_.data()[i], d_.values->are_drawn() ? words_.data()[i] : 0, 0);
  }
  std::uint64_t next_source(std::uint64_t from) const override {
    std::call_once(gathered_, [this] { gather(); });
    if (shift_ == 0) return from;
    const std::uint64_t least = std::min(from, d_.n_sources);
    for (std::uint64_t bin = least >> shift_; bin + 1 < begin_.size(); ++bin) {
      std::uint64_t next = d_.n_sources;
      for (std::uint64_t i = begin_[bin]; i < begin_[bin + 1]; ++i) {
        const std::uint64_t source = (bin << shift_) + inside_.data()[i];
        if (source >= least) next = std::min(next, source);
      }
      if (next < d_.n_sources) return next;
    }
    return d_.n_sources;
  }
  void count(std::span<std::uint32_t> of_source) const override {
    for_each([&](std::uint64_t source, std::uint64_t, std::uint64_t) { ++of_source[source]; });
  }
  void scatter(const ColumnsBySource& columns) const override {
    Scatter scattered(d_, columns);
    for_each([&](std::uint64_t source, std::uint64_t target, std::uint64_t h) {
      scattered.add(source, target, h);
    });
  }

 private:
  /// Where a source lies in its bin.
  std::uint32_t inside_bin(std::uint64_t source) const {
    return static_cast<std::uint32_t>(source & ((std::uint64_t{1} << shift_) - 1));
  }

  /// Writes to places all over the table: some synapses are held back while those places are
  /// fetched.
  class Scatter {
   public:
    Scatter(const Drawing& d, const ColumnsBySource& columns) : d_(d), to_(columns) {}
    ~Scatter() { write(); }
    void add(std::uint64_t source, std::uint64_t target, std::uint64_t h) {
      prefetch_to_write(&to_.next[source]);
      held_[n_++] = {h, source, target};
      if (n_ == held_.size()) write();
    }

   private:
    struct Held {
      std::uint64_t h, source, target;
    };
    void write() {
      std::array<std::uint64_t, 64> places;
      for (std::size_t k = 0; k < n_; ++k) {
        places[k] = to_.next[held_[k].source]++;
        prefetch_to_write(to_.targets + places[k]);
      }
      ExactPlaced s;
      for (std::size_t k = 0; k < n_; ++k) {
        d_.placing.put(s, held_[k].source, held_[k].target, held_[k].h, 0);
        to_.targets[places[k]] = s.target;
        if (to_.delays) to_.delays[places[k]] = s.delay;
        if (to_.weights) to_.weights[places[k]] = s.weight;
      }
      n_ = 0;
    }
    const Drawing& d_;
    ColumnsBySource to_;
    std::array<Held, 64> held_;
    std::size_t n_ = 0;
  };

  // Sorted by bins of sources that lie together, no more of them than pairs, so that memory is the
  // range's and not the network's; a bin is one source where each has a few synapses here.
  void gather() const {
    std::uint64_t n = 0;
    for_each([&n](std::uint64_t, std::uint64_t, std::uint64_t) { ++n; });
    while ((d_.n_sources >> shift_) > 2 * n + 1024) ++shift_;
    begin_.assign((d_.n_sources >> shift_) + 2, 0);
    for_each([this](std::uint64_t source, std::uint64_t, std::uint64_t) {
      ++begin_[(source >> shift_) + 1];
    });
    for (std::size_t bin = 0; bin + 1 < begin_.size(); ++bin) begin_[bin + 1] += begin_[bin];
    targets_.extend(n);
    if (shift_ > 0) inside_.extend(n);
    if (d_.values->are_drawn()) words_.extend(n);
    std::vector<std::uint64_t> at(begin_.begin(), begin_.end() - 1);
    for_each([&, drawn = d_.values->are_drawn()](std::uint64_t source, std::uint64_t target,
                                                 std::uint64_t h) {
      const std::uint64_t place = at[source >> shift_]++;
      targets_.data()[place] = static_cast<std::uint32_t>(target - d_.begin);
      if (shift_ > 0) inside_.data()[place] = inside_bin(source);
      if (drawn) words_.data()[place] = h;
    });
  }

  template <class F>
  void for_each(F&& f) const {
    if (d_.projection->connector.rule == Connector::Rule::fixed_indegree) for_each_target(f);
    else for_each_of_total(f);
  }

  template <class F>
  void for_each_target(F& f) const {
    const auto degree = static_cast<std::uint64_t>(d_.projection->connector.number);
    const std::uint64_t n = d_.n_sources - (d_.no_self ? 1u : 0u);
    DistinctNumbers distinct;
    for (std::uint64_t t = d_.begin; t < d_.end; ++t) {
      const std::uint64_t row = random_bits(d_.key, t, 0);
      const auto put = [&](std::uint64_t drawn, std::uint64_t k) {
        f(skip(drawn, t, d_.no_self), t, hash_word(row, 2 * k));
      };
      if (d_.projection->connector.multiple_connections) {
        for (std::uint64_t k = 0; k < degree; ++k) put(below(hash_word(row, 2 * k + 1), n), k);
      } else {
        distinct.draw(row, degree, n, put);
      }
    }
  }

  /// Fixed total number without multiple connections: the first cells of a keyed permutation of all
  /// pairs.
  template <class F>
  void for_each_of_total(F& f) const {
    const std::uint64_t row = random_bits(d_.key, 0, 0),
                        width = d_.n_targets - (d_.no_self ? 1u : 0u);
    const Permutation order(row, d_.n_sources * width);
    for (std::uint64_t k = 0; k < static_cast<std::uint64_t>(d_.projection->connector.number);
         ++k) {
      const std::uint64_t cell = order(k), source = cell / width;
      const std::uint64_t target = skip(cell % width, source, d_.no_self);
      if (target >= d_.begin && target < d_.end) f(source, target, hash_word(row, k));
    }
  }

  mutable std::once_flag gathered_;
  mutable unsigned shift_ = 0;  ///< of a source to its bin
  mutable std::vector<std::uint64_t> begin_;
  mutable Arena<std::uint32_t> targets_;  ///< from the range's begin
  mutable Arena<std::uint32_t> inside_;   ///< the sources, where bins hold several
  mutable Arena<std::uint64_t> words_;    ///< of the synapses' values, where those are drawn
};

}  // namespace

bool is_gathered(const Connector& c) {
  return c.rule == Connector::Rule::fixed_indegree ||
         (c.rule == Connector::Rule::fixed_total_number && !c.multiple_connections);
}

std::unique_ptr<Rows> make_number_rows(const Drawing& d) {
  const Connector& c = d.projection->connector;
  if (is_gathered(c)) return std::make_unique<Gathered>(d);
  if (c.rule == Connector::Rule::fixed_outdegree) return std::make_unique<OutDegree>(d);
  return std::make_unique<Total>(d);
}

}  // namespace ranvier
