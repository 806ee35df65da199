// The face of HDF5 (core/hdf5.h). What the format itself says is checked by reading Ranvier's files
// with h5py, libsonata and PyNN (test_run_folder_readers.py); here: values come back, and damaged
// or hostile files end in a message.
#include "core/hdf5.h"

#include <limits>

#include "core/error.h"
#include "core/json.h"
#include "core/raw_file.h"
#include "core/run_folder.h"
#include "tests/catch.h"
#include "tests/sample_run.h"

using namespace ranvier;
using hdf5::File;
using tests::TemporaryFolder;

namespace fs = std::filesystem;

TEST_CASE("numbers, texts and names come back as they were written", "[core]") {
  const TemporaryFolder here;
  const std::vector<double> values{0.1, -std::numeric_limits<double>::infinity(), 5e-324};
  const std::vector<std::int64_t> integers{std::numeric_limits<std::int64_t>::min(), 0,
                                           std::numeric_limits<std::int64_t>::max()};
  {
    File file = File::create(here / "a.h5");
    file.make_group("/g/inner");
    file.write("/g/values", values);
    file.write("/g/integers", integers);
    file.set_attribute("/g/values", "units", "ms");
  }
  const File file = File::open(here / "a.h5");
  CHECK(file.members("/g") == std::vector<std::string>{"inner", "integers", "values"});
  CHECK(file.is_group("/g/inner"));
  CHECK_FALSE(file.is_group("/g/values"));
  CHECK_FALSE(file.exists("/nowhere/at/all"));
  CHECK(file.read_doubles("/g/values") == values);
  CHECK(file.read_integers("/g/integers") == integers);
  CHECK(file.text_attribute("/g/values", "units") == "ms");
}

TEST_CASE("numbers written into the file where they belong are read as the data sets'", "[core]") {
  const TemporaryFolder here;
  const std::vector<double> rows{1, 2, 3, 4, 5, 6};
  const std::vector<float> singles{0.5, -1.5};
  const std::vector<std::uint64_t> ids{7, 0, std::uint64_t{1} << 40};
  std::uint64_t rows_at = 0, singles_at = 0, ids_at = 0;
  {
    File file = File::create(here / "a.h5");
    rows_at = file.reserve_doubles("/g/rows", {3, 2});
    singles_at = file.reserve_floats("/g/singles", {2});
    file.set_attribute("/g/rows", "units", "mV");
    ids_at = file.reserve_integers("/ids", {3});
    CHECK(file.reserve_doubles("/none", {0}) == 0);
  }
  {
    RawFile file = RawFile::edit(here / "a.h5");
    file.write_at(ids_at, std::as_bytes(std::span(ids)));
    file.write_at(rows_at, std::as_bytes(std::span(rows)));
    file.write_at(singles_at, std::as_bytes(std::span(singles)));
  }
  const File file = File::open(here / "a.h5");
  CHECK(file.shape("/g/rows") == std::vector<std::uint64_t>{3, 2});
  CHECK(file.read_doubles("/g/rows") == rows);
  CHECK(file.read_doubles("/g/singles") == std::vector<double>{0.5, -1.5});
  CHECK(file.read_integers("/ids") == std::vector<std::int64_t>{7, 0, std::int64_t{1} << 40});
  CHECK(file.read_doubles("/none").empty());
  CHECK(file.text_attribute("/g/rows", "units") == "mV");
}

TEST_CASE("failures name the file and the object", "[core]") {
  const TemporaryFolder here;
  {
    File file = File::create(here / "a.h5");
    file.write("/half", std::vector<double>{0.5});
    file.make_group("/group");
  }
  const File file = File::open(here / "a.h5");
  CHECK_THROWS_WITH(file.read_doubles("/gone"), Catch::EndsWith("a.h5: /gone: no such data set"));
  CHECK_THROWS_WITH(file.read_doubles("/group"), Catch::EndsWith("a.h5: /group: is no data set"));
  CHECK_THROWS_WITH(file.read_integers("/half"),
                    Catch::EndsWith("a.h5: /half: holds no whole numbers"));
  CHECK_THROWS_WITH(file.read_strings("/half"), Catch::EndsWith("a.h5: /half: holds no strings"));
  CHECK_THROWS_WITH(file.read_doubles("/half", 0), Catch::Contains("1 elements, at most 0"));
  CHECK_THROWS_WITH(file.text_attribute("/half", "units"), Catch::Contains("units"));
  CHECK_THROWS_WITH(File::open(here / "b.h5"), Catch::EndsWith("b.h5: no such file"));
  write_file(here / "text.h5", "no HDF5 at all");
  CHECK_THROWS_WITH(File::open(here / "text.h5"),
                    Catch::EndsWith("is no HDF5 file, or is damaged"));
}

TEST_CASE("an attribute of many texts is refused, not read into the room of one", "[core]") {
  const TemporaryFolder here;
  {
    File file = File::create(here / "a.h5");
    file.set_attribute("/", "version", std::vector<std::uint32_t>{0, 1});
  }
  CHECK_THROWS_WITH(File::open(here / "a.h5").text_attribute("/", "version"),
                    Catch::Contains("is not one text"));
}

TEST_CASE("a file cut at any place is refused or read, never more than it holds", "[core]") {
  const TemporaryFolder here;
  const std::vector<double> values(20'000, 1.5);
  {
    File file = File::create(here / "whole.h5");
    file.write("/values", values);
  }
  const std::string whole = read_text(here / "whole.h5");
  std::size_t refused = 0, cuts = 0;
  for (std::size_t length = 0; length < whole.size(); length += 1 + whole.size() / 61, ++cuts) {
    write_file(here / "cut.h5", whole.substr(0, length));
    try {
      const File file = File::open(here / "cut.h5");
      CHECK(file.read_doubles("/values") == values);
    } catch (const Error&) {
      ++refused;
    }
  }
  CHECK(refused == cuts);
}

TEST_CASE("a data set that claims more than its file can hold takes no memory", "[core]") {
  const TemporaryFolder here;
  constexpr std::uint64_t held = 12'345, claimed = 3'000'000'000;
  {
    File file = File::create(here / "a.h5");
    file.write("/values", std::vector<double>(held, 1.5));
  }
  std::string bytes = read_text(here / "a.h5");
  const auto as_text = [](std::uint64_t n) {
    return std::string(reinterpret_cast<const char*>(&n), sizeof n);
  };
  const std::size_t length = bytes.find(as_text(held));  // the data set's only axis
  REQUIRE(length != std::string::npos);
  bytes.replace(length, sizeof claimed, as_text(claimed));
  write_file(here / "a.h5", bytes);
  CHECK_THROWS_WITH(File::open(here / "a.h5").read_doubles("/values"),
                    Catch::Contains("claims more than the file can hold"));
}
