#include "encoding/event_file.h"

#include <algorithm>

#include "core/error.h"

namespace ranvier::encoding {

#define RANVIER_ENTRY(name) Format name##_format();
#include "generated/encoding/formats.inc"
#undef RANVIER_ENTRY

namespace {

constexpr std::size_t piece = std::size_t{1} << 16;

const Format& recognise(const std::filesystem::path& path, std::span<const std::byte> head,
                        const std::string& name) {
  std::vector<std::string> known;
  for (const Format& format : formats()) {
    if (name == format.name) return format;
    known.push_back(format.name);
  }
  if (!name.empty())
    throw Error(ErrorKind::usage,
                "unknown event format \"" + name + "\"" + did_you_mean(name, known));
  for (const Format& format : formats())
    if (format.matches && format.matches(head)) return format;
  for (const Format& format : formats())
    if (!format.matches && std::find(format.extensions.begin(), format.extensions.end(),
                                     path.extension()) != format.extensions.end())
      return format;
  std::string accepted;
  for (const std::string& k : known) accepted += (accepted.empty() ? "" : ", ") + k;
  throw Error(
      ErrorKind::parse,
      path.string() + ": no event format known here starts like this file; accepted: " + accepted);
}

}  // namespace

const std::vector<Format>& formats() {
  static const std::vector<Format> all{
#define RANVIER_ENTRY(name) name##_format(),
#include "generated/encoding/formats.inc"
#undef RANVIER_ENTRY
  };
  return all;
}

EventReader::EventReader(const std::filesystem::path& path, const std::string& format)
    : path_(path), file_(path, std::ios::binary) {
  if (!file_ || std::filesystem::is_directory(path))
    throw Error(ErrorKind::io, path.string() + ": cannot be opened");
  std::vector<char> head(256);
  file_.read(head.data(), static_cast<std::streamsize>(head.size()));
  format_ = &recognise(
      path, std::as_bytes(std::span(head.data(), static_cast<std::size_t>(file_.gcount()))),
      format);
  file_.clear();
  file_.seekg(0);
  decoder_ = format_->decoder();
}

bool EventReader::read(std::vector<DvsEvent>& out) {
  out.clear();
  std::vector<char> bytes(piece);
  try {
    while (out.empty() && !over_) {
      file_.read(bytes.data(), static_cast<std::streamsize>(bytes.size()));
      const auto got = static_cast<std::size_t>(file_.gcount());
      decoder_->decode(std::as_bytes(std::span(bytes.data(), got)), out);
      if (got < bytes.size()) {
        over_ = true;
        decoder_->finish();
      }
    }
  } catch (const Error& e) {
    throw Error(e.kind(), path_.string() + ": " + e.what());
  }
  return !out.empty();
}

std::vector<DvsEvent> read_events(const std::filesystem::path& path, const std::string& format) {
  EventReader reader(path, format);
  std::vector<DvsEvent> all, part;
  while (reader.read(part)) all.insert(all.end(), part.begin(), part.end());
  return all;
}

}  // namespace ranvier::encoding
