// ranvier run: a network document into a run folder.
#include "app/catalogue.h"
#include "app/command.h"
#include "app/run_options.h"
#include "app/stop_signals.h"

namespace ranvier::app {
namespace {

int run(const std::vector<std::string>& words) {
  Options options("run NETWORK [-o DIR] [OPTIONS]",
                  "Builds the network of a document, of a SONATA configuration, or of a NIR graph, "
                  "and runs it.\n"
                  "Under a launcher (mpirun -n 4 ranvier run ...) the ranks share the network; the "
                  "results are\n"
                  "the same bits for any number of ranks and threads.");
  add_run_options(options);
  options.positional({"NETWORK"}, 1);
  if (!options.parse(words)) return 0;
  const SessionOptions session = session_from(options);
  return run_on_ranks([&](Comm& comm) {
    const EndSignals signals(comm.rank() == 0 ? EndSignals::Line::told
                                              : EndSignals::Line::left_out);
    Document document;
    agree_on(comm, [&] {
      document = load_document(options.get("NETWORK"), {&catalogue(), overrides_from(options)});
    });
    return run_and_report(document, session, comm);
  });
}

}  // namespace

Command run_command() { return {"run", "build and run a network", run}; }

}  // namespace ranvier::app
