// Filters one behind the other, as a reader applies them to the blocks of a recording.
#pragma once
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "encoding/filter.h"

namespace ranvier::encoding {

/// Filters one behind the other, for one recording.
class FilterChain {
 public:
  /// \param texts  each one filter or several, apart by blanks ("ba:5ms downsample:2"). Throws
  /// Error(usage).
  explicit FilterChain(const std::vector<std::string>& texts = {});

  /// Before the first event; returns the sensor of what comes out. Throws Error(range).
  std::optional<Sensor> start(std::optional<Sensor> sensor);
  /// As EventFilter::apply; after start().
  std::size_t apply(std::span<DvsEvent> events);
  bool is_over() const;
  bool empty() const { return filters_.empty(); }

 private:
  std::vector<std::unique_ptr<EventFilter>> filters_;
};

}  // namespace ranvier::encoding
