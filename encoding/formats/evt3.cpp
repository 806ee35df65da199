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
// The registers are fields of one 64-bit state, so that a word of any type is the same few
// instructions: clear the type's field, put the value in. Only vectors and TIME_HIGH branch.
// Source: Prophesee's public description of EVT 3.0. Tested by tests/unit/encoding/test_evt.cpp.
#include <array>

#include "encoding/raw_decoder.h"

namespace ranvier::encoding {
namespace {

// Fields of the state, twelve bits each, by their first bit.
constexpr unsigned low = 0, high = 12, row = 24, base = 36, unused = 48;
constexpr std::uint32_t types = 1u << 0x0 | 1u << 0x2 | 1u << 0x3 | 1u << 0x4 | 1u << 0x5 |
                                1u << 0x6 | 1u << 0x7 | 1u << 0x8 | 1u << 0xA | 1u << 0xE |
                                1u << 0xF;
constexpr std::uint32_t branching = 1u << 0x4 | 1u << 0x5 | 1u << 0x8;
constexpr std::array<std::uint8_t, 16> field_of{row,    unused, unused, base,   unused, unused,
                                                low,    unused, high,   unused, unused, unused,
                                                unused, unused, unused, unused};

/// What the words so far have set.
struct Registers {
  std::uint64_t state = 0;
  std::int64_t overflow = 0;  ///< us
  std::int64_t wraps = 0;
  std::uint32_t started = 0;  ///< 1 after the first TIME_HIGH

  std::int64_t time() const { return overflow + static_cast<std::int64_t>(state & 0xFF'FFFF); }
  std::uint32_t y() const { return static_cast<std::uint32_t>(state >> row & 0x7FF); }

  void set(std::uint32_t type, std::uint32_t value) {
    const unsigned field = field_of[type];
    state = (state & ~(std::uint64_t{0xFFF} << field)) | std::uint64_t{value} << field;
  }

  /// \param before  TIME_HIGH until now
  void count_wrap(std::uint32_t before, std::uint32_t value) {
    const bool wrapped = started != 0 && value + 2048 < before;
    overflow += wrapped ? 1 << 24 : 0;
    wraps += wrapped;
    started = 1;
  }

  /// Writes all the pixels of a vector, counts those whose bit is set, and moves base on; returns
  /// their number.
  std::size_t vector_of(std::uint32_t length, std::uint32_t mask, DvsEvent* out) {
    const auto x = static_cast<std::uint32_t>(state >> base & 0x7FF);
    const auto on = static_cast<std::uint32_t>(state >> (base + 11) & 1);
    const std::int64_t t = time();
    std::size_t n = 0;
    for (std::uint32_t k = 0; k < length; ++k) {
      put(out + n, t, x + k, y(), on);
      n += started & (mask >> k & 1);
    }
    state = (state & ~(std::uint64_t{0x7FF} << base)) | std::uint64_t{(x + length) & 0x7FF} << base;
    return n;
  }
};

class Evt3Decoder final : public RawDecoder<std::uint16_t> {
 public:
  explicit Evt3Decoder(const ReadOptions& options) : RawDecoder(options) {}
  std::string description() const override { return "EVT 3.0"; }

 private:
  std::size_t decode_words(const std::byte* p, std::size_t block, EventBuffer& buffer) override {
    const std::size_t n = defined_words<std::uint16_t>(p, block, types);
    DvsEvent* const begin = buffer.claim(12 * n);
    DvsEvent* out = begin;
    Registers r = registers_;
    for (std::size_t i = 0; i < n; ++i) {
      const std::uint32_t word = load<std::uint16_t>(p + 2 * i);
      const std::uint32_t type = word >> 12, value = word & 0xFFF;
      const auto time_high = static_cast<std::uint32_t>(r.state >> high & 0xFFF);
      r.set(type, value);
      put(out, r.time(), value & 0x7FF, r.y(), value >> 11);
      out += r.started & static_cast<std::uint32_t>(type == 0x2);
      if (branching >> type & 1) {
        if (type == 0x8) r.count_wrap(time_high, value);
        else out += r.vector_of(type == 0x4 ? 12 : 8, value, out);
      }
    }
    registers_ = r;
    wraps_ = r.wraps;
    buffer.commit(static_cast<std::size_t>(out - begin));
    return n;
  }

  Registers registers_;
};

}  // namespace

Format evt3_format() {
  return {.name = "evt3",
          .summary = "Prophesee RAW, EVT 3.0",
          .extensions = {".raw"},
          .matches = [](std::span<const std::byte> head) { return is_raw(head, "EVT3"); },
          .decoder = [](const ReadOptions& options) -> std::unique_ptr<Decoder> {
            return std::make_unique<Evt3Decoder>(options);
          }};
}

}  // namespace ranvier::encoding
