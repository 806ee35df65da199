// The page of a replay: the events that went in, as a moving picture of the sensor, beside the
// spikes that came out, as a raster. A slider and a play button move through time. One HTML file
// that needs nothing else, so that it opens offline; what it draws at a time is a function of the
// data and that time, and `PAGE.html#MS` opens it there. It reads the run folder alone. Tested by
// tests/unit/app/test_replay_page.py, in a browser where there is one.
#pragma once
#include <string>

#include "core/run_folder.h"

namespace ranvier::app {

/// The page as HTML text; `name` is its title. Of more than 400,000 events, or of more spikes than
/// a population's share of 400,000, every k-th is kept, and the page says so. Throws Error(range)
/// where no event-camera input of known size was recorded.
std::string replay_page(const RunFolder& folder, const std::string& name);

}  // namespace ranvier::app
