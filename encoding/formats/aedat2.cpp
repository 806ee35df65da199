// aedat2: AEDAT 2.0 of jAER. '#' lines, then records of two big-endian words: address, and time in
// microseconds (unsigned). The address depends on the chip, which a line "# AEChip:" names:
//   DVS128  bit 15: special, left out; x = bits 1-7, y = bits 8-14, bit 0: 0 is ON
//   DAVIS   bit 31: frame or IMU, left out; else bit 10: external input, left out; else bit 11: ON,
//           x = bits 12-21, y = bits 22-30
// jAER draws x from the right and y from the bottom: both are turned over. Times that fall by more
// than 2^31 have wrapped; other falls are resets of the camera's clock, kept as they are and
// reported. Without the line, the first pixel record decides: bits above 15 are only DAVIS's. A
// first data byte of 0x23 is '#': a line is of the header only if it has no control characters.
// Source: jAER's AEDAT 2.0 description and its chip classes. Tested by
// tests/unit/encoding/test_fixed_records.cpp.
#include <fmt/core.h>

#include "encoding/bytes.h"
#include "encoding/format.h"
#include "encoding/line_header.h"

namespace ranvier::encoding {
namespace {

constexpr std::string_view magic = "#!AER-DAT2.0";
enum class Chip { unknown, dvs128, davis };

class Aedat2Decoder final : public Decoder {
 public:
  explicit Aedat2Decoder(const ReadOptions& options)
      : given_(options.sensor), flip_(options.flip) {}

  std::size_t decode(const Input& in, EventBuffer& out) override {
    std::size_t at = 0;
    if (!has_header_) {
      const auto length = header_length(in.bytes, "#", "#End Of ASCII", in.last);
      if (!length) return 0;
      read_header(in, *length);
      has_header_ = true;
      at = *length;
    }
    if (chip_ == Chip::unknown) at += 8 * guess_chip(in.bytes.subspan(at));
    const std::byte* p = in.bytes.data() + at;
    const std::size_t n = (in.bytes.size() - at) / 8;
    if (n == 0) return at;
    const std::size_t good = chip_ == Chip::dvs128 ? dvs128(p, n, out) : davis(p, n, out);
    if (good < n)
      fail_at(in.position + at + 8 * good,
              fmt::format("address 0x{:08X} lies outside the sensor of {} x {} pixels",
                          load_big32(p + 8 * good), sensor_.width, sensor_.height));
    return at + 8 * n;
  }

  std::string description() const override {
    return chip_ == Chip::davis ? "AEDAT 2.0 DAVIS" : "AEDAT 2.0 DVS128";
  }
  std::optional<Sensor> sensor() const override {
    if (chip_ == Chip::unknown) return given_;
    return sensor_;
  }
  std::vector<std::string> notes() const override {
    std::vector<std::string> all;
    if (guessed_)
      all.push_back(
          fmt::format("no AEChip line: taken for a {} x {} sensor of type {} by the addresses",
                      sensor_.width, sensor_.height, chip_ == Chip::davis ? "DAVIS" : "DVS128"));
    if (wraps_ > 0) all.push_back(fmt::format("time wrapped {} times", wraps_));
    if (n_other_ > 0) all.push_back(fmt::format("{} records of other types left out", n_other_));
    return all;
  }

 private:
  void read_header(const Input& in, std::size_t length) {
    const std::string_view text = text_of(in.bytes.first(length));
    if (!text.starts_with(magic)) fail_at(in.position, "does not start with #!AER-DAT2.0");
    const std::string chip = header_value(text, "AEChip:");
    if (chip.find("DVS128") != std::string::npos) settle(Chip::dvs128, {128, 128});
    if (chip.find("DAVIS240") != std::string::npos || chip.find("SBret10") != std::string::npos)
      settle(Chip::davis, {240, 180});
    if (chip.find("DAVIS346") != std::string::npos || chip.find("Davis346") != std::string::npos)
      settle(Chip::davis, {346, 260});
    if (chip_ == Chip::unknown && !chip.empty())
      throw Error(ErrorKind::unsupported,
                  fmt::format("AEChip {}: accepted: DVS128, DAVIS240, DAVIS346", chip));
  }

