// aedat31: AEDAT 3.1 (cAER; IBM DVS128 Gesture). '#' lines through "#!END-HEADER", then packets: a
// header of 28 bytes, little-endian,
//   i16 type, i16 source, i32 size of an event, i32 offset of its time, i32 overflow of time,
//   i32 capacity, i32 number, i32 valid
// and `capacity` events, of which `number` are used. Type 1 is polarity, 8 bytes an event: u32 data
// (bit 0 valid, bit 1 ON, y in bits 2-16, x in bits 17-31), i32 time; t = overflow << 31 | time.
// Other types are skipped. Source: iniVation's public description of AEDAT 3.1. Tested by
// tests/unit/encoding/test_fixed_records.cpp.
#include <fmt/core.h>

#include <algorithm>

#include "encoding/bytes.h"
#include "encoding/format.h"
#include "encoding/line_header.h"

namespace ranvier::encoding {
namespace {

constexpr std::string_view magic = "#!AER-DAT3.1";
constexpr std::size_t packet_header = 28;

std::optional<Sensor> sensor_named(std::string_view source) {
  struct Known {
    std::string_view part;
    Sensor sensor;
  };
  constexpr Known known[] = {{"DVS128", {128, 128}},
                             {"DAVIS240", {240, 180}},
                             {"DAVIS346", {346, 260}},
                             {"DAVIS640", {640, 480}}};
  for (const Known& k : known)
    if (source.find(k.part) != std::string_view::npos) return k.sensor;
  return std::nullopt;
}

class Aedat31Decoder final : public Decoder {
 public:
  explicit Aedat31Decoder(const ReadOptions& options) : sensor_(options.sensor) {}

  std::size_t decode(const Input& in, EventBuffer& out) override {
    std::size_t at = 0;
    if (!has_header_) {
      const auto length = header_length(in.bytes, "#", "#!END-HEADER", in.last);
      if (!length) return 0;
      read_header(in, *length);
      has_header_ = true;
      at = *length;
    }
    for (;;) {
      if (n_events_ > 0) at += take_events(in, at, out);
      if (n_events_ == 0 && skip_ > 0) {
        const std::uint64_t n = std::min<std::uint64_t>(skip_, in.bytes.size() - at);
        skip_ -= n;
        at += n;
      }
      if (n_events_ > 0 || skip_ > 0) {
        if (in.last && (skip_ > 0 || at == in.bytes.size()))
          fail_at(in.position + at, "the last packet is cut off");
        return at;
      }
      if (in.bytes.size() - at < packet_header) return at;
      read_packet(in, at);
      at += packet_header;
    }
  }

  std::string description() const override { return "AEDAT 3.1"; }
  std::optional<Sensor> sensor() const override { return sensor_; }
  std::vector<std::string> notes() const override {
    std::vector<std::string> all;
    if (n_invalid_ > 0) all.push_back(fmt::format("{} events marked invalid left out", n_invalid_));
    if (n_other_ > 0) all.push_back(fmt::format("{} packets of other types skipped", n_other_));
    return all;
  }

 private:
  void read_header(const Input& in, std::size_t length) {
    const std::string_view text = text_of(in.bytes.first(length));
    if (text.find("#!END-HEADER") == std::string_view::npos)
      fail_at(in.position + length, "the header does not end in #!END-HEADER");
    for (std::size_t at = text.find("#Source "); at != std::string_view::npos && !sensor_;
         at = text.find("#Source ", at + 1))
      sensor_ = sensor_named(text.substr(at, text.substr(at).find('\n')));
  }

  void read_packet(const Input& in, std::size_t at) {
    const std::byte* p = in.bytes.data() + at;
    const auto type = load<std::int16_t>(p);
    const auto size = load<std::int32_t>(p + 4), overflow = load<std::int32_t>(p + 12);
    const auto capacity = load<std::int32_t>(p + 16), number = load<std::int32_t>(p + 20);
    if (size < 0 || capacity < 0 || number < 0 || number > capacity || overflow < 0)
      fail_at(in.position + at,
              fmt::format("a packet's header says {} of {} events of {} bytes, time overflow {}",
                          number, capacity, size, overflow));
    const std::uint64_t bytes =
        static_cast<std::uint64_t>(size) * static_cast<std::uint64_t>(capacity);
    if (type != 1) {
      skip_ = bytes;
      ++n_other_;
      return;
    }
    if (size != 8)
      fail_at(in.position + at + 4, fmt::format("polarity events of {} bytes, must be 8", size));
    n_events_ = static_cast<std::size_t>(number);
    skip_ = bytes - 8 * n_events_;
    base_ = static_cast<std::int64_t>(overflow) << 31;
  }

  /// Decodes the packet's events that are here; returns their bytes.
  std::size_t take_events(const Input& in, std::size_t at, EventBuffer& buffer) {
    const std::size_t n = std::min(n_events_, (in.bytes.size() - at) / 8);
    const std::byte* p = in.bytes.data() + at;
    DvsEvent* out = buffer.claim(n);
    std::size_t n_valid = 0, i = 0;
    std::int32_t negative = 0;
    for (; i < n; ++i) {
      const auto data = load<std::uint32_t>(p + 8 * i);
      const auto time = load<std::int32_t>(p + 8 * i + 4);
      negative |= time;
      put(out + n_valid, base_ + time, data >> 17, data >> 2 & 0x7FFF, data >> 1 & 1);
      n_valid += data & 1;
    }
    if (negative < 0) fail_at_negative_time(in, at, n, buffer);
    buffer.commit(n_valid);
    n_invalid_ += static_cast<std::int64_t>(n - n_valid);
    n_events_ -= n;
    return 8 * n;
  }

  /// Commits the events before the first negative time, and fails there.
  void fail_at_negative_time(const Input& in, std::size_t at, std::size_t n, EventBuffer& buffer) {
    const std::byte* p = in.bytes.data() + at;
    std::size_t n_valid = 0;
    for (std::size_t i = 0; i < n; ++i) {
      if (const auto time = load<std::int32_t>(p + 8 * i + 4); time < 0) {
        buffer.commit(n_valid);
        fail_at(in.position + at + 8 * i, fmt::format("an event's time is {}, must be >= 0", time));
      }
      n_valid += load<std::uint32_t>(p + 8 * i) & 1;
    }
  }

  std::optional<Sensor> sensor_;
  bool has_header_ = false;
  std::size_t n_events_ = 0;  ///< of the packet, still to come
  std::uint64_t skip_ = 0;    ///< bytes of the packet behind its events
  std::int64_t base_ = 0;     ///< us
  std::int64_t n_invalid_ = 0, n_other_ = 0;
};

}  // namespace

Format aedat31_format() {
  return {.name = "aedat31",
          .summary = "AEDAT 3.1 of cAER and DVS128 Gesture",
          .extensions = {".aedat"},
          .matches = [](std::span<const std::byte> head) { return starts_with(head, magic); },
          .decoder = [](const ReadOptions& options) -> std::unique_ptr<Decoder> {
            return std::make_unique<Aedat31Decoder>(options);
          }};
}

}  // namespace ranvier::encoding
