#include "app/command.h"

#include <fmt/core.h>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <new>
#include <system_error>

#include "core/error.h"

namespace ranvier::app {

#define RANVIER_ENTRY(name) Command name##_command();
#include "generated/app/commands.inc"
#undef RANVIER_ENTRY

std::vector<Command> commands() {
  return {
#define RANVIER_ENTRY(name) name##_command(),
#include "generated/app/commands.inc"
#undef RANVIER_ENTRY
  };
}

namespace {

std::string usage() {
  std::string text =
      "usage: ranvier COMMAND [OPTIONS]\n\nSimulates spiking neural networks, event by "
      "event.\n\ncommands:\n";
  for (const Command& c : commands()) text += fmt::format("  {:<10} {}\n", c.name, c.summary);
  return text + "\n'ranvier COMMAND --help' tells a command's options.\n";
}

/// Prints the error's line. Returns its exit code.
int tell(const Error& error) {
  fmt::print(stderr, "ranvier: {}\n", error.what());
  return exit_code(error.kind());
}

int run_words(const std::vector<std::string>& words) {
  if (words.empty() || words[0] == "--help" || words[0] == "-h" || words[0] == "help") {
    fmt::print("{}", usage());
    return words.empty() ? 2 : 0;
  }
  const std::string name = words[0] == "--version" ? "version" : words[0];
  std::vector<std::string> known;
  for (const Command& c : commands()) {
    if (c.name == name) return c.run({words.begin() + 1, words.end()});
    known.push_back(c.name);
  }
  const std::string near = did_you_mean(name, known);
  throw Error(ErrorKind::usage, fmt::format("unknown command \"{}\"{}", name,
                                            near.empty() ? "; see 'ranvier --help'" : near));
}

}  // namespace

int run_on_ranks(const std::function<int(Comm&)>& f) {
  const auto comm = make_world_comm();
  int code = 0;
  try {
    or_abort(*comm, [&] { code = f(*comm); });
  } catch (const Error& e) {
    // Told while all ranks are there still: a launcher kills the others when the first one fails.
    return comm->rank() == 0 ? tell(e) : exit_code(e.kind());
  }
  return code;
}

int run_program(const std::vector<std::string>& words) {
  try {
    const int code = run_words(words);
    // At exit nobody would notice that what is left in the buffer cannot be written.
    if (std::fflush(stdout) != 0 || std::ferror(stdout) != 0)
      throw Error(ErrorKind::io,
                  fmt::format("standard output: cannot be written: {}", std::strerror(errno)));
    return code;
  } catch (const Error& e) {
    return tell(e);
  } catch (const std::system_error& e) {  // a file's, or standard output's
    fmt::print(stderr, "ranvier: {}\n", e.what());
    return 1;
  } catch (const std::bad_alloc&) {
    fmt::print(stderr, "ranvier: out of memory\n");
    return 1;
  } catch (const std::exception& e) {
    fmt::print(stderr, "ranvier: {}\n", e.what());
    return 3;
  }
}

}  // namespace ranvier::app
