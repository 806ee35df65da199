// The report page of a run: one HTML file that needs nothing else (no script or picture from
// elsewhere), so that it opens offline, can be mailed, and is the same for equal runs. It reads the
// run folder alone; what it says about populations (size, model, sensor) comes from the document in
// run.json, as far as it is there. How the numbers are computed: app/report/statistics.h. Bounds on
// dots, curves and images keep a page below 2 MB, and the page says what was left out. Tested by
// tests/unit/app/test_report.cpp.
#pragma once
#include <string>

#include "core/run_folder.h"

namespace ranvier::app {

/// The page as HTML text; `name` is its title. Throws Error(parse) when run.json or status.json is
/// no JSON.
std::string report_page(const RunFolder& folder, const std::string& name);

}  // namespace ranvier::app
