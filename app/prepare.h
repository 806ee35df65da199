// From a document to a layout on these ranks: what every way of running a network does first.
// Tested by tests/unit/app/test_prepare.cpp and tests/mpi/test_stream.py.
#pragma once
#include <map>
#include <string>

#include "app/document.h"
#include "core/comm/comm.h"
#include "core/error.h"
#include "core/layout.h"
#include "core/parallel.h"

namespace ranvier::app {

/// The error with the document's name before its message, where with_name_of gives it one, and
/// behind that what the document is run on (`recording left/0.bin`), unless that is empty.
Error named_after(const Document& document, const Error& error, const std::string& input = {});

/// f() on what was made of a document: a refusal (Error(range | unsupported | capacity)) begins
/// with the document's name, where it has one. Faults of other files name those.
template <class F>
auto with_name_of(const Document& document, F&& f) {
  try {
    return f();
  } catch (const Error& error) {
    throw named_after(document, error);
  }
}

/// The same of f() that moves the network. What a network does is refused by all ranks together;
/// one of them alone tells of an input's fault, which names the input.
/// \param input  as of named_after
template <class F>
auto run_with_name_of(const Document& document, F&& f, const std::string& input = {}) {
  try {
    return f();
  } catch (const Error& error) {
    throw error.is_agreed() ? named_after(document, error, input) : error;
  }
}

/// Names a document's input files, which it gives as seen from its folder, as seen from here; its
/// folder is this one then.
/// \param read_again  why inputs may have to be read a second time ("... do not allow"), or null
/// Throws Error(unsupported) where inputs are read again and one cannot be (standard input, a
/// pipe), Error(range) where two populations would take each other's lines.
void locate_inputs(Document& document, const char* read_again);

/// SHA-256 of the files that a document was read from beside its text, by the name that it gives
/// them. Throws Error(io) where one cannot be read any more.
using FileHashes = std::map<std::string, std::string>;
FileHashes hash_files(const Document& document);

/// The document with every `advance: auto` settled, from a short run that is thrown away.
/// Collective.
/// \param input  what that run is on, as of named_after
Document settle_advance(Document document, Comm& comm, Workers& workers,
                        const std::string& input = {});

/// The document's layout, before any rank needs it. Throws what make_layout does, named.
Layout layout_of(const Document& document, const LayoutOptions& options);

/// The layout on these ranks, which refers to the document. Collective.
/// \param before  of the network whose place this one takes, or null
/// Throws what make_layout does, and Error(capacity) where this machine's memory does not hold its
/// ranks' shares: on all ranks together.
Layout lay_out(const Document& document, Comm& comm, const Workers& workers,
               const Layout* before = nullptr);

/// Ranks that share this machine's memory: those with its host name. Collective.
int ranks_of_this_machine(Comm& comm);

}  // namespace ranvier::app
