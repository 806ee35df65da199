// Event-driven forms: the exact crossing against a dense scan of the closed form in long double,
// the event-driven slice against the clocked one at ever finer steps, and against itself with time
// cut into other windows.
#include <algorithm>
#include <limits>
#include <random>

#include "neurons/alpha_crossing.h"
#include "neurons/lif_crossing.h"
#include "tests/unit/neurons/one_slice.h"

namespace ranvier::neurons::testing {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

long double kernel(long double t, long double tau_m, long double tau_s) {
  const long double k = 1 / tau_s - 1 / tau_m;
  return std::fabs(k) < 1e-9L ? t * std::exp(-t / tau_m)
                              : (std::exp(-t / tau_m) - std::exp(-t / tau_s)) / k;
}

/// Of a current t exp(-t/tau_s).
long double alpha_kernel(long double t, long double tau_m, long double tau_s) {
  const long double k = 1 / tau_s - 1 / tau_m;
  return std::fabs(k) < 1e-6L
             ? (t * t / 2 - k * t * t * t / 3) * std::exp(-t / tau_m)
             : (std::exp(-t / tau_m) - std::exp(-t / tau_s) * (1 + k * t)) / (k * k);
}

/// First time of a scan by `step` at which u(t) is at the threshold, refined by halving; infinity
/// within `until`.
template <class Potential>
double scanned_crossing(const Potential& u, double threshold, double step, double until) {
  for (double t = 0; t < until; t += step) {
    if (u(t + step) < threshold) continue;
    long double low = t, high = t + step;
    for (int n = 0; n < 60; ++n) {
      const long double middle = (low + high) / 2;
      (u(middle) < threshold ? low : high) = middle;
    }
    return static_cast<double>(high);
  }
  return infinity;
}

/// Numbers in [low, high).
struct Between {
  std::mt19937& bits;
  double operator()(double low, double high) const {
    return low + (high - low) * static_cast<double>(bits()) / 4294967296.0;
  }
};

TEST_CASE("first crossing: as a dense scan finds it, and never before its lower bound",
          "[neurons]") {
  std::mt19937 bits(7);
  const Between between{bits};
  int crossings = 0, silent = 0, grazing = 0;
  for (int trial = 0; trial < 600; ++trial) {
    const double tau_m = between(3, 20), tau_e = trial % 5 == 0 ? tau_m : between(0.5, 30);
    const double tau_i = trial % 7 == 0 ? tau_e : between(0.5, 30), cm = between(0.2, 1);
    const auto m = exact::two_current_membrane(tau_m, tau_e, tau_i, cm);
    const exact::TwoCurrentState s{between(-20, 5), between(-4, 8), between(-6, 4)};
    const double threshold = trial % 3 == 0 ? between(-3, 0) : between(0.1, 15);
    const double found = exact::first_crossing(m, s, threshold);
    const double bound = exact::crossing_not_before(m, s, threshold);
    INFO("trial " << trial);
    REQUIRE(bound <= found);
    if (s.u >= threshold) {
      REQUIRE(found == 0);
      continue;
    }
    for (const double until : {0.0, 0.3, found * 0.5, found * (1 - 1e-9), found, found + 1}) {
      const double stopped = exact::first_crossing(m, s, threshold, until);
      if (found <= until) REQUIRE(stopped == found);
      else REQUIRE((stopped == found || (stopped >= until + 1e-6 && stopped <= found)));
    }
    const auto u = [&](long double t) {
      return s.u * std::exp(-t / tau_m) +
             (s.i_e * kernel(t, tau_m, tau_e) + s.i_i * kernel(t, tau_m, tau_i)) / cm;
    };
    const double expected = scanned_crossing(u, threshold, 0.05, 300);
    if (expected == infinity) {
      // The scan misses a summit between two of its points: accept one that stays within 1e-3 mV of
      // the threshold.
      if (found < 300) {
        REQUIRE(exact::moved(m, s, found + 0.025).u < threshold + 1e-2);
        ++grazing;
      }
      ++silent;
    } else {
      REQUIRE(found == Approx(expected).margin(1e-8));
      ++crossings;
    }
  }
  CHECK(crossings > 150);
  CHECK(silent > 100);
  CHECK(grazing < 5);
}

TEST_CASE("first crossings of many neurons: the bits of one by one", "[neurons]") {
  std::mt19937 bits(9);
  const Between between{bits};
  int crossings = 0, bounds = 0, never = 0;
  for (int trial = 0; trial < 300; ++trial) {
    const double tau_m = between(3, 20), tau_e = between(0.1, 30),
                 tau_i = trial % 3 == 0 ? tau_e : between(0.1, 0.9 * tau_m);
    const auto m = exact::two_current_membrane(tau_m, tau_e, tau_i, between(0.2, 1));
    exact::ManyStates many;
    const std::size_t n = 1 + bits() % exact::ManyStates::most;
    for (std::size_t k = 0; k < n; ++k) {
      many.u[k] = between(-20, 5);
      many.i_e[k] = bits() % 4 == 0 ? 0 : between(-2, 8);
      many.i_i[k] = bits() % 2 == 0 ? 0 : between(-6, 4);
      many.threshold[k] = bits() % 3 == 0 ? between(-8, 0) : between(0.1, 15);
      many.until[k] = bits() % 5 == 0 ? infinity : between(0, 12);
    }
    exact::first_crossings(m, many, n);
    for (std::size_t k = 0; k < n; ++k) {
      INFO("trial " << trial << ", neuron " << k << " of " << n);
      const double one = exact::first_crossing(m, {many.u[k], many.i_e[k], many.i_i[k]},
                                               many.threshold[k], many.until[k]);
      REQUIRE(many.at[k] == one);
      ++(one == infinity ? never : one > many.until[k] ? bounds : crossings);
    }
  }
  CHECK(crossings > 500);
  CHECK(bounds > 200);
  CHECK(never > 500);
}

TEST_CASE("first crossing under alpha currents: as a dense scan finds it", "[neurons]") {
  std::mt19937 bits(11);
  const Between between{bits};
  int crossings = 0, silent = 0, grazing = 0;
  for (int trial = 0; trial < 1000; ++trial) {
    const double tau_m = between(3, 20), tau_e = trial % 5 == 0 ? tau_m : between(0.5, 30);
    const exact::AlphaMembrane m{tau_m, tau_e, trial % 7 == 0 ? tau_e : between(0.5, 30),
                                 between(0.2, 1)};
    // Currents and rises of either sign; a fifth of the trials are what one arrival leaves.
    const bool fresh = trial % 5 == 1;
    const exact::AlphaState s{between(-20, 5), fresh ? 0 : between(-4, 6), between(-3, 5),
                              fresh ? 0 : between(-6, 4), between(-4, 3)};
    const double threshold = trial % 3 == 0 ? between(-3, 0) : between(0.1, 15);
    const double found = exact::first_crossing(m, s, threshold);
    INFO("trial " << trial);
    if (s.u >= threshold) {
      REQUIRE(found == 0);
      continue;
    }
    const auto u = [&](long double t) {
      return s.u * std::exp(-t / m.tau_m) +
             (s.i_e * kernel(t, m.tau_m, m.tau_e) + s.y_e * alpha_kernel(t, m.tau_m, m.tau_e) +
              s.i_i * kernel(t, m.tau_m, m.tau_i) + s.y_i * alpha_kernel(t, m.tau_m, m.tau_i)) /
                 m.cm;
    };
    const double expected = scanned_crossing(u, threshold, 0.05, 300);
    if (expected == infinity) {
      // The scan misses a summit between two of its points.
      if (found < 300) {
        REQUIRE(exact::moved(m, s, found + 0.025).u < threshold + 1e-2);
        ++grazing;
      }
      ++silent;
    } else if (found < expected - 1e-7) {
      REQUIRE(static_cast<double>(u(found)) == Approx(threshold).margin(1e-9));
      REQUIRE(exact::moved(m, s, found + 0.025).u < threshold + 1e-2);
      ++grazing;
    } else {
      REQUIRE(found == Approx(expected).margin(1e-7));
      ++crossings;
    }
  }
  CHECK(crossings > 250);
  CHECK(silent > 150);
  CHECK(grazing < 8);
}

// Where the inhibitory current is slow and not there, or has long gone, the membrane's own slope
// has decayed to 0 when the silence of such a current comes. Closed forms for tau_m = tau_e:
// u = (u_0 + i t/cm) exp(-t/tau) and (u_0 + y t^2/(2 cm)) exp(-t/tau).
TEST_CASE("a slow current that is not there hides no crossing", "[neurons]") {
  std::mt19937 bits(13);
  const Between between{bits};
  for (int trial = 0; trial < 400; ++trial) {
    const double tau = between(0.5, 5), slow = tau * between(10, 100), cm = between(0.1, 1);
    const double u_0 = trial % 2 == 0 ? 0 : between(-20, 0), i = between(2, 10) * cm / tau;
    const double gone = trial % 3 == 0 ? 0 : trial % 3 == 1 ? 1e-310 : 1e-290;
    const bool swapped = trial % 5 == 0;
    INFO("trial " << trial);
    const auto check = [&](const auto& u, double peak_at, double found_below_peak,
                           double found_grazing) {
      const double peak = u(peak_at);
      for (const auto& [share, found] :
           {std::pair{0.5, found_below_peak}, std::pair{1 - 1e-6, found_grazing}}) {
        double low = 0, high = peak_at;
        for (int n = 0; n < 200; ++n) {
          const double middle = (low + high) / 2;
          (u(middle) < share * peak ? low : high) = middle;
        }
        CHECK(found == Approx(high).epsilon(1e-6));
      }
    };
    // The peak where (u_0 + r t) exp(-t/tau) and (u_0 + r t^2) exp(-t/tau) turn.
    const double r = i / cm, peak_1 = tau - u_0 / r;
    const auto u_1 = [&](double t) { return (u_0 + r * t) * std::exp(-t / tau); };
    const auto m_1 =
        exact::two_current_membrane(tau, swapped ? slow : tau, swapped ? tau : slow, cm);
    const exact::TwoCurrentState s_1{u_0, swapped ? gone : i, swapped ? i : gone};
    check(u_1, peak_1, exact::first_crossing(m_1, s_1, 0.5 * u_1(peak_1)),
          exact::first_crossing(m_1, s_1, (1 - 1e-6) * u_1(peak_1)));
    const double r_2 = i / (2 * cm), peak_2 = tau + std::sqrt(tau * tau - u_0 / r_2);
    const auto u_2 = [&](double t) { return (u_0 + r_2 * t * t) * std::exp(-t / tau); };
    const exact::AlphaMembrane m_2{tau, swapped ? slow : tau, swapped ? tau : slow, cm};
    const exact::AlphaState s_2 =
        swapped ? exact::AlphaState{u_0, 0, gone, 0, i} : exact::AlphaState{u_0, 0, i, 0, gone};
    check(u_2, peak_2, exact::first_crossing(m_2, s_2, 0.5 * u_2(peak_2)),
          exact::first_crossing(m_2, s_2, (1 - 1e-6) * u_2(peak_2)));
  }
}

// Their sum turns when the membrane has long forgotten both.
TEST_CASE("two currents that decay almost alike hide no crossing", "[neurons]") {
  for (const double tau : {0.5, 3.0, 20.0})
    for (const double apart : {1e-4, 1e-3, 1e-2}) {
      const double tau_i = tau * (1 + apart), u_0 = -15, i_e = 40 / tau, i_i = -8 / tau;
      const auto m = exact::two_current_membrane(tau, tau, tau_i, 1);
      const auto u = [&](double t) {
        return u_0 * std::exp(-t / tau) +
               static_cast<double>(i_e * kernel(t, tau, tau) + i_i * kernel(t, tau, tau_i));
      };
      double low = 0, high = 10 * tau;
      for (int n = 0; n < 200; ++n) {
        const double third = (high - low) / 3;
        if (u(low + third) < u(high - third)) low += third;
        else high -= third;
      }
      const double threshold = (1 - 1e-6) * u(low);
      low = 0;
      for (int n = 0; n < 200; ++n) {
        const double middle = (low + high) / 2;
        (u(middle) < threshold ? low : high) = middle;
      }
      INFO("tau " << tau << ", apart by " << apart);
      CHECK(exact::first_crossing(m, {u_0, i_e, i_i}, threshold) == Approx(high).epsilon(1e-6));
    }
}

struct Spike {
  std::int64_t time;
  std::uint32_t receptor;
  double weight;
};

/// Arrivals on a grid of 0.1 ms at one neuron, of both signs.
std::vector<Spike> random_spikes(double excitatory, double inhibitory) {
  std::mt19937 bits(3);
  std::vector<Spike> out;
  for (std::int64_t n = 1; n < 4000; ++n) {
    if (bits() % 12 == 0) out.push_back({n * 100'000, 0, excitatory});
    if (bits() % 40 == 0) out.push_back({n * 100'000, 1, inhibitory});
  }
  return out;
}

std::vector<Firing> run_events(const std::string& model, const std::vector<double>& values,
                               const std::vector<Spike>& spikes, std::int64_t window,
                               std::uint32_t size = 1) {
  static const NeuronCatalogue catalogue = make_catalogue();
  const NeuronModel& m = *catalogue.find(model);
  SliceSpec spec;
  spec.size = size;
  for (std::size_t k = 0; k < m.parameters.size(); ++k) spec.parameters.push_back({values[k]});
  const auto slice = m.make_event(spec);
  const std::vector<double> quanta(m.receptors.size(), OneSlice::quantum);
  std::vector<Firing> fired;
  for (std::int64_t begin = 0; begin < 400'000'000; begin += window) {
    std::vector<Arrival> arrivals;
    for (std::uint32_t i = 0; i < size; ++i)
      for (const Spike& s : spikes)
        if (s.time > begin && s.time <= begin + window)
          arrivals.push_back({i, s.time - begin, s.receptor,
                              std::llround(s.weight * (1 + 0.02 * i) / OneSlice::quantum)});
    slice->advance({Time{begin}, Time{begin + window}}, arrivals, quanta, fired);
  }
  std::sort(fired.begin(), fired.end(), [](const Firing& a, const Firing& b) {
    return std::tie(a.time, a.neuron) < std::tie(b.time, b.neuron);
  });
  return fired;
}

std::vector<double> with(const std::string& model, const Values& changes) {
  static const NeuronCatalogue catalogue = make_catalogue();
  std::vector<double> out;
  for (const FieldInfo& f : catalogue.find(model)->parameters)
    out.push_back(changes.count(f.name) ? changes.at(f.name) : f.default_value);
  return out;
}

struct Case {
  const char* model;
  Values values;
  double excitatory, inhibitory;
};
const Case cases[] = {
    {"if_curr_exp",
     {{"tau_syn_E", 3},
      {"tau_syn_I", 8},
      {"tau_m", 15},
      {"cm", 0.5},
      {"tau_refrac", 2},
      {"i_offset", 0.3}},
     0.8,
     -0.9},
    {"if_curr_exp",
     {{"tau_syn_E", 15}, {"tau_syn_I", 2}, {"tau_m", 15}, {"tau_refrac", 1}},
     0.6,
     -2},
    {"if_curr_delta", {{"tau_m", 15}, {"i_offset", 0.6}, {"tau_refrac", 2}}, 2, -3},
    {"if_curr_alpha",
     {{"tau_syn_E", 3},
      {"tau_syn_I", 8},
      {"tau_m", 15},
      {"cm", 0.5},
      {"tau_refrac", 2},
      {"i_offset", 0.3}},
     0.5,
     -0.4},
    {"if_curr_alpha",
     {{"tau_syn_E", 15}, {"tau_syn_I", 0.5}, {"tau_m", 15}, {"tau_refrac", 1}},
     0.4,
     -3},
    {"pif_curr_delta", {{"i_offset", 0.2}, {"tau_refrac", 0}}, 2, -3}};

// The clocked form is exact between its grid's points, so only spike times (up to a step late)
// differ: the first spike lies in the clocked one's step, and the distance of all falls with the
// step, on average in proportion to it (order 1: a spike is late by a part of a step).
TEST_CASE("event-driven spikes are the limit of the clocked ones", "[neurons]") {
  for (const Case& c : cases) {
    INFO(c.model);
    const auto spikes = random_spikes(c.excitatory, c.inhibitory);
    const auto exact_spikes = run_events(c.model, with(c.model, c.values), spikes, 1'000'000);
    REQUIRE(exact_spikes.size() > 8);
    std::vector<double> errors;
    double last_worst = infinity;
    for (const double dt : {0.1, 0.01, 0.001}) {
      OneSlice clocked(c.model, c.values, {}, {.dt = dt});
      std::vector<std::int64_t> steps;
      const auto per_grid = std::llround(0.1 / dt);
      std::size_t next = 0;
      for (std::int64_t n = 1; n <= 4000 * per_grid; ++n) {
        while (next < spikes.size() && spikes[next].time / 100'000 * per_grid == n) {
          clocked.receive(spikes[next].receptor, spikes[next].weight);
          ++next;
        }
        if (!clocked.step().empty()) steps.push_back(n);
      }
      REQUIRE(steps.size() >= 8);
      const double first = static_cast<double>(exact_spikes[0].time) * 1e-6;
      CHECK(static_cast<double>(steps[0]) * dt >= first - 2e-6);
      CHECK(static_cast<double>(steps[0] - 1) * dt <= first);
      double worst = 0, sum = 0;
      for (std::size_t k = 0; k < 8; ++k) {
        const double error = std::fabs(static_cast<double>(steps[k]) * dt -
                                       static_cast<double>(exact_spikes[k].time) * 1e-6);
        worst = std::max(worst, error);
        sum += error;
      }
      errors.push_back(sum / 8);
      CHECK(worst <= last_worst);
      last_worst = worst;
    }
    CHECK(last_worst < 0.05);
    CAPTURE(errors);
    // With delta synapses arrivals fire, and lie on the grid: no error is left to have an order.
    if (std::string(c.model).ends_with("delta")) CHECK(errors.back() < 1e-9);
    else CHECK(std::log10(errors.front() / errors.back()) / 2 == Approx(1).margin(0.35));
  }
}

TEST_CASE("event-driven spikes are the same, to the bit, however time is cut into windows",
          "[neurons]") {
  for (const Case& c : cases) {
    INFO(c.model);
    const auto spikes = random_spikes(c.excitatory, c.inhibitory);
    const auto whole = run_events(c.model, with(c.model, c.values), spikes, 400'000'000, 20);
    REQUIRE(whole.size() > 100);
    for (const std::int64_t window : {100'000, 1'600'000, 40'000'000}) {
      const auto cut = run_events(c.model, with(c.model, c.values), spikes, window, 20);
      REQUIRE(cut.size() == whole.size());
      for (std::size_t k = 0; k < cut.size(); ++k)
        REQUIRE((cut[k].time == whole[k].time && cut[k].neuron == whole[k].neuron));
    }
  }
}

TEST_CASE(
    "event-driven interval by constant current: tau_refrac + tau_m ln((v_inf - v_reset)/(v_inf - "
    "v_thresh)), to 1 ns a spike",
    "[neurons]") {
  for (const char* model : {"if_curr_exp", "if_curr_delta"}) {
    const auto fired =
        run_events(model, with(model, {{"i_offset", 0.9}, {"tau_refrac", 2}}), {}, 1'000'000);
    REQUIRE(fired.size() > 5);
    const double interval = 2 + 20 * std::log(18.0 / 3.0);
    for (std::size_t k = 0; k < fired.size(); ++k) {
      const double late =
          static_cast<double>(fired[k].time) - 1e6 * (interval * static_cast<double>(k + 1) - 2);
      CHECK(late > -1e-3);
      CHECK(late < static_cast<double>(k + 1) * 1.001);
    }
  }
}

}  // namespace
}  // namespace ranvier::neurons::testing
