#include "conversion/nir_depths.h"

#include <algorithm>
#include <numeric>

namespace ranvier::conversion {
namespace {

class Walk {
 public:
  explicit Walk(const std::vector<NirLinks>& populations)
      : populations_(populations), after_(populations.size()), state_(populations.size()) {
    std::vector<std::size_t> by_name(populations.size());
    std::iota(by_name.begin(), by_name.end(), std::size_t{0});
    std::sort(by_name.begin(), by_name.end(), [&populations](std::size_t a, std::size_t b) {
      return populations[a].name < populations[b].name;
    });
    for (const std::size_t p : by_name)
      for (const std::size_t source : populations[p].sources) after_[source].push_back(p);
    for (const bool inputs : {true, false})
      for (const std::size_t p : by_name)
        if (state_[p] == State::unseen && (!inputs || populations[p].is_input)) visit(p);
    measure();
  }
  NirDepths take() { return std::move(result_); }

 private:
  enum class State { unseen, open, done };

  /// Depth first, without recursion: graphs may be long.
  void visit(std::size_t from) {
    std::vector<std::pair<std::size_t, std::size_t>> way{{from, 0}};  // with the next to look at
    state_[from] = State::open;
    while (!way.empty()) {
      const std::size_t p = way.back().first;
      if (way.back().second == after_[p].size()) {
        state_[p] = State::done;
        behind_.push_back(p);
        way.pop_back();
        continue;
      }
      const std::size_t next = after_[p][way.back().second++];
      if (state_[next] == State::open) result_.loops.insert({p, next});
      if (state_[next] != State::unseen) continue;
      state_[next] = State::open;
      way.emplace_back(next, 0);
    }
  }

  void measure() {
    result_.depth.assign(populations_.size(), 0);
    for (auto p = behind_.rbegin(); p != behind_.rend(); ++p)
      for (const std::size_t source : populations_[*p].sources)
        if (!result_.loops.count({source, *p}))
          result_.depth[*p] = std::max(result_.depth[*p], result_.depth[source] + 1);
  }

  const std::vector<NirLinks>& populations_;
  std::vector<std::vector<std::size_t>> after_;
  std::vector<State> state_;
  std::vector<std::size_t> behind_;  ///< every population behind all that it sends to
  NirDepths result_;
};

}  // namespace

NirDepths find_depths(const std::vector<NirLinks>& populations) { return Walk(populations).take(); }

}  // namespace ranvier::conversion
