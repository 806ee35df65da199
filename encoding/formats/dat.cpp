// dat: Prophesee DAT. '%' lines, a byte of event type (0x00 in old files, 0x0C: change detection),
// a byte of event size (8), then events of two little-endian words:
//   t in microseconds
//   x in bits 0-13, y in 14-27, polarity in bit 28
// t wraps every 2^32 us: a fall by more than half of it. `% Width`, `% Height` may give the sensor.
// Source: Prophesee's public description of DAT. Tested by
// tests/unit/encoding/test_fixed_records.cpp.
#include <fmt/core.h>

#include "encoding/event_lanes.h"
#include "encoding/format.h"
#include "encoding/line_header.h"
#include "encoding/prophesee.h"

namespace ranvier::encoding {
namespace {

class DatDecoder final : public Decoder {
 public:
  explicit DatDecoder(const ReadOptions& options) : sensor_(options.sensor) {}

  std::size_t decode(const Input& in, EventBuffer& out) override {
    std::size_t at = 0;
    if (!has_header_) {
      const auto length = header_length(in.bytes, "% ", "", in.last);
      if (!length || in.bytes.size() < *length + 2) return 0;
      read_header(in, *length);
      has_header_ = true;
      at = *length + 2;
    }
    const std::size_t n = (in.bytes.size() - at) / 8;
    decode_events(in.bytes.data() + at, n, out.claim(n));
    out.commit(n);
    return at + 8 * n;
  }

  std::string description() const override { return "Prophesee DAT"; }
  std::optional<Sensor> sensor() const override { return sensor_; }
  std::vector<std::string> notes() const override {
    if (wraps_ == 0) return {};
    return {fmt::format("time wrapped {} times", wraps_)};
  }

 private:
  void read_header(const Input& in, std::size_t length) {
    const std::string_view text = text_of(in.bytes.first(length));
    sensor_ =
        named_sensor(written_sensor(header_value(text, "Width"), header_value(text, "Height")),
                     sensor_, in.position);
    const auto type = std::to_integer<int>(in.bytes[length]);
    const auto size = std::to_integer<int>(in.bytes[length + 1]);
    if (type != 0x00 && type != 0x0C)
      fail_at(
          in.position + length,
          fmt::format("DAT event type 0x{:02X}, accepted: 0x00 and 0x0C (change detection)", type));
    if (size != 8)
      fail_at(in.position + length + 1, fmt::format("DAT event size {}, must be 8", size));
  }

  void decode_events(const std::byte* p, std::size_t n, DvsEvent* out) {
    for (std::size_t i = 0; i < n;) {
      if (i > 0 && n - i >= n_lanes() && put_rising(p + 8 * i, out + i)) {
        i += n_lanes();
        latest_ = load<std::uint32_t>(p + 8 * (i - 1));
        continue;
      }
      const auto t = load<std::uint32_t>(p + 8 * i);
      const auto address = load<std::uint32_t>(p + 8 * i + 4);
      wraps_ += t < latest_ && latest_ - t > (std::uint32_t{1} << 31);
      latest_ = t;
      put(out + i, (wraps_ << 32) + t, address & 0x3FFF, address >> 14 & 0x3FFF, address >> 28 & 1);
      ++i;
    }
  }

  /// Writes the next n_lanes() events if none of their times falls below the one before (which lies
  /// in front of p).
  bool put_rising(const std::byte* p, DvsEvent* out) const {
    const Records d;
    const RebindSigned whole;
    const RecordLanes w = load_lanes(p), time = hn::Set(d, 0xFFFF'FFFF);
    const RecordLanes t = hn::And(w, time), before = hn::And(load_lanes(p - 8), time);
    if (!hn::AllFalse(whole, hn::Lt(hn::BitCast(whole, t), hn::BitCast(whole, before))))
      return false;
    const auto x = shifted_right<32>(w, 0x3FFF), y = shifted_right<30>(w, 0x3FFF'0000);
    const auto on = shifted_right<28>(w, std::uint64_t{1} << 32);
    put_lanes(out, hn::Or(t, hn::Set(d, static_cast<std::uint64_t>(wraps_) << 32)),
              hn::Or(hn::Or(x, y), on));
    return true;
  }
  using RebindSigned = hn::Rebind<std::int64_t, Records>;

  std::optional<Sensor> sensor_;
  bool has_header_ = false;
  std::uint32_t latest_ = 0;
  std::int64_t wraps_ = 0;
};

bool is_dat(std::span<const std::byte> head) {
  const std::string_view header = header_lines(head, "% ", "");
  if (header.empty() || header.size() + 2 > head.size()) return false;
  return parse_raw_header(header).format.empty() &&
         std::to_integer<int>(head[header.size() + 1]) == 8 &&
         (head[header.size()] == std::byte{0x00} || head[header.size()] == std::byte{0x0C});
}

}  // namespace

Format dat_format() {
  return {.name = "dat",
          .summary = "Prophesee DAT",
          .extensions = {".dat"},
          .matches = is_dat,
          .decoder = [](const ReadOptions& options) -> std::unique_ptr<Decoder> {
            return std::make_unique<DatDecoder>(options);
          }};
}

}  // namespace ranvier::encoding
