#include "core/aside_file.h"

#include <system_error>
#include <utility>

#include "core/error.h"

namespace ranvier {

AsideFile::AsideFile(std::filesystem::path path, std::filesystem::path temporary)
    : path_(std::move(path)), temporary_(std::move(temporary)) {}

AsideFile::~AsideFile() {
  std::error_code ignored;
  if (is_opened_ && !is_published_) std::filesystem::remove(temporary_, ignored);
}

void AsideFile::publish() {
  std::error_code failed;
  std::filesystem::rename(temporary_, path_, failed);
  if (failed)
    throw Error(ErrorKind::io, path_.string() + ": cannot be written: " + failed.message());
  is_published_ = true;
}

}  // namespace ranvier
