#include "app/replay/decoder.h"

#include <fmt/core.h>

#include <algorithm>

#include "core/error.h"
#include "core/time.h"

namespace ranvier::app {
namespace {

constexpr const char* names[] = {"rate", "first_spike", "membrane_maximum"};

}  // namespace

DecodeRule decode_rule_named(const std::string& name) {
  for (const DecodeRule rule :
       {DecodeRule::rate, DecodeRule::first_spike, DecodeRule::membrane_maximum})
    if (name == name_of(rule)) return rule;
  throw Error(ErrorKind::usage,
              fmt::format("--decode: \"{}\", must be rate, first_spike or membrane_maximum", name));
}

const char* name_of(DecodeRule rule) { return names[static_cast<std::size_t>(rule)]; }

OutputDecoder::OutputDecoder(const RecordPlan& plan, const std::string& population, DecodeRule rule,
                             std::size_t classes)
    : rule_(rule), evidence_(classes) {
  const auto found = std::find_if(plan.populations.begin(), plan.populations.end(),
                                  [&population](const auto& p) { return p.name == population; });
  RANVIER_ASSERT(found != plan.populations.end(), "the output population is recorded");
  first_ = found->first;
  size_ = found->size;
  const auto n = static_cast<std::int64_t>(classes);
  if (n == 0 || size_ % n != 0)
    throw Error(ErrorKind::range,
                fmt::format("population \"{}\": size: {}, must be a multiple of the number of "
                            "classes, which is {}",
                            population, size_, n));
  group_ = size_ / n;
  if (rule == DecodeRule::membrane_maximum) columns_ = plan.reports.at(0).neurons;
}

void OutputDecoder::spikes(std::span<const RecordedSpike> window) {
  if (rule_ == DecodeRule::membrane_maximum) return;
  for (const RecordedSpike& spike : window) {
    if (spike.gid < first_ || spike.gid >= first_ + static_cast<Gid>(size_)) continue;
    std::optional<double>& e = evidence_[class_of(static_cast<std::int64_t>(spike.gid - first_))];
    if (rule_ == DecodeRule::rate) e = e.value_or(0) + 1;
    else if (const double ms = to_ms(Time{spike.time}); ms < e.value_or(ms + 1)) e = ms;
  }
}

void OutputDecoder::sample(std::size_t, std::int64_t, std::span<const std::uint32_t> columns,
                           std::span<const double> values) {
  for (std::size_t i = 0; i < columns.size(); ++i) {
    std::optional<double>& e = evidence_[class_of(columns_[columns[i]])];
    e = std::max(e.value_or(values[i]), values[i]);
  }
}

std::optional<std::size_t> OutputDecoder::decoded() const {
  std::optional<std::size_t> best;
  for (std::size_t c = 0; c < evidence_.size(); ++c) {
    if (!evidence_[c]) continue;
    const bool better =
        !best || (rule_ == DecodeRule::first_spike ? *evidence_[c] < *evidence_[*best]
                                                   : *evidence_[c] > *evidence_[*best]);
    if (better) best = c;
  }
  return best;
}

}  // namespace ranvier::app
