// Run folders under MPI: for any number of ranks the files have the bytes that one process writes
// without MPI's help.
#include "core/json.h"
#include "core/run_folder.h"
#include "tests/catch.h"
#include "tests/mpi/world.h"
#include "tests/sample_run.h"

using namespace ranvier;
using tests::SampleRun;

TEST_CASE("a run folder has the same bytes for any number of MPI ranks", "[mpi]") {
  Comm& comm = tests::world();
  const tests::TemporaryFolder here;
  const std::string mine = (here / "").string();
  Bytes name(mine.size());
  std::copy(mine.begin(), mine.end(), reinterpret_cast<char*>(name.data()));
  const Bytes first = comm.all_gather(name)[0];  // all use the first rank's folder
  const std::filesystem::path folder(
      std::string(reinterpret_cast<const char*>(first.data()), first.size()));

  SampleRun::write({.path = folder / "ranks", .run_json = "{}"}, comm);
  if (comm.rank() == 0) {
    const auto alone = make_local_comm();
    SampleRun::write({.path = folder / "alone", .run_json = "{}"}, *alone);
    for (const char* file : tests::run_folder_files) {
      const bool equal = read_text(folder / "ranks" / file) == read_text(folder / "alone" / file);
      INFO(file);
      CHECK(equal);
    }
  }
  comm.all_gather({});
}
