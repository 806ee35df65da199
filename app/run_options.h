// The options that `run` and `replay` share.
#pragma once
#include "app/document.h"
#include "app/options.h"
#include "app/session.h"

namespace ranvier::app {

/// Declares the options that change the document and how it is split.
void add_network_options(Options& options);
/// Declares those, and the others that every command that runs a network takes.
void add_run_options(Options& options);
/// What of them changes the document.
Overrides overrides_from(const Options& options);
/// Throws Error(usage) that names the option unless `ms` is a whole number of nanoseconds, > 0, as
/// --duration and --dt are.
void check_time_option(const char* option, double ms);
SessionOptions session_from(const Options& options);
/// Builds, runs, prints the table on rank 0; the exit code (0, or 130 when ended early).
int run_and_report(const Document& document, const SessionOptions& options, Comm& comm);

}  // namespace ranvier::app
