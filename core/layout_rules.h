// The part of a layout that concerns synapses with a state of their own (core/plasticity.h).
#pragma once
#include <span>

#include "core/layout.h"

namespace ranvier {

/// Finds the rule of a projection and its parameters, checked, and enters what it looks back at in
/// layout.histories. Throws Error(range | unsupported) that names the projection and the field.
void lay_out_rule(Layout& layout, const Projection& projection, ProjectionLayout& part);

/// Throws Error(range) where the parameters of a synapse contradict each other. `own`: those of
/// ProjectionLayout::varied.
void check_together(const Layout& layout, std::size_t projection, std::uint32_t source,
                    std::uint32_t target, std::span<const double> own);

/// Shortens the window where arrivals wait for spikes of their targets: those up to the instant at
/// which the two meet at the synapse have to be known one window before the arrival is due.
void shorten_window(Layout& layout);

/// The reports of a probe on a projection, one a variable. Throws Error(range) where the synapses
/// are static or it names what there is not.
std::vector<Report> synapse_reports(const Layout& layout, std::size_t probe);

/// The weight that the receptor's quantum is made for.
double largest_weight(const ProjectionLayout& part);

}  // namespace ranvier
