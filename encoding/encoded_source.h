// spike_source_encoded: a population whose spikes are values given as numbers, turned into spikes
// by a code (encoding/encoders), one sample after another.
//
// Data: `values`, [n_samples, n_channels], or [n_samples, steps, n_channels] of codes of signals.
// Options: `code`, `window` (ms a sample), `gap` (ms of silence after each; 0), `dt` (ms: the grid
// of the spikes; 0: nanoseconds), `steps` (of a signal; one sample unless given), and the code's
// own parameters. The population has as many neurons as the code has output channels. Sample s is
// shown from s (window + gap) on; after the last one the source is silent. Random numbers are those
// of (seed, population, channel, sample): a slice of the population spikes as it does in the whole.
// Tested by tests/unit/encoding/test_encoded_source.py.
#pragma once
#include "core/source.h"
#include "encoding/codes.h"

namespace ranvier::encoding {

/// The source "spike_source_encoded". Its check and its making refuse options, values and sizes
/// that do not go together.
SourceModel encoded_source();

/// Names of the options that a population of this source may have: those of every code, and the
/// parameters of the one that it names. Where that is unknown: all that are given, for the check
/// speaks of the code first.
std::vector<std::string> encoded_options(const Population& population);

/// The code that a population of this source names, with the shape of its samples. Throws
/// Error(range) that names the option.
CodeSettings settings_of(const Population& population);

}  // namespace ranvier::encoding
