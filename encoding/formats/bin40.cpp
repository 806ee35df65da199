// bin40: 40-bit events of N-MNIST and N-Caltech101 (SLAYER calls the files .bs2). No header. Five
// bytes an event, big-endian:
//   x (8 bits), y (8), polarity (1: ON), time in microseconds (23). Times start anew in each
//   recording.
// Some exports of the ATIS mark an overflow of time by y = 240: all later times are 2^13 us more.
// That is obeyed where --sensor says that the sensor is no higher than 240 pixels, for nothing in
// the file does. Orchard et al. 2015, "Converting static image datasets to spiking neuromorphic
// datasets using saccades". Tested by tests/unit/encoding/test_bin40.cpp.
#include <fmt/core.h>

#include "encoding/bytes.h"
#include "encoding/format.h"

namespace ranvier::encoding {
namespace {

constexpr std::size_t record = 5;

class Bin40Decoder final : public Decoder {
 public:
  explicit Bin40Decoder(const ReadOptions& options)
      : sensor_(options.sensor), has_overflows_(sensor_ && sensor_->height <= 240) {}

  std::size_t decode(const Input& in, EventBuffer& out) override {
    const std::size_t n = in.bytes.size() / record;
    out.commit(has_overflows_ ? with_overflows(in.bytes.data(), n, out.claim(n))
                              : plain(in.bytes.data(), n, out.claim(n)));
    return record * n;
  }

  std::string description() const override { return "40-bit .bin (ATIS AER)"; }
  std::optional<Sensor> sensor() const override { return sensor_; }
  std::vector<std::string> notes() const override {
    if (overflows_ > 0) return {fmt::format("{} overflows of time (y = 240)", overflows_)};
    if (n_240_ > 0)
      return {fmt::format(
          "{} events have y = 240, in some exports a mark of 2^13 us: pass --sensor if so",
          n_240_)};
    return {};
  }

 private:
  std::size_t plain(const std::byte* p, std::size_t n, DvsEvent* out) {
    std::int64_t n_240 = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const std::uint32_t rest = word(p + record * i);
      const auto y = std::to_integer<std::uint32_t>(p[record * i + 1]);
      n_240 += y == 240;
      put(out + i, rest & 0x7F'FFFF, std::to_integer<std::uint32_t>(p[record * i]), y,
          rest >> 23 & 1);
    }
    n_240_ += n_240;
    return n;
  }

  std::size_t with_overflows(const std::byte* p, std::size_t n, DvsEvent* out) {
    std::size_t n_events = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const std::uint32_t rest = word(p + record * i);
      const auto y = std::to_integer<std::uint32_t>(p[record * i + 1]);
      overflows_ += y == 240;
      put(out + n_events, (overflows_ << 13) + (rest & 0x7F'FFFF),
          std::to_integer<std::uint32_t>(p[record * i]), y, rest >> 23 & 1);
      n_events += y != 240;
    }
    return n_events;
  }

  /// Polarity and time, bits 0-23; the bits above are those of y.
  static std::uint32_t word(const std::byte* p) { return load_big32(p + 1); }

  std::optional<Sensor> sensor_;
  bool has_overflows_;
  std::int64_t overflows_ = 0, n_240_ = 0;
};

class Bin40Encoder final : public Encoder {
 public:
  void encode(std::span<const DvsEvent> events, Bytes& out) override {
    for (const DvsEvent& e : events) {
      if (!first_) first_ = e.t;
      if (e.x > 255 || e.y > 255 || e.t < 0 || e.t > latest)
        throw Error(ErrorKind::range,
                    fmt::format("40-bit events hold x and y up to 255 and times in [0, {}] us, not "
                                "an event at ({}, {}), {} us{}",
                                latest, e.x, e.y, e.t, help_for_time(e.t, *first_, latest)));
      const auto rest = static_cast<std::uint32_t>(e.t) | (e.on ? 1u << 23 : 0u);
      for (const std::uint32_t byte :
           {std::uint32_t{e.x}, std::uint32_t{e.y}, rest >> 16, rest >> 8, rest})
        out.push_back(static_cast<std::byte>(byte & 0xFF));
    }
  }
  void finish(Bytes&) override {}

 private:
  static constexpr std::int64_t latest = 0x7F'FFFF;  // us
  std::optional<std::int64_t> first_;
};

/// Times that do not fall in the first thousand events.
bool is_plausible(std::span<const std::byte> head, bool) {
  std::uint32_t latest = 0;
  for (std::size_t at = 0; at + record <= head.size() && at < 1000 * record; at += record) {
    const std::uint32_t t = load_big32(head.data() + at + 1) & 0x7F'FFFF;
    if (t < latest && head[at + 1] != std::byte{240}) return false;
    latest = t;
  }
  return true;
}

}  // namespace

Format bin40_format() {
  return {.name = "bin40",
          .summary = "40-bit events of N-MNIST and N-Caltech101",
          .extensions = {".bin", ".bs2"},
          .plausible = is_plausible,
          .decoder = [](const ReadOptions& options) -> std::unique_ptr<Decoder> {
            return std::make_unique<Bin40Decoder>(options);
          },
          .encoder = [](const WriteOptions&) -> std::unique_ptr<Encoder> {
            return std::make_unique<Bin40Encoder>();
          }};
}

}  // namespace ranvier::encoding
