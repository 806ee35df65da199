#include "encoding/value_file.h"

#include <fmt/core.h>

#include <charconv>
#include <fstream>
#include <string>
#include <string_view>

#include "core/csv.h"
#include "core/error.h"
#include "encoding/npy_array.h"

namespace ranvier::encoding {
namespace {

constexpr std::size_t longest_header = std::size_t{1} << 16;

void check_number(std::size_t n, std::size_t at_most) {
  if (n > at_most)
    throw Error(ErrorKind::capacity, fmt::format("{} numbers, must be at most {}", n, at_most));
}

std::vector<double> read_npy(std::ifstream& file, std::uint64_t bytes, std::size_t at_most) {
  std::vector<std::byte> head(longest_header);
  file.read(reinterpret_cast<char*>(head.data()), static_cast<std::streamsize>(head.size()));
  head.resize(static_cast<std::size_t>(file.gcount()));
  const NpyArray array(head);
  if (array.fields().size() != 1 || !array.fields()[0].name.empty())
    throw Error(ErrorKind::parse, "a structured NumPy array, must be a plain one");
  check_number(array.rows(), at_most);
  if (bytes < array.data_offset() + array.rows() * array.row_bytes())
    throw Error(ErrorKind::parse,
                fmt::format("a NumPy array of {} numbers that is cut off", array.rows()));
  std::vector<std::byte> rows(array.rows() * array.row_bytes());
  file.clear();
  file.seekg(static_cast<std::streamoff>(array.data_offset()));
  file.read(reinterpret_cast<char*>(rows.data()), static_cast<std::streamsize>(rows.size()));
  if (!file) throw Error(ErrorKind::io, "cannot be read");
  std::vector<double> values(array.rows());
  read_field(array.fields()[0], rows, array.row_bytes(), std::span(values));
  return values;
}

double number_in(const std::string& word) {
  double value = 0;
  const auto [end, error] = std::from_chars(word.data(), word.data() + word.size(), value);
  if (error != std::errc() || end != word.data() + word.size())
    throw Error(ErrorKind::parse, fmt::format("\"{}\", must be a number", word.substr(0, 40)));
  return value;
}

std::vector<double> read_table(std::ifstream& file, std::size_t at_most) {
  std::vector<double> values;
  std::vector<std::string> words;
  std::size_t width = 0, number = 0;
  for (std::string line; std::getline(file, line);) {
    std::string_view text = line;
    if (++number == 1) text = without_mark(text);
    if (text.starts_with("#")) continue;
    try {
      split_csv(take_line(text), CsvForm::numbers, words);
      for (const std::string& word : words) values.push_back(number_in(word));
    } catch (const Error& error) {
      throw Error(error.kind(), fmt::format("line {}: {}", number, error.what()));
    }
    if (words.empty()) continue;
    if (width != 0 && words.size() != width)
      throw Error(ErrorKind::parse, fmt::format("line {}: {} numbers, the first row has {}", number,
                                                words.size(), width));
    width = words.size();
    check_number(values.size(), at_most);
  }
  return values;
}

}  // namespace

std::vector<double> read_value_file(const std::filesystem::path& path, std::size_t at_most) {
  std::ifstream file(path, std::ios::binary);
  if (!file) throw Error(ErrorKind::io, fmt::format("{}: cannot be opened", path.string()));
  const std::string extension = path.extension().string();
  try {
    if (extension == ".npy") return read_npy(file, std::filesystem::file_size(path), at_most);
    if (extension == ".csv") return read_table(file, at_most);
  } catch (const Error& error) {
    throw Error(error.kind(), fmt::format("{}: {}", path.string(), error.what()));
  }
  throw Error(
      ErrorKind::unsupported,
      fmt::format("{}: must be a .npy or .csv file, or HDF5 with \"dataset\"", path.string()));
}

}  // namespace ranvier::encoding
