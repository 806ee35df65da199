#include "encoding/filter_chain.h"

#include <algorithm>
#include <sstream>

namespace ranvier::encoding {

FilterChain::FilterChain(const std::vector<std::string>& texts) {
  for (const std::string& text : texts) {
    std::istringstream words(text);
    for (std::string word; words >> word;) filters_.push_back(make_filter(word));
  }
}

std::optional<Sensor> FilterChain::start(std::optional<Sensor> sensor) {
  for (const auto& filter : filters_) sensor = filter->start(sensor);
  return sensor;
}

std::size_t FilterChain::apply(std::span<DvsEvent> events) {
  for (const auto& filter : filters_) events = events.first(filter->apply(events));
  return events.size();
}

bool FilterChain::is_over() const {
  return std::any_of(filters_.begin(), filters_.end(), [](const auto& f) { return f->is_over(); });
}

}  // namespace ranvier::encoding
