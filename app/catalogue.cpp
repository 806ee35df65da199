#include "app/catalogue.h"

#include <algorithm>

#include "encoding/dvs_source.h"
#include "encoding/encoded_source.h"
#include "encoding/spike_stream.h"
#include "learning/catalogue.h"
#include "neurons/catalogue.h"
#include "neurons/sources.h"

namespace ranvier::app {

const Catalogue& catalogue() {
  static const Catalogue all = [] {
    Catalogue c{neurons::make_catalogue(), neurons::make_sources(), learning::make_rules()};
    c.sources.push_back(encoding::encoded_source());
    c.sources.push_back(encoding::events_source());
    c.sources.push_back(encoding::stream_source());
    std::sort(c.sources.begin(), c.sources.end(),
              [](const SourceModel& a, const SourceModel& b) { return a.name < b.name; });
    return c;
  }();
  return all;
}

}  // namespace ranvier::app
