#include "encoding/event_statistics.h"

#include <algorithm>
#include <array>

namespace ranvier::encoding {

void EventStatistics::add(std::span<const DvsEvent> part) {
  if (part.empty()) return;
  if (events == 0) {
    t_first = t_last = t_min = t_max = part[0].t;
    x_min = x_max = part[0].x;
    y_min = y_max = part[0].y;
  }
  events += static_cast<std::int64_t>(part.size());
  std::array<std::array<std::int64_t, 4>, 256> rows;
  std::size_t n = 0;
  for (const DvsEvent& e : part) {
    on += e.on;
    backward_steps += e.t < t_last;
    t_last = e.t;
    t_min = std::min(t_min, e.t);
    t_max = std::max(t_max, e.t);
    x_min = std::min(x_min, e.x);
    x_max = std::max(x_max, e.x);
    y_min = std::min(y_min, e.y);
    y_max = std::max(y_max, e.y);
    rows[n++] = {e.t, e.x, e.y, e.on};
    if (n < rows.size()) continue;
    hash_.add(rows.data(), sizeof rows);
    n = 0;
  }
  hash_.add(rows.data(), n * sizeof rows[0]);
}

}  // namespace ranvier::encoding
