// Routes: where the spikes of a chunk's neurons and sources go.
#pragma once
#include <cstddef>
#include <cstdint>
#include <span>

#include "core/aligned.h"
#include "core/prefetch.h"

namespace ranvier {

/// Who has targets of a neuron or source: this rank or a neighbour (by its position,
/// core/exchange.h), and its number of the row there.
struct Route {
  static constexpr std::int32_t here = -1;
  std::int32_t neighbour;
  std::uint32_t source;
};

/// Those of each local number. Spikes come from all over memory, so that a single route, as all
/// have that stay on one rank, is kept where it is looked for.
class Routes {
 public:
  /// Of `n` local numbers, none of which has any yet.
  explicit Routes(std::uint32_t n = 0) : first_(n, Route{Route::here - 1, 0}) {}

  /// To be called at most once for a local number.
  void set(std::uint32_t local, std::span<const Route> routes) {
    if (routes.size() == 1) {
      first_[local] = routes[0];
      return;
    }
    first_[local] = {Route::here - 1 - static_cast<std::int32_t>(routes.size()),
                     static_cast<std::uint32_t>(listed_.size())};
    listed_.insert(listed_.end(), routes.begin(), routes.end());
  }
  /// All are set.
  void shrink_to_fit() { listed_.shrink_to_fit(); }

  std::span<const Route> of(std::uint32_t local) const {
    const Route& first = first_[local];
    if (is_route(first)) return {&first, 1};
    return std::span(listed_).subspan(first.source,
                                      static_cast<std::size_t>(Route::here - 1 - first.neighbour));
  }
  /// f(route) for all of them.
  template <class F>
  void for_each(const F& f) const {
    for (const Route& first : first_)
      if (is_route(first)) f(first);
    for (const Route& route : listed_) f(route);
  }
  void prefetch_first(std::uint32_t local) const { prefetch(&first_[local]); }
  /// Once the first has come.
  void prefetch_listed(std::uint32_t local) const {
    const Route& first = first_[local];
    if (!is_route(first)) prefetch(listed_.data() + first.source);
  }

  std::size_t bytes() const { return (first_.capacity() + listed_.capacity()) * sizeof(Route); }

 private:
  static bool is_route(const Route& first) { return first.neighbour >= Route::here; }

  /// The only route; or how many below here - 1, and where they begin in listed_.
  AlignedVector<Route> first_;
  AlignedVector<Route> listed_;
};

}  // namespace ranvier
