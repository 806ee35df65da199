// evt3: Prophesee RAW, EVT 3.0. '%' lines, then 16-bit little-endian words that change one register
// each; the top four bits are the type, the other twelve the value:
//   0x0 ADDR_Y (bits 0-10)            0x2 ADDR_X: one event (x in 0-10, ON bit 11)
//   0x3 VECT_BASE_X: x and polarity   0x4 VECT_12, 0x5 VECT_8: a mask over the next 12 or 8 pixels,
//                                         then base x goes on by as many
//   0x6 TIME_LOW                      0x8 TIME_HIGH
//   0x7, 0xF continued, 0xA trigger, 0xE other: left out
// t = overflow << 24 | TIME_HIGH << 12 | TIME_LOW, of the latest two; overflow counts the falls of
// TIME_HIGH by more than half its range. TIME_HIGH leaves TIME_LOW as it is: time may step back
// within a row, and the file's order is kept. Events before the first TIME_HIGH have no time: left
// out.
//
// Words that give an event, a row or TIME_LOW take no branch: a table says which bits of y and t a
// type replaces, every word is written as an event, and counted if it is one.
// Source: Prophesee's public description of EVT 3.0. Tested by tests/unit/encoding/test_evt.cpp.
#include <array>

#include "encoding/raw_decoder.h"

namespace ranvier::encoding {
namespace {

/// What a word of a type does, by masks: those that are left out do nothing.
struct Effect {
  std::uint32_t row = 0;         ///< its bits that become y
  std::uint32_t low = 0;         ///< its bits that become TIME_LOW
  std::uint32_t event = 0;       ///< 1: it is an event
  std::uint32_t is_special = 0;  ///< 1: none of these (Registers::take)
};

constexpr std::array<Effect, 16> effects = [] {
  std::array<Effect, 16> all{};
  all[0x0].row = 0x7FF;
  all[0x2].event = 1;
  all[0x6].low = 0xFFF;
  for (const std::size_t type : {0x1, 0x3, 0x4, 0x5, 0x8, 0x9, 0xB, 0xC, 0xD})
    all[type].is_special = 1;
  return all;
}();

/// What the words so far have set.
struct Registers {
  std::int64_t t = 0;     ///< us
  std::int64_t high = 0;  ///< t without TIME_LOW
  std::uint32_t y = 0;
  std::uint32_t base = 0;     ///< x in bits 0-10, ON in bit 11
  std::uint32_t started = 0;  ///< 1 after the first TIME_HIGH
  std::int64_t wraps = 0;

  /// A word of a type that branches; false if it is undefined.
  bool take(std::uint32_t type, std::uint32_t value, DvsEvent*& out) {
    if (type == 0x3) base = value;
    else if (type == 0x4) out += vector_of(12, value, out);
    else if (type == 0x5) out += vector_of(8, value, out);
    else if (type == 0x8) set_high(value);
    else return false;
    return true;
  }

  void set_high(std::int64_t value) {
    const bool wrapped = started != 0 && value + 2048 < (high >> 12 & 0xFFF);
    wraps += wrapped;
    high = wraps << 24 | value << 12;
    t = high | (t & 0xFFF);
    started = 1;
  }

  /// Writes all the pixels of a vector, counts those whose bit is set, and moves base on; returns
  /// their number.
  std::size_t vector_of(std::uint32_t length, std::uint32_t mask, DvsEvent* out) {
    std::size_t n = 0;
    for (std::uint32_t k = 0; k < length; ++k) {
      put(out + n, t, (base & 0x7FF) + k, y, base >> 11);
      n += started & (mask >> k & 1);
    }
    base = (base & 0x800) | ((base + length) & 0x7FF);
    return n;
  }
};

class Evt3Decoder final : public RawDecoder<std::uint16_t> {
 public:
  explicit Evt3Decoder(const ReadOptions& options) : RawDecoder(options) {}
  std::string description() const override { return "EVT 3.0"; }

 private:
  std::size_t decode_words(const std::byte* p, std::size_t n, EventBuffer& buffer) override {
    DvsEvent* const begin = buffer.claim(12 * n);
    DvsEvent* out = begin;
    Registers r = registers_;
    std::size_t i = 0;
    for (; i < n; ++i) {
      const std::uint32_t word = load<std::uint16_t>(p + 2 * i);
      const Effect& effect = effects[word >> 12];
      if (effect.is_special != 0) {
        if (!r.take(word >> 12, word & 0xFFF, out)) break;
        continue;
      }
      r.y = (r.y & ~effect.row) | (word & effect.row);
      r.t = (r.t & ~std::int64_t{effect.low}) | (word & effect.low);
      put(out, r.t, word & 0x7FF, r.y, word >> 11 & 1);
      out += r.started & effect.event;
    }
    registers_ = r;
    wraps_ = r.wraps;
    buffer.commit(static_cast<std::size_t>(out - begin));
    return i;
  }

