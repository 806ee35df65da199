// Differences: which settings a run that is to go on has otherwise than the one that was kept.
#pragma once
#include <string>

namespace ranvier {

/// How the settings of a run are worded, with the value in place of {}: in messages, and in
/// checkpoints, which are compared with them.
namespace wording {
inline constexpr const char* seed = "seed {}";
inline constexpr const char* dt = "dt {} ms";
inline constexpr const char* duration = "duration {} ms";
inline constexpr const char* storage = "{} storage";
}  // namespace wording

/// Collects them for one message, as "seed 4", "dt 0.1 ms".
class Differences {
 public:
  void add(const std::string& theirs, const std::string& ours) {
    join(theirs_, theirs);
    join(ours_, ours);
  }
  bool empty() const { return theirs_.empty(); }
  /// "with seed 4 and dt 0.1 ms, this one has seed 5 and dt 0.2 ms"
  std::string text() const { return "with " + theirs_ + ", this one has " + ours_; }

 private:
  static void join(std::string& all, const std::string& one) {
    all += (all.empty() ? "" : " and ") + one;
  }
  std::string theirs_, ours_;
};

}  // namespace ranvier
