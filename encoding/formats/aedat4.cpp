// aedat4: AEDAT 4 of DV. "#!AER-DAT4.0\r\n", a size-prefixed flatbuffer, packets, a table:
//
//   IOHE     field 0 compression: 0 none, 1 or 2 LZ4, 3 or 4 Zstd
//            field 1 position of the table, -1: none;  field 2 the list of streams, XML
//   packets  i32 stream, i32 size, and that many bytes: one LZ4 or Zstd frame, or plain, of a
//            size-prefixed flatbuffer; EVTS: field 0 = vector of {i64 t, i16 x, i16 y, u8 on,
//            3 bytes}, which is DvsEvent
//   FTAB     compressed like a packet: for each the offset of its bytes, stream, size, number of
//            events, first and last time
//
// Times are Unix microseconds in DV's recordings. A file without a table was piped or cut short: it
// is read all the same, and that is noted. Of several streams of events the first is taken. All
// packets together may unpack to 256 times their bytes and 1 MiB, no more: hostile files cannot ask
// for memory. The flatbuffers are read by encoding/flat_table.h, which checks every offset, and
// written as bytes. The only owner of LZ4 and Zstd.
//
// Source: iniVation's public AEDAT 4 description and schemas. Tested by
// tests/unit/encoding/test_aedat4.cpp.
#include <fmt/core.h>
#include <lz4frame.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "encoding/event_lanes.h"
#include "encoding/filter.h"
#include "encoding/flat_table.h"
#include "encoding/format.h"
#include "encoding/stream_list.h"

