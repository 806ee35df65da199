#include "core/aside_file.h"

#include <system_error>
#include <utility>

#include "core/error.h"

namespace ranvier {

bool is_stream(const std::filesystem::path& path) {
  namespace fs = std::filesystem;
  std::error_code unknown;
  if (fs::is_other(path, unknown)) return true;
  if (!fs::is_symlink(path, unknown)) return false;
  const auto of_kernel = [](const fs::path& p) { return p.native().starts_with("/proc/"); };
  return of_kernel(fs::read_symlink(path, unknown)) ||
         of_kernel(fs::canonical(path.parent_path(), unknown));
}

AsideFile::AsideFile(std::filesystem::path path, std::filesystem::path temporary)
    : path_(std::move(path)), temporary_(std::move(temporary)) {}

AsideFile::~AsideFile() {
  std::error_code ignored;
  if (is_opened_ && !is_published_) std::filesystem::remove(temporary_, ignored);
}

void AsideFile::publish() {
  if (is_stream(path_))
    throw Error(ErrorKind::io, path_.string() + ": is a device or a pipe, must be a file");
  std::error_code failed;
  std::filesystem::rename(temporary_, path_, failed);
  if (failed)
    throw Error(ErrorKind::io, path_.string() + ": cannot be written: " + failed.message());
  is_published_ = true;
}

}  // namespace ranvier
