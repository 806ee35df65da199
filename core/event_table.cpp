#include "core/event_table.h"

#include <fmt/core.h>

#include <algorithm>
#include <tuple>

#include "core/error.h"

namespace ranvier {

void EventTable::append_group(const Kind& kind, std::uint64_t count) {
  auto found = std::find(kinds_.begin(), kinds_.end(), kind);
  if (found == kinds_.end()) found = kinds_.insert(found, kind);
  if (groups_.size() == 0) groups_.extend(1);
  std::uint64_t& last = groups_.data()[groups_.size() - 1];
  const std::uint64_t end = last + (count << kind_bits);
  last += static_cast<std::uint64_t>(found - kinds_.begin());
  *groups_.extend(1) = end;
}

std::uint32_t EventTable::row_that_begins(std::uint64_t group) {
  if (group >= no_row)
    throw Error(
        ErrorKind::capacity,
        fmt::format("the synapses of event-driven neurons in one chunk are of more than {} "
                    "sources, delays and weights; more threads or ranks make chunks smaller",
                    no_row));
  return static_cast<std::uint32_t>(group);
}

std::uint32_t EventTable::append_row(std::span<const ExactPlaced> synapses) {
  const auto key = [this](const ExactPlaced& s) {
    return std::tuple(form_.delays ? std::uint16_t{0} : s.delay, s.receptor,
                      form_.weights ? std::int64_t{0} : s.weight);
  };
  const auto before = [&key](const ExactPlaced& a, const ExactPlaced& b) {
    return std::tuple(key(a), a.target) < std::tuple(key(b), b.target);
  };
  if (!std::is_sorted(synapses.begin(), synapses.end(), before)) {
    sorted_.assign(synapses.begin(), synapses.end());
    std::stable_sort(sorted_.begin(), sorted_.end(), before);
    synapses = sorted_;
  }
  const std::uint32_t row = row_that_begins(groups());
  std::uint32_t* targets = targets_.extend(synapses.size());
  for (std::size_t i = 0; i < synapses.size(); ++i) targets[i] = synapses[i].target;
  if (form_.delays) {
    std::uint16_t* delays = delays_.extend(synapses.size());
    for (std::size_t i = 0; i < synapses.size(); ++i) delays[i] = synapses[i].delay;
  }
  if (form_.weights) {
    std::int64_t* weights = weights_.extend(synapses.size());
    for (std::size_t i = 0; i < synapses.size(); ++i) weights[i] = synapses[i].weight;
  }
  for (std::size_t i = 0; i < synapses.size();) {
    std::size_t end = i + 1;
    while (end < synapses.size() && key(synapses[end]) == key(synapses[i])) ++end;
    const auto [delay, receptor, weight] = key(synapses[i]);
    append_group({weight, delay, receptor}, end - i);
    i = end;
  }
  end_row();
  return row;
}

void EventTable::forget_single_groups() {
  const std::uint64_t* const first = groups_.data();
  if (std::all_of(first, first + groups(), [](std::uint64_t g) { return (g & ends_row) != 0; }))
    groups_ = {};
}

void EventTable::sort_groups(std::size_t first) {
  const auto by_target = [](const ExactPlaced& a, const ExactPlaced& b) {
    return a.target < b.target;
  };
  for (std::size_t g = first; g < groups(); ++g) {
    const std::uint64_t from = groups_.data()[g] >> kind_bits,
                        to = groups_.data()[g + 1] >> kind_bits;
    std::uint32_t* const targets = targets_.data();
    if (std::is_sorted(targets + from, targets + to)) continue;
    sorted_.clear();
    for (std::uint64_t i = from; i < to; ++i)
      sorted_.push_back({.weight = form_.weights ? weights()[i] : 0,
                         .target = targets[i],
                         .delay = form_.delays ? delays()[i] : std::uint16_t{0},
                         .receptor = 0});
    std::stable_sort(sorted_.begin(), sorted_.end(), by_target);
    for (std::uint64_t i = from; i < to; ++i) {
      const ExactPlaced& s = sorted_[i - from];
      targets[i] = s.target;
      if (form_.delays) delays()[i] = s.delay;
      if (form_.weights) weights()[i] = s.weight;
    }
  }
}

std::vector<std::vector<std::uint64_t>> EventTable::append_rows(
    std::span<const Kind> kinds, std::span<const std::vector<std::uint32_t>> counts,
    std::vector<std::uint32_t>& rows) {
  const std::size_t n = counts[0].size();
  std::vector<std::vector<std::uint64_t>> begins(kinds.size(), std::vector<std::uint64_t>(n));
  std::uint64_t end = targets_.size();
  rows.assign(n, no_row);
  for (std::size_t s = 0; s < n; ++s) {
    const std::uint64_t first = end;
    const std::uint32_t row = row_that_begins(groups());
    for (std::size_t g = 0; g < kinds.size(); ++g) {
      begins[g][s] = end;
      if (counts[g][s] == 0) continue;
      append_group(kinds[g], counts[g][s]);
      end += counts[g][s];
    }
    if (end == first) continue;
    rows[s] = row;
    end_row();
  }
  const std::size_t added = end - targets_.size();
  targets_.extend(added);
  if (form_.delays) delays_.extend(added);
  if (form_.weights) weights_.extend(added);
  return begins;
}

}  // namespace ranvier
