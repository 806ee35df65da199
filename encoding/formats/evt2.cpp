// evt2: Prophesee RAW, EVT 2.0. '%' lines, then 32-bit little-endian words; the top four bits are
// the type:
//   0x0 OFF, 0x1 ON   t bits 0-5 in bits 22-27, x in 11-21, y in 0-10
//   0x8 TIME_HIGH     t bits 6-33 in bits 0-27
//   0xA trigger, 0xE other, 0xF continued: left out
// TIME_HIGH wraps every 2^34 us; events before the first TIME_HIGH have no time and are left out.
// Words are taken a register at a time, all as events; a word that is none ends the run.
// Source: Prophesee's public description of EVT 2.0. Tested by tests/unit/encoding/test_evt.cpp.
#include "encoding/event_lanes.h"
#include "encoding/raw_decoder.h"

namespace ranvier::encoding {
namespace {

class Evt2Decoder final : public RawDecoder<std::uint32_t> {
 public:
  explicit Evt2Decoder(const ReadOptions& options) : RawDecoder(options) {}
  std::string description() const override { return "EVT 2.0"; }

 private:
  std::size_t decode_words(const std::byte* p, std::size_t n, EventBuffer& buffer) override {
    DvsEvent* const begin = buffer.claim(n);
    DvsEvent* out = begin;
    std::size_t i = 0;
    while (i < n) {
      if (started_ && n - i >= n_lanes()) {
        const std::size_t run = put_pixels(p + 4 * i, out);
        out += run;
        i += run;
        if (run == n_lanes()) continue;
      }
      if (!take(load<std::uint32_t>(p + 4 * i), out)) break;
      ++i;
    }
    buffer.commit(static_cast<std::size_t>(out - begin));
    return i;
  }

  /// Writes the next n_lanes() words as events; returns how many of them are, up to the first that
  /// is none.
  std::size_t put_pixels(const std::byte* p, DvsEvent* out) const {
    const Records d;
    const RecordLanes w = load_lanes32(p);
    const auto x = shifted_right<11>(w, 0x7FF), y = shifted_left<16>(w, 0x7FF'0000);
    const auto on = shifted_left<4>(w, std::uint64_t{1} << 32);
    put_lanes(out, hn::Or(hn::Set(d, high_ << 6), shifted_right<22>(w, 0x3F)),
              hn::Or(hn::Or(x, y), on));
    const auto others = hn::Ne(hn::And(w, hn::Set(d, 0xE000'0000)), hn::Zero(d));
    const auto first = hn::FindFirstTrue(d, others);
    return first < 0 ? n_lanes() : static_cast<std::size_t>(first);
  }

  /// One word; false if its type is undefined.
  bool take(std::uint32_t word, DvsEvent*& out) {
    const std::uint32_t type = word >> 28;
    if (type < 2 && started_)
      put(out++, static_cast<std::int64_t>(high_ << 6 | (word >> 22 & 0x3F)), word >> 11 & 0x7FF,
          word & 0x7FF, type);
    if (type == 0x8) set_time(word & 0xFFF'FFFF);
    return types >> type & 1;
  }

  void set_time(std::uint64_t time) {
    const std::uint64_t wrapped = time + half < (high_ & 0xFFF'FFFF);
    high_ = (high_ & ~std::uint64_t{0xFFF'FFFF}) + (wrapped << 28) + time;
    wraps_ += static_cast<std::int64_t>(wrapped);
    started_ = true;
  }

  static constexpr std::uint32_t types =
      1u << 0x0 | 1u << 0x1 | 1u << 0x8 | 1u << 0xA | 1u << 0xE | 1u << 0xF;
  static constexpr std::uint64_t half = std::uint64_t{1} << 27;
  std::uint64_t high_ = 0;  ///< t >> 6, wraps included
  bool started_ = false;    ///< a TIME_HIGH has come
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
