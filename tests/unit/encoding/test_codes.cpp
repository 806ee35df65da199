// Codes: the spikes that the papers' formulas give for values whose spikes can be said by hand,
// encoding by parts, and what is refused. The laws of the errors: tests/statistical/test_codes.cpp.
#include "encoding/codes.h"

#include "core/error.h"
#include "tests/catch.h"

#include <algorithm>
#include <cmath>

using namespace ranvier;
using namespace ranvier::encoding;

namespace {

using Spikes = std::vector<std::pair<double, std::int64_t>>;

Spikes encode(const CodeSettings& settings, const std::vector<double>& values) {
  const EncodedSpikes all = encode_samples(settings, values, 1);
  Spikes spikes;
  for (std::size_t i = 0; i < all.times.size(); ++i)
    spikes.emplace_back(all.times[i], all.channels[i]);
  return spikes;
}

std::string fault_of(const CodeSettings& settings, const std::vector<double>& values) {
  try {
    encode(settings, values);
  } catch (const Error& error) {
    CHECK(error.kind() == ErrorKind::range);
    return error.what();
  }
  return "accepted";
}

}  // namespace

TEST_CASE("rate and interval codes put their spikes where their formulas say", "[encoding]") {
  CHECK(encode({"rate_regular", {{"rate_max", 200}}, {2, 1, 20}}, {1, 0.5}) ==
        Spikes{{2.5, 0}, {5, 1}, {7.5, 0}, {12.5, 0}, {15, 1}, {17.5, 0}});
  CHECK(encode({"isi", {{"interval_min", 4}, {"interval_max", 20}}, {3, 1, 40}}, {0, 0.5, 1}) ==
        Spikes{{4, 2},
               {8, 2},
               {12, 1},
               {12, 2},
               {16, 2},
               {20, 0},
               {20, 2},
               {24, 1},
               {24, 2},
               {28, 2},
               {32, 2},
               {36, 1},
               {36, 2},
               {40, 0},
               {40, 2}});
}

TEST_CASE("codes of the first spike fire the earlier the larger the value, and not for zero",
          "[encoding]") {
  CHECK(encode({"ttfs_linear", {{"first", 20}}, {3, 1, 100}}, {0, 0.25, 1}) ==
        Spikes{{20, 2}, {80, 1}});
  const Spikes log =
      encode({"ttfs_logarithmic", {{"tau", 10}}, {3, 1, 20}}, {std::exp(-1.0), std::exp(-2.5), 1});
  CHECK(log == Spikes{{1e-6, 2}, {10, 0}});
  CHECK(encode({"rank_order", {}, {4, 1, 40}}, {0.2, 0.9, 0, 0.5}) ==
        Spikes{{5, 1}, {15, 3}, {25, 0}});
  CHECK(encode({"latency_oscillation", {{"frequency", 50}}, {3, 1, 30}}, {0, 0.5, 1}) ==
        Spikes{{1e-6, 2}, {5, 1}, {20, 2}, {25, 1}});
}

TEST_CASE("phase sends binary digits, burst as many spikes at the interval of Guo et al. 2021",
          "[encoding]") {
  // 0.625 = 0.101 in binary; two periods of three phases fit in 7 ms.
  CHECK(encode({"phase", {{"bits", 3}}, {1, 1, 7}}, {0.625}) ==
        Spikes{{0.5, 0}, {2.5, 0}, {3.5, 0}, {5.5, 0}});
  // ceil(0.5 * 5) = 3 spikes, interval 10 - 0.5 (10 - 2) = 6 ms; one spike for 0.2, five for 1.
  CHECK(encode({"burst", {}, {3, 1, 50}}, {0.5, 0.2, 1}) ==
        Spikes{{2, 0}, {2, 1}, {2, 2}, {4, 2}, {6, 2}, {8, 0}, {8, 2}, {10, 2}, {14, 0}});
}

TEST_CASE("receptive fields lie and respond as Bohte et al. 2002 have them", "[encoding]") {
  // m = 4, beta = 1.5: centres -1/4, 1/4, 3/4, 5/4, sigma 1/3; x = 1/4.
  const Spikes spikes = encode({"population", {{"fields", 4}}, {1, 1, 100}}, {0.25});
  REQUIRE(spikes.size() == 3);
  CHECK(spikes[0] == std::pair{1e-6, std::int64_t{1}});
  const double next = 100 * (1 - std::exp(-0.5 * 2.25));
  CHECK(spikes[1].first == Approx(next).epsilon(1e-7));
  CHECK(spikes[1].second == 0);
  CHECK(spikes[2].second == 2);  // the field at 5/4 responds exp(-4.5) < 0.1
}

