// evt2: Prophesee RAW, EVT 2.0. '%' lines, then 32-bit little-endian words; the top four bits are
// the type:
//   0x0 OFF, 0x1 ON   t bits 0-5 in bits 22-27, x in 11-21, y in 0-10
//   0x8 TIME_HIGH     t bits 6-33 in bits 0-27
//   0xA trigger, 0xE other, 0xF continued: left out
// TIME_HIGH wraps every 2^34 us; events before the first TIME_HIGH have no time and are left out.
// The loop has no branch on the type: every word is written as an event, and counted if it is one.
// Source: Prophesee's public description of EVT 2.0. Tested by tests/unit/encoding/test_evt.cpp.
#include "encoding/raw_decoder.h"

namespace ranvier::encoding {
namespace {

constexpr std::uint32_t types =
    1u << 0x0 | 1u << 0x1 | 1u << 0x8 | 1u << 0xA | 1u << 0xE | 1u << 0xF;

class Evt2Decoder final : public RawDecoder<std::uint32_t> {
 public:
  explicit Evt2Decoder(const ReadOptions& options) : RawDecoder(options) {}
  std::string description() const override { return "EVT 2.0"; }

 private:
  std::size_t decode_words(const std::byte* p, std::size_t block, EventBuffer& buffer) override {
    const std::size_t n = defined_words<std::uint32_t>(p, block, types);
    DvsEvent* out = buffer.claim(n);
    std::uint64_t high = high_, started = started_, wraps = 0;
    std::size_t n_events = 0;
    for (std::size_t i = 0; i < n; ++i) {
      const auto word = load<std::uint32_t>(p + 4 * i);
      const std::uint32_t type = word >> 28;
      const std::uint64_t is_time = type == 0x8;
      const std::uint64_t time = word & 0xFFF'FFFF;
      const std::uint64_t wrapped = is_time & (time + half < (high & 0xFFF'FFFF));
      high = is_time ? (high & ~std::uint64_t{0xFFF'FFFF}) + (wrapped << 28) + time : high;
      wraps += wrapped;
      started |= is_time;
      put(out + n_events, static_cast<std::int64_t>(high << 6 | (word >> 22 & 0x3F)),
          word >> 11 & 0x7FF, word & 0x7FF, type & 1);
      n_events += started & (type < 2);
    }
    high_ = high;
    started_ = started;
    wraps_ += static_cast<std::int64_t>(wraps);
    buffer.commit(n_events);
    return n;
  }

  static constexpr std::uint64_t half = std::uint64_t{1} << 27;
  std::uint64_t high_ = 0;     ///< t >> 6, wraps included
  std::uint64_t started_ = 0;  ///< 1 after the first TIME_HIGH
};

}  // namespace

Format evt2_format() {
  return {.name = "evt2",
          .summary = "Prophesee RAW, EVT 2.0",
          .extensions = {".raw"},
          .matches = [](std::span<const std::byte> head) { return is_raw(head, "EVT2"); },
          .decoder = [](const ReadOptions& options) -> std::unique_ptr<Decoder> {
            return std::make_unique<Evt2Decoder>(options);
          }};
}

}  // namespace ranvier::encoding
