#include "encoding/text_number.h"

#include <charconv>
#include <cmath>
#include <cstring>

namespace ranvier::encoding {
namespace {

unsigned digit(char c) { return static_cast<unsigned>(static_cast<unsigned char>(c)) - '0'; }

/// A sign and the digits after it, as many as 64 bits hold for sure.
struct Digits {
  bool negative;
  int count = 0;
  std::int64_t number = 0;
};

Digits read_digits(const char*& p) {
  Digits digits{*p == '-'};
  if (*p == '-' || *p == '+') ++p;
  for (unsigned d = digit(*p); d <= 9 && digits.count < 18; d = digit(*++p), ++digits.count)
    digits.number = digits.number * 10 + d;
  return digits;
}

bool ends_number(char c) { return c != '.' && c != 'e' && c != 'E'; }

/// Any number that the C++ library reads, for exponents.
bool read_floating(const char* begin, const char*& p, int decimals, std::int64_t& value) {
  const char* end = begin;
  while (*end != '\n') ++end;
  if (begin != end && *begin == '+') ++begin;
  double number = 0;
  const auto [stop, error] = std::from_chars(begin, end, number);
  number *= std::pow(10.0, decimals);
  if (error != std::errc() || !(std::fabs(number) < 1e18)) return false;
  value = static_cast<std::int64_t>(std::nearbyint(number));
  p = stop;
  return true;
}

}  // namespace

bool read_whole(const char*& p, std::int64_t& value) {
  const char* const begin = p;
  const Digits digits = read_digits(p);
  if (digits.count == 0 || digit(*p) <= 9) return false;
  value = digits.negative ? -digits.number : digits.number;
  if (ends_number(*p)) return true;
  // "12.0" and "1.2e+01" are whole too.
  std::int64_t scaled = 0;
  p = begin;
  bool has_point = false;
  if (!read_scaled(p, 3, scaled, has_point) || scaled % 1000 != 0) return false;
  value = scaled / 1000;
  return true;
}

bool read_scaled(const char*& p, int decimals, std::int64_t& value, bool& has_point) {
  const char* const begin = p;
  auto [negative, n_digits, number] = read_digits(p);
  int missing = decimals;
  std::uint32_t half = 0;  // twice the first digit left out, and 1 for any others
  has_point = *p == '.';
  if (has_point) {
    ++p;
    for (unsigned d = digit(*p); d <= 9; d = digit(*++p), ++n_digits) {
      if (missing > 0) {
        number = number * 10 + d;
        --missing;
        if (n_digits >= 18) return false;
      } else if (missing == 0) {
        half = 2 * d;
        missing = -1;
      } else {
        half |= d != 0;
      }
    }
  }
  if (*p == 'e' || *p == 'E') {
    has_point = true;
    return read_floating(begin, p, decimals, value);
  }
  if (n_digits == 0 || digit(*p) <= 9) return false;
  for (; missing > 0; --missing, ++n_digits)
    if (n_digits >= 18 || __builtin_mul_overflow(number, std::int64_t{10}, &number)) return false;
  number += half > 10 || (half == 10 && number % 2 != 0);
  value = negative ? -number : number;
  return true;
}

}  // namespace ranvier::encoding
