#include "app/replay/sample_list.h"

#include <fmt/core.h>

#include <algorithm>
#include <charconv>
#include <fstream>
#include <numeric>
#include <optional>

#include "core/csv.h"
#include "core/error.h"
#include "core/json.h"

namespace ranvier::app {
namespace {

/// The fields of a list's line.
std::vector<std::string> fields_of(std::string_view line) {
  std::vector<std::string> fields;
  split_csv(line, CsvForm::commas, fields);
  return fields;
}

std::optional<std::int64_t> whole(const std::string& text) {
  std::int64_t value = 0;
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return value;
}

/// What a folder holds, by name.
std::vector<std::filesystem::path> entries(const std::filesystem::path& folder) {
  std::vector<std::filesystem::path> paths;
  std::error_code failed;
  const std::filesystem::directory_iterator all(folder, failed);
  if (failed) throw Error(ErrorKind::io, fmt::format("{}: {}", folder.string(), failed.message()));
  for (const auto& entry : all)
    if (entry.path().filename().string()[0] != '.') paths.push_back(entry.path());
  std::sort(paths.begin(), paths.end());
  return paths;
}

std::vector<Sample> of_folder(const std::filesystem::path& path) {
  std::vector<Sample> samples;
  std::error_code unknown;
  for (const std::filesystem::path& folder : entries(path)) {
    if (!std::filesystem::is_directory(folder, unknown)) continue;
    const std::string label = folder.filename().string();
    for (const std::filesystem::path& file : entries(folder)) {
      if (std::filesystem::is_directory(file, unknown)) continue;
      if (!std::filesystem::is_regular_file(file, unknown))
        throw Error(ErrorKind::io,
                    fmt::format("{}: must be a file (or a link to one)", file.string()));
      samples.push_back({label + "/" + file.filename().string(), file, label});
    }
  }
  return samples;
}

std::vector<Sample> of_csv(const std::filesystem::path& path) {
  std::vector<Sample> samples;
  const std::string text = read_text(path);
  std::string_view left = text;
  take_line(left);  // the title
  for (std::size_t number = 2; !left.empty(); ++number) {
    const std::string_view line = take_line(left);
    const std::string where = fmt::format("{}: line {}", path.string(), number);
    if (line.empty()) continue;
    std::vector<std::string> fields;
    try {
      fields = fields_of(line);
    } catch (const Error& error) {
      throw Error(error.kind(), fmt::format("{}: {}", where, error.what()));
    }
    if (fields.size() != 2 || fields[0].empty() || fields[1].empty())
      throw Error(ErrorKind::parse,
                  fmt::format("{}: \"{}\", must be FILE,LABEL (in quotes where it holds a comma)",
                              where, line));
    const std::filesystem::path file = path.parent_path() / fields[0];
    std::error_code unknown;
    if (!std::filesystem::is_regular_file(file, unknown))
      throw Error(ErrorKind::io, fmt::format("{}: {}: {}", where, fields[0],
                                             std::filesystem::exists(file, unknown)
                                                 ? "must be a file (or a link to one)"
                                                 : "no such file"));
    samples.push_back({fields[0], file, fields[1]});
  }
  return samples;
}

}  // namespace

bool is_sample_list(const std::filesystem::path& path) {
  if (std::filesystem::is_directory(path)) return true;
  if (!std::filesystem::is_regular_file(path)) return false;
  std::ifstream file(path, std::ios::binary);
  std::string begin(64, '\0');
  file.read(begin.data(), static_cast<std::streamsize>(begin.size()));
  begin.resize(static_cast<std::size_t>(file.gcount()));
  std::string_view text = without_mark(begin);
  const std::string_view line = take_line(text);
  try {
    return fields_of(line) == std::vector<std::string>{"file", "label"};
  } catch (const Error&) {
    return false;  // no list: a recording may begin with anything
  }
}

std::vector<int> deal(std::span<const std::uint64_t> loads, int ranks) {
  std::vector<std::size_t> order(loads.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  std::stable_sort(order.begin(), order.end(),
                   [loads](std::size_t a, std::size_t b) { return loads[a] > loads[b]; });
  std::vector<std::uint64_t> sums(static_cast<std::size_t>(ranks));
  std::vector<int> rank_of(loads.size());
  for (const std::size_t sample : order) {
    const auto least = std::min_element(sums.begin(), sums.end());
    *least += loads[sample];
    rank_of[sample] = static_cast<int>(least - sums.begin());
  }
  return rank_of;
}

void sort_labels(std::vector<std::string>& labels) {
  const bool numbers =
      std::all_of(labels.begin(), labels.end(), [](const auto& l) { return whole(l).has_value(); });
  std::sort(labels.begin(), labels.end(), [numbers](const auto& a, const auto& b) {
    if (numbers && *whole(a) != *whole(b)) return *whole(a) < *whole(b);
    return a < b;
  });
}

SampleList read_sample_list(const std::filesystem::path& path) {
  SampleList list;
  const bool folder = std::filesystem::is_directory(path);
  list.samples = folder ? of_folder(path) : of_csv(path);
  if (list.samples.empty())
    throw Error(ErrorKind::range,
                fmt::format("{}: holds no recordings; must {}", path.string(),
                            folder ? "be a folder with one folder of recordings a label"
                                   : "name one FILE,LABEL a line"));
  for (const Sample& sample : list.samples) list.classes.push_back(sample.label);
  sort_labels(list.classes);
  list.classes.erase(std::unique(list.classes.begin(), list.classes.end()), list.classes.end());
  return list;
}

}  // namespace ranvier::app
