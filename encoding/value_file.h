// Numbers to encode from a file: a plain NumPy array of any shape, or a table of text. Tested by
// tests/unit/encoding/test_encoded_source.py.
#pragma once
#include <cstddef>
#include <filesystem>
#include <vector>

namespace ranvier::encoding {

/// The numbers of a .npy file, row-major, or of a .csv file: rows of equally many numbers, parted
/// by commas, semicolons, blanks or tabs; empty lines and lines that begin with # are skipped.
/// Throws Error(io) where the file cannot be read, Error(parse) that names the line or what the
/// array is, Error(capacity) beyond `at_most` numbers, Error(unsupported) for another extension.
std::vector<double> read_value_file(const std::filesystem::path& path, std::size_t at_most);

}  // namespace ranvier::encoding
