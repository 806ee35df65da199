// drop_pixels: drops the events of the pixels listed, as tonic's DropPixel does with coordinates.
// Tested by tests/unit/encoding/test_filters.cpp and tests/unit/python/test_event_filters.py.
#include <fmt/core.h>

#include <charconv>

#include "encoding/filter.h"
#include "encoding/pixel_map.h"

namespace ranvier::encoding {
namespace {

class DropPixels final : public EventFilter {
 public:
  explicit DropPixels(const std::string& text) {
    const char* p = text.data();
    const char* const end = p + text.size();
    while (true) {
      std::uint16_t x = 0, y = 0;
      const auto [comma, no_x] = std::from_chars(p, end, x);
      const bool has_y = no_x == std::errc() && comma != end && *comma == ',';
      const auto [stop, no_y] = std::from_chars(has_y ? comma + 1 : end, end, y);
      if (no_y != std::errc() || (stop != end && *stop != '/'))
        throw Error(
            ErrorKind::usage,
            fmt::format("pixels: \"{}\", must be X,Y/X,Y/... with X and Y up to 65535", text));
      *is_dropped_.at(x, y) = 1;
      if (stop == end) return;
      p = stop + 1;
    }
  }

  std::size_t apply(std::span<DvsEvent> events) override {
    return keep(events, [this](const DvsEvent& e) { return *is_dropped_.at(e.x, e.y) == 0; });
  }

 private:
  PixelMap<std::uint8_t> is_dropped_{0};
};

}  // namespace

Filter drop_pixels_filter() {
  return {"drop_pixels",
          "drops the events of the pixels listed",
          {{.name = "pixels",
            .kind = FilterValue::text,
            .standard = "",
            .meaning = "the pixels",
            .choices = {"X,Y/X,Y/..."}}},
          [](const FilterArguments& arguments) -> std::unique_ptr<EventFilter> {
            return std::make_unique<DropPixels>(arguments.text("pixels"));
          }};
}

}  // namespace ranvier::encoding
