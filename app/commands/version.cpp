#include <fmt/core.h>

#include "app/command.h"
#include "generated/version.h"

namespace ranvier::app {

Command version_command() {
  return {"version", "print the version", [](const std::vector<std::string>&) {
            fmt::print("ranvier {}\n", version);
            return 0;
          }};
}

}  // namespace ranvier::app
