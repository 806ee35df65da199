#include "core/comm/comm.h"

#include <algorithm>
#include <cstdlib>
#include <cstring>
#include <new>

namespace ranvier {
namespace {

class LocalComm final : public Comm {
 public:
  int rank() const override { return 0; }
  int size() const override { return 1; }
  std::vector<Bytes> all_to_all(std::vector<Bytes> to_rank) override { return to_rank; }
  void sum(std::span<std::int64_t>) override {}
  void max(std::span<std::int64_t>) override {}
  void abort(const Error& error) override { throw error; }
};

}  // namespace

std::unique_ptr<Comm> make_local_comm() { return std::make_unique<LocalComm>(); }

void Comm::start_exchange(std::span<const Bytes> to_neighbours) {
  travelling_.assign(static_cast<std::size_t>(size()), {});
  for (std::size_t k = 0; k < neighbours_.size(); ++k)
    travelling_[static_cast<std::size_t>(neighbours_[k])] = to_neighbours[k];
}

std::span<const Bytes> Comm::finish_exchange() {
  travelling_ = all_to_all(std::move(travelling_));
  return travelling_;
}

std::vector<Bytes> Comm::all_gather(const Bytes& mine) {
  return all_to_all(std::vector<Bytes>(static_cast<std::size_t>(size()), mine));
}

void Comm::agree(const std::optional<Error>& error) {
  std::int64_t failed = error ? size() - rank() : 0;  // the largest is the lowest rank that failed
  max({&failed, 1});
  if (failed == 0) return;
  Bytes mine;
  if (error) {
    const std::string text = error->what();
    mine.resize(text.size() + 1);
    mine[0] = static_cast<std::byte>(error->kind());
    std::memcpy(mine.data() + 1, text.data(), text.size());
  }
  const Bytes first = all_gather(mine)[static_cast<std::size_t>(size() - failed)];
  throw Error(static_cast<ErrorKind>(first[0]),
              std::string(reinterpret_cast<const char*>(first.data()) + 1, first.size() - 1))
      .set_agreed();
}

namespace {

/// What f failed with, or nothing.
std::optional<Error> failure_of(const std::function<void()>& f) {
  try {
    f();
  } catch (const Error& error) {
    return error;
  } catch (const std::bad_alloc&) {
    return Error(ErrorKind::capacity, "out of memory");
  } catch (const std::exception& error) {
    return Error(ErrorKind::internal, error.what());
  }
  return {};
}

}  // namespace

void agree_on(Comm& comm, const std::function<void()>& f) { comm.agree(failure_of(f)); }

void or_abort(Comm& comm, const std::function<void()>& f) {
  if (comm.size() == 1) return f();
  const std::optional<Error> failure = failure_of(f);
  if (!failure) return;
  if (failure->is_agreed()) throw Error(*failure);
  comm.abort(*failure);
}

}  // namespace ranvier
