// The network document: a JSON file that holds a Network and its run settings, in ms, mV, nA, nF,
// uS, Hz, um.
//
// Form: docs/reference/network.md and network.schema.json. Loading checks everything that can be
// known without building the network, against the catalogue of models where one is given; every
// error names the document, the path in it, the value and what is accepted. Arrays may lie in HDF5
// or CSV files beside the document; connections read from files become lists. Tested by
// tests/unit/app/test_document.cpp and the malformed documents of tests/bad_input.
#pragma once
#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "core/network.h"
#include "core/source.h"

namespace ranvier::app {

/// A network with its run settings, and the text it came from.
struct Document {
  Network network;
  RunSettings run;
  std::string name;         ///< as messages call it: its file; empty when it was made by calls
  std::string description;  ///< free text of the author
  std::string text;  ///< JSON as given, or brief_json of what another format gave; empty when it
                     ///< did not come from a file or text
  std::filesystem::path folder;  ///< file names in the document are relative to it
  /// What was read from files that it names: where each lies. Not the inputs of sources, which are
  /// read as the run goes.
  std::map<std::string, std::filesystem::path> files;
  std::vector<std::filesystem::path> sonata_files;  ///< that a SONATA configuration was read from
  std::vector<std::string> notes;  ///< what was assumed on loading, for the load summary
};

/// Settings that take the place of the document's, as given on a command line: faults are
/// Error(usage) and name the option. They act before positions are drawn.
struct Overrides {
  std::optional<double> duration;  ///< ms
  std::optional<double> dt;        ///< ms
  std::optional<std::uint64_t> seed;
  std::optional<Storage> storage;
};

/// What a document is checked against.
struct LoadOptions {
  const Catalogue* catalogue =
      nullptr;  ///< null: names of models, parameters, receptors and variables are not checked
  Overrides overrides;
};

/// Loads a network document, or a SONATA configuration (recognised by its fields).
/// Throws Error(io) when a file cannot be read, Error(parse) for a wrong form, Error(range) for a
/// value not accepted, Error(unsupported) for what Ranvier has no counterpart of, Error(capacity)
/// beyond the limits of size.
Document load_document(const std::filesystem::path& path, const LoadOptions& options = {});

/// The same from a text; `name` is used in messages, files are looked for in `folder`.
Document parse_document(const std::string& text, const std::string& name,
                        const std::filesystem::path& folder, const LoadOptions& options = {});

/// The document as JSON text. Reading it back gives the same network and settings, doubles to the
/// bit. Throws Error(unsupported) for a law that the form cannot say, Error(internal) for NaN or
/// infinity among the values.
std::string to_json(const Document& document);

/// Writes the document; arrays longer than 10,000 elements go to `STEM.h5` beside it. Names of
/// files are rewritten as seen from the new place. Each of the two files appears whole or not at
/// all.
/// \param overwrite  whether files of these names are replaced; none: they are not, and the message
///                   offers no asking
/// Throws Error(io) when a file is there and stays, or cannot be written.
void save_document(const Document& document, const std::filesystem::path& path,
                   std::optional<bool> overwrite = true);

}  // namespace ranvier::app
