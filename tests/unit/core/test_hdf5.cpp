// The face of HDF5 (core/hdf5.h). What the format itself says is checked by reading Ranvier's files
// with h5py, libsonata and PyNN (test_run_folder_readers.py); here: values come back, and damaged
// or hostile files end in a message.
#include "core/hdf5.h"

#include <limits>

#include "core/error.h"
#include "core/json.h"
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
    file.create_growing_doubles("/g/rows", 2);
    file.append("/g/rows", std::vector<double>{1, 2, 3, 4});
    file.append("/g/rows", std::vector<double>{5, 6});
  }
  const File file = File::open(here / "a.h5");
  CHECK(file.members("/g") == std::vector<std::string>{"inner", "integers", "rows", "values"});
  CHECK(file.is_group("/g/inner"));
  CHECK_FALSE(file.is_group("/g/values"));
  CHECK_FALSE(file.exists("/nowhere/at/all"));
  CHECK(file.read_doubles("/g/values") == values);
  CHECK(file.read_doubles_at("/g/values", 1, 2) ==
        std::vector<double>(values.begin() + 1, values.end()));
  CHECK(file.read_integers("/g/integers") == integers);
  CHECK(file.shape("/g/rows") == std::vector<std::uint64_t>{3, 2});
  CHECK(file.read_doubles("/g/rows") == std::vector<double>{1, 2, 3, 4, 5, 6});
  CHECK(file.text_attribute("/g/values", "units") == "ms");
}

TEST_CASE("a growing data set is cut and grows again", "[core]") {
  const TemporaryFolder here;
  File file = File::create(here / "a.h5");
  file.create_growing_integers("/ids");
  std::vector<std::uint64_t> ids(20'000);
  for (std::size_t i = 0; i < ids.size(); ++i) ids[i] = i;
  file.append("/ids", ids);
  file.truncate("/ids", 10'000);
  file.append("/ids", std::vector<std::uint64_t>{7});
  const auto read = file.read_integers("/ids");
  REQUIRE(read.size() == 10'001);
  CHECK(read[9'999] == 9'999);
  CHECK(read[10'000] == 7);
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
  CHECK_THROWS_WITH(file.read_doubles_at("/half", 1, 1),
                    Catch::EndsWith("is shorter than the range to read"));
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
  {
    File file = File::create(here / "a.h5");
    file.create_growing_doubles("/values");
    file.truncate("/values", 3'000'000'000);  // grown, but never written: 24 GB of nothing
  }
  CHECK_THROWS_WITH(File::open(here / "a.h5").read_doubles("/values"),
                    Catch::Contains("claims more than the file can hold"));
}
