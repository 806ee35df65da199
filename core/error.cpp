#include "core/error.h"

#include <algorithm>
#include <numeric>
#include <utility>

namespace ranvier {
namespace {

/// Letters to insert, leave out or replace; two neighbours that changed places count as one.
std::size_t edit_distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> before, last, row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 1; i <= a.size(); ++i) {
    before = std::exchange(last, row);
    row[0] = i;
    for (std::size_t j = 1; j <= b.size(); ++j) {
      const std::size_t replaced = last[j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1);
      row[j] = std::min({last[j] + 1, row[j - 1] + 1, replaced});
      if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
        row[j] = std::min(row[j], before[j - 2] + 1);
    }
  }
  return row.back();
}

}  // namespace

int exit_code(ErrorKind kind) {
  if (kind == ErrorKind::usage) return 2;
  return kind == ErrorKind::internal ? 3 : 1;
}

std::string did_you_mean(std::string_view word, const std::vector<std::string>& known) {
  std::size_t best = std::max<std::size_t>(word.size() < 4 ? 1 : 2, word.size() / 3) + 1;
  const std::string* nearest = nullptr;
  for (const std::string& candidate : known) {
    const std::size_t distance = edit_distance(word, candidate);
    if (distance < best) {
      best = distance;
      nearest = &candidate;
    }
  }
  return nearest ? ", did you mean \"" + *nearest + "\"?" : std::string();
}

void fail_assertion(const char* condition, const char* what, const char* file, int line) {
  throw Error(ErrorKind::internal, std::string(what) + " (" + condition + " at " + file + ":" +
                                       std::to_string(line) + ")");
}

}  // namespace ranvier
