// The synapses of one projection in one chunk under a rule: the loop over a row at a presynaptic
// spike. Written once over the rule and the type of the weights; the rule's file compiles it
// (learning/rule.h). What a rule declares, and when it is called: core/plasticity.h. Tested through
// the rules (tests/unit/learning).
#pragma once
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <limits>
#include <map>
#include <type_traits>
#include <utility>

#include "core/arena.h"
#include "core/plastic_parts.h"
#include "core/prefetch.h"

namespace ranvier {

/// See above.
template <class Rule, class Real>
class SynapseTableOf final : public SynapseTable {
  using Parameters = typename Rule::Parameters;
  using Constants = typename Rule::Constants;
  using Trace = typename Rule::Trace;
  using Synapse = typename SynapseOf<Rule>::type;
  static constexpr bool sees_post = SeesPost<Rule>;
  static constexpr std::size_t trace_width =
      std::is_empty_v<Trace> ? 0 : sizeof(Trace) / sizeof(double);
  static constexpr double none = std::numeric_limits<double>::quiet_NaN();
  static constexpr std::size_t own_width = HasSynapse<Rule> ? sizeof(Synapse) / sizeof(double) : 0;
  static_assert(std::is_empty_v<Trace> || sizeof(Trace) % sizeof(double) == 0);

  using Traces = TracesOf<Trace>;
  using Row = PlasticRow<Trace>;
  using Visit = PlasticVisit<Trace>;
  using Waiting = WaitingVisit<Trace>;

 public:
  static constexpr SynapseWidths widths(bool varied) {
    return {own_width + (varied ? 2 * trace_width : 0), 3 + 2 * trace_width, 7 + 4 * trace_width};
  }

  explicit SynapseTableOf(const SynapseTableSpec& spec)
      : spec_(spec),
        decays_(spec.dt, spec.varied.empty() ? Decays::Form::tables : Decays::Form::plain),
        constants_(Rule::derive(rule_parameters<Rule>(spec.parameters), decays_)),
        per_quantum_(1 / spec.quantum) {
    if constexpr (sees_post) fraction_ = rule_parameters<Rule>(spec.parameters).*Rule::dendritic;
  }

  std::uint32_t append_row(std::uint32_t source, std::span<const NewSynapse> row,
                           std::span<const double> values) override {
    std::vector<const NewSynapse*> order;
    for (const NewSynapse& s : row) order.push_back(&s);
    std::stable_sort(order.begin(), order.end(), [](const NewSynapse* a, const NewSynapse* b) {
      return a->delay != b->delay ? a->delay < b->delay : a->target < b->target;
    });
    Row added;
    added.first = where_.size();
    added.source = source;
    added.synapses = static_cast<std::uint32_t>(row.size());
    std::uint32_t* where = where_.extend(row.size());
    Real* weight = weight_.extend(row.size());
    for (const NewSynapse* s : order) {
      *where++ = s->delay << 16 | s->target;
      *weight++ = static_cast<Real>(s->weight);
      if constexpr (is_stochastic<Rule>) pair_.push_back(s->pair);
      for (std::size_t k = 0; k < spec_.varied.size(); ++k) own_.push_back(values[s->values + k]);
    }
    if constexpr (own_width > 0)
      for (std::size_t i = added.first; i < where_.size(); ++i)
        synapse_.push_back(Rule::initial(parameters_of(i)));
    if (varies()) traces_.resize(where_.size());
    rows_.push_back(added);
    return static_cast<std::uint32_t>(rows_.size() - 1);
  }

