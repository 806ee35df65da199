#include "encoding/zip_archive.h"

#include <fmt/core.h>

#include <algorithm>

#include "core/deflate.h"
#include "core/error.h"
#include "encoding/bytes.h"

namespace ranvier::encoding {
namespace {

[[noreturn]] void damaged() { throw Error(ErrorKind::parse, "the archive is damaged or cut off"); }

/// Where the record at the end of the archive begins.
std::size_t end_record(std::span<const std::byte> archive) {
  constexpr std::size_t size = 22, longest_comment = 65'535;
  if (archive.size() < size) damaged();
  const std::size_t last = archive.size() - size;
  for (std::size_t back = 0; back <= std::min(last, longest_comment); ++back)
    if (load<std::uint32_t>(archive.data() + last - back) == 0x0605'4B50) return last - back;
  damaged();
}

std::vector<std::byte> unpack(std::span<const std::byte> archive, const std::byte* entry) {
  const auto method = load<std::uint16_t>(entry + 10);
  const std::size_t packed = load<std::uint32_t>(entry + 20),
                    size = load<std::uint32_t>(entry + 24);
  const std::size_t local = load<std::uint32_t>(entry + 42);
  if (packed == 0xFFFF'FFFF || size == 0xFFFF'FFFF || local == 0xFFFF'FFFF)
    throw Error(ErrorKind::unsupported, "archives beyond 4 GiB");
  if (local + 30 > archive.size() || load<std::uint32_t>(archive.data() + local) != 0x0403'4B50)
    damaged();
  const std::size_t begin = local + 30 + load<std::uint16_t>(archive.data() + local + 26) +
                            load<std::uint16_t>(archive.data() + local + 28);
  if (begin > archive.size() || packed > archive.size() - begin) damaged();
  const auto content = archive.subspan(begin, packed);
  if (method == 0) {
    if (packed != size) damaged();
    return {content.begin(), content.end()};
  }
  if (method != 8)
    throw Error(ErrorKind::unsupported,
                fmt::format("members packed by method {}, accepted: 0 and 8", method));
  if (size > 1032 * packed + 1024) damaged();  // deflate packs no tighter
  std::vector<std::byte> bytes(size);
  if (!Inflater().raw(content, bytes)) damaged();
  return bytes;
}

}  // namespace

std::vector<ZipMember> unzip(std::span<const std::byte> archive) {
  const std::size_t end = end_record(archive);
  const std::size_t n = load<std::uint16_t>(archive.data() + end + 10);
  std::size_t at = load<std::uint32_t>(archive.data() + end + 16), total = 0;
  std::vector<ZipMember> members;
  for (std::size_t i = 0; i < n; ++i) {
    if (at + 46 > archive.size() || load<std::uint32_t>(archive.data() + at) != 0x0201'4B50)
      damaged();
    const std::byte* entry = archive.data() + at;
    const std::size_t name = load<std::uint16_t>(entry + 28);
    if (at + 46 + name > archive.size()) damaged();
    members.push_back(
        {std::string(text_of(archive.subspan(at + 46, name))), unpack(archive, entry)});
    if (crc32_of(members.back().bytes) != load<std::uint32_t>(entry + 16)) damaged();
    // Entries may share their bytes: what they unpack to together is bounded too.
    total += members.back().bytes.size();
    if (total > 1032 * archive.size() + 1024) damaged();
    at += 46 + name + load<std::uint16_t>(entry + 30) + load<std::uint16_t>(entry + 32);
  }
  return members;
}

}  // namespace ranvier::encoding
