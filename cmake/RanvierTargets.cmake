# How every target of Ranvier is compiled, and ranvier_library(): one static, position-independent library a folder.

find_program(CCACHE_PROGRAM ccache)
mark_as_advanced(CCACHE_PROGRAM)
if(CCACHE_PROGRAM AND PROJECT_IS_TOP_LEVEL)
  foreach(language C CXX)
    if(NOT CMAKE_${language}_COMPILER_LAUNCHER)
      set(CMAKE_${language}_COMPILER_LAUNCHER ${CCACHE_PROGRAM})
    endif()
  endforeach()
endif()

# What the headers need from whoever includes them. Baseline x86-64-v3 with AES and PCLMUL: without the last two Highway also
# makes SSE targets, whose multiply-add is not fused, and results would depend on the processor.
add_library(ranvier_options INTERFACE)
target_compile_features(ranvier_options INTERFACE cxx_std_20)
target_compile_options(ranvier_options INTERFACE -ffp-contract=off)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  target_compile_options(ranvier_options INTERFACE -march=x86-64-v3 -maes -mpclmul)
endif()
target_include_directories(ranvier_options INTERFACE
  $<BUILD_INTERFACE:${PROJECT_SOURCE_DIR}> $<BUILD_INTERFACE:${PROJECT_BINARY_DIR}>
  $<INSTALL_INTERFACE:include/ranvier>)
target_link_libraries(ranvier_options INTERFACE PkgConfig::HWY)
set_target_properties(ranvier_options PROPERTIES EXPORT_NAME options)

add_library(ranvier_warnings INTERFACE)
target_compile_options(ranvier_warnings INTERFACE -Wall -Wextra -Wpedantic -Wconversion -Wshadow -Wold-style-cast
  -Wnon-virtual-dtor -Woverloaded-virtual
  # g++ 12 takes a moved std::variant for uninitialised memory; the sanitizers watch for the real thing.
  $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>)

set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_EXPORT_COMPILE_COMMANDS ON)

# ranvier_library(NAME FOLDERS folder... [WITHOUT file...] [SOURCES file...] [USES library...] [NEEDS target...])
# makes ranvier_NAME from the sources of the folders, on top of the libraries of Ranvier that it uses and of others that it
# needs (which its users do not see); an empty folder makes nothing but the edges to the libraries below.
function(ranvier_library name)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "" "FOLDERS;WITHOUT;SOURCES;USES;NEEDS")
  set(sources ${arg_SOURCES})
  foreach(folder IN LISTS arg_FOLDERS)
    file(GLOB found CONFIGURE_DEPENDS RELATIVE ${PROJECT_SOURCE_DIR} ${folder}/*.cpp)
    list(APPEND sources ${found})
  endforeach()
  if(arg_WITHOUT)
    list(REMOVE_ITEM sources ${arg_WITHOUT})
  endif()
  list(TRANSFORM arg_USES PREPEND ranvier_)
  if(NOT sources)
    add_library(ranvier_${name} INTERFACE)
    target_link_libraries(ranvier_${name} INTERFACE ranvier_options ${arg_USES})
  else()
    add_library(ranvier_${name} STATIC ${sources})
    target_include_directories(ranvier_${name} SYSTEM PRIVATE ${RANDOM123_INCLUDE_DIR} ${Boost_INCLUDE_DIRS})
    target_link_libraries(ranvier_${name} PUBLIC ranvier_options ${arg_USES}
      PRIVATE ${arg_NEEDS} $<BUILD_INTERFACE:ranvier_warnings>)
    set_target_properties(ranvier_${name} PROPERTIES POSITION_INDEPENDENT_CODE ON)
    # Not in a release build, which shows that every file includes what it needs (tests/rules/headers.cmake).
    if(PROJECT_IS_TOP_LEVEL AND CMAKE_BUILD_TYPE STREQUAL Debug AND CMAKE_CXX_COMPILER_ID STREQUAL GNU)
      target_precompile_headers(ranvier_${name} PRIVATE <fmt/core.h> <algorithm> <array> <bit> <charconv> <chrono> <cmath>
        <filesystem> <functional> <limits> <map> <memory> <numeric> <optional> <set> <span> <string> <tuple> <variant> <vector>)
    endif()
  endif()
  set_target_properties(ranvier_${name} PROPERTIES EXPORT_NAME ${name})
  add_library(ranvier::${name} ALIAS ranvier_${name})
endfunction()