  void spike(std::uint32_t number, std::int64_t step, std::int64_t now,
             PlasticCalendar& out) override {
    Row& row = rows_[number];
    Visit visit{number, step, row.last, row.taken, row.spikes, row.traces, {}};
    if (!varies())
      visit.after = row.traces = after(row.traces, constants_, since_last(step, row.last));
    row.last = row.taken = step;
    ++row.spikes;
    const std::uint64_t end = row.first + row.synapses;
    if constexpr (!sees_post) {
      take(visit, row.first, end, out);
    } else if (fraction_ >= 0.5) {  // the axonal part is the shorter one: all is known
      take(visit, row.first, end, out);
    } else {
      for (std::uint64_t i = row.first, next; i < end; i = next) {
        next = i + 1;
        while (next < end && where_.data()[next] >> 16 == where_.data()[i] >> 16) ++next;
        const DelayParts parts = delay_parts(where_.data()[i] >> 16, fraction_);
        const Waiting waiting{visit, i, next, step + parts.lag - (parts.at_soma ? 1 : 0)};
        if (waiting.known_by <= now) take(visit, i, next, out);
        else waiting_.push_back(waiting);
      }
    }
  }

  void fetch(std::uint32_t row) const override {
    fetch_block(rows_[row].first);
    fetch_block(rows_[row].first + PlasticBlock::most);
  }

  void settle(std::int64_t now, PlasticCalendar& out) override {
    std::size_t kept = 0;
    for (std::size_t k = 0; k < waiting_.size(); ++k)
      if (waiting_[k].known_by <= now)
        take(waiting_[k].visit, waiting_[k].first, waiting_[k].end, out);
      else waiting_[kept++] = waiting_[k];
    waiting_.resize(kept);
  }

  void catch_up(std::int64_t since, std::int64_t now) override {
    if constexpr (sees_post) {
      const std::int64_t until = now - spec_.max_delay;
      for (std::uint32_t r = 0; r < rows_.size(); ++r) {
        Row& row = rows_[r];
        if (row.last < 0 || row.last > since || row.taken >= until) continue;
        double* ahead = ahead_.try_emplace(r, row.synapses, none).first->second.data();
        for (std::uint64_t i = row.first; i < row.first + row.synapses; ++i, ++ahead) {
          double weight = std::isnan(*ahead) ? static_cast<double>(weight_.data()[i]) : *ahead;
          if (!varies())
            take_posts(weight, row.traces, constants_, i, {row.last, row.taken, until});
          else take_posts(weight, traces_[i], own_constants(i), i, {row.last, row.taken, until});
          *ahead = weight;
        }
        row.taken = until;
      }
    }
  }

  std::size_t rows() const override { return rows_.size(); }
  std::size_t synapses_of(std::uint32_t row) const override { return rows_[row].synapses; }
  std::int64_t synapses() const override { return static_cast<std::int64_t>(where_.size()); }
  std::uint32_t source(std::uint32_t row) const override { return rows_[row].source; }
  std::size_t bytes() const override {
    return where_.bytes() + weight_.bytes() + rows_.capacity() * sizeof(Row) +
           pair_.capacity() * sizeof(std::uint32_t) + own_.capacity() * sizeof(double) +
           synapse_.capacity() * sizeof(Synapse) * (own_width > 0) +
           traces_.capacity() * sizeof(Traces) + ahead_bytes();
  }

  void add_digest(std::uint64_t key, std::array<std::uint64_t, 2>& sums) const override {
    std::array<double, widths(true).row + 1> of_row;
    std::array<double, widths(true).synapse + 1> own{};
    const std::size_t n_own = widths(varies()).synapse;
    for (std::uint32_t r = 0; r < rows_.size(); ++r) {
      save_row(r, of_row.data());
      std::uint64_t row = hash_word(key, rows_[r].source);
      for (std::size_t k = 0; k + 1 < of_row.size(); ++k)
        row = hash_word(row, std::bit_cast<std::uint64_t>(of_row[k]));
      std::uint64_t equals = 0;  // before this one, of one pair and delay
      for (std::uint32_t i = 0; i < rows_[r].synapses; ++i) {
        const std::uint32_t* where = where_.data() + rows_[r].first + i;
        equals = i > 0 && where[0] == where[-1] ? equals + 1 : 0;
        std::uint64_t h = hash_word(row, (*where & 0xFFFF) + spec_.first_target);
        h = hash_word(h, (*where >> 16) | equals << 32);
        save_synapse(r, i, own.data());
        for (const double x : {weight(r, i), next_weight(r, i)})
          h = hash_word(h, std::bit_cast<std::uint64_t>(x));
        for (std::size_t k = 0; k < n_own; ++k)
          h = hash_word(h, std::bit_cast<std::uint64_t>(own[k]));
        sums[0] += h;
        sums[1] += hash_word(h, 1);
      }
    }
  }

