// The list of streams in an AEDAT 4 header, an XML text of nodes
//   <node name="outInfo"><node name="ID"><attr key="typeIdentifier">EVTS</attr>
//     <node name="info"><attr key="sizeX">640</attr> ...
#pragma once
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "encoding/event.h"

namespace ranvier::encoding {

/// A stream as the header lists it.
struct Stream {
  std::int32_t id = 0;
  std::string type;           ///< EVTS, FRME, IMUS, TRIG
  std::string width, height;  ///< in pixels, as written
};

/// The streams by their place in the text; text that is no such XML gives none.
std::vector<Stream> parse_streams(std::string_view xml);

/// The text for one stream 0 of events.
std::string event_stream_xml(const Sensor& sensor, std::string_view compression);

}  // namespace ranvier::encoding
