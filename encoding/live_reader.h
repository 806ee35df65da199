// A recording that is still being written (a camera's pipe): its events as they arrive, without
// waiting for more. A thread reads beside the run; what it has is handed over in blocks. It is the
// only thread that is not a worker: a run that waited for a pipe could not be held to the clock
// (docs/decisions/live-input.md). Tested by tests/unit/encoding/test_live_reader.cpp and
// tests/unit/app/test_replay_live.py.
#pragma once
#include <cstddef>
#include <filesystem>
#include <functional>
#include <memory>
#include <optional>

#include "encoding/event_file.h"

namespace ranvier::encoding {

/// Events of a stream; see above.
class LiveReader {
 public:
  /// Begins to read. `options` has no filters.
  LiveReader(const std::filesystem::path& path, const ReadOptions& options);
  /// Does not wait for a thread that waits for the stream.
  ~LiveReader();
  LiveReader(const LiveReader&) = delete;
  LiveReader& operator=(const LiveReader&) = delete;

  /// Waits until events have arrived or the stream has ended, as long as `keep_going` says yes.
  void wait(const std::function<bool()>& keep_going);
  /// Appends what has arrived. Where nothing has, and `out` is empty, throws what ended the stream
  /// early: Error as EventReader::read.
  void take(EventBuffer& out);
  /// Whether all has been taken and nothing will come.
  bool is_over() const;
  /// The sensor's size where the stream tells it; known with the first events.
  std::optional<Sensor> sensor() const;

 private:
  struct Shared;
  // Shared with the thread, which may outlive this object while it waits in a read.
  std::shared_ptr<Shared> shared_;
};

}  // namespace ranvier::encoding