  double weight(std::uint32_t row, std::size_t i) const override {
    return static_cast<double>(weight_.data()[rows_[row].first + i]);
  }
  double next_weight(std::uint32_t row, std::size_t i) const override {
    const auto ahead = ahead_.find(row);
    return ahead == ahead_.end() || std::isnan(ahead->second[i]) ? weight(row, i)
                                                                 : ahead->second[i];
  }
  void set_weight(std::uint32_t row, std::size_t i, double weight) override {
    weight_.data()[rows_[row].first + i] = static_cast<Real>(weight);
    if (const auto ahead = ahead_.find(row); ahead != ahead_.end()) ahead->second[i] = none;
  }
  void set_next_weight(std::uint32_t row, std::size_t i, double weight) override {
    if (weight == this->weight(row, i)) return;
    ahead_.try_emplace(row, rows_[row].synapses, none).first->second[i] = weight;
  }
  bool holds(std::uint32_t row, std::size_t i, double weight) const override {
    return static_cast<Real>(weight) == static_cast<Real>(this->weight(row, i));
  }
  double own_value(std::uint32_t row, std::size_t i, std::size_t varied) const override {
    return own_[(rows_[row].first + i) * spec_.varied.size() + varied];
  }

  void save_synapse(std::uint32_t row, std::size_t i, double* out) const override {
    const std::size_t at = rows_[row].first + i;
    if constexpr (own_width > 0) out = put_variables(synapse_[at], out);
    if (varies()) put_traces(traces_[at], out);
  }
  void load_synapse(std::uint32_t row, std::size_t i, const double* in) override {
    const std::size_t at = rows_[row].first + i;
    if constexpr (own_width > 0) in = get_variables(synapse_[at], in);
    if (varies()) get_traces(traces_[at], in);
  }
  void save_row(std::uint32_t row, double* out) const override {
    *out++ = static_cast<double>(rows_[row].last);
    *out++ = static_cast<double>(rows_[row].taken);
    *out++ = static_cast<double>(rows_[row].spikes);
    put_traces(rows_[row].traces, out);
  }
  void load_row(std::uint32_t row, const double* in) override {
    rows_[row].last = static_cast<std::int64_t>(*in++);
    rows_[row].taken = static_cast<std::int64_t>(*in++);
    rows_[row].spikes = static_cast<std::int64_t>(*in++);
    get_traces(rows_[row].traces, in);
  }
  void save_waiting(std::vector<double>& out) const override {
    for (const Waiting& w : waiting_) {
      const Visit& v = w.visit;
      for (const std::int64_t x :
           {std::int64_t{rows_[v.row].source}, std::int64_t{where_.data()[w.first] >> 16}, v.step,
            v.last, v.taken, v.number, w.known_by})
        out.push_back(static_cast<double>(x));
      std::array<double, 4 * trace_width + 1> traces;
      put_traces(v.after, put_traces(v.before, traces.data()));
      out.insert(out.end(), traces.begin(), traces.end() - 1);
    }
  }
  void load_waiting(std::span<const double> in) override {
    constexpr std::size_t width = widths(false).waiting;
    for (std::size_t at = 0; at + width <= in.size(); at += width) {
      const double* x = in.data() + at;
      const auto whole = [x](std::size_t k) { return static_cast<std::int64_t>(x[k]); };
      const auto row = std::lower_bound(
          rows_.begin(), rows_.end(), x[0],
          [](const Row& r, double source) { return static_cast<double>(r.source) < source; });
      if (row == rows_.end() || static_cast<double>(row->source) != x[0]) continue;
      Waiting w{};
      w.visit = {static_cast<std::uint32_t>(row - rows_.begin()),
                 whole(2),
                 whole(3),
                 whole(4),
                 whole(5),
                 {},
                 {}};
      w.known_by = whole(6);
      get_traces(w.visit.after, get_traces(w.visit.before, x + 7));
      w.first = first_of_delay(*row, whole(1));
      w.end = first_of_delay(*row, whole(1) + 1);
      if (w.first < w.end) waiting_.push_back(w);
    }
  }

