#include "app/report/replay_picture.h"

#include <fmt/core.h>

#include <algorithm>
#include <cmath>

#include "app/report/picture.h"
#include "app/report/replay_view.h"

namespace ranvier::app {
namespace {

constexpr Rgb paper{255, 255, 255}, ink{60, 66, 74}, rule{214, 217, 220};
// Okabe and Ito's palette, as on the pages.
constexpr std::array<Rgb, 7> colours{{{0, 114, 178},
                                      {213, 94, 0},
                                      {0, 158, 115},
                                      {176, 87, 143},
                                      {201, 138, 0},
                                      {61, 155, 209},
                                      {75, 80, 86}}};
constexpr std::size_t width = 1200, left = 110, right = 20, frames = 6, gap = 10, band = 110;

/// The frames in a row; returns the height they take.
std::size_t draw_frames(Picture& picture, const ReplayView& view, std::size_t side,
                        const std::vector<EventCounts>& counts) {
  std::int64_t brightest = 1;
  for (const EventCounts& c : counts) brightest = std::max(brightest, largest_count(c));
  const auto w = static_cast<std::size_t>(counts[0].width),
             h = static_cast<std::size_t>(counts[0].height);
  const std::size_t high = side * h / w;
  for (std::size_t k = 0; k < frames; ++k) {
    const std::size_t x0 = left + k * (side + gap), y0 = 24;
    for (std::size_t y = 0; y < high; ++y)
      for (std::size_t x = 0; x < side; ++x) {
        const std::size_t at = y * h / high * w + x * w / side;
        picture.fill(x0 + x, y0 + y, 1, 1, event_colour(counts[k], at, brightest));
      }
    const double step = view.duration / static_cast<double>(frames);
    picture.text(x0, 8,
                 fmt::format("{:.0f} - {:.0f} ms", step * static_cast<double>(k),
                             step * static_cast<double>(k + 1)),
                 ink);
  }
  picture.text(8, 24 + high / 2, view.input->train->population.substr(0, 12), ink);
  return 24 + high + 20;
}

std::size_t across(double ms, double duration) {
  const double share = std::clamp(ms / duration, 0.0, 1.0);
  return left + static_cast<std::size_t>(share * static_cast<double>(width - left - right - 1));
}

void draw_axis(Picture& picture, double duration, std::size_t y) {
  double step = std::pow(10, std::floor(std::log10(duration / 4)));
  while (duration / step > 8) step *= duration / step > 20 ? 5 : 2;
  for (double ms = 0; ms <= duration; ms += step) {
    const std::size_t x = across(ms, duration);
    picture.fill(x, y, 1, 6, ink);
    const std::string label = fmt::format("{:g}", ms);
    picture.text(std::min(x, width - Picture::text_width(label)), y + 10, label, ink);
  }
  picture.text(width / 2, y + 26, "time (ms)", ink);
}

void draw_band(Picture& picture, const RunItem& item, const Rgb& colour, double duration,
               std::size_t y) {
  picture.fill(left, y + band - 10, width - left - right, 1, rule);
  picture.text(8, y + band / 2 - 10, item.train->population.substr(0, 12), colour);
  const auto size = static_cast<double>(std::max<std::int64_t>(1, item.size));
  for (std::size_t i = 0; i < item.train->times.size(); ++i) {
    if (item.train->neurons[i] < 0 || item.train->neurons[i] >= item.size) continue;
    const double place = 1 - (static_cast<double>(item.train->neurons[i]) + 0.5) / size;
    picture.fill(across(item.train->times[i], duration),
                 y + static_cast<std::size_t>(place * (band - 14)), 2, 2, colour);
  }
}

}  // namespace

std::string replay_picture(const RunFolder& folder) {
  const RunView run = view_of(folder);
  const ReplayView view = replay_view(run, folder.path.string());
  std::vector<EventCounts> counts;
  for (std::size_t k = 0; k < frames; ++k) {
    const double step = view.duration / static_cast<double>(frames);
    counts.push_back(event_counts(*view.input->train, view.sensor,
                                  k == 0 ? -1 : step * static_cast<double>(k),
                                  step * static_cast<double>(k + 1)));
  }
  const std::size_t side = (width - left - right - gap * (frames - 1)) / frames;
  const std::size_t high =
      side * static_cast<std::size_t>(counts[0].height) / static_cast<std::size_t>(counts[0].width);
  Picture picture(width, 24 + high + 20 + band * view.outputs.size() + 44, paper);
  std::size_t y = draw_frames(picture, view, side, counts);
  for (std::size_t k = 0; k < view.outputs.size(); ++k, y += band)
    draw_band(picture, *view.outputs[k], colours[k % colours.size()], view.duration, y);
  draw_axis(picture, view.duration, y);
  return picture.png();
}

}  // namespace ranvier::app
