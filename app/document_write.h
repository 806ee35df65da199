// The writing side of documents: what JSON cannot hold well goes to a DataSink.
#pragma once
#include <string>
#include <vector>

#include "app/document_parts.h"

namespace ranvier::app {

/// Takes long arrays and answers with the JSON that refers to them. Names are paths inside the data
/// file.
class DataSink {
 public:
  virtual ~DataSink() = default;
  virtual Json numbers(const std::string& name, const std::vector<double>& values) = 0;
  virtual Json trains(const std::string& population,
                      const std::vector<std::vector<double>>& trains) = 0;
  /// The whole connector.
  virtual Json connections(const std::string& group, const std::vector<std::uint32_t>& sources,
                           const std::vector<std::uint32_t>& targets) = 0;
  /// A file name of the document, as seen from the new place.
  virtual std::string file_name(const std::string& given) = 0;
};

/// The document's JSON; `sink` null: everything stays inside.
Json document_json(const Document& document, DataSink* sink);

/// The document as JSON text that stays short: arrays of more than long_array values are
/// {"length", "sha256"}, a list of that many connections {"rule": "list", "length", "sha256"}.
std::string brief_json(const Document& document);

/// A hash of all that the document says, hexadecimal; long arrays are not written out as text.
std::string document_hash(const Document& document);

}  // namespace ranvier::app