 private:
  bool varies() const { return !spec_.varied.empty(); }

  /// The first synapse of a row with at least that delay (steps).
  std::uint64_t first_of_delay(const Row& row, std::int64_t delay) const {
    const std::uint32_t* begin = where_.data() + row.first;
    const auto found = std::partition_point(
        begin, begin + row.synapses, [delay](std::uint32_t where) { return where >> 16 < delay; });
    return row.first + static_cast<std::uint64_t>(found - begin);
  }

  static std::int64_t since_last(std::int64_t step, std::int64_t last) {
    return step - std::max<std::int64_t>(last, 0);
  }
  static Traces after(const Traces& t, const Constants& c, std::int64_t steps) {
    Traces next;
    next.before = t.trace;
    Rule::decay(next.before, c, steps);
    next.trace = next.before;
    Rule::arrive(next.trace, c);
    return next;
  }

  Parameters parameters_of(std::size_t synapse) const {
    if (!varies()) return rule_parameters<Rule>(spec_.parameters);
    std::vector<double> all = spec_.parameters;
    for (std::size_t k = 0; k < spec_.varied.size(); ++k)
      all[spec_.varied[k]] = own_[synapse * spec_.varied.size() + k];
    return rule_parameters<Rule>(all);
  }

  Constants own_constants(std::size_t synapse) const {
    Decays plain(spec_.dt, Decays::Form::plain);
    return Rule::derive(parameters_of(synapse), plain);
  }
  std::size_t ahead_bytes() const {
    std::size_t bytes = 0;
    for (const auto& [row, weights] : ahead_) bytes += 64 + weights.size() * sizeof(double);
    return bytes;
  }

  /// Since the presynaptic spike `last`, postsynaptic spikes that meet one of step `from` or before
  /// have been taken in; those up to `until` are to be.
  struct Stretch {
    std::int64_t last, from, until;
  };
  void take_posts(double& weight, const Traces& seen, const Constants& c, std::uint64_t i,
                  const Stretch& stretch) const {
    const std::uint32_t where = where_.data()[i];
    const auto spikes = spec_.history->of(where & 0xFFFF);
    const DelayParts parts = delay_parts(where >> 16, fraction_);
    const std::int64_t met = stretch.last + parts.lag, late = parts.at_soma ? 1 : 0;
    std::size_t k = spikes.size();
    while (k > 0 && spikes[k - 1].step > stretch.from + parts.lag - late) --k;
    for (; k < spikes.size() && spikes[k].step <= stretch.until + parts.lag - late; ++k) {
      const std::int64_t steps = spikes[k].step - met;
      weight = Rule::on_post(weight, steps == 0 ? seen.before : seen.trace, c, steps);
    }
  }

  /// A presynaptic spike at the synapses [first, end).
  void take(const Visit& visit, std::uint64_t first, std::uint64_t end, PlasticCalendar& out) {
    for (std::uint64_t next; first < end; first = next) {
      if (varies()) {
        next = first + 1;
        const Constants own = own_constants(first);
        const Traces before = traces_[first];
        traces_[first] = after(before, own, since_last(visit.step, visit.last));
        take_block(visit, before, traces_[first].trace, own, first, next, out);
      } else {
        next = std::min(end, first + PlasticBlock::most);
        fetch_block(next + PlasticBlock::most);
        take_block(visit, visit.before, visit.after.trace, constants_, first, next, out);
      }
    }
    if (const auto found = ahead_.find(visit.row);
        found != ahead_.end() && std::all_of(found->second.begin(), found->second.end(),
                                             [](double weight) { return std::isnan(weight); }))
      ahead_.erase(found);
  }

