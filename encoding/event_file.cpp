#include "encoding/event_file.h"

#include "encoding/line_header.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

namespace ranvier::encoding {

#define RANVIER_ENTRY(name) Format name##_format();
#include "generated/encoding/formats.inc"
#undef RANVIER_ENTRY

namespace {

/// Bytes read at once: few enough that they, what is unpacked from them and their events, 16 bytes
/// each, stay in a core's cache.
constexpr std::size_t piece = std::size_t{1} << 16;
constexpr std::size_t head_bytes = std::size_t{1} << 16;
/// Events of a piece at most (EVT 3.0: 12 in two bytes). Room that is never touched costs nothing.
constexpr std::size_t most_in_piece = 6 * piece;
constexpr std::size_t longest_record = std::size_t{1} << 30;

std::string names_of_formats() {
  std::string all;
  for (const Format& f : formats()) all += (all.empty() ? "" : ", ") + f.name;
  return all;
}

/// Throws Error(usage) for an option that other formats take.
void require_used(const ReadOptions& options, const Format& format) {
  const bool is_text = format.name == "text";
  if (!options.columns.empty() && !is_text)
    throw Error(ErrorKind::usage,
                fmt::format("--columns: is of text, the recording is of format {}", format.name));
  if (!options.time_unit.empty() && !is_text && !format.open)
    throw Error(ErrorKind::usage,
                fmt::format("--time-unit: is of text and arrays, the recording is of format {}",
                            format.name));
}

const Format* format_by_magic(std::span<const std::byte> head) {
  for (const Format& format : formats())
    if (format.matches && format.matches(head)) return &format;
  return nullptr;
}

bool has_extension(const Format& format, const std::filesystem::path& path) {
  std::string extension = path.extension().string();
  for (char& c : extension) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return std::count(format.extensions.begin(), format.extensions.end(), extension) > 0;
}

}  // namespace

void fail_at(std::uint64_t position, const std::string& what) {
  throw Error(ErrorKind::parse, fmt::format("byte {}: {}", position, what));
}

void fail_gap(const std::string& limit, std::optional<std::int64_t> from, std::int64_t to) {
  throw Error(ErrorKind::range,
              fmt::format("{}: {} us is too far from {} us ({})", limit, to, from.value_or(0),
                          from ? "aedat4 and hdf5 hold gaps of any length; `ranvier events slice "
                                 "--zero-time` writes the recording in parts"
                               : "--zero-time makes the first event's time 0"));
}

std::string help_for_time(std::int64_t time, std::int64_t first, std::int64_t latest) {
  if (time >= 0 && time <= latest) return {};
  if (time >= first && time_between(first, time) <= latest)
    return " (--zero-time makes the first event's time 0)";
  return time < first ? "" : " (`ranvier events slice --zero-time` writes the recording in parts)";
}

std::string fault_of_sides(std::uint64_t width, std::uint64_t height) {
  return written_sensor(std::to_string(width), std::to_string(height)).fault;
}

WrittenSensor written_sensor(std::string_view width, std::string_view height) {
  const auto is_too_long = [](std::string_view side) {
    const bool is_whole = !side.empty() && side.find_first_not_of("0123456789") == side.npos;
    return is_whole && whole_number(side).value_or(longest_side + 1) > longest_side;
  };
  if (is_too_long(width) || is_too_long(height))
    return {.fault = fmt::format("a sensor of {} x {} pixels, must be at most {} x {} (--sensor "
                                 "WIDTHxHEIGHT wins over it)",
                                 width.empty() ? "0" : width, height.empty() ? "0" : height,
                                 longest_side, longest_side)};
  const Sensor sensor{whole_number(width).value_or(0), whole_number(height).value_or(0)};
  if (sensor.width == 0 || sensor.height == 0) return {};
  return {.sensor = sensor};
}

std::optional<Sensor> named_sensor(const WrittenSensor& written, const std::optional<Sensor>& given,
                                   std::uint64_t position) {
  if (given) return given;
  if (!written.fault.empty()) fail_at(position, "the header names " + written.fault);
  return written.sensor;
}

const std::vector<Format>& formats() {
  static const std::vector<Format> all{
#define RANVIER_ENTRY(name) name##_format(),
#include "generated/encoding/formats.inc"
#undef RANVIER_ENTRY
  };
  return all;
}

const Format& format_named(const std::string& name) {
  std::vector<std::string> known;
  for (const Format& format : formats()) {
    if (name == format.name) return format;
    known.push_back(format.name);
  }
  const std::string near = did_you_mean(name, known);
  throw Error(ErrorKind::usage,
              fmt::format("unknown event format \"{}\"{}", name,
                          near.empty() ? "; accepted: " + names_of_formats() : near));
}

EventReader::EventReader(const std::filesystem::path& path, const ReadOptions& options)
    : path_(path), filters_(options.filters) {
  if (!options.format.empty()) format_ = &format_named(options.format);
  const bool is_input = path == "-";
  if (!is_input && std::filesystem::is_directory(path))
    throw Error(ErrorKind::io, path.string() + ": is a folder, must be a recording");
  file_ = is_input ? STDIN_FILENO : ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (file_ < 0)
    throw Error(ErrorKind::io,
                fmt::format("{}: cannot be opened: {}", path.string(), std::strerror(errno)));
  struct stat status {};
  const bool is_file = fstat(file_, &status) == 0 && S_ISREG(status.st_mode);
  if (is_file) file_bytes_ = static_cast<std::uint64_t>(status.st_size);
  capacity_ = piece;
  bytes_ = std::make_unique_for_overwrite<std::byte[]>(capacity_);
  try {
    recognise();
    require_used(options, *format_);
    if (format_->decoder) {
      decoder_ = format_->decoder(options);
      return;
    }
    if (is_input || !is_file)
      throw Error(ErrorKind::unsupported,
                  fmt::format("recordings of format {} cannot be read from a pipe", format_->name));
    recording_ = format_->open(path, options);
  } catch (const Error& e) {
    if (!is_input) ::close(file_);
    if (e.kind() == ErrorKind::usage) throw;
    throw Error(e.kind(), name() + ": " + e.what());
  }
}

EventReader::~EventReader() {
  if (file_ > STDIN_FILENO) ::close(file_);
}

std::string EventReader::name() const { return path_ == "-" ? "standard input" : path_.string(); }

/// Reads until a magic is found or the head is there.
void EventReader::recognise() {
  if (format_) return;
  bool more = true;
  while (!format_ && more && end_ < head_bytes) {
    more = fill();
    format_ = format_by_magic({bytes_.get(), end_});
  }
  const std::span<const std::byte> head(bytes_.get(), end_);
  for (const Format& format : formats())
    if (!format_ && format.plausible && has_extension(format, path_) &&
        format.plausible(head, at_end_))
      format_ = &format;
  if (format_) return;
  for (const Format& format : formats())
    if (format.plausible && has_extension(format, path_))
      throw Error(
          ErrorKind::parse,
          fmt::format("does not start like a recording of format {}, which its name says; --format "
                      "{} reads it all the same",
                      format.name, format.name));
  if (end_ == 0) throw Error(ErrorKind::parse, "is empty");
  throw Error(
      ErrorKind::parse,
      "no event format known here starts like this; --format takes one of " + names_of_formats());
}

/// Reads once; false at the end of the file.
bool EventReader::fill() {
  if (at_end_) return false;
  if (begin_ > 0) {
    std::memmove(bytes_.get(), bytes_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  if (end_ == capacity_) {
    if (capacity_ >= longest_record) fail_at(position_, "a record is longer than 1 GiB");
    auto larger = std::make_unique_for_overwrite<std::byte[]>(2 * capacity_);
    std::memcpy(larger.get(), bytes_.get(), end_);
    bytes_ = std::move(larger);
    capacity_ *= 2;
  }
  // A record longer than a piece is read to its end and no further, so that little has to be moved.
  const std::size_t wanted = decoder_ ? std::min(decoder_->wanted(), capacity_) : 0;
  const std::size_t stop = wanted > piece && wanted > end_ ? wanted : capacity_;
  ssize_t got = -1;
  do got = ::read(file_, bytes_.get() + end_, stop - end_);
  while (got < 0 && errno == EINTR);
  if (got < 0) throw Error(ErrorKind::io, fmt::format("cannot be read: {}", std::strerror(errno)));
  at_end_ = got == 0;
  has_new_ = true;
  end_ += static_cast<std::size_t>(got);
  return !at_end_;
}

/// Decodes what is new, having read once if nothing is.
void EventReader::decode_piece(EventBuffer& out) {
  if (!has_new_) fill();
  has_new_ = false;
  const std::size_t used =
      decoder_->decode({{bytes_.get() + begin_, end_ - begin_}, position_, at_end_}, out);
  begin_ += used;
  position_ += used;
  if (!at_end_) return;
  over_ = true;
  if (position_ == 0 && end_ == 0 && format_->matches)
    fail_at(0, "holds nothing, not even the header of format " + format_->name);
  if (begin_ != end_)
    fail_at(position_,
            fmt::format("the recording is cut off inside a record, of which {} bytes are there",
                        end_ - begin_));
}

/// The recording's next events, if any, as they are in the file.
void EventReader::append_events(EventBuffer& out) {
  if (recording_) over_ = !recording_->read(out);
  else decode_piece(out);
}

/// Leaves of the events from `before` on those that the filters keep.
void EventReader::apply_filters(EventBuffer& out, std::size_t before) {
  if (filters_.empty()) return;
  const auto events = out.events().subspan(before);
  out.cut(before);
  if (!has_started_ && (!events.empty() || over_)) {
    sensor_ = filters_.start(sensor_of_file());
    has_started_ = true;
  }
  out.commit(filters_.apply(events));
  if (!filters_.is_over()) return;
  over_ = true;
  fault_ = nullptr;  // behind the last event that is wanted
}

/// Runs a step; its fault, or an earlier one, is kept.
template <class Step>
void EventReader::keep_fault_of(Step step) {
  try {
    step();
  } catch (const Error& e) {
    if (!fault_) fault_ = std::make_exception_ptr(Error(e.kind(), name() + ": " + e.what()));
  }
}

/// One step; a fault is kept for the next one.
bool EventReader::append_piece(EventBuffer& out) {
  if (fault_) std::rethrow_exception(fault_);
  if (over_) return false;
  const std::size_t before = out.size();
  keep_fault_of([&] { append_events(out); });
  keep_fault_of([&] { apply_filters(out, before); });
  return fault_ || !over_;
}

bool EventReader::read(EventBuffer& out) {
  out.clear();
  while (out.empty() && append_piece(out)) {
  }
  return !out.empty();
}

/// Room for the events that are left, as far as it can be told.
void EventReader::reserve_for_all(EventBuffer& out, std::size_t before) const {
  if (out.capacity() - out.size() >= most_in_piece) return;
  const std::size_t n = out.size() - before;
  if (recording_) return out.reserve(before + recording_->size());
  if (position_ == 0 || file_bytes_ <= position_) return;
  const double expected =
      static_cast<double>(n) * static_cast<double>(file_bytes_) / static_cast<double>(position_);
  // An estimate that is too low grows by half, not piece by piece: every move copies the events.
  const std::size_t room = std::max(static_cast<std::size_t>(1.25 * expected), n + n / 2);
  out.reserve(before + room + most_in_piece);
}

void EventReader::read_all(EventBuffer& out) {
  const std::size_t before = out.size();
  while (append_piece(out)) reserve_for_all(out, before);
}

std::string EventReader::description() const {
  return decoder_ ? decoder_->description() : recording_->description();
}
std::optional<Sensor> EventReader::sensor() const {
  return filters_.empty() ? sensor_of_file() : sensor_;
}
std::optional<Sensor> EventReader::sensor_of_file() const {
  return decoder_ ? decoder_->sensor() : recording_->sensor();
}
std::vector<std::string> EventReader::notes() const {
  return decoder_ ? decoder_->notes() : recording_->notes();
}

EventBuffer read_events(const std::filesystem::path& path, const ReadOptions& options) {
  EventReader reader(path, options);
  EventBuffer all;
  reader.read_all(all);
  return all;
}

}  // namespace ranvier::encoding
