// Closing: a C library's identifier that is closed when it goes.
#pragma once

namespace ranvier {

/// \tparam Id      signed integer, below 0 where there is nothing to close
/// \tparam Status  what the library's closing functions return
template <class Id, class Status>
class Closing {
 public:
  Closing(Id id, Status (*close)(Id)) : id_(id), close_(close) {}
  ~Closing() {
    if (id_ >= 0) close_(id_);
  }
  Closing(const Closing&) = delete;
  Closing& operator=(const Closing&) = delete;
  operator Id() const { return id_; }  // NOLINT: handed to the library as it is
  bool valid() const { return id_ >= 0; }

 private:
  Id id_;
  Status (*close_)(Id);
};

}  // namespace ranvier