  void fetch_block(std::uint64_t first) const {
    for (std::uint64_t i = first; i < first + PlasticBlock::most; i += 16) {
      prefetch(where_.data() + i);
      prefetch(weight_.data() + i);
    }
  }

  /// A presynaptic spike at the synapses [first, end), in passes without guesses that the processor
  /// could get wrong: what their targets have fired; the postsynaptic spikes, the first of every
  /// synapse, then the second, ...; the spike itself. One synapse after the other takes twice the
  /// time (measured).
  void take_block(const Visit& visit, const Traces& seen, const Trace& fresh, const Constants& c,
                  std::uint64_t first, std::uint64_t end, PlasticCalendar& out) {
    PlasticBlock& b = block_;
    const auto n = static_cast<std::size_t>(end - first);
    const Real* weights = weight_.data() + first;
    for (std::size_t j = 0; j < n; ++j) b.weight[j] = static_cast<double>(weights[j]);
    if (const auto ahead = ahead_.find(visit.row); ahead != ahead_.end())
      for (std::size_t j = 0; j < n; ++j)
        if (double& weight = ahead->second[first + j - rows_[visit.row].first]; !std::isnan(weight))
          b.weight[j] = std::exchange(weight, none);
    const std::uint32_t* where = where_.data() + first;
    if constexpr (sees_post) {
      for (std::size_t j = 0, next; j < n; j = next) {
        next = end_of_delay(where, j, n);
        look_at_posts(visit, seen, c, first, j, next);
      }
      take_newest_posts(seen, c, where, n);
    }
    for (std::size_t j = 0, next; j < n; j = next) {
      next = end_of_delay(where, j, n);
      send(visit, fresh, c, first, j, next, out);
    }
  }

  /// Where the postsynaptic spikes of a block lie; a synapse that asks for more than the newest of
  /// its target takes them in here.
  void look_at_posts(const Visit& visit, const Traces& seen, const Constants& c,
                     std::uint64_t first, std::size_t j, std::size_t end) {
    constexpr std::size_t ahead = 16;
    using Newest = SpikeHistory::Newest;
    PlasticBlock& b = block_;
    const SpikeHistory& history = *spec_.history;
    const Decay decay = history.decay();
    const Newest* newest_of = history.newest();
    const std::uint32_t* where = where_.data() + first;
    const std::size_t last = where_.size() - first - 1;
    const bool has_met = visit.last >= 0;
    const DelayParts parts = delay_parts(where[j] >> 16, fraction_);
    const std::int64_t meet = visit.step + parts.lag - history.origin();
    const std::int64_t met = visit.last + parts.lag - history.origin();
    const std::int64_t until = meet - (parts.at_soma ? 1 : 0);
    const std::int64_t since =
        until - (has_met ? std::max<std::int64_t>(visit.step - visit.taken, 0) : 0);
    const std::int32_t short_until = Newest::short_step(until);
    const std::int32_t short_since = Newest::short_step(since);
    for (; j < end; ++j) {
      prefetch(newest_of + (where[std::min(j + ahead, last)] & 0xFFFF));
      const Newest& newest = newest_of[where[j] & 0xFFFF];
      auto [later, new_ones] = newest.after(short_until, short_since);
      b.met[j] = met;
      b.at[j] = static_cast<std::uint8_t>(new_ones);
      b.left[j] = static_cast<std::uint8_t>(new_ones - later);
      if (new_ones < Newest::n && later + 1 < Newest::traced) {
        later += newest.step[later] == meet;
        b.post_trace[j] = newest.trace[later] * decay(meet - newest.step[later]);
      } else {
        if (has_met)
          take_posts(b.weight[j], seen, c, first + j, {visit.last, visit.taken, visit.step});
        b.post_trace[j] = history.trace_before(where[j] & 0xFFFF, visit.step + parts.lag);
        b.left[j] = 0;
      }
    }
  }

