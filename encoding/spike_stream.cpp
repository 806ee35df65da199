#include "encoding/spike_stream.h"

#include <fcntl.h>
#include <fmt/core.h>
#include <unistd.h>

#include <cerrno>
#include <charconv>
#include <cstring>
#include <filesystem>
#include <optional>
#include <string_view>

#include "core/error.h"

namespace ranvier::encoding {
namespace {

constexpr std::size_t longest_line = 4096;
constexpr std::size_t buffer_size = 65'536;

/// Lines of a file or pipe, one at a time.
class LineReader {
 public:
  explicit LineReader(const std::string& file) : name_(file == "-" ? "standard input" : file) {
    handle_ = file == "-" ? STDIN_FILENO : ::open(file.c_str(), O_RDONLY | O_CLOEXEC);
    if (handle_ < 0)
      throw Error(ErrorKind::io,
                  fmt::format("{}: cannot be opened: {}", name_, std::strerror(errno)));
  }
  ~LineReader() {
    if (handle_ > STDIN_FILENO) ::close(handle_);
  }
  LineReader(const LineReader&) = delete;
  LineReader& operator=(const LineReader&) = delete;

  const std::string& name() const { return name_; }
  std::int64_t number() const { return number_; }  ///< of the line last read, from 1

  /// The next line without its end, valid until the next call; nothing at the end of the stream, or
  /// when a signal came (Ctrl-C) while it waited.
  std::optional<std::string_view> next() {
    for (;;) {
      const std::size_t end = buffer_.find('\n', begin_);
      if (end != std::string::npos) return take(end, end + 1);
      if (over_) {
        if (begin_ == buffer_.size()) return std::nullopt;
        return take(buffer_.size(), buffer_.size());
      }
      if (buffer_.size() - begin_ > longest_line)
        throw Error(ErrorKind::parse, fmt::format("{}: line {}: longer than {} characters", name_,
                                                  number_ + 1, longest_line));
      fill();
    }
  }

 private:
  std::string_view take(std::size_t end, std::size_t next) {
    std::string_view line(buffer_.data() + begin_, end - begin_);
    if (!line.empty() && line.back() == '\r') line.remove_suffix(1);
    begin_ = next;
    ++number_;
    return line;
  }

  void fill() {
    buffer_.erase(0, begin_);
    begin_ = 0;
    const std::size_t kept = buffer_.size();
    buffer_.resize(kept + buffer_size);
    const ::ssize_t n = ::read(handle_, buffer_.data() + kept, buffer_size);
    if (n < 0 && errno != EINTR)
      throw Error(ErrorKind::io,
                  fmt::format("{}: cannot be read: {}", name_, std::strerror(errno)));
    if (n <= 0) over_ = true;
    buffer_.resize(kept + static_cast<std::size_t>(n > 0 ? n : 0));
  }

  std::string name_;
  int handle_ = -1;
  std::string buffer_;
  std::size_t begin_ = 0;
  std::int64_t number_ = 0;
  bool over_ = false;
};

class StreamSource final : public SpikeSource {
 public:
  explicit StreamSource(const SourceSpec& spec) : population_(spec.population) {
    if (population_->file.empty())
      throw Error(ErrorKind::range,
                  fmt::format("population \"{}\": file: missing; \"-\" is the standard input",
                              population_->name));
    open();
  }

  void spikes(Window window, std::vector<Firing>& out) override {
    while (next_ || read()) {
      if (next_->time > window.end.count()) return;
      if (next_->time > window.begin.count()) out.push_back(*next_);
      next_.reset();
    }
  }

  void restart_at(Time at) override {
    if (!can_read_again(*population_))
      throw Error(ErrorKind::unsupported,
                  fmt::format("population \"{}\": {} can be read once only, so a run that reads it "
                              "cannot be resumed",
                              population_->name, lines_->name()));
    open();
    std::vector<Firing> passed;
    spikes({at, at}, passed);
  }

 private:
  void open() {
    lines_ = std::make_unique<LineReader>(population_->file);
    next_.reset();
    latest_ = 0;
  }

  /// Reads up to the next spike; false at the end of the stream.
  bool read() {
    while (const auto line = lines_->next()) {
      std::string_view rest = *line;
      skip_blanks(rest);
      if (rest.empty() || rest.front() == '#') continue;
      double ms = 0;
      std::uint64_t neuron = 0;
      if (!take_number(rest, ms) || !take_number(rest, neuron) || !rest.empty())
        fail(ErrorKind::parse, fmt::format("\"{}\", must be a time in ms and the index of a neuron",
                                           line->substr(0, 60)));
      if (!(ms > 0 && ms < max_ms))
        fail(ErrorKind::range, fmt::format("{} ms, must be > 0 and below {:g} ms", ms, max_ms));
      if (neuron >= static_cast<std::uint64_t>(population_->size))
        fail(ErrorKind::range, fmt::format("neuron {}, must lie in [0, {}) (population \"{}\")",
                                           neuron, population_->size, population_->name));
      const std::int64_t time = std::max<std::int64_t>(1, from_ms(ms).count());
      if (time < latest_)
        fail(ErrorKind::range, fmt::format("{} ms comes after {} ms, times must not step back", ms,
                                           to_ms(Time{latest_})));
      latest_ = time;
      next_ = Firing{time, static_cast<std::uint32_t>(neuron)};
      return true;
    }
    return false;
  }

  static void skip_blanks(std::string_view& text) {
    while (!text.empty() && (text.front() == ' ' || text.front() == '\t')) text.remove_prefix(1);
  }

  /// Takes a number and the blanks and the comma after it off the text.
  template <class Number>
  static bool take_number(std::string_view& text, Number& number) {
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc()) return false;
    const std::size_t length = static_cast<std::size_t>(end - text.data());
    if (length < text.size() && std::strchr(" \t,", text[length]) == nullptr) return false;
    text.remove_prefix(length);
    skip_blanks(text);
    if (!text.empty() && text.front() == ',') text.remove_prefix(1);
    skip_blanks(text);
    return true;
  }

  [[noreturn]] void fail(ErrorKind kind, const std::string& what) const {
    throw Error(kind, fmt::format("{}: line {}: {}", lines_->name(), lines_->number(), what));
  }

  const Population* population_;
  std::unique_ptr<LineReader> lines_;
  std::optional<Firing> next_;
  std::int64_t latest_ = 0;  ///< ns
};

}  // namespace

bool can_read_again(const Population& population) {
  std::error_code failed;
  return population.file != "-" && std::filesystem::is_regular_file(population.file, failed);
}

SourceModel stream_source() {
  return {"spike_source_stream",
          "spikes read from the standard input, a pipe or a text file as the run goes",
          {},
          true,
          [](const SourceSpec& spec) -> std::unique_ptr<SpikeSource> {
            return std::make_unique<StreamSource>(spec);
          }};
}

}  // namespace ranvier::encoding
