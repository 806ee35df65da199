#include <fmt/core.h>

#include "app/command.h"
#include "app/options.h"
#include "generated/version.h"

namespace ranvier::app {

Command version_command() {
  return {"version", "print the version", [](const std::vector<std::string>& words) {
            Options options("version", "Prints the version.");
            if (!options.parse(words)) return 0;
            fmt::print("ranvier {}\n", version);
            return 0;
          }};
}

}  // namespace ranvier::app
