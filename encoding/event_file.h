// Opening a recording of whatever format: by its first bytes, or by its name's extension where the
// format has no magic.
#pragma once
#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "encoding/format.h"

namespace ranvier::encoding {

/// The formats of this build, sorted by name (one file each in encoding/formats).
const std::vector<Format>& formats();

/// Events of a recording, in file order, by pieces of bounded size.
class EventReader {
 public:
  /// \param format  a format's name, or empty: recognised. Throws Error(io) or Error(parse) that
  /// names the file.
  explicit EventReader(const std::filesystem::path& path, const std::string& format = "");
  /// Replaces `out` by the next piece; false when the recording is over. Throws Error(parse) that
  /// names file and byte.
  bool read(std::vector<DvsEvent>& out);
  const Format& format() const { return *format_; }

 private:
  std::filesystem::path path_;
  std::ifstream file_;
  const Format* format_ = nullptr;
  std::unique_ptr<Decoder> decoder_;
  bool over_ = false;
};

/// A whole recording.
std::vector<DvsEvent> read_events(const std::filesystem::path& path,
                                  const std::string& format = "");

}  // namespace ranvier::encoding
