# The model shown in docs/how-to/add-a-neuron-model.md, taken out of the page and compiled as a file of neurons/models is, into
# the tests of neurons (unit/neurons/test_how_to_model.cpp runs it).
include(${CMAKE_CURRENT_LIST_DIR}/how_to.cmake)
how_to_code(add-a-neuron-model.md NeuronModel text)
set(NAME ${text_name})

set(folder ${PROJECT_BINARY_DIR}/how_to)
file(CONFIGURE OUTPUT ${folder}/neurons/models/${NAME}.cpp CONTENT "${text}" @ONLY)
configure_file(${PROJECT_SOURCE_DIR}/cmake/model.cpp.in ${folder}/generated/neurons/models/${NAME}.cpp @ONLY)
target_sources(test_neurons PRIVATE ${folder}/generated/neurons/models/${NAME}.cpp)
target_include_directories(test_neurons PRIVATE ${folder})
