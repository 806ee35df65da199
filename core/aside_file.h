// AsideFile: a file under a temporary name until it is whole, so that readers find the old one or
// the new one, never a part, and a failure (an exception, a full disk) leaves nothing behind.
// Tested by tests/unit/core/test_aside_file.cpp.
#pragma once
#include <filesystem>

namespace ranvier {

/// Whether the path is there and is a device or a pipe (/dev/null), which can be written to, but
/// whose place no file may take; or a link to what a program has open, a file even (/dev/stdout).
bool is_stream(const std::filesystem::path& path);

/// Looks after the temporary name; whoever writes opens temporary(), closes it, and publishes.
/// Without that, the file is removed with the object, which therefore has to outlive the stream.
/// Where temporary() was never asked for, a file of that name is another's and stays.
class AsideFile {
 public:
  /// \param path       what the file is to be called
  /// \param temporary  its name until then, in the same folder
  AsideFile(std::filesystem::path path, std::filesystem::path temporary);
  ~AsideFile();
  AsideFile(const AsideFile&) = delete;
  AsideFile& operator=(const AsideFile&) = delete;

  /// The name to open: from now on a file of that name is this object's.
  const std::filesystem::path& temporary() {
    is_opened_ = true;
    return temporary_;
  }
  /// Gives the closed file its name, in place of the file that had it. Throws Error(io), also where
  /// a device or a pipe has it.
  void publish();

 private:
  std::filesystem::path path_, temporary_;
  bool is_opened_ = false, is_published_ = false;
};

}  // namespace ranvier
