// evt21: Prophesee RAW, EVT 2.1. '%' lines, then 64-bit words; the top four bits are the type:
//
//   0x0 OFF, 0x1 ON   t bits 0-5 in bits 54-59, x of the first pixel in 43-53, y in 32-42;
//                     each set bit k of bits 0-31 is an event at x + k
//   0x8 TIME_HIGH     t bits 6-33 in bits 32-59
//   0xA trigger, 0xE other, 0xF continued: left out
//
// In "legacy" files the two 32-bit halves of a word are swapped. Time as in EVT 2.0. Vectors
// are taken apart into words of one pixel, and these are events a register at a time. Nearly all
// vectors have one to three pixels, and which cannot be foreseen: three are written in any case.
//
// Source: Prophesee's public description of EVT 2.1. Tested by tests/unit/encoding/test_evt.cpp.
#include <array>

#include "encoding/event_lanes.h"
#include "encoding/raw_decoder.h"

namespace ranvier::encoding {
namespace {

constexpr std::uint32_t types =
    1u << 0x0 | 1u << 0x1 | 1u << 0x8 | 1u << 0xA | 1u << 0xE | 1u << 0xF;

class Evt21Decoder final : public RawDecoder<std::uint64_t> {
 public:
  explicit Evt21Decoder(const ReadOptions& options) : RawDecoder(options) {}
  std::string description() const override {
    return header().legacy_words ? "EVT 2.1 (legacy word order)" : "EVT 2.1 (little endian)";
  }

 private:
  std::size_t decode_words(const std::byte* p, std::size_t n, EventBuffer& buffer) override {
    DvsEvent* const begin = buffer.claim(32 * n + n_lanes());
    DvsEvent* out = begin;
    std::size_t i = 0;
    while (i < n) {
      const bool legacy = header().legacy_words;
      i += legacy ? put_vectors<32>(p + 8 * i, n - i, out) : put_vectors<0>(p + 8 * i, n - i, out);
      if (i == n) break;
      const auto word = std::rotl(load<std::uint64_t>(p + 8 * i), legacy ? 32 : 0);
      const auto type = static_cast<std::uint32_t>(word >> 60);
      if (type < 2) continue;
      if (!(types >> type & 1)) break;
      if (type == 0x8) set_time(word >> 32 & 0xFFF'FFFF);
      ++i;
    }
    buffer.commit(static_cast<std::size_t>(out - begin));
    return i;
  }

  /// Writes the events of the next words, which are turned by so many bits: of n or a block, or up
  /// to the first that is no vector. Returns how many words.
  template <int turn>
  std::size_t put_vectors(const std::byte* p, std::size_t n, DvsEvent*& out) {
    std::size_t i = 0;
    std::uint64_t* next = single_.data();
    for (n = std::min(n, block); i < n; ++i) {
      std::uint64_t word = std::rotl(load<std::uint64_t>(p + 8 * i), turn);
      if (word >> 61 != 0) break;
      const auto pixels =
          static_cast<std::uint32_t>(std::popcount(static_cast<std::uint32_t>(word)));
      next[0] = word;
      next[1] = word &= word - 1;
      next[2] = word &= word - 1;
      for (std::size_t k = 3; k < pixels; ++k) next[k] = word &= word - 1;
      next += pixels;
    }
    const auto n_events = static_cast<std::size_t>(next - single_.data());
    if (!started_) return i;
    const RecordLanes time = hn::Set(Records(), high_ << 6);
    for (std::size_t k = 0; k < n_events; k += n_lanes())
      put_pixels(single_.data() + k, time, out + k);
    out += n_events;
    return i;
  }

  /// Writes an event for the lowest pixel of each of n_lanes() words, `time` being t without its
  /// lowest six bits.
  static void put_pixels(const std::uint64_t* words, RecordLanes time, DvsEvent* out) {
    const Records d;
    const hn::Rebind<double, Records> real;
    const auto w = hn::LoadU(d, words);
    const auto x = shifted_right<43>(w, 0x7FF), y = shifted_right<16>(w, 0x7FF'0000);
    const auto on = shifted_right<28>(w, std::uint64_t{1} << 32);
    // Where the pixel's bit is: the exponent of 2^k as a double, which 2^52 + 2^k - 2^52 makes.
    const auto two_52 = hn::Set(real, 0x1p52);
    const auto bit = hn::And(w, hn::Sub(hn::Zero(d), w));
    const auto sum = hn::BitCast(real, hn::Or(bit, hn::BitCast(d, two_52)));
    const auto exponent = hn::ShiftRight<52>(hn::BitCast(d, hn::Sub(sum, two_52)));
    put_lanes(out, hn::Or(time, shifted_right<54>(w, 0x3F)),
              hn::Add(hn::Or(hn::Or(x, y), on), hn::Sub(exponent, hn::Set(d, 1023))));
  }

  void set_time(std::uint64_t time) {
    const std::uint64_t wrapped = time + (std::uint64_t{1} << 27) < (high_ & 0xFFF'FFFF);
    wraps_ += static_cast<std::int64_t>(wrapped);
    high_ = (high_ & ~std::uint64_t{0xFFF'FFFF}) + (wrapped << 28) + time;
    started_ = true;
  }

  static constexpr std::size_t block = 256;  // words
  /// Words of one event each, their lowest pixel; behind them what is read but not used.
  std::array<std::uint64_t, 32 * block + 8> single_{};
  std::uint64_t high_ = 0;  ///< t >> 6, wraps included
  bool started_ = false;    ///< a TIME_HIGH has come
};

}  // namespace

Format evt21_format() {
  return {.name = "evt21",
          .summary = "Prophesee RAW, EVT 2.1",
          .extensions = {".raw"},
          .matches = [](std::span<const std::byte> head) { return is_raw(head, "EVT21"); },
          .decoder = [](const ReadOptions& options) -> std::unique_ptr<Decoder> {
            return std::make_unique<Evt21Decoder>(options);
          }};
}

}  // namespace ranvier::encoding
