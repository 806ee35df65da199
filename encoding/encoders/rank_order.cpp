// rank_order: the channels of a sample fire one after another, the largest value first (equal ones
// in the order of their channels); zeros stay silent,
//   t = (rank + 1/2) T / n_channels,  rank = 0 ... n_channels - 1.
// Decoded from the order of the first spikes: x = modulation^rank, the weight of Thorpe and
// Gautrais; the order comes back as it was, the values do where they form that series. Source:
// Thorpe & Gautrais 1998 (activation: sum over inputs of modulation^order(j) w_j). Tested by
// tests/statistical/test_codes.cpp.
#include <fmt/core.h>

#include <algorithm>
#include <numeric>

#include "encoding/code.h"

namespace ranvier::encoding {
namespace {

/// Channels for which `has` holds, sorted by `before`, then by number.
template <class Has, class Before>
std::vector<std::size_t> ranked(std::size_t n, const Has& has, const Before& before) {
  std::vector<std::size_t> order(n);
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::erase_if(order, [&has](std::size_t c) { return !has(c); });
  std::stable_sort(order.begin(), order.end(), before);
  return order;
}

struct RankOrder {
  struct Parameters {
    double modulation = 0.9;
  };
  static constexpr Field<Parameters> parameters[] = {
      {"modulation", &Parameters::modulation, "1", Range::unit_interval,
       "weight of a rank over that of the rank before, in decoding"}};
  static constexpr CodeInput input = CodeInput::value;

  static double slot(const SampleShape& shape) {
    return shape.window / static_cast<double>(shape.n_channels);
  }
  static std::string check(const Parameters&, const SampleShape& shape) {
    if (shape.dt <= slot(shape) && slot(shape) >= 2e-6) return "";
    return fmt::format(
        "window: {} ms, must hold a spike of each of {} channels, 2e-6 ms and dt = "
        "{} ms apart or more",
        shape.window, shape.n_channels, shape.dt);
  }
  static void encode(const Parameters&, const Sample& sample, SpikeWriter& out) {
    const auto x = sample.values;
    const auto order = ranked(
        x.size(), [x](std::size_t c) { return x[c] > 0; },
        [x](std::size_t a, std::size_t b) { return x[a] > x[b]; });
    for (std::size_t rank = 0; rank < order.size(); ++rank) {
      out.channel(order[rank]);
      out.spike((static_cast<double>(rank) + 0.5) * slot(sample.shape));
    }
  }
  static void decode(const Parameters& p, const SampleShape&, const SpikeTrains& trains,
                     std::span<double> values) {
    const auto order = ranked(
        values.size(), [&trains](std::size_t c) { return !trains[c].empty(); },
        [&trains](std::size_t a, std::size_t b) { return trains[a][0] < trains[b][0]; });
    std::fill(values.begin(), values.end(), 0.0);
    double weight = 1;
    for (const std::size_t channel : order) {
      values[channel] = weight;
      weight *= p.modulation;
    }
  }
};

}  // namespace

Code rank_order_code() {
  return code_of<RankOrder>({"rank_order", "order in which the channels of a sample fire",
                             "Thorpe & Gautrais 1998",
                             "the order is exact; the values are those of a geometric series"});
}

}  // namespace ranvier::encoding
