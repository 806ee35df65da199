// ranvier events convert, crop and slice: one recording into another, some of its events or all.
#include <fmt/core.h>

#include <array>
#include <charconv>
#include <filesystem>
#include <utility>
#include <vector>

#include "app/events/verbs.h"
#include "core/run_folder.h"
#include "core/titles.h"
#include "encoding/event_file.h"
#include "encoding/event_writer.h"

namespace ranvier::app {
namespace {

void add_write_options(Options& options) {
  options.text("to", "NAME", "format of what is written (default: by the extension; .raw is evt3)");
  options.text("compression", "NAME", "of AEDAT 4: none, lz4 (default) or zstd");
  options.flag("zero-time", "times count from the first event written");
  options.flag("overwrite", "replace the output if it is there");
  options.positional({"RECORDING", "OUTPUT"}, 2);
}

/// Reads and writes to the end or to a fault. \param filters  behind those of --filter
int copy(const Options& options, const std::vector<std::string>& filters) {
  const std::string output = options.get("OUTPUT");
  const encoding::Format& format = encoding::output_format(output, options.get("to"));
  if (output != "-") require_new(output, options.has("overwrite"));
  const std::filesystem::path partial = encoding::EventWriter::partial_of(output);
  std::error_code one_is_missing;
  if (std::filesystem::equivalent(options.get("RECORDING"), partial, one_is_missing))
    throw Error(ErrorKind::usage,
                fmt::format("{}: is the name under which {} is written until it is whole; give the "
                            "output another name",
                            partial.string(), output));
  encoding::ReadOptions read = read_options_from(options);
  read.filters.insert(read.filters.end(), filters.begin(), filters.end());
  if (options.has("zero-time")) read.filters.emplace_back("zero_time");
  encoding::EventReader reader(options.get("RECORDING"), read);
  encoding::EventBuffer events;
  std::string fault;
  const auto next = [&] {
    try {
      return reader.read(events);
    } catch (const Error& e) {
      fault = fault_of_recording(e);
      return false;
    }
  };
  // The first piece is read before the output is made: a header tells the sensor only then.
  bool more = next();
  encoding::EventWriter writer(output, format, {reader.sensor(), options.get("compression")});
  std::int64_t n = 0;
  for (; more; more = next()) {
    writer.write(std::as_const(events).events());
    n += static_cast<std::int64_t>(events.size());
  }
  const bool is_accepted = fault.empty() || options.has("tolerate-corrupt");
  if (n == 0 && !is_accepted)  // nothing that could be used: what was begun goes with the writer
    throw Error(ErrorKind::parse, fault + "; there is no event before it");
  writer.finish();
  if (!is_accepted)
    throw Error(
        ErrorKind::parse,
        fmt::format("{}; the {} events before it are in {}; pass --tolerate-corrupt to accept them",
                    fault, n, output == "-" ? "the output" : writer.partial().string()));
  writer.publish();
  for (const std::string& note : reader.notes()) fmt::print(stderr, "note: {}\n", note);
  if (output != "-") fmt::print("{}: {}, {}\n", output, count_of(n, "event"), format.name);
  return exit_code_after(fault, options);
}

/// Four whole numbers "X,Y,WIDTH,HEIGHT".
std::array<std::uint32_t, 4> box_from(const std::string& text) {
  std::array<std::uint32_t, 4> box{};
  const char* p = text.data();
  const char* const end = p + text.size();
  for (std::size_t i = 0; i < box.size(); ++i) {
    const auto [stop, error] = std::from_chars(p, end, box[i]);
    const bool ends = i + 1 == box.size() ? stop == end : stop != end && *stop == ',';
    if (error != std::errc() || !ends || box[i] > 65'536 || (i > 1 && box[i] == 0))
      throw Error(ErrorKind::usage,
                  fmt::format("--box: \"{}\", must be X,Y,WIDTH,HEIGHT in pixels", text));
    p = stop + 1;
  }
  return box;
}

}  // namespace

int events_convert(const std::vector<std::string>& words) {
  Options options(
      "events convert RECORDING OUTPUT [OPTIONS]",
      "Writes a recording in another format. A fault in it leaves the events before it in "
      "OUTPUT.partial.\n- is standard input or output.");
  add_read_options(options);
  add_write_options(options);
  if (!options.parse(words)) return 0;
  return copy(options, {});
}

int events_crop(const std::vector<std::string>& words) {
  Options options(
      "events crop RECORDING OUTPUT --box X,Y,WIDTH,HEIGHT [OPTIONS]",
      "Writes the events inside a box of pixels, with coordinates that count from its corner.");
  options.text("box", "X,Y,W,H", "left, top, width and height");
  add_read_options(options);
  add_write_options(options);
  if (!options.parse(words)) return 0;
  if (!options.has("box")) throw Error(ErrorKind::usage, "--box is missing");
  const auto [x, y, width, height] = box_from(options.get("box"));
  return copy(options, {fmt::format("crop:{}:{}:{}:{}", x, y, width, height)});
}

int events_slice(const std::vector<std::string>& words) {
  Options options(
      "events slice RECORDING OUTPUT [--from T] [--until T] [--skip N] [--count N] [OPTIONS]",
      "Writes the events with times in [from, until), counted from the first event, and of these\n"
      "the ones after the first N, at most as many as --count says.");
  options.text("from", "T", "e.g. 1.5s, 20ms, 100us (default: 0s)");
  options.text("until", "T", "default: the end");
  options.text("skip", "N", "events left out at the start");
  options.text("count", "N", "events at most");
  add_read_options(options);
  add_write_options(options);
  if (!options.parse(words)) return 0;
  const std::string begin = options.get("from", "0s"), end = options.get("until", "end");
  const std::int64_t from = microseconds_from("from", begin);
  std::string until = end;
  if (options.has("until")) {
    const std::int64_t time = microseconds_from("until", end);
    if (time <= from)
      throw Error(ErrorKind::usage,
                  fmt::format("--until: {}, must be later than --from: {}", end, begin));
    until = fmt::format("{}us", time);
  }
  constexpr std::int64_t most = std::int64_t{1} << 59;
  const std::int64_t skip = options.integer("skip", 0, most).value_or(0);
  const std::int64_t count = options.integer("count", 0, most).value_or(most);
  return copy(options,
              {fmt::format("slice:{}us:{}", from, until), fmt::format("count:{}:{}", count, skip)});
}

}  // namespace ranvier::app
