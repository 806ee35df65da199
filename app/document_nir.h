// The field "nir" of a network document. Used by app/document*.cpp alone.
#pragma once
#include "app/document_parts.h"

namespace ranvier::app {

/// The NIR graph that a document names, beside the populations that are there already. Throws as
/// the graph's reader does, with the place in the document.
void read_nir(Loading& loading, const Place& place);

}  // namespace ranvier::app
