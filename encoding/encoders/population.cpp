// population: a value excites a row of Gaussian receptive fields, whose spikes come the earlier the
// more they are excited,
//   c_i = (2 i - 3) / 2 / (m - 2),  i = 1 ... m;   sigma = 1 / (beta (m - 2));
//   g_i = exp(-(x - c_i)^2 / (2 sigma^2));   t_i = (1 - g_i) T;   none where g_i < cutoff.
// Decoded from the two earliest spikes i, j, which say x without approximation:
//   x = (c_i + c_j) / 2 + sigma^2 (ln g_i - ln g_j) / (c_i - c_j);   c_i where i is alone.
// Source: Bohte, Kok & La Poutre 2002 (values in [0, 1], beta = 1.5, fields whose
// spike would come in the last tenth stay silent). Tested by tests/statistical/test_codes.cpp.
#include <fmt/core.h>

#include <cmath>
#include <utility>

#include "core/math.h"
#include "encoding/code.h"

namespace ranvier::encoding {
namespace {

struct Population {
  struct Parameters {
    double fields = 12, beta = 1.5, cutoff = 0.1;
  };
  static constexpr Field<Parameters> parameters[] = {
      {"fields", &Parameters::fields, "1", Range::positive,
       "number of receptive fields, 3 to 65536: channels a value"},
      {"beta", &Parameters::beta, "1", Range::positive, "distance of the fields over their width"},
      {"cutoff", &Parameters::cutoff, "1", Range::unit_interval,
       "least response that makes a spike"}};
  static constexpr CodeInput input = CodeInput::value;

  static bool is_count(double fields) {
    return fields == std::floor(fields) && fields >= 3 && fields <= 65536;
  }
  static std::size_t fan(const Parameters& p) {
    return is_count(p.fields) ? static_cast<std::size_t>(p.fields) : 1;
  }
  static std::string check(const Parameters& p, const SampleShape&) {
    if (is_count(p.fields)) return "";
    return fmt::format("fields: {}, must be a whole number from 3 to 65536", p.fields);
  }
  static double centre(const Parameters& p, std::size_t i) {  // i from 0
    return (2 * static_cast<double>(i) - 1) / 2 / (p.fields - 2);
  }
  static double sigma(const Parameters& p) { return 1 / (p.beta * (p.fields - 2)); }

  static void encode(const Parameters& p, const Sample& sample, std::size_t channel,
                     SpikeWriter& out) {
    for (std::size_t i = 0; i < fan(p); ++i) {
      const double z = (sample.at(0, channel) - centre(p, i)) / sigma(p);
      const double response = math::exp(-z * z / 2);
      out.channel(channel * fan(p) + i);
      if (response >= p.cutoff && response > 0) out.spike((1 - response) * sample.shape.window);
    }
  }
  static double decode(const Parameters& p, const SampleShape& shape, const SpikeTrains& trains,
                       std::size_t channel) {
    std::pair<double, std::size_t> one{shape.window, fan(p)}, two = one;  // time and field
    for (std::size_t i = 0; i < fan(p); ++i) {
      const auto train = trains[channel * fan(p) + i];
      if (train.empty() || !(train[0] < two.first)) continue;
      two = {train[0], i};
      if (two.first < one.first) std::swap(one, two);
    }
    if (one.second == fan(p)) return 0;
    const double c1 = centre(p, one.second);
    if (two.second == fan(p)) return c1;
    const double c2 = centre(p, two.second);
    const auto log_response = [&shape](double t) { return math::log(1 - t / shape.window); };
    return (c1 + c2) / 2 +
           sigma(p) * sigma(p) * (log_response(one.first) - log_response(two.first)) / (c1 - c2);
  }
};

}  // namespace

Code population_code() {
  return code_of<Population>({"population", "Gaussian receptive fields, earliest where they fit",
                              "Bohte, Kok & La Poutre 2002",
                              "dt (1 / g1 + 1 / g2) / (T beta^2 (fields - 2))"});
}

}  // namespace ranvier::encoding
