// Decimal numbers of text recordings. Every function reads from p up to the first character that
// does not belong to the number; the text has to end in a newline, which stops them all.
#pragma once
#include <cstdint>

namespace ranvier::encoding {

/// Reads a whole number; returns false where there is none, or it is beyond 18 digits, or it goes
/// on as a fraction.
bool read_whole(const char*& p, std::int64_t& value);

/// Reads a decimal number times 10^decimals, rounded half to even; `has_point`: it had a decimal
/// point or an exponent. Returns false where there is none or it is beyond 18 digits.
bool read_scaled(const char*& p, int decimals, std::int64_t& value, bool& has_point);

}  // namespace ranvier::encoding
