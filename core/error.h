// The one exception of Ranvier. A message names the place, the field, the value and what is
// accepted, in lower case and without a full stop; app/ prints it as one line and turns the kind
// into an exit code (README.md lists them).
#pragma once
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace ranvier {

/// What went wrong; the program's exit code follows from it.
enum class ErrorKind { usage, parse, range, unsupported, capacity, io, internal };

/// The program's exit code: 1 the user's error, 2 usage, 3 Ranvier's own error.
int exit_code(ErrorKind kind);

/// The one exception of the project: what went wrong, in words for the user.
class Error : public std::runtime_error {
 public:
  Error(ErrorKind kind, const std::string& message) : std::runtime_error(message), kind_(kind) {}
  ErrorKind kind() const { return kind_; }
  /// Whether all ranks throw it together, as Comm::agree does: no rank waits for another then.
  bool is_agreed() const { return agreed_; }
  Error& set_agreed() {
    agreed_ = true;
    return *this;
  }

 private:
  ErrorKind kind_;
  bool agreed_ = false;
};

/// The member of `known` nearest to `word` by edit distance, formatted as `, did you mean "NAME"?`,
/// or "" when none is near (distance above a third of the word's length, at least 2, or 1 of up to
/// three letters).
std::string did_you_mean(std::string_view word, const std::vector<std::string>& known);

/// Throws Error(internal): the project's own mistake.
[[noreturn]] void fail_assertion(const char* condition, const char* what, const char* file,
                                 int line);

}  // namespace ranvier

// The project's own mistakes, in every build type; not for inner loops and never for what a user
// did.
#define RANVIER_ASSERT(condition, what) \
  ((condition) ? static_cast<void>(0)   \
               : ::ranvier::fail_assertion(#condition, what, __FILE__, __LINE__))
