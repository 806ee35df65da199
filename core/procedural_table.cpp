#include "core/procedural_table.h"

#include <algorithm>

namespace ranvier {

template <class PlacedSynapse>
std::span<const PlacedSynapse> ProceduralTable<PlacedSynapse>::add_row(
    std::uint32_t place, std::uint64_t source, std::span<const std::unique_ptr<Rows>> rows) {
  drawn_.clear();
  for (const auto& of_projection : rows) of_projection->place(source, drawn_);
  if (!drawn_.empty())
    sources_.push_back({source, static_cast<std::uint32_t>(rows_.size()), place});
  synapses_ += static_cast<std::int64_t>(drawn_.row().size());
  return drawn_.row();
}

template <class PlacedSynapse>
void ProceduralTable<PlacedSynapse>::close_population(std::vector<std::unique_ptr<Rows>> rows) {
  rows_.push_back(std::move(rows));
}

template <class PlacedSynapse>
void ProceduralTable<PlacedSynapse>::move_places(std::span<const std::uint32_t> now_at) {
  for (Source& source : sources_) source.place = now_at[source.place];
}

template <class PlacedSynapse>
void ProceduralTable<PlacedSynapse>::number_sources(std::span<const std::uint32_t> numbers,
                                                    std::size_t n_sources) {
  source_of_.assign(n_sources, no_row);
  for (std::uint32_t s = 0; s < sources_.size(); ++s) source_of_[numbers[sources_[s].place]] = s;
}

template <class PlacedSynapse>
void ProceduralTable<PlacedSynapse>::make_calendar(std::int64_t steps, std::size_t receptors,
                                                   std::uint32_t neurons) {
  steps_ = static_cast<std::size_t>(steps);
  receptors_ = receptors;
  neurons_ = neurons;
  std::visit([this](auto& due) { due.assign(steps_ * receptors_ * neurons_, 0); }, due_);
}

template <class PlacedSynapse>
void ProceduralTable<PlacedSynapse>::set_wide_sums(bool wide) {
  if (wide == std::holds_alternative<std::vector<std::int64_t>>(due_)) return;
  const auto before = std::move(due_);
  if (wide) due_.template emplace<std::vector<std::int64_t>>();
  else due_.template emplace<std::vector<std::int32_t>>();
  std::visit(
      []<class To>(To& to, const auto& from) {
        for (const auto sum : from) to.push_back(static_cast<typename To::value_type>(sum));
      },
      due_, before);
}

template <class PlacedSynapse>
std::int64_t ProceduralTable<PlacedSynapse>::deliver(std::uint32_t source, std::int64_t step,
                                                     std::int64_t after) {
  if (source_of_[source] == no_row) return 0;
  const Source& from = sources_[source_of_[source]];
  drawn_.clear();
  for (const auto& rows : rows_[from.population]) rows->place(from.index, drawn_);
  std::visit(
      [&]<class Sum>(std::vector<Sum>& all) {
        Sum* const sums = all.data();
        for (const PlacedSynapse& s : drawn_.row()) {
          if (step + s.delay <= after) continue;
          std::size_t due = slot(step) + s.delay;
          if (due >= steps_) due -= steps_;
          sums[(due * receptors_ + s.receptor) * neurons_ + s.target] += static_cast<Sum>(s.weight);
        }
      },
      due_);
  return static_cast<std::int64_t>(drawn_.row().size());
}

template <class PlacedSynapse>
template <class Sum>
void ProceduralTable<PlacedSynapse>::drain(std::int64_t step,
                                           const std::array<Sum*, max_receptors>& sums) const {
  std::visit(
      [&](const auto& all) {
        for (std::size_t r = 0; r < receptors_; ++r) {
          const auto* due = all.data() + (slot(step) * receptors_ + r) * neurons_;
          for (std::size_t i = 0; i < neurons_; ++i) sums[r][i] += static_cast<Sum>(due[i]);
        }
      },
      due_);
}

template <class PlacedSynapse>
void ProceduralTable<PlacedSynapse>::forget(std::int64_t step) {
  const std::size_t n = receptors_ * neurons_;
  std::visit([&](auto& all) { std::fill_n(all.data() + slot(step) * n, n, 0); }, due_);
}

template <class PlacedSynapse>
std::size_t ProceduralTable<PlacedSynapse>::header_bytes() const {
  std::size_t bytes =
      sources_.capacity() * sizeof(Source) + source_of_.capacity() * sizeof(std::uint32_t);
  for (const auto& of_population : rows_)
    for (const auto& rows : of_population) bytes += rows->bytes();
  return bytes;
}

template <class PlacedSynapse>
std::size_t ProceduralTable<PlacedSynapse>::calendar_bytes() const {
  return std::visit([](const auto& due) { return due.capacity() * sizeof(due[0]); }, due_);
}

template class ProceduralTable<CompactPlaced>;
template class ProceduralTable<ExactPlaced>;
using Sums32 = std::array<std::int32_t*, max_receptors>;
using Sums64 = std::array<std::int64_t*, max_receptors>;
template void ProceduralTable<CompactPlaced>::drain(std::int64_t, const Sums32&) const;
template void ProceduralTable<CompactPlaced>::drain(std::int64_t, const Sums64&) const;
template void ProceduralTable<ExactPlaced>::drain(std::int64_t, const Sums64&) const;

}  // namespace ranvier
