// SHA-256 (FIPS 180-4), for digests of spikes and states: by OpenSSL's libcrypto, which uses the
// processor's own instructions. Tested against the standard's vectors.
#pragma once
#include <cstddef>
#include <memory>
#include <string>

struct evp_md_ctx_st;

namespace ranvier {

/// SHA-256 (FIPS 180-4) of bytes added piece by piece. Throws std::bad_alloc, and Error(internal)
/// where OpenSSL is configured to have none.
class Sha256 {
 public:
  Sha256();
  void add(const void* data, std::size_t bytes);
  /// The digest in hexadecimal; nothing may be added afterwards.
  std::string hex();

 private:
  std::unique_ptr<evp_md_ctx_st, void (*)(evp_md_ctx_st*)> context_;
};

}  // namespace ranvier
