// es: Event Stream, version 2. "Event Stream", three bytes of version, a byte of type (0 generic,
// 1 DVS, 2 ATIS, 4 colour), for all but generic u16 width and u16 height; then events that give the
// time since the one before:
//
//   DVS      byte (dt << 1 | ON), u16 x, u16 y
//            0xFF: dt += 127; 0xFE: padding
//   ATIS     byte (dt << 2 | ON << 1 | threshold crossing), u16 x, u16 y
//            0xFD to 0xFF: dt += 63 (byte & 3); 0xFC: padding
//            threshold crossings measure grey levels and are left out
//   colour   byte dt, u16 x, u16 y, three bytes of colour, left out; ON is 0
//            0xFF: dt += 254; 0xFE: padding
//   generic  byte dt, the payload's length, the payload, left out; events (t, 0, 0, OFF)
//            0xFF: dt += 254; 0xFE: padding
//            the length is bytes of seven bits (1-7), least first; bit 0: another byte follows
//
// y counts from the bottom and is turned over. Times start at 0 and cannot step back.
//
// Source: the format's public description (neuromorphicsystems/event_stream). Tested by
// tests/unit/encoding/test_es.cpp.
#include <fmt/core.h>

#include "encoding/bytes.h"
#include "encoding/filter.h"
#include "encoding/format.h"

namespace ranvier::encoding {
namespace {

constexpr std::string_view magic = "Event Stream";
enum class Kind : std::uint8_t { generic = 0, dvs = 1, atis = 2, colour = 4 };

class EsDecoder final : public Decoder {
 public:
  explicit EsDecoder(const ReadOptions& options) : flip_(options.flip) {}

  std::size_t decode(const Input& in, EventBuffer& out) override {
    std::size_t at = 0;
    if (!has_header_) {
      at = read_header(in);
      if (at == 0) return 0;
      has_header_ = true;
    }
    Input rest{in.bytes.subspan(at), in.position + at, in.last};
    switch (kind_) {
      case Kind::generic:
        return at + generic_events(rest, out);
      case Kind::dvs:
        return at + pixel_events<Kind::dvs>(rest, out);
      case Kind::atis:
        return at + pixel_events<Kind::atis>(rest, out);
      case Kind::colour:
        break;
    }
    return at + pixel_events<Kind::colour>(rest, out);
  }

  std::string description() const override { return "ES (Event Stream)"; }
  std::optional<Sensor> sensor() const override { return sensor_; }
  std::vector<std::string> notes() const override {
    std::vector<std::string> all;
    if (kind_ == Kind::generic) all.push_back("generic events: no coordinates, payloads left out");
    if (kind_ == Kind::colour) all.push_back("colour events: no polarity, colours left out");
    if (n_crossings_ > 0)
      all.push_back(fmt::format("{} threshold crossings left out", n_crossings_));
    return all;
  }

 private:
  /// Length of the header; 0: more bytes are needed.
  std::size_t read_header(const Input& in) {
    if (in.bytes.size() < 16) return 0;
    if (!starts_with(in.bytes, magic)) fail_at(in.position, "does not start with \"Event Stream\"");
    const auto version = std::to_integer<int>(in.bytes[12]);
    if (version != 2)
      fail_at(in.position + 12, fmt::format("Event Stream version {}, accepted: 2", version));
    const auto kind = std::to_integer<int>(in.bytes[15]);
    if (kind != 0 && kind != 1 && kind != 2 && kind != 4)
      fail_at(
          in.position + 15,
          fmt::format("Event Stream type {}, accepted: 0 (generic), 1 (DVS), 2 (ATIS), 4 (colour)",
                      kind));
    kind_ = static_cast<Kind>(kind);
    if (kind_ == Kind::generic) return 16;
    if (in.bytes.size() < 20) return 0;
    sensor_ = Sensor{load<std::uint16_t>(in.bytes.data() + 16),
                     load<std::uint16_t>(in.bytes.data() + 18)};
    return 20;
  }

  /// Time that a byte adds alone, or -1 when it begins an event.
  template <Kind kind>
  static std::int64_t overflow(unsigned byte) {
    if constexpr (kind == Kind::dvs) return byte < 0xFE ? -1 : byte == 0xFF ? 127 : 0;
    if constexpr (kind == Kind::atis) return byte < 0xFC ? -1 : std::int64_t{63} * (byte & 3);
    return byte < 0xFE ? -1 : byte == 0xFF ? 254 : 0;
  }

  template <Kind kind>
  std::size_t pixel_events(const Input& in, EventBuffer& buffer) {
    constexpr std::size_t record = kind == Kind::colour ? 8 : 5;
    const std::byte* const bytes = in.bytes.data();
    DvsEvent* const begin = buffer.claim(in.bytes.size() / record + 1);
    DvsEvent* out = begin;
    std::int64_t t = t_;
    std::size_t at = 0;
    for (; at < in.bytes.size();) {
      const auto byte = std::to_integer<unsigned>(bytes[at]);
      if (const std::int64_t more = overflow<kind>(byte); more >= 0) {
        t += more;
        ++at;
        continue;
      }
      if (in.bytes.size() - at < record) break;
      const std::uint32_t x = load<std::uint16_t>(bytes + at + 1),
                          y = load<std::uint16_t>(bytes + at + 3);
      if (x >= sensor_->width || y >= sensor_->height) {
        buffer.commit(static_cast<std::size_t>(out - begin));
        fail_at(in.position + at,
                fmt::format("an event at ({}, {}) lies outside the sensor of {} x {} pixels", x, y,
                            sensor_->width, sensor_->height));
      }
      const std::uint32_t shown = flip_ ? sensor_->height - 1 - y : y;
      if constexpr (kind == Kind::dvs) {
        t += byte >> 1;
        put(out++, t, x, shown, byte & 1);
      } else if constexpr (kind == Kind::atis) {
        t += byte >> 2;
        put(out, t, x, shown, byte >> 1 & 1);
        out += ~byte & 1;
        n_crossings_ += byte & 1;
      } else {
        t += byte;
        put(out++, t, x, shown, 0);
      }
      at += record;
    }
    t_ = t;
    buffer.commit(static_cast<std::size_t>(out - begin));
    return at;
  }

