// The picture of a replay, for papers and slides: frames of the input events, one for each of six
// equal parts of the run, over the raster of the spikes that came out. Tested by
// tests/unit/app/test_replay_page.py.
#pragma once
#include <string>

#include "core/run_folder.h"

namespace ranvier::app {

/// The content of a PNG file of 1200 pixels' width. Throws Error(range) as replay_page does.
std::string replay_picture(const RunFolder& folder);

}  // namespace ranvier::app