namespace ranvier::encoding {
namespace {

constexpr std::string_view magic = "#!AER-DAT4.0\r\n";
constexpr std::size_t packet_header = 8;
enum class Compression : std::int32_t { none = 0, lz4 = 1, zstd = 3 };

/// Unpacks frames into the room that a buffer has behind its events.
class Unpacker {
 public:
  /// The frame's content, where the next events go; nothing if it is damaged or larger than `most`.
  std::optional<std::span<const std::byte>> unpack(std::span<const std::byte> frame,
                                                   Compression compression, std::size_t most,
                                                   EventBuffer& out) {
    claim(std::max<std::size_t>(65'536, std::min(4 * frame.size(), most)), out);
    const auto content =
        compression == Compression::lz4 ? lz4(frame, most, out) : zstd(frame, most, out);
    return content && content->size() <= most ? content : std::nullopt;
  }

 private:
  std::optional<std::span<const std::byte>> lz4(std::span<const std::byte> frame, std::size_t most,
                                                EventBuffer& out) {
    if (!lz4_) {
      LZ4F_dctx* context = nullptr;
      if (LZ4F_isError(LZ4F_createDecompressionContext(&context, LZ4F_VERSION)))
        throw std::bad_alloc();
      lz4_.reset(context);
    }
    LZ4F_decompressOptions_t stays{};
    stays.stableDst = 1;  // else the last 64 KiB are copied, for a frame that goes on elsewhere
    for (;;) {
      LZ4F_resetDecompressionContext(lz4_.get());
      std::span<const std::byte> left = frame;
      std::size_t n = 0, written = 0, read = 0;
      do {
        written = capacity_ - n;
        read = left.size();
        const std::size_t hint =
            LZ4F_decompress(lz4_.get(), bytes_ + n, &written, left.data(), &read, &stays);
        if (LZ4F_isError(hint)) return std::nullopt;
        n += written;
        left = left.subspan(read);
        if (hint == 0) return std::span<const std::byte>(bytes_, n);
      } while (written > 0 || read > 0);
      if (n < capacity_ || capacity_ >= most) return std::nullopt;
      claim(std::min(2 * capacity_, most), out);
    }
  }

  std::optional<std::span<const std::byte>> zstd(std::span<const std::byte> frame, std::size_t most,
                                                 EventBuffer& out) {
    if (!zstd_) zstd_.reset(ZSTD_createDCtx());
    if (!zstd_) throw std::bad_alloc();
    const unsigned long long size = ZSTD_getFrameContentSize(frame.data(), frame.size());
    if (size == ZSTD_CONTENTSIZE_ERROR || (size != ZSTD_CONTENTSIZE_UNKNOWN && size > most))
      return std::nullopt;
    if (size != ZSTD_CONTENTSIZE_UNKNOWN && size > capacity_) claim(size, out);
    for (;;) {
      const std::size_t n =
          ZSTD_decompressDCtx(zstd_.get(), bytes_, capacity_, frame.data(), frame.size());
      if (!ZSTD_isError(n)) return std::span<const std::byte>(bytes_, n);
      if (size != ZSTD_CONTENTSIZE_UNKNOWN || capacity_ >= most ||
          std::strcmp(ZSTD_getErrorName(n), "Destination buffer is too small") != 0)
        return std::nullopt;
      claim(std::min(2 * capacity_, most), out);
    }
  }

  /// What is in the room so far is lost.
  void claim(std::size_t capacity, EventBuffer& out) {
    bytes_ = reinterpret_cast<std::byte*>(out.claim((capacity + 15) / 16));
    capacity_ = capacity;
  }

  struct Free {
    void operator()(LZ4F_dctx* context) const { LZ4F_freeDecompressionContext(context); }
    void operator()(ZSTD_DCtx* context) const { ZSTD_freeDCtx(context); }
  };
  std::unique_ptr<LZ4F_dctx, Free> lz4_;
  std::unique_ptr<ZSTD_DCtx, Free> zstd_;
  std::byte* bytes_ = nullptr;  ///< the room, which the buffer owns
  std::size_t capacity_ = 0;
};

class Aedat4Decoder final : public Decoder {
 public:
  explicit Aedat4Decoder(const ReadOptions& options) : sensor_(options.sensor) {}

  std::size_t decode(const Input& in, EventBuffer& out) override {
    std::size_t at = has_header_ ? 0 : read_header(in);
    if (!has_header_) return 0;
    for (;;) {
      if (in.position + at >= table_) return in.bytes.size();
      const std::size_t left = in.bytes.size() - at;
      if (in.last && left == 0 && table_ != no_table)
        fail_at(in.position + at,
                fmt::format("the recording is cut off before its table at byte {}", table_));
      wanted_ = 0;
      if (left < packet_header) return at;
      const auto stream = load<std::int32_t>(in.bytes.data() + at);
      const auto size = load<std::int32_t>(in.bytes.data() + at + 4);
      const std::uint64_t end = in.position + at + packet_header + static_cast<std::uint32_t>(size);
      if (size < 0 || end > table_)
        fail_at(in.position + at + 4, fmt::format("a packet of {} bytes", size));
      wanted_ = packet_header + static_cast<std::size_t>(size) + packet_header;
      if (left - packet_header < static_cast<std::size_t>(size)) return at;
      if (stream == stream_) {
        take_packet(in.bytes.subspan(at + packet_header, static_cast<std::size_t>(size)),
                    in.position + at + packet_header, out);
      } else {
        ++n_other_;
      }
      at += packet_header + static_cast<std::size_t>(size);
    }
  }

  std::size_t wanted() const override { return wanted_; }
  std::string description() const override { return "AEDAT 4"; }
  std::optional<Sensor> sensor() const override { return sensor_; }
  std::vector<std::string> notes() const override {
    std::vector<std::string> all;
    if (has_header_ && table_ == no_table)
      all.push_back("no table of packets: the recording was piped or cut short");
    if (n_streams_ > 1)
      all.push_back(fmt::format("{} streams of events: the first is taken", n_streams_));
    if (n_other_ > 0) all.push_back(fmt::format("{} packets of other streams skipped", n_other_));
    return all;
  }

 private:
  /// Length of the header; sets has_header_ unless more bytes are needed.
  std::size_t read_header(const Input& in) {
    const std::size_t begin = magic.size() + 4;
    if (in.bytes.size() < begin) return 0;
    if (!starts_with(in.bytes, magic)) fail_at(in.position, "does not start with #!AER-DAT4.0");
    const std::uint64_t size = load<std::uint32_t>(in.bytes.data() + magic.size());
    if (in.bytes.size() < begin + size) return 0;
    const auto header = FlatTable::root(in.bytes.subspan(begin, size), "IOHE");
    if (!header) fail_at(in.position + begin, "the header is no flatbuffer IOHE");
    const auto compression = header->number<std::int32_t>(0, 0);
    if (compression < 0 || compression > 4)
      fail_at(in.position + begin,
              fmt::format("compression {}, accepted: 0 to 4 (none, LZ4, Zstd)", compression));
    compression_ = compression == 0  ? Compression::none
                   : compression < 3 ? Compression::lz4
                                     : Compression::zstd;
    const auto table = header->number<std::int64_t>(1, -1);
    if (table >= 0) table_ = static_cast<std::uint64_t>(table);
    if (table_ < in.position + begin + size)
      fail_at(in.position + begin, "the table lies in the header");
    find_stream(text_of(header->vector(2, 1).value_or(std::span<const std::byte>())),
                in.position + begin);
    has_header_ = true;
    return begin + size;
  }

  void find_stream(std::string_view xml, std::uint64_t position) {
    for (const Stream& stream : parse_streams(xml)) {
      if (stream.type != "EVTS" || n_streams_++ > 0) continue;
      stream_ = stream.id;
      sensor_ = named_sensor(written_sensor(stream.width, stream.height), sensor_, position);
    }
    if (n_streams_ == 0)
      fail_at(position, "the header names no stream of events (typeIdentifier EVTS)");
  }

  void take_packet(std::span<const std::byte> packet, std::uint64_t position, EventBuffer& out) {
    if (compression_ != Compression::none) {
      const std::uint64_t most =
          256 * (position + packet.size()) + (std::uint64_t{1} << 20) - unpacked_;
      const auto content = unpacker_.unpack(packet, compression_, most, out);
      if (!content) fail_at(position, "a packet cannot be unpacked");
      packet = *content;
      unpacked_ += packet.size();
    }
    const std::size_t size = packet.size() < 4 ? 0 : load<std::uint32_t>(packet.data());
    if (size + 4 > packet.size()) fail_at(position, "a packet's flatbuffer is cut off");
    const auto root =
        FlatTable::root(packet.subspan(std::min<std::size_t>(4, packet.size()), size), "EVTS");
    const auto events = root ? root->vector(0, 16) : std::nullopt;
    if (!events) fail_at(position, "a packet is no flatbuffer EVTS");
    take_events(*events, position, out);
  }

  /// The events of a vector, which may lie in the room where they go, behind their places.
  static void take_events(std::span<const std::byte> events, std::uint64_t position,
                          EventBuffer& buffer) {
    const std::size_t n = events.size() / 16;
    if (n == 0) return;
    DvsEvent* out = buffer.claim(n);
    const std::uint64_t seen = copy_events(events.data(), n, out);
    if ((seen & ~std::uint64_t{0x1'7FFF'7FFF}) == 0) return buffer.commit(n);
    // Some padding is not zero, some polarity is above 1, or a coordinate is negative.
    for (std::size_t i = 0; i < n; ++i) {
      const auto* bytes = reinterpret_cast<const std::byte*>(out + i);
      const auto rest = load<std::uint64_t>(bytes + 8);
      put(out + i, load<std::int64_t>(bytes), rest & 0xFFFF, rest >> 16 & 0xFFFF,
          (rest & 0xFF'0000'0000) != 0);
    }
    if ((seen & 0x8000'8000) == 0) return buffer.commit(n);
    std::size_t good = 0;
    while (out[good].x < 0x8000 && out[good].y < 0x8000) ++good;
    buffer.commit(good);
    fail_at(position, fmt::format("event {} of a packet has a negative coordinate", good));
  }

  /// Copies n events as they are; returns all the bits that are set in their second halves.
  static std::uint64_t copy_events(const std::byte* p, std::size_t n, DvsEvent* out) {
    const Records d;
    const std::size_t block = n_lanes() / 2;
    RecordLanes all = hn::Zero(d);
    std::size_t i = 0;
    for (; i + block <= n; i += block) {
      const RecordLanes halves = load_lanes(p + 16 * i);
      all = hn::Or(all, halves);
      hn::StoreU(halves, d, reinterpret_cast<std::uint64_t*>(out + i));
    }
    std::uint64_t seen = 0;
    for (std::size_t k = 1; k < n_lanes(); k += 2) seen |= hn::ExtractLane(all, k);
    for (; i < n; ++i) {
      const auto rest = load<std::uint64_t>(p + 16 * i + 8);
      std::memmove(static_cast<void*>(out + i), p + 16 * i, 16);
      seen |= rest;
    }
    return seen;
  }

  static constexpr std::uint64_t no_table = ~std::uint64_t{0};
  std::optional<Sensor> sensor_;
  bool has_header_ = false;
  Compression compression_ = Compression::none;
  std::uint64_t table_ = no_table;  ///< position of the table of packets
  std::int32_t stream_ = -1;
  std::int64_t n_streams_ = 0, n_other_ = 0;
  std::uint64_t unpacked_ = 0;  ///< bytes of all packets
  std::size_t wanted_ = 0;  ///< bytes of the packet that is not whole, and the next one's header
  Unpacker unpacker_;
};

/// Writes packets of 8192 events, then the table of packets.
class Aedat4Encoder final : public Encoder {
 public:
  explicit Aedat4Encoder(const WriteOptions& options) {
    const std::string& name = options.compression;
    if (!name.empty() && name != "lz4" && name != "none" && name != "zstd")
      throw Error(ErrorKind::usage,
                  fmt::format("--compression: \"{}\", must be none, lz4 or zstd", name));
    compression_ = name == "none"   ? Compression::none
                   : name == "zstd" ? Compression::zstd
                                    : Compression::lz4;
    if (!options.sensor)
      throw Error(ErrorKind::usage,
                  "AEDAT 4 files name the sensor's size: pass --sensor WIDTHxHEIGHT");
    sensor_ = *options.sensor;
  }

  void encode(std::span<const DvsEvent> events, Bytes& out) override {
    if (position_ == 0) header(out);
    for (const DvsEvent& e : events) {
      if (e.x > 0x7FFF || e.y > 0x7FFF)
        throw Error(
            ErrorKind::range,
            fmt::format("AEDAT 4 holds x and y up to 32767, not an event at ({}, {})", e.x, e.y));
      require_inside(e, sensor_);
      pending_.push_back(e);
      if (pending_.size() == 8192) packet(out);
    }
  }

  void finish(Bytes& out) override {
    if (position_ == 0) header(out);
    if (!pending_.empty()) packet(out);
  }

  std::optional<Index> index() override {
    Bytes content;
    table(content);
    Index index{packed(content), magic.size() + 32, {}};
    append(index.pointer, position_);
    return index;
  }

 private:
  struct Entry {
    std::int64_t position, n, first, last;
    std::int32_t size;
  };

  static void numbers(Bytes& out, std::initializer_list<std::uint16_t> values) {
    for (const std::uint16_t value : values) append(out, value);
  }

  /// What a size-prefixed flatbuffer starts with; its size is set by close().
  static void open(Bytes& out, std::uint32_t root, std::string_view identifier) {
    append_all(out, std::span<const std::uint32_t>({std::uint32_t{0}, root - 4}));
    append_text(out, identifier);
  }
  static void close(Bytes& out) {
    const auto size = static_cast<std::uint32_t>(out.size() - 4);
    std::memcpy(out.data(), &size, 4);
  }

  void header(Bytes& out) {
    constexpr const char* names[] = {"NONE", "LZ4", "", "ZSTD"};
    const std::string xml = event_stream_xml(sensor_, names[static_cast<int>(compression_)]);
    Bytes buffer;
    open(buffer, 24, "IOHE");
    numbers(buffer, {10, 20, 4, 8, 16, 0});  // vtable of the root; padding
    append_all(buffer,
               std::span<const std::int32_t>({12, static_cast<std::int32_t>(compression_)}));
    append(buffer, std::int64_t{-1});
    append_all(buffer, std::span<const std::uint32_t>({4, static_cast<std::uint32_t>(xml.size())}));
    append_text(buffer, xml);
    buffer.push_back(std::byte{0});
    close(buffer);
    append_text(out, magic);
    append_all(out, std::span<const std::byte>(buffer));
    position_ = static_cast<std::int64_t>(magic.size() + buffer.size());
  }

  void packet(Bytes& out) {
    Bytes buffer;
    open(buffer, 20, "EVTS");
    numbers(buffer, {6, 8, 4, 0});  // vtable of the root; padding
    const auto n = static_cast<std::uint32_t>(pending_.size());
    append_all(buffer, std::span<const std::uint32_t>({8, 4, n}));
    append_all(buffer, std::as_const(pending_).events());
    close(buffer);
    const Bytes content = packed(buffer);
    const auto size = static_cast<std::int32_t>(content.size());
    append_all(out, std::span<const std::int32_t>({0, size}));
    append_all(out, std::span<const std::byte>(content));
    position_ += static_cast<std::int64_t>(packet_header);
    const auto [first, last] =
        std::minmax_element(pending_.begin(), pending_.end(),
                            [](const DvsEvent& a, const DvsEvent& b) { return a.t < b.t; });
    entries_.push_back({position_, n, first->t, last->t, size});
    position_ += size;
    pending_.clear();
  }

  void table(Bytes& out) const {
    open(out, 32, "FTAB");
    numbers(out, {6, 8, 4});                    // vtable of the root
    numbers(out, {14, 48, 16, 4, 24, 32, 40});  // vtable of an entry
    const auto n = static_cast<std::uint32_t>(entries_.size());
    append_all(out, std::span<const std::uint32_t>({20, 4, n}));
    const std::uint32_t first = (44 + 4 * n + 7) / 8 * 8;
    for (std::uint32_t k = 0; k < n; ++k) append(out, first + 48 * k - (44 + 4 * k));
    out.resize(first);
    for (std::uint32_t k = 0; k < n; ++k) {
      const Entry& e = entries_[k];
      append_all(out, std::span<const std::int32_t>(
                          {static_cast<std::int32_t>(first + 48 * k - 18), 0, e.size, 0}));
      append_all(out, std::span<const std::int64_t>({e.position, e.n, e.first, e.last}));
    }
    close(out);
  }

  Bytes packed(const Bytes& content) const {
    if (compression_ == Compression::none) return content;
    const bool lz4 = compression_ == Compression::lz4;
    Bytes frame(lz4 ? LZ4F_compressFrameBound(content.size(), nullptr)
                    : ZSTD_compressBound(content.size()));
    const std::size_t n =
        lz4 ? LZ4F_compressFrame(frame.data(), frame.size(), content.data(), content.size(),
                                 nullptr)
            : ZSTD_compress(frame.data(), frame.size(), content.data(), content.size(), 3);
    RANVIER_ASSERT(!(lz4 ? LZ4F_isError(n) : ZSTD_isError(n)),
                   "the bound of a packed packet holds");
    frame.resize(n);
    return frame;
  }

  Sensor sensor_;
  Compression compression_ = Compression::lz4;
  EventBuffer pending_;
  std::int64_t position_ = 0;  ///< bytes written
  std::vector<Entry> entries_;
};

}  // namespace

Format aedat4_format() {
  return {.name = "aedat4",
          .summary = "AEDAT 4 of DV, plain, LZ4 or Zstd",
          .extensions = {".aedat4"},
          .matches = [](std::span<const std::byte> head) { return starts_with(head, magic); },
          .decoder = [](const ReadOptions& options) -> std::unique_ptr<Decoder> {
            return std::make_unique<Aedat4Decoder>(options);
          },
          .encoder = [](const WriteOptions& options) -> std::unique_ptr<Encoder> {
            return std::make_unique<Aedat4Encoder>(options);
          }};
}

}  // namespace ranvier::encoding