  std::size_t generic_events(const Input& in, EventBuffer& out) {
    std::size_t at = 0;
    while (at < in.bytes.size()) {
      if (payload_ > 0) {
        const std::size_t n = std::min<std::size_t>(payload_, in.bytes.size() - at);
        payload_ -= n;
        at += n;
        continue;
      }
      const auto byte = std::to_integer<unsigned>(in.bytes[at]);
      if (byte >= 0xFE) {
        t_ += byte == 0xFF ? 254 : 0;
        ++at;
        continue;
      }
      const std::size_t length = size_bytes(in, at + 1);
      if (length == 0) break;
      t_ += byte;
      out.push_back({t_, 0, 0, false});
      at += 1 + length;
    }
    if (payload_ > 0 && in.last) fail_at(in.position + at, "the last payload is cut off");
    return at;
  }

  /// Sets payload_; returns how many bytes say its size, 0 when more are needed.
  std::size_t size_bytes(const Input& in, std::size_t at) {
    std::uint64_t size = 0;
    for (unsigned i = 0; at + i < in.bytes.size(); ++i) {
      if (i > 5) fail_at(in.position + at, "a payload's size takes more than six bytes");
      const auto byte = std::to_integer<std::uint64_t>(in.bytes[at + i]);
      size |= byte >> 1 << (7 * i);
      if (byte & 1) continue;
      payload_ = size;
      return i + 1;
    }
    return 0;
  }

  bool flip_;
  bool has_header_ = false;
  Kind kind_ = Kind::dvs;
  std::optional<Sensor> sensor_;
  std::int64_t t_ = 0;
  std::uint64_t payload_ = 0;  ///< bytes of the event's payload still to come
  std::int64_t n_crossings_ = 0;
};

class EsEncoder final : public Encoder {
 public:
  explicit EsEncoder(const WriteOptions& options) {
    if (!options.sensor)
      throw Error(ErrorKind::usage,
                  "Event Stream files need the sensor's size: pass --sensor WIDTHxHEIGHT");
    sensor_ = *options.sensor;
    if (sensor_.width > 0xFFFF || sensor_.height > 0xFFFF)
      throw Error(
          ErrorKind::range,
          fmt::format("Event Stream holds sensors of up to 65535 x 65535 pixels, not {} x {}",
                      sensor_.width, sensor_.height));
  }

  void encode(std::span<const DvsEvent> events, Bytes& out) override {
    header(out);
    for (const DvsEvent& e : events) {
      require_inside(e, sensor_);
      const std::int64_t dt = time_between(t_, e.t);
      if (e.t < 0 || dt < 0)
        throw Error(
            ErrorKind::range,
            fmt::format("Event Stream holds times that do not step back, not {} us after {} us{}",
                        e.t, t_, has_events_ ? "" : help_for_time(e.t, e.t, 0)));
      count_up(dt, e.t, out);
      out.push_back(static_cast<std::byte>(dt % 127 << 1 | (e.on ? 1 : 0)));
      append_all(out, std::span<const std::uint16_t>(
                          {e.x, static_cast<std::uint16_t>(sensor_.height - 1 - e.y)}));
      t_ = e.t;
      has_events_ = true;
    }
  }
  void finish(Bytes& out) override { header(out); }

 private:
  void header(Bytes& out) {
    if (started_) return;
    started_ = true;
    append_text(out, magic);
    append_all(out, std::span<const std::uint8_t>({2, 0, 0, 1}));
    append_all(out, std::span<const std::uint16_t>({static_cast<std::uint16_t>(sensor_.width),
                                                    static_cast<std::uint16_t>(sensor_.height)}));
  }

  /// Bytes of time alone: a recording of a few events and long gaps would be all of these.
  void count_up(std::int64_t dt, std::int64_t t, Bytes& out) {
    const std::int64_t n = dt / 127;
    if (n > left_)
      fail_gap(
          "Event Stream counts time up in bytes of 127 us, here at most 256 MiB (9.5 h of gaps)",
          has_events_ ? std::optional(t_) : std::nullopt, t);
    left_ -= n;
    left_ += most_an_event;
    out.insert(out.end(), static_cast<std::size_t>(n), std::byte{0xFF});
  }

  static constexpr std::int64_t most_an_event = 64;
  Sensor sensor_;
  bool started_ = false, has_events_ = false;
  std::int64_t left_ = std::int64_t{1} << 28;  ///< bytes of time alone that may still come
  std::int64_t t_ = 0;
};

}  // namespace

Format es_format() {
  return {.name = "es",
          .summary = "Event Stream 2: DVS, ATIS, colour, generic",
          .extensions = {".es"},
          .matches = [](std::span<const std::byte> head) { return starts_with(head, magic); },
          .decoder = [](const ReadOptions& options) -> std::unique_ptr<Decoder> {
            return std::make_unique<EsDecoder>(options);
          },
          .encoder = [](const WriteOptions& options) -> std::unique_ptr<Encoder> {
            return std::make_unique<EsEncoder>(options);
          }};
}

}  // namespace ranvier::encoding