  Registers registers_;
};

/// Writes the words that change something, and a vector where a run of pixels of a row shares time
/// and polarity.
class Evt3Encoder final : public Encoder {
 public:
  explicit Evt3Encoder(const WriteOptions& options) : sensor_(options.sensor) {}

  void encode(std::span<const DvsEvent> events, Bytes& out) override {
    header(out);
    std::size_t i = 0;
    while (i < events.size()) {
      const DvsEvent& e = events[i];
      if (e.x > 0x7FF || e.y > 0x7FF || e.t < 0)
        throw Error(
            ErrorKind::range,
            fmt::format("EVT 3.0 holds x and y up to 2047 and times >= 0, not an event at ({}, "
                        "{}), {} us{}",
                        e.x, e.y, e.t, e.t < 0 && t_ < 0 ? help_for_time(e.t, e.t, 0) : ""));
      set_time(e.t, out);
      if (e.y != y_) word(0x0, static_cast<std::uint32_t>(y_ = e.y), out);
      i += pixels(events.subspan(i), out);
    }
  }
  void finish(Bytes& out) override { header(out); }

 private:
  void header(Bytes& out) {
    if (started_) return;
    started_ = true;
    append_text(out, "% evt 3.0\n");
    if (sensor_)
      append_text(out, fmt::format("% format EVT3;height={1};width={0}\n% geometry {0}x{1}\n",
                                   sensor_->width, sensor_->height));
    append_text(out, "% end\n");
  }

  static void word(std::uint32_t type, std::uint32_t value, Bytes& out) {
    append(out, static_cast<std::uint16_t>(type << 12 | value));
  }

  void set_time(std::int64_t t, Bytes& out) {
    if (t == t_) return;
    const std::int64_t epoch = t >> 24, latest = std::max<std::int64_t>(0, t_ >> 24);
    const auto now = static_cast<std::uint32_t>(t >> 12 & 0xFFF);
    if (epoch < latest || (t_ >= 0 && epoch == latest && now + 2048 < high_))
      throw Error(ErrorKind::range,
                  fmt::format("EVT 3.0 cannot hold a step back from {} to {} us", t_, t));
    if (epoch - latest > 4096)
      fail_gap("EVT 3.0 counts time up in wraps of 16.8 s, here at most 4096 at once (19 h)",
               t_ < 0 ? std::nullopt : std::optional(t_), t);
    if (t_ < 0 && epoch > latest) word(0x8, high_ = 0, out);
    for (std::int64_t k = latest; k < epoch; ++k) {
      // A wrap is a fall of TIME_HIGH by more than half its range.
      if (high_ < 2049 + (k + 1 == epoch ? now : 0)) word(0x8, high_ = 4095, out);
      word(0x8, high_ = k + 1 == epoch ? std::min(now, 2046u) : 0, out);
    }
    if (t_ < 0 || now != high_) word(0x8, high_ = now, out);
    const auto low_now = static_cast<std::uint32_t>(t & 0xFFF);
    if (low_now != low_) word(0x6, low_ = low_now, out);
    t_ = t;
  }

  /// Writes the first event, or the vector that it starts; returns how many events.
  static std::size_t pixels(std::span<const DvsEvent> events, Bytes& out) {
    const DvsEvent& first = events[0];
    std::uint32_t mask = 1;
    std::size_t n = 1;
    for (; n < events.size(); ++n) {
      const DvsEvent& e = events[n];
      if (e.t != first.t || e.y != first.y || e.on != first.on || e.x <= events[n - 1].x ||
          e.x >= first.x + 12)
        break;
      mask |= 1u << (e.x - first.x);
    }
    const std::uint32_t value = first.x | (first.on ? 0x800u : 0u);
    if (n < 3 || first.x + 12 > 0x800) {
      word(0x2, value, out);
      return 1;
    }
    word(0x3, value, out);
    word(mask < 256 ? 0x5 : 0x4, mask, out);
    return n;
  }

  std::optional<Sensor> sensor_;
  bool started_ = false;
  std::int64_t t_ = -1, y_ = 0;
  std::uint32_t high_ = 0, low_ = 0;
};

}  // namespace

Format evt3_format() {
  return {.name = "evt3",
          .summary = "Prophesee RAW, EVT 3.0",
          .extensions = {".raw"},
          .matches = [](std::span<const std::byte> head) { return is_raw(head, "EVT3"); },
          .decoder = [](const ReadOptions& options) -> std::unique_ptr<Decoder> {
            return std::make_unique<Evt3Decoder>(options);
          },
          .encoder = [](const WriteOptions& options) -> std::unique_ptr<Encoder> {
            return std::make_unique<Evt3Encoder>(options);
          }};
}

}  // namespace ranvier::encoding
