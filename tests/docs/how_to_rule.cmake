# The rule shown in docs/how-to/add-a-learning-rule.md, taken out of the page and compiled into the tests of learning
# (unit/learning/test_how_to_rule.cpp runs it).
include(${CMAKE_CURRENT_LIST_DIR}/how_to.cmake)
how_to_code(add-a-learning-rule.md SynapseRule text)
set(NAME ${text_name})

set(file ${PROJECT_BINARY_DIR}/how_to/learning/rules/${NAME}.cpp)
file(CONFIGURE OUTPUT ${file} CONTENT "${text}" @ONLY)
target_sources(test_learning PRIVATE ${file})
