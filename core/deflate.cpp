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

}  // namespace ranvier
