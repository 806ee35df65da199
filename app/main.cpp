#include <string>
#include <vector>

#include "app/command.h"

int main(int argc, char** argv) {
  return ranvier::app::run_program(std::vector<std::string>(argv + 1, argv + argc));
}
