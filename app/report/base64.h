// Bytes inside a text: what a page carries in itself.
#pragma once
#include <string>

namespace ranvier::app {

/// Base64 (RFC 4648), with padding.
std::string base64(const std::string& bytes);

}  // namespace ranvier::app
