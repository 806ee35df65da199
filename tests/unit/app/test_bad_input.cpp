// Malformed documents: tests/bad_input/expected.txt lists each file with the kind of error and the
// message that it must bring, `KIND | FILE: MESSAGE`. A message that ends in "..." is a beginning
// (the rest is the JSON parser's own wording).
#include "app/document.h"
#include "core/error.h"
#include "learning/catalogue.h"
#include "tests/catch.h"
#include "tests/unit/app/model_table.h"

#include <fstream>
#include <set>

using namespace ranvier;

namespace {

const char* name_of(ErrorKind kind) {
  static constexpr const char* names[] = {"usage",    "parse", "range",   "unsupported",
                                          "capacity", "io",    "internal"};
  return names[static_cast<std::size_t>(kind)];
}

std::string answer_to(const std::string& file, const Catalogue& catalogue) {
  try {
    app::load_document("tests/bad_input/" + file, {&catalogue, {}});
  } catch (const Error& error) {
    return std::string(name_of(error.kind())) + " | " + error.what();
  }
  return "loaded";
}

}  // namespace

TEST_CASE("every malformed document is refused with the message that the list gives",
          "[app][bad_input]") {
  Catalogue catalogue = app::table_catalogue();
  catalogue.rules = learning::make_rules();
  std::ifstream list("tests/bad_input/expected.txt");
  REQUIRE(list);
  std::set<std::string> listed;
  for (std::string line; std::getline(list, line);) {
    if (line.empty() || line.front() == '#') continue;
    const std::size_t bar = line.find(" | "), colon = line.find(": ");
    REQUIRE(bar < colon);
    const std::string file = line.substr(bar + 3, colon - bar - 3);
    std::string expected = line.substr(0, bar + 3) + "tests/bad_input/" + line.substr(bar + 3);
    listed.insert(file);
    std::string answer = answer_to(file, catalogue);
    if (expected.ends_with("...")) {
      expected.resize(expected.size() - 3);
      answer.resize(std::min(answer.size(), expected.size()));
    }
    CHECK(answer == expected);
  }
  CHECK(listed.size() >= 60);
  for (const auto& entry : std::filesystem::directory_iterator("tests/bad_input")) {
    const std::string file = entry.path().filename().string();
    INFO(file);
    if (entry.path().extension() == ".json") REQUIRE(listed.count(file) == 1);
  }
}
