// A sub-command of the program: one file app/commands/NAME.cpp that defines NAME_command().
#pragma once
#include <functional>
#include <string>
#include <vector>

#include "core/comm/comm.h"

namespace ranvier::app {

/// A sub-command: its name, a line of help, and what runs it (returns the exit code).
struct Command {
  std::string name;
  std::string summary;
  /// Runs with the words after the command's name; returns the exit code, throws Error.
  int (*run)(const std::vector<std::string>& words) = nullptr;
};

/// Every command, sorted by name.
std::vector<Command> commands();

/// Runs f on all ranks that a launcher started, or on one. An error of one rank ends them all, with
/// its message and exit code; one that all throw together is told by rank 0 alone.
/// \returns the exit code
int run_on_ranks(const std::function<int(Comm&)>& f);

/// The program: picks the command, prints errors as one line and turns them into exit codes
/// (0 done, 1 the user's error, 2 usage, 3 Ranvier's own error, 130 ended early on request).
int run_program(const std::vector<std::string>& words);

}  // namespace ranvier::app
