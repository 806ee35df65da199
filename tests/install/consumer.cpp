// Prints the names of the neuron models through the installed headers and libraries.
#include "generated/version.h"
#include "neurons/catalogue.h"

#include <iostream>

int main() {
  std::cout << "ranvier " << ranvier::version << '\n';
  for (const auto& name : ranvier::neurons::make_catalogue().names()) std::cout << name << '\n';
}
