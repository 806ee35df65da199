# The rule shown in docs/how-to/add-a-learning-rule.md, taken out of the page and compiled into the tests of learning
# (unit/learning/test_how_to_rule.cpp runs it).
set(page ${PROJECT_SOURCE_DIR}/docs/how-to/add-a-learning-rule.md)
set_property(DIRECTORY APPEND PROPERTY CMAKE_CONFIGURE_DEPENDS ${page})
file(READ ${page} text)
string(REGEX MATCH "RANVIER_REGISTER\\(SynapseRule, ([a-z0-9_]+)," found "${text}")
set(NAME ${CMAKE_MATCH_1})
string(FIND "${text}" "```cpp\n" begin)
if(NOT found OR begin EQUAL -1)
  message(FATAL_ERROR "${page}: shows no rule")
endif()
math(EXPR begin "${begin} + 7")
string(SUBSTRING "${text}" ${begin} -1 text)
string(FIND "${text}" "```" end)
string(SUBSTRING "${text}" 0 ${end} text)

set(file ${PROJECT_BINARY_DIR}/how_to/learning/rules/${NAME}.cpp)
file(CONFIGURE OUTPUT ${file} CONTENT "${text}" @ONLY)
target_sources(test_learning PRIVATE ${file})
