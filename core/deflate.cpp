#include "core/deflate.h"

#include <libdeflate.h>

#include <new>

namespace ranvier {

struct Inflater::Parts {
  Parts() : decompressor(libdeflate_alloc_decompressor()) {
    if (!decompressor) throw std::bad_alloc();
  }
  ~Parts() { libdeflate_free_decompressor(decompressor); }
  Parts(const Parts&) = delete;
  Parts& operator=(const Parts&) = delete;
  libdeflate_decompressor* decompressor;
};

Inflater::Inflater() : parts_(std::make_unique<Parts>()) {}
Inflater::~Inflater() = default;
Inflater::Inflater(Inflater&&) noexcept = default;
Inflater& Inflater::operator=(Inflater&&) noexcept = default;

bool Inflater::zlib(std::span<const std::byte> packed, std::span<std::byte> out) {
  return libdeflate_zlib_decompress(parts_->decompressor, packed.data(), packed.size(), out.data(),
                                    out.size(), nullptr) == LIBDEFLATE_SUCCESS;
}

bool Inflater::raw(std::span<const std::byte> packed, std::span<std::byte> out) {
  return libdeflate_deflate_decompress(parts_->decompressor, packed.data(), packed.size(),
                                       out.data(), out.size(), nullptr) == LIBDEFLATE_SUCCESS;
}

Bytes zlib_packed(std::span<const std::byte> bytes) {
  const std::unique_ptr<libdeflate_compressor, void (*)(libdeflate_compressor*)> compressor(
      libdeflate_alloc_compressor(6), libdeflate_free_compressor);
  if (!compressor) throw std::bad_alloc();
  Bytes packed(libdeflate_zlib_compress_bound(compressor.get(), bytes.size()));
  packed.resize(libdeflate_zlib_compress(compressor.get(), bytes.data(), bytes.size(),
                                         packed.data(), packed.size()));
  return packed;
}

std::uint32_t crc32_of(std::span<const std::byte> bytes) {
  return libdeflate_crc32(0, bytes.data(), bytes.size());
}

}  // namespace ranvier