  void settle(Chip chip, Sensor sensor) {
    chip_ = chip;
    sensor_ = given_.value_or(sensor);
  }

  /// Settles the chip by the first record that can be a pixel's; returns how many records come
  /// before it, which are left out.
  std::size_t guess_chip(std::span<const std::byte> bytes) {
    std::size_t i = 0;
    for (; i < bytes.size() / 8 && chip_ == Chip::unknown; ++i) {
      const std::uint32_t address = load_big32(bytes.data() + 8 * i);
      if (address >> 31) continue;
      const bool small = address >> 16 == 0;
      settle(small ? Chip::dvs128 : Chip::davis, small ? Sensor{128, 128} : Sensor{240, 180});
      guessed_ = true;
      --i;
    }
    n_other_ += static_cast<std::int64_t>(i);
    return i;
  }

  /// Both return how many of the n records are inside the sensor's bounds, up to the first that is
  /// not.
  std::size_t dvs128(const std::byte* p, std::size_t n, EventBuffer& buffer) {
    return decode_records(p, n, buffer, [](std::uint32_t address) {
      return Pixel{address >> 1 & 0x7F, address >> 8 & 0x7F, ~address & 1, ~address >> 15 & 1};
    });
  }
  std::size_t davis(const std::byte* p, std::size_t n, EventBuffer& buffer) {
    return decode_records(p, n, buffer, [](std::uint32_t address) {
      return Pixel{address >> 12 & 0x3FF, address >> 22 & 0x1FF, address >> 11 & 1,
                   (~address >> 31) & (~address >> 10 & 1)};
    });
  }

  struct Pixel {
    std::uint32_t x, y, on, is_event;
  };

  template <class PixelOf>
  std::size_t decode_records(const std::byte* p, std::size_t n, EventBuffer& buffer,
                             PixelOf pixel_of) {
    const std::uint32_t width = sensor_.width, height = sensor_.height;
    const std::uint32_t flip = flip_ ? ~0u : 0u;
    DvsEvent* out = buffer.claim(n);
    std::int64_t base = wraps_ << 32;
    std::uint32_t latest = latest_;
    std::size_t n_events = 0, i = 0;
    for (; i < n; ++i) {
      const Pixel pixel = pixel_of(load_big32(p + 8 * i));
      const std::uint32_t t = load_big32(p + 8 * i + 4);
      if (t < latest && latest - t > std::uint32_t{1} << 31) [[unlikely]]
        base += std::int64_t{1} << 32;
      latest = t;
      if ((pixel.x >= width || pixel.y >= height) && pixel.is_event) [[unlikely]]
        break;
      // Turned over, x is width - 1 - x: ~x + width; else x.
      put(out + n_events, base + t, ((pixel.x ^ flip) + (width & flip)) & 0xFFFF,
          ((pixel.y ^ flip) + (height & flip)) & 0xFFFF, pixel.on);
      n_events += pixel.is_event;
    }
    wraps_ = base >> 32;
    latest_ = latest;
    n_other_ += static_cast<std::int64_t>(i - n_events);
    buffer.commit(n_events);
    return i;
  }

  std::optional<Sensor> given_;
  bool flip_;
  bool has_header_ = false, guessed_ = false;
  Chip chip_ = Chip::unknown;
  Sensor sensor_;
  std::uint32_t latest_ = 0;
  std::int64_t wraps_ = 0, n_other_ = 0;
};

}  // namespace

Format aedat2_format() {
  return {.name = "aedat2",
          .summary = "AEDAT 2.0 of jAER: DVS128, DAVIS240, DAVIS346",
          .extensions = {".aedat"},
          .matches = [](std::span<const std::byte> head) { return starts_with(head, magic); },
          .decoder = [](const ReadOptions& options) -> std::unique_ptr<Decoder> {
            return std::make_unique<Aedat2Decoder>(options);
          }};
}

}  // namespace ranvier::encoding
