// Values of a network document: numbers, arrays (in the document or in a file), probability laws,
// functions of distance.
#include "app/document_parts.h"
#include "encoding/value_file.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

namespace ranvier::app {
namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();
/// A law that is drawn again outside its bounds must have at least this much of its probability
/// inside.
constexpr double least_inside = 1e-4;
/// nA: an ampere. Far beyond, potentials are infinite, and an event-driven neuron fires for ever.
constexpr double most_current = 1e9;

bool is_accepted(double value, const ValueRule& rule) {
  return std::isfinite(value) && in_range(value, rule.range) &&
         !(rule.unit == "nA" && std::fabs(value) > most_current);
}

std::string with_unit(double value, const std::string& unit) {
  return unit.empty() ? fmt::format("{}", value) : fmt::format("{} {}", value, unit);
}

void read_bounds(const Fields& fields, Distribution& law) {
  law.low = fields.number("low", -infinity);
  law.high = fields.number("high", infinity);
  if (law.low > law.high)
    fields.need("low").fail(fmt::format("{}, must be at most high = {}", law.low, law.high));
  if (const auto bounds = fields.find("bounds"))
    law.bounds = bounds->choice<Distribution::Bounds>(
        {{"clip", Distribution::Bounds::clip}, {"redraw", Distribution::Bounds::redraw}});
}

double normal_below(double z) { return 0.5 * std::erfc(-z / std::sqrt(2.0)); }

double probability_below(const Distribution& law, double x) {
  if (law.kind == Distribution::Kind::exponential) return x <= 0 ? 0 : -std::expm1(-x / law.a);
  if (law.kind == Distribution::Kind::lognormal) {
    if (x <= 0) return 0;
    x = std::log(x);
  }
  if (law.b == 0) return x >= law.a ? 1 : 0;
  return normal_below((x - law.a) / law.b);
}

void check_inside(const Place& place, const Distribution& law) {
  if (law.bounds == Distribution::Bounds::clip) return;
  const bool constant = law.b == 0 && law.kind == Distribution::Kind::normal;
  const double inside = constant
                            ? (law.a >= law.low && law.a <= law.high ? 1 : 0)
                            : probability_below(law, law.high) - probability_below(law, law.low);
  if (inside < least_inside)
    place.fail(fmt::format(
        "only {:.2g} of the law lies in [{}, {}], must be at least {} where values are drawn again",
        inside, law.low, law.high, least_inside));
}

Distribution read_distribution(const Place& place) {
  using Kind = Distribution::Kind;
  const Fields any(place, {"distribution", "mean", "sd", "mu", "sigma", "low", "high", "bounds"});
  Distribution law;
  law.kind = any.need("distribution")
                 .choice<Kind>({{"normal", Kind::normal},
                                {"uniform", Kind::uniform},
                                {"lognormal", Kind::lognormal},
                                {"exponential", Kind::exponential}});
  if (law.kind == Kind::uniform) {
    const Fields fields(place, {"distribution", "low", "high"}, Fields::Answer::all);
    law.a = fields.need("low").number();
    law.b = fields.need("high").number();
    if (law.a > law.b)
      fields.need("low").fail(fmt::format("{}, must be at most high = {}", law.a, law.b));
    return law;
  }
  if (law.kind == Kind::exponential) {
    const Fields fields(place, {"distribution", "mean", "low", "high", "bounds"},
                        Fields::Answer::all);
    law.a = fields.need("mean").number();
    if (law.a <= 0) fields.need("mean").fail(fmt::format("{}, must be > 0", law.a));
    read_bounds(fields, law);
  } else {
    const bool normal = law.kind == Kind::normal;
    const char* width = normal ? "sd" : "sigma";
    const Fields fields(place,
                        {"distribution", normal ? "mean" : "mu", width, "low", "high", "bounds"},
                        Fields::Answer::all);
    law.a = fields.need(normal ? "mean" : "mu").number();
    law.b = fields.need(width).number();
    if (law.b < 0) fields.need(width).fail(fmt::format("{}, must be >= 0", law.b));
    read_bounds(fields, law);
  }
  check_inside(place, law);
  return law;
}

/// The least and the largest value that a law can give.
std::pair<double, double> reach(const Distribution& law) {
  if (law.kind == Distribution::Kind::uniform) return {law.a, law.b};
  const double floor = law.kind == Distribution::Kind::normal ? -infinity : 0;
  if (law.b == 0 && law.kind == Distribution::Kind::normal) return {law.a, law.a};
  return {std::max(floor, law.low), law.high};
}

void check_law(const Place& place, const Distribution& law, const ValueRule& rule) {
  for (const double x : {law.a, law.b}) check_number(place, x, {.unit = rule.unit});
  const auto [low, high] = reach(law);
  // Above zero, lognormal and exponential laws never touch 0 itself.
  const bool open_at_zero =
      law.kind == Distribution::Kind::lognormal || law.kind == Distribution::Kind::exponential;
  const bool low_fits = rule.range == Range::any ||
                        (std::isfinite(low) && in_range(low, rule.range)) ||
                        (open_at_zero && low == 0);
  const bool high_fits = rule.range != Range::unit_interval || high <= 1;
  if (low_fits && high_fits) return;
  place.fail(fmt::format("the law reaches {}, {}; give it a {}",
                         with_unit(low_fits ? high : low, rule.unit), describe(rule.range),
                         low_fits ? "\"high\"" : "\"low\""));
}

}  // namespace

