// Decimal numbers of text recordings. Every function reads from p up to the first character that
// does not belong to the number; the text has to end in a newline, which stops them all.
#pragma once
#include <bit>
#include <cstdint>
#include <cstring>

namespace ranvier::encoding {

/// The number that the digits at p begin, the first eight of them at most, and how many they are.
/// The eight bytes are taken as one word, the first digit lowest: neighbouring pairs of digits,
/// then of numbers of two and of four digits, are joined in all lanes at once. Reads 8 bytes at p.
inline std::uint32_t eight_digits(const char* p, int& count) {
  constexpr std::uint64_t each = 0x0101'0101'0101'0101;
  std::uint64_t digits = 0;
  std::memcpy(&digits, p, 8);
  digits ^= each * '0';
  // The highest bit of a byte that is above 9; carries reach only bytes behind such a one.
  const std::uint64_t others = ((digits + each * (0x80 - 10)) | digits) & each * 0x80;
  count = std::countr_zero(others) / 8;
  digits <<= (64 - 8 * count) & 63;  // zeros in front
  digits = (digits * 10 + (digits >> 8)) & 0x00FF'00FF'00FF'00FF;
  digits = (digits * 100 + (digits >> 16)) & 0x0000'FFFF'0000'FFFF;
  return static_cast<std::uint32_t>(digits * 10'000 + (digits >> 32));
}

/// Reads a number of 1 to 15 digits; false where there is none such. Reads 16 bytes at p, whatever
/// they are.
inline bool read_plain(const char*& p, std::uint64_t& value) {
  constexpr std::uint32_t powers[] = {1, 10, 100, 1000, 10'000, 100'000, 1'000'000, 10'000'000};
  int count = 0;
  value = eight_digits(p, count);
  p += count;
  if (count < 8) return count > 0;
  const std::uint32_t more = eight_digits(p, count);
  p += count;
  if (count == 8) return false;
  value = value * powers[count] + (count > 0 ? more : 0);
  return true;
}

/// Reads a whole number; returns false where there is none, or it is beyond 18 digits, or it goes
/// on as a fraction.
bool read_whole(const char*& p, std::int64_t& value);

/// Reads a decimal number times 10^decimals, rounded half to even; `has_point`: it had a decimal
/// point or an exponent. Returns false where there is none or it is beyond 18 digits.
bool read_scaled(const char*& p, int decimals, std::int64_t& value, bool& has_point);

}  // namespace ranvier::encoding