  void take_newest_posts(const Traces& seen, const Constants& constants, const std::uint32_t* where,
                         std::size_t n) {
    PlasticBlock& b = block_;
    const Constants c = constants;  // a copy, which nothing written here can be part of
    const SpikeHistory::Newest* newest_of = spec_.history->newest();
    std::size_t m = 0;
    for (std::size_t j = 0; j < n; ++j) {
      b.listed[m] = static_cast<std::uint8_t>(j);
      m += b.left[j] > 0;
    }
    while (m > 0) {
      std::size_t kept = 0;
      for (std::size_t l = 0; l < m; ++l) {
        const std::size_t j = b.listed[l];
        const std::int64_t steps = newest_of[where[j] & 0xFFFF].step[--b.at[j]] - b.met[j];
        b.weight[j] = Rule::on_post(b.weight[j], steps == 0 ? seen.before : seen.trace, c, steps);
        b.listed[kept] = static_cast<std::uint8_t>(j);
        kept += --b.left[j] > 0;
      }
      m = kept;
    }
  }

  /// The presynaptic spike itself at synapses [j, end) of a block, of one delay.
  void send(const Visit& visit, const Trace& fresh, const Constants& constants, std::uint64_t first,
            std::size_t j, std::size_t end, PlasticCalendar& out) {
    PlasticBlock& b = block_;
    const Constants c = constants;
    const double per_quantum = per_quantum_;
    const std::uint32_t* where = where_.data() + first;
    Real* weights = weight_.data() + first;
    const std::int64_t due = visit.step + (where[j] >> 16);
    std::size_t sent = 0;
    for (; j < end; ++j) {
      const std::uint32_t target = where[j] & 0xFFFF;
      std::uint64_t key = 0;
      if constexpr (is_stochastic<Rule>)
        key = random_bits(
            spec_.random,
            std::uint64_t{rows_[visit.row].source} << 32 | (spec_.first_target + target),
            std::uint64_t{pair_[first + j]} << 40 | static_cast<std::uint64_t>(visit.number));
      const PreSpike<Trace> spike{fresh, b.post_trace[j], visit.step, Draws(key)};
      double weight = b.weight[j], received;
      if constexpr (own_width > 0) received = Rule::on_pre(weight, synapse_[first + j], spike, c);
      else received = Rule::on_pre(weight, spike, c);
      weights[j] = static_cast<Real>(weight);
      const std::int64_t quanta = to_quanta(received * per_quantum);
      if (!PlasticArrival::holds(quanta)) {
        out.add(due, spec_.lane, quanta, target);
        continue;
      }
      b.sent[sent] = {quanta, target};
      sent += received != 0;
    }
    out.add(due, spec_.lane, std::span(b.sent).first(sent));
  }

  static double* put_traces(const Traces& t, double* out) {
    return put_variables(t.before, put_variables(t.trace, out));
  }
  static const double* get_traces(Traces& t, const double* in) {
    return get_variables(t.before, get_variables(t.trace, in));
  }

  SynapseTableSpec spec_;
  Decays decays_;
  Constants constants_;
  double per_quantum_;
  double fraction_ = 1;
  Arena<std::uint32_t> where_;  ///< delay (steps) above, target in the slice below
  Arena<Real> weight_;
  std::vector<Synapse> synapse_;
  std::vector<std::uint32_t> pair_;
  std::vector<double> own_;     ///< own parameters, synapse by synapse
  std::vector<Traces> traces_;  ///< own traces, where parameters vary
  std::vector<Row> rows_;
  std::vector<Waiting> waiting_;
  PlasticBlock block_;
  std::map<std::uint32_t, std::vector<double>> ahead_;
};

}  // namespace ranvier
