// Command-line options of a sub-command, in the form users know. The only owner of
// Boost.Program_options.
#pragma once
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace ranvier::app {

/// The options of one sub-command, as declared and then as given.
class Options {
 public:
  /// \param usage    after "usage: ranvier ", e.g. "run NETWORK -o DIR [OPTIONS]"
  /// \param about    one paragraph
  Options(std::string usage, std::string about);
  ~Options();
  Options(const Options&) = delete;
  Options& operator=(const Options&) = delete;

  /// `names` as Boost has them: "output,o". A flag takes no value.
  void flag(const char* names, const char* help);
  void text(const char* names, const char* meta, const char* help);
  /// A text that may be given several times.
  void texts(const char* names, const char* meta, const char* help);
  /// Words without a dash, in order; the first `required` of them have to be given.
  void positional(std::vector<std::string> names, std::size_t required);

  /// Reads the words, then the file named by --options (NAME = VALUE a line), if given. Returns
  /// false when --help was printed. Throws Error(usage).
  bool parse(const std::vector<std::string>& words);

  bool has(const std::string& name) const;
  std::string get(const std::string& name, const std::string& otherwise = "") const;
  /// Of texts(): all that were given, in order.
  std::vector<std::string> all(const std::string& name) const;
  std::optional<double> number(const std::string& name) const;
  /// Throws Error(usage) when the value is no whole number in [low, high].
  std::optional<std::int64_t> integer(const std::string& name, std::int64_t low,
                                      std::int64_t high) const;
  std::optional<std::uint64_t> unsigned_integer(const std::string& name) const;

 private:
  struct Parts;
  std::unique_ptr<Parts> parts_;
};

}  // namespace ranvier::app
