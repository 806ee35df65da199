#include <fmt/core.h>

#include "app/events/verbs.h"
#include "encoding/line_header.h"
#include "encoding/time_text.h"

namespace ranvier::app {
namespace {

encoding::Sensor sensor_from(const std::string& text) {
  const std::size_t cross = text.find('x');
  const auto width = encoding::whole_number(text.substr(0, cross));
  const auto height =
      cross == std::string::npos ? std::nullopt : encoding::whole_number(text.substr(cross + 1));
  if (!width || !height || *width < 1 || *height < 1 || *width > encoding::longest_side ||
      *height > encoding::longest_side)
    throw Error(
        ErrorKind::usage,
        fmt::format("--sensor: \"{}\", must be WIDTHxHEIGHT in pixels, e.g. 640x480", text));
  return {*width, *height};
}

}  // namespace

void add_read_options(Options& options) {
  options.text("format", "NAME", "format of the recording (default: recognised)");
  options.text("sensor", "WxH",
               "pixels of the sensor, where the recording does not say or is wrong");
  options.flag("no-flip", "coordinates as stored (AEDAT 2.0: x and y, Event Stream: y)");
  options.text("columns", "NAMES", "of text: what its columns are, e.g. x,y,p,t");
  options.text("time-unit", "UNIT", "of text and arrays: s or us");
  options.texts("filter", "F",
                "NAME:ARG:key=value, applied to the events as they are read; may be given several "
                "times ('ranvier events filters' lists them)");
  options.flag("tolerate-corrupt",
               "end with 0 although the recording is cut or faulty, with the events before");
}

encoding::ReadOptions read_options_from(const Options& options) {
  encoding::ReadOptions read;
  read.format = options.get("format");
  if (options.has("sensor")) read.sensor = sensor_from(options.get("sensor"));
  read.flip = !options.has("no-flip");
  read.columns = options.get("columns");
  read.time_unit = options.get("time-unit");
  read.filters = options.all("filter");
  return read;
}

std::int64_t microseconds_from(const std::string& name, const std::string& text) {
  const auto time = encoding::microseconds_in(text);
  if (time) return *time;
  throw Error(ErrorKind::usage,
              fmt::format("--{}: \"{}\", must be a time >= 0 with its unit, e.g. 1.5s, 20ms, 100us",
                          name, text));
}

std::string fault_of_recording(const Error& error) {
  if (error.kind() != ErrorKind::parse && error.kind() != ErrorKind::io &&
      error.kind() != ErrorKind::unsupported)
    throw error;
  return error.what();
}

int exit_code_after(const std::string& fault, const Options& options) {
  if (fault.empty()) return 0;
  fmt::print(stderr, "ranvier: {}\n", fault);
  return options.has("tolerate-corrupt") ? 0 : 1;
}

}  // namespace ranvier::app
