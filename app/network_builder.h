// NetworkBuilder: a network made by calls instead of from a text, through the readers that
// documents go through: the same names, defaults, checks and messages, each part checked as it is
// added. What a front end in another language describes with its own values arrives here as Json;
// its arrays come along and are referred to as {"memory": i}, so that none is written out as text.
// Tested by tests/unit/app/test_network_builder.cpp and tests/unit/python.
#pragma once
#include <filesystem>
#include <string>
#include <vector>

#include "app/document.h"
#include "app/document_parts.h"
#include "core/json.h"

namespace ranvier::app {

/// A part of a network in the form of a network document.
struct Part {
  Json json;
  std::vector<MemoryArray> arrays{};  ///< what {"memory": i} in it refers to
};

/// Synapses of one projection, by source, as the kernel draws them.
struct Connections {
  std::vector<std::int64_t> sources, targets;  ///< indices in the populations
  std::vector<double> weights;                 ///< as given or drawn, before storage rounds them
  std::vector<double> delays;                  ///< ms, on the grid
};

/// A network that is made by calls; each is checked as a document is.
class NetworkBuilder {
 public:
  /// \param run  the field "run" of a document. Throws as load_document does.
  explicit NetworkBuilder(const Part& run);
  /// Goes on from a document.
  explicit NetworkBuilder(Document document) : document_(std::move(document)) {}

  /// Adds one part, or throws as load_document does and changes nothing; messages say
  /// `population "NAME": /PATH: ...`, and so on.
  /// \returns its index among its kind
  std::size_t add_population(const std::string& name, const Part& part);
  std::size_t add_projection(const Part& part);
  std::size_t add_stimulus(const Part& part);
  std::size_t add_probe(const Part& part);

  /// Throws Error as the build does.
  Connections connections(std::size_t projection) const;

  const Document& document() const { return document_; }
  const Network& network() const { return document_.network; }

 private:
  Document document_;
};

}  // namespace ranvier::app
