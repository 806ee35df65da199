// Share: one rank's part of a network, really built and moved although the other ranks are not
// there: what they would send is drawn, and what they would want of this rank is taken to be what
// it wants of them. Shows what a rank of thousands holds and how long it takes, on one machine.
// Tested by tests/unit/core/test_share.cpp.
#pragma once
#include <cstdint>

#include "core/layout.h"
#include "core/parallel.h"

namespace ranvier {

/// Whose share, and what the other ranks do meanwhile.
struct ShareOptions {
  int rank = 0;
  double rate = 10;  ///< Hz, of every source
  double span = 20;  ///< ms of biological time that are timed
};

/// Bytes of what a rank holds, as measured.
struct ShareBytes {
  double neurons = 0;    ///< state, parameters, drives
  double rows = 0;       ///< synapses, and groups of equal delay
  double headers = 0;    ///< what finds a source's row
  double calendars = 0;  ///< synapses that are due, at the rate, with the room that vectors keep
  double exchange = 0;   ///< who wants which spikes; messages and their blocks
  double total() const { return neurons + rows + headers + calendars + exchange; }
};

/// One rank's part; see above.
struct Share {
  std::int64_t neurons = 0;
  std::int64_t synapses = 0;
  std::int64_t sources = 0;     ///< that have synapses here
  std::int64_t routes = 0;      ///< pairs of a neuron here and another rank that wants its spikes
  std::int64_t neighbours = 0;  ///< other ranks that want any
  ShareBytes bytes;
  double build_seconds = 0;
  double compute_seconds = 0;  ///< to move a biological second, without exchange
  double windows = 0;          ///< in a biological second
  double messages = 0;         ///< to other ranks in a window, that are not empty: expected
  double message_bytes = 0;    ///< in them
};

/// Builds it, moves it until its calendars are as full as they get, and then for the span.
Share build_share(const Layout& layout, const ShareOptions& options, Workers& workers);

/// What a message costs, after Alexandrov et al. 1995 (LogGP).
struct Wire {
  double latency = 2e-6;    ///< s, of an exchange
  double overhead = 3e-7;   ///< s, that the processor spends on a message
  double bandwidth = 10e9;  ///< bytes/s
};

/// Seconds that the exchanges of a biological second take: a window's is the latency once, the
/// overhead for every neighbour's block (and for what does not fit), and all bytes at the
/// bandwidth.
double exchange_seconds(const Share& share, int ranks, const Wire& wire);

/// Bytes that this process has taken from the heap.
double heap_bytes();

}  // namespace ranvier
