#include "encoding/live_reader.h"

#include <chrono>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <string>
#include <thread>
#include <utility>

#include "core/error.h"

namespace ranvier::encoding {
namespace {

constexpr std::size_t most_waiting = std::size_t{1} << 22;  // events: the stream waits beyond them

}  // namespace

struct LiveReader::Shared {
  std::mutex mutex;
  std::condition_variable changed;
  EventBuffer arrived;
  std::optional<Sensor> sensor;
  std::exception_ptr fault;
  bool over = false;       ///< nothing more will arrive
  bool abandoned = false;  ///< nobody will take anything

  void add(const EventBuffer& events, const std::optional<Sensor>& size) {
    std::unique_lock lock(mutex);
    changed.wait(lock, [this] { return arrived.size() < most_waiting || abandoned; });
    for (const DvsEvent& event : events) arrived.push_back(event);
    sensor = size;
    changed.notify_all();
  }

  void end(std::exception_ptr why) {
    const std::lock_guard lock(mutex);
    fault = std::move(why);
    over = true;
    changed.notify_all();
  }

  bool is_abandoned() {
    const std::lock_guard lock(mutex);
    return abandoned;
  }
};

LiveReader::LiveReader(const std::filesystem::path& path, const ReadOptions& options)
    : shared_(std::make_shared<Shared>()) {
  RANVIER_ASSERT(options.filters.empty(), "live events are filtered when they are taken");
  std::thread([shared = shared_, path, options] {
    try {
      EventReader reader(path, options);
      EventBuffer events;
      while (!shared->is_abandoned() && reader.read(events)) shared->add(events, reader.sensor());
      shared->end(nullptr);
    } catch (const Error& error) {  // a text of its own: this thread still holds the other one
      shared->end(std::make_exception_ptr(Error(error.kind(), std::string(error.what()))));
    } catch (...) {
      shared->end(std::current_exception());
    }
  }).detach();
}

LiveReader::~LiveReader() {
  const std::lock_guard lock(shared_->mutex);
  shared_->abandoned = true;
  shared_->changed.notify_all();
}

void LiveReader::wait(const std::function<bool()>& keep_going) {
  using namespace std::chrono_literals;
  std::unique_lock lock(shared_->mutex);
  while (keep_going() && !shared_->changed.wait_for(lock, 50ms, [this] {
    return !shared_->arrived.empty() || shared_->over;
  })) {
  }
}

void LiveReader::take(EventBuffer& out) {
  const std::lock_guard lock(shared_->mutex);
  if (out.empty() && shared_->arrived.empty() && shared_->fault)
    std::rethrow_exception(std::exchange(shared_->fault, nullptr));
  for (const DvsEvent& event : shared_->arrived) out.push_back(event);
  shared_->arrived.clear();
  shared_->changed.notify_all();
}

bool LiveReader::is_over() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->over && shared_->arrived.empty() && !shared_->fault;
}

std::optional<Sensor> LiveReader::sensor() const {
  const std::lock_guard lock(shared_->mutex);
  return shared_->sensor;
}

}  // namespace ranvier::encoding
