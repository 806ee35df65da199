// bin40: 40-bit events of N-MNIST and N-Caltech101 (SLAYER calls the files .bs2). No header. Five
// bytes an event, big-endian:
//   x (8 bits), y (8), polarity (1: ON), time in microseconds (23). Times start anew in each
//   recording.
// Orchard et al. 2015, "Converting static image datasets to spiking neuromorphic datasets using
// saccades". Tested by tests/unit/encoding/test_bin40.cpp.
#include "core/error.h"
#include "encoding/format.h"

namespace ranvier::encoding {
namespace {

class Bin40Decoder final : public Decoder {
 public:
  void decode(std::span<const std::byte> bytes, std::vector<DvsEvent>& out) override {
    for (const std::byte b : bytes) {
      record_ = record_ << 8 | static_cast<std::uint64_t>(b);
      if (++n_ < 5) continue;
      out.push_back({static_cast<std::int64_t>(record_ & 0x7FFFFF),
                     static_cast<std::uint16_t>(record_ >> 32 & 0xFF),
                     static_cast<std::uint16_t>(record_ >> 24 & 0xFF), (record_ >> 23 & 1) != 0});
      position_ += 5;
      record_ = 0;
      n_ = 0;
    }
  }
  void finish() override {
    if (n_ != 0)
      throw Error(ErrorKind::parse, "byte " + std::to_string(position_) + ": the last event has " +
                                        std::to_string(n_) + " of its 5 bytes");
  }

 private:
  std::uint64_t record_ = 0;
  std::uint64_t position_ = 0;
  int n_ = 0;
};

}  // namespace

Format bin40_format() {
  return {"bin40",
          "40-bit events of N-MNIST and N-Caltech101",
          {".bin", ".bs2"},
          nullptr,
          []() -> std::unique_ptr<Decoder> { return std::make_unique<Bin40Decoder>(); }};
}

}  // namespace ranvier::encoding