TEST_CASE("codes of changes move by the threshold", "[encoding]") {
  // From 0 to 0.25 in the first 10 ms, on to 0.1 in the next 10 ms.
  CHECK(encode({"delta_modulation", {{"threshold", 0.125}}, {1, 2, 20}}, {0.25, 0.0625}) ==
        Spikes{{5, 0}, {10, 0}, {16.666667, 1}});
  CHECK(encode({"step_forward", {{"threshold", 0.125}}, {1, 4, 20}}, {0.25, 0.3, 0.2, 0}) ==
        Spikes{{5, 0}, {10, 0}, {20, 1}});
  std::vector<double> back =
      decode_samples({"step_forward", {{"threshold", 0.125}}, {1, 4, 20}},
                     std::vector<double>{5, 10, 20}, std::vector<std::int64_t>{0, 0, 1}, 1);
  CHECK(back == std::vector<double>{0.125, 0.25, 0.25, 0.125});
}

TEST_CASE("any part of the channels and samples is encoded as in the whole", "[encoding]") {
  for (const Code& code : codes()) {
    CAPTURE(code.name);
    CodeSettings s{code.name, {}, {5, code.input == CodeInput::value ? 1U : 40U, 200, 0.01}, 3};
    const Encoding encoding(s);
    std::vector<double> values;
    for (std::size_t i = 0; i < 3 * encoding.values_a_sample(); ++i)
      values.push_back(to_uniform(random_bits(RandomKey{7}, i, 0)));
    const EncodedSpikes whole = encode_samples(s, values, 9);
    REQUIRE(whole.times.size() > 10);
    CHECK(std::is_sorted(whole.times.begin(), whole.times.end()));
    EncodedSpikes parts;
    const std::size_t n = encoding.n_outputs(), cut = n / 2 + 1, each = encoding.values_a_sample();
    for (std::size_t number : {2, 0, 1})
      for (const auto& [first, last] : {std::pair{cut, n}, {std::size_t{0}, cut}}) {
        std::vector<Firing> some;
        encoding.encode(std::span(values).subspan(number * each, each), number,
                        derive_key(9, Stream::source, 0), first, last, some);
        for (const Firing& spike : some) {
          const auto begin = encoding.period() * static_cast<std::int64_t>(number);
          CHECK((spike.time > 0 && spike.time <= 200'000'000 && spike.time % 10'000 == 0));
          parts.times.push_back(to_ms(begin + Time{spike.time}));
          parts.channels.push_back(static_cast<std::int64_t>(spike.neuron + first));
        }
      }
    const auto sorted = [](const EncodedSpikes& all) {
      Spikes spikes;
      for (std::size_t i = 0; i < all.times.size(); ++i)
        spikes.emplace_back(all.times[i], all.channels[i]);
      std::sort(spikes.begin(), spikes.end());
      return spikes;
    };
    CHECK(sorted(parts) == sorted(whole));
  }
}

TEST_CASE("samples decode apart, and spikes between them are left out", "[encoding]") {
  const CodeSettings s{"ttfs_linear", {}, {2, 1, 10}, 5};
  const std::vector<double> values = decode_samples(s, std::vector<double>{5, 12, 17.5, 30},
                                                    std::vector<std::int64_t>{0, 0, 1, 0}, 2);
  CHECK(values == std::vector<double>{0.5, 0, 0, 0.75});
}

TEST_CASE("a kernel's course has the spikes' rate as its mean and falls with its time constant",
          "[encoding]") {
  SpikeTrains trains;
  for (int k = 0; k < 2000; ++k) trains.times.push_back(0.5 + 5 * k);
  trains.begin.push_back(trains.times.size());
  const auto course = reconstruct(trains, 20, 1, 10000);
  double sum = 0;
  for (std::size_t k = 5000; k < 10000; ++k) sum += course[k];
  CHECK(sum / 5000 == Approx(0.2).epsilon(1e-3));
  CHECK(course[1] / course[0] == Approx(std::exp(-1.0 / 20)));
  CHECK(course[0] == Approx(std::exp(-0.5 / 20) / 20));
  SpikeTrains early;  // long before the course begins
  early.times = {-5000, -2, 3.5};
  early.begin.push_back(early.times.size());
  const auto rest = reconstruct(early, 1, 1, 4);
  CHECK(rest[0] == Approx(std::exp(-3.0)));
  CHECK(rest[3] == Approx(std::exp(-6.0) + std::exp(-0.5)));
}

TEST_CASE("what a code does not take is refused by name, value and what is accepted",
          "[encoding]") {
  CHECK(fault_of({"rate_posson"}, {1}) ==
        "unknown code \"rate_posson\", did you mean "
        "\"rate_poisson\"?");
  CHECK(fault_of({"isi", {{"intervall_min", 1}}}, {1}) ==
        "code isi has no parameter \"intervall_min\", did you mean \"interval_min\"?");
  CHECK(fault_of({"rank_order", {{"x", 1}}}, {1}) ==
        "code rank_order has no parameter \"x\"; accepted: modulation");
  CHECK(fault_of({"rate_poisson", {{"rate_max", -1}}}, {1}) ==
        "code rate_poisson: rate_max: -1 Hz, must be > 0");
  CHECK(fault_of({"rate_poisson", {{"rate_min", 100}}}, {1}) ==
        "code rate_poisson: rate_min: 100 Hz, must be below rate_max = 100 Hz");
  CHECK(fault_of({"rate_regular", {}, {1, 1, 100, 12.5}}, {1}) ==
        "code rate_regular: rate_max: 100 Hz, must be at most a spike in dt = 12.5 ms");
  CHECK(fault_of({"ttfs_linear", {}, {2, 1, 10}}, {0, 1, 0.5, 1.5}) ==
        "sample 1, channel 1: 1.5, must lie in [0, 1]");
  CHECK(fault_of({"bsa", {}, {1, 40, 10}}, std::vector<double>(40, std::nan(""))) ==
        "sample 0, step 0, channel 0: nan, must lie in [0, 1]");
  CHECK(fault_of({"ttfs_linear", {}, {2, 1, 10}}, {0, 1, 0.5}) ==
        "3 values, must be a multiple of 2 (1 steps of 2 channels), above 0");
  CHECK(fault_of({"ttfs_linear", {}, {1, 2, 10}}, {0, 1}) ==
        "steps: 2, must be 1: code ttfs_linear encodes values, one a channel and sample");
  CHECK(fault_of({"isi", {}, {1, 1, 80}}, {1}) ==
        "code isi: window: 80 ms, must hold two spikes of the value 0: at least 100 ms");
  CHECK(fault_of({"ttfs_linear", {}, {1, 1, 10, 20}}, {1}) ==
        "dt: 20 ms, must be 0 or lie in [1e-6, window = 10] ms");
  CHECK(fault_of({"population", {{"fields", 2.5}}}, {1}) ==
        "code population: fields: 2.5, must be a whole number from 3 to 65536");
}

TEST_CASE("more spikes than a window has nanoseconds are refused before any is made",
          "[encoding]") {
  CHECK(fault_of({"rate_regular", {{"rate_max", 1e300}}}, {0.5}) ==
        "code rate_regular: rate_max: 1e+300 Hz, must be at most a spike in a nanosecond = 1e-06 "
        "ms");
  CHECK(fault_of({"rate_poisson", {{"rate_max", 2e9}}}, {0.5}) ==
        "code rate_poisson: rate_max: 2000000000 Hz, must be at most a spike in a nanosecond = "
        "1e-06 ms");
  CHECK(fault_of({"isi", {{"interval_min", 1e-300}}}, {1}) ==
        "code isi: a nanosecond: 1e-06 ms, must be at most interval_min = 1e-300 ms");
  CHECK(fault_of({"burst", {{"interval_min", 1e-300}}}, {1}) ==
        "code burst: a nanosecond: 1e-06 ms, must be at most interval_min = 1e-300 ms");
  CHECK(fault_of({"latency_oscillation", {{"frequency", 1e9}}}, {1}) ==
        "code latency_oscillation: a nanosecond: 1e-06 ms, must be at most a quarter of a cycle: "
        "2.5e-07 ms");
  CHECK(fault_of({"phase", {{"step", 1e-300}}}, {1}) ==
        "code phase: a nanosecond: 1e-06 ms, must be at most step = 1e-300 ms");
  CHECK(fault_of({"delta_modulation", {}, {1, 2, 10}}, {0, 1e300}) ==
        "sample 0, step 1, channel 0: the signal has moved by 1e+300 so far, 1e+301 thresholds, "
        "must be at most one a nanosecond of the window of 10 ms");
}

TEST_CASE("spikes beyond the window are dropped however far they are", "[encoding]") {
  for (const double tau : {1e3, 1e14, 1e300}) {
    CAPTURE(tau);
    CHECK(encode({"ttfs_logarithmic", {{"tau", tau}}, {1, 1, 100, 1}}, {0.5}).empty());
  }
}

TEST_CASE("samples end before the times that there are", "[encoding]") {
  CHECK(fault_of({"ttfs_linear", {}, {1, 1, 8e12}, 8e12}, {1}) ==
        "gap: 8000000000000 ms, must be >= 0 and, with the window of 8000000000000 ms, below 9e+12 "
        "ms");
  CHECK(fault_of({"ttfs_linear", {}, {1, 1, 4e12}, 1e12}, {1, 1}) ==
        "2 samples of 5000000000000 ms each, gaps included, must end before 9e+12 ms");
  CHECK_THROWS_AS(decode_samples({"ttfs_linear", {}, {1, 1, 4e12}, 1e12}, {}, {}, 2), Error);
}
