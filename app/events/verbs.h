// The verbs of `ranvier events`, and the options that they share.
#pragma once
#include <cstdint>
#include <string>
#include <vector>

#include "app/options.h"
#include "core/error.h"
#include "encoding/format.h"

namespace ranvier::app {

/// Each runs with the words after the verb; returns the exit code, throws Error.
int events_convert(const std::vector<std::string>& words);
int events_crop(const std::vector<std::string>& words);
int events_filters(const std::vector<std::string>& words);
int events_info(const std::vector<std::string>& words);
int events_slice(const std::vector<std::string>& words);
int events_stats(const std::vector<std::string>& words);

/// Options on how a recording is read.
void add_read_options(Options& options);
/// Throws Error(usage).
encoding::ReadOptions read_options_from(const Options& options);

/// A time >= 0 with its unit ("1.5s", "20ms", "100us") in us. \param name  of the option. Throws
/// Error(usage).
std::int64_t microseconds_from(const std::string& name, const std::string& text);

/// What a fault in a recording says, which leaves the events before it; any other error, of a
/// filter for one, is thrown on.
std::string fault_of_recording(const Error& error);

/// What becomes of a fault in a recording, met after its events: with --tolerate-corrupt a line on
/// stderr, and 0; else 1 and the same line.
int exit_code_after(const std::string& fault, const Options& options);

}  // namespace ranvier::app
