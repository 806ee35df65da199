#include "encoding/stream_list.h"

#include <fmt/core.h>

#include "encoding/line_header.h"

namespace ranvier::encoding {
namespace {

/// The value of an XML attribute in a tag.
std::string_view attribute(std::string_view tag, std::string_view name) {
  const std::string key = " " + std::string(name) + "=\"";
  const std::size_t at = tag.find(key);
  if (at == std::string_view::npos) return {};
  const std::string_view rest = tag.substr(at + key.size());
  return rest.substr(0, rest.find('"'));
}

}  // namespace

std::vector<Stream> parse_streams(std::string_view xml) {
  std::vector<Stream> streams;
  std::vector<std::string_view> path;  // names of the open nodes
  for (std::size_t at = xml.find('<'); at != std::string_view::npos; at = xml.find('<', at + 1)) {
    const std::size_t end = xml.find('>', at);
    if (end == std::string_view::npos) break;
    const std::string_view tag = xml.substr(at, end - at);
    if (tag.starts_with("</node")) {
      if (!path.empty()) path.pop_back();
    } else if (tag.starts_with("<node ")) {
      path.push_back(attribute(tag, "name"));
      const auto id = whole_number(path.back());
      if (path.size() == 2 && path[0] == "outInfo" && id && *id <= 0x7FFF'FFFF)
        streams.push_back({static_cast<std::int32_t>(*id), "", "", ""});
      if (tag.ends_with("/")) path.pop_back();
    } else if (tag.starts_with("<attr ") && !streams.empty() && path.size() >= 2 &&
               path[0] == "outInfo") {
      const std::string_view key = attribute(tag, "key");
      const std::string_view value = xml.substr(end + 1, xml.find('<', end) - end - 1);
      Stream& stream = streams.back();
      if (path.size() == 2 && key == "typeIdentifier") stream.type = value;
      if (path.size() == 3 && path[2] == "info" && key == "sizeX") stream.width = value;
      if (path.size() == 3 && path[2] == "info" && key == "sizeY") stream.height = value;
    }
  }
  return streams;
}

std::string event_stream_xml(const Sensor& sensor, std::string_view compression) {
  return fmt::format(R"(<dv version="2.0">
    <node name="outInfo" path="/mainloop/Recorder/outInfo/">
        <node name="0" path="/mainloop/Recorder/outInfo/0/">
            <attr key="compression" type="string">{}</attr>
            <attr key="originalModuleName" type="string">ranvier</attr>
            <attr key="originalOutputName" type="string">events</attr>
            <attr key="typeDescription" type="string">Array of events (polarity ON/OFF).</attr>
            <attr key="typeIdentifier" type="string">EVTS</attr>
            <node name="info" path="/mainloop/Recorder/outInfo/0/info/">
                <attr key="sizeX" type="int">{}</attr>
                <attr key="sizeY" type="int">{}</attr>
                <attr key="source" type="string">ranvier</attr>
            </node>
        </node>
    </node>
</dv>
)",
                     compression, sensor.width, sensor.height);
}

}  // namespace ranvier::encoding
