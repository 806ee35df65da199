// The lines of text before the events in AEDAT ('#') and Prophesee files ('%').
#pragma once
#include <cstddef>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ranvier::encoding {

/// Length of the header of lines that start with `mark`, through the line that starts with `end`
/// where there is one, else up to the first line that does not start so; a line that holds control
/// characters belongs to the data. Nothing while a line is not whole (`last`: no bytes follow).
std::optional<std::size_t> header_length(std::span<const std::byte> bytes, std::string_view mark,
                                         std::string_view end, bool last);

/// The whole lines of such a header at the start of a file's head.
std::string_view header_lines(std::span<const std::byte> head, std::string_view mark,
                              std::string_view end);

/// The value of `key` in a header of lines "MARK key value"; empty when there is none.
std::string header_value(std::string_view header, std::string_view key);

/// The value of `key` in "a;key=value;b"; empty when there is none.
std::string field_value(std::string_view fields, std::string_view key);

/// A whole number >= 0, or nothing.
std::optional<std::uint32_t> whole_number(std::string_view text);

}  // namespace ranvier::encoding
