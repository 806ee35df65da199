// ranvier events filters: what --filter takes.
#include <fmt/core.h>

#include "app/events/verbs.h"
#include "core/json.h"
#include "encoding/filter.h"

namespace ranvier::app {
namespace {

using encoding::Filter;
using encoding::FilterParameter;

Json facts_of(const Filter& filter) {
  Json::Array parameters;
  for (const FilterParameter& p : filter.parameters)
    parameters.push_back(Json::object({{"name", p.name},
                                       {"default", p.standard.empty() ? Json() : Json(p.standard)},
                                       {"accepted", encoding::accepted(p)},
                                       {"meaning", p.meaning}}));
  return Json::object(
      {{"name", filter.name}, {"summary", filter.summary}, {"parameters", parameters}});
}

void print(const Filter& filter) {
  fmt::print("{}: {}\n", filter.name, filter.summary);
  for (const FilterParameter& p : filter.parameters)
    fmt::print("  {:<12} {:<8} {}; {}\n", p.name, p.standard, p.meaning, encoding::accepted(p));
}

}  // namespace

int events_filters(const std::vector<std::string>& words) {
  Options options(
      "events filters [--json]",
      "Lists the filters of events: a line of what each does, and its parameters in their order\n"
      "with default (without one, it has to be given), meaning and what is accepted. Written\n"
      "NAME:ARG:ARG:key=value, e.g. --filter ba:5ms --filter crop:x=10:y=0:width=64:height=64.");
  options.flag("json", "as one JSON array");
  if (!options.parse(words)) return 0;
  Json::Array all;
  for (const Filter& filter : encoding::filters()) {
    if (options.has("json")) all.push_back(facts_of(filter));
    else print(filter);
  }
  if (options.has("json")) fmt::print("{}", to_text(Json(all)));
  return 0;
}

}  // namespace ranvier::app
