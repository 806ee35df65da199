#include "app/catalogue.h"

#include "neurons/catalogue.h"
#include "neurons/sources.h"

namespace ranvier::app {

const Catalogue& catalogue() {
  static const Catalogue all{neurons::make_catalogue(), neurons::make_sources()};
  return all;
}

}  // namespace ranvier::app