void check_number(const Place& place, double value, const ValueRule& rule) {
  if (!std::isfinite(value)) place.fail(fmt::format("{}, must be finite", value));
  if (!in_range(value, rule.range))
    place.fail(fmt::format("{}, {}", with_unit(value, rule.unit), describe(rule.range)));
  if (!is_accepted(value, rule))
    place.fail(fmt::format("{}, must be from {:g} to {:g} nA", with_unit(value, rule.unit),
                           -most_current, most_current));
}

DistanceFunction read_distance_function(const Place& place) {
  using Kind = DistanceFunction::Kind;
  const Fields fields(place, {"function", "a", "b", "low", "high"});
  DistanceFunction result;
  result.kind = fields.need("function")
                    .choice<Kind>({{"linear", Kind::linear},
                                   {"exponential", Kind::exponential},
                                   {"gaussian", Kind::gaussian}});
  result.a = fields.need("a").number();
  result.b = fields.need("b").number();
  result.low = fields.number("low", -infinity);
  result.high = fields.number("high", infinity);
  if (result.kind != Kind::linear && result.b <= 0)
    fields.need("b").fail(fmt::format("{} um, must be > 0", result.b));
  if (result.low > result.high)
    fields.need("low").fail(fmt::format("{}, must be at most high = {}", result.low, result.high));
  return result;
}

namespace {

/// Appends the numbers of nested lists; lists of one depth have to be equally long.
void append_nested(const Place& place, std::size_t depth, std::vector<std::size_t>& lengths,
                   std::vector<double>& out) {
  const Json::Array& list = place.array();
  if (lengths.size() == depth) lengths.push_back(list.size());
  if (list.size() != lengths[depth])
    place.fail(fmt::format("{} elements, the first list has {}", list.size(), lengths[depth]));
  for (std::size_t i = 0; i < list.size(); ++i) {
    const Place inside = place.inside(i);
    if (list[i].is_array() != list[0].is_array())
      inside.fail("must be a list or a number as the elements before it", ErrorKind::parse);
    if (list[i].is_array()) append_nested(inside, depth + 1, lengths, out);
    else out.push_back(inside.number());
  }
}

}  // namespace

Array read_samples(const Loading& loading, const Place& place) {
  std::vector<double> values;
  if (place.value().is_array()) {
    std::vector<std::size_t> lengths;
    append_nested(place, 0, lengths, values);
  } else if (place.value().find("file") && !place.value().find("dataset")) {
    const Fields fields(place, {"file", "dataset"});
    const Place file = fields.need("file");
    const std::filesystem::path path = loading.file(file);
    try {
      values = encoding::read_value_file(path, std::size_t{max_elements});
    } catch (const Error& error) {
      file.fail(error.what(), error.kind());
    }
  } else {
    values = read_numbers(loading, place);
  }
  return std::make_shared<const std::vector<double>>(std::move(values));
}

std::vector<std::int64_t> read_indices(const Loading& loading, const Place& place,
                                       std::int64_t size) {
  std::vector<std::int64_t> result;
  if (place.value().is_array()) {
    for (std::size_t i = 0; i < place.array().size(); ++i)
      result.push_back(place.inside(i).integer(0, size - 1));
    return result;
  }
  const std::vector<double> numbers = read_numbers(loading, place);
  for (const double number : numbers) {
    if (!(number >= 0 && number < static_cast<double>(size) && number == std::trunc(number)))
      place.fail(fmt::format("index {}, must be a whole number from 0 to {}", number, size - 1));
    result.push_back(static_cast<std::int64_t>(number));
  }
  return result;
}

Value read_value(const Loading& loading, const Place& place, const ValueRule& rule) {
  const Json& value = place.value();
  if (value.is_number()) {
    check_number(place, place.number(), rule);
    return place.number();
  }
  if (value.is_array() || refers_to_array(value)) {
    auto numbers = std::make_shared<std::vector<double>>(read_numbers(loading, place));
    if (rule.length >= 0 && static_cast<std::int64_t>(numbers->size()) != rule.length)
      place.fail(fmt::format("{} values, must be {}", numbers->size(), rule.length));
    for (std::size_t i = 0; i < numbers->size(); ++i) {
      if (is_accepted((*numbers)[i], rule)) continue;
      if (value.is_array()) check_number(place.inside(i), (*numbers)[i], rule);
      else
        place.fail(fmt::format("element {}: {}, {}", i, with_unit((*numbers)[i], rule.unit),
                               describe(rule.range)));
    }
    return Array(std::move(numbers));
  }
  if (value.find("function")) {
    if (!rule.distance)
      place.fail("a function of distance, must be a number, an array or a distribution",
                 ErrorKind::parse);
    return read_distance_function(place);
  }
  if (!value.is_object()) place.fail_kind("a number, an array or an object");
  if (!rule.law) place.fail("a distribution, must be a number or an array", ErrorKind::parse);
  const Distribution law = read_distribution(place);
  check_law(place, law, rule);
  return law;
}

}  // namespace ranvier::app
