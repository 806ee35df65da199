#include "encoding/prophesee.h"

#include "encoding/line_header.h"

namespace ranvier::encoding {
namespace {

/// Sensors by the camera's plugin, for old files that name no size.
std::optional<Sensor> sensor_of_plugin(std::string_view plugin) {
  struct Known {
    std::string_view part;
    Sensor sensor;
  };
  constexpr Known known[] = {{"genx320", {320, 320}}, {"gen41", {1280, 720}}, {"gen4", {1280, 720}},
                             {"imx636", {1280, 720}}, {"gen31", {640, 480}},  {"gen3", {640, 480}}};
  for (const Known& k : known)
    if (plugin.find(k.part) != std::string_view::npos) return k.sensor;
  return std::nullopt;
}

}  // namespace

RawHeader parse_raw_header(std::string_view text) {
  RawHeader header;
  const std::string format = header_value(text, "format");
  header.format = format.substr(0, format.find(';'));
  if (header.format.empty()) {
    const std::string version = header_value(text, "evt");
    if (version == "2.0") header.format = "EVT2";
    if (version == "2.1") header.format = "EVT21";
    if (version == "3.0") header.format = "EVT3";
  }
  header.legacy_words =
      field_value(format, "endianness") == "legacy" || header_value(text, "endianness") == "legacy";
  header.sensor = written_sensor(field_value(format, "width"), field_value(format, "height"));
  const std::string geometry = header_value(text, "geometry");
  const std::size_t cross = geometry.find('x');
  if (header.sensor.is_missing() && cross != std::string::npos)
    header.sensor = written_sensor(geometry.substr(0, cross), geometry.substr(cross + 1));
  if (header.sensor.is_missing()) {
    header.sensor.sensor = sensor_of_plugin(header_value(text, "plugin_name"));
    header.guessed_sensor = header.sensor.sensor.has_value();
  }
  return header;
}

bool is_raw(std::span<const std::byte> head, std::string_view format) {
  return parse_raw_header(header_lines(head, "% ", "% end")).format == format;
}

}  // namespace ranvier::encoding
