# ranvier_plugins(FOLDER [GENERATED template]): the files of a plug-in folder are its registry.
# Writes generated/FOLDER.inc with one line RANVIER_ENTRY(NAME) a file, sorted by name, which the folder's catalogue includes:
# no static constructors, no list to edit, nothing that the linker may drop. With GENERATED, a unit is made from the template
# for each file (which it includes, @NAME@ being the stem), and that unit is compiled instead of the file; the units are
# returned in ranvier_FOLDER_units ('/' as '_'). What is written is touched only when it changes.
function(ranvier_plugins folder)
  cmake_parse_arguments(PARSE_ARGV 1 arg "" "GENERATED" "")
  file(GLOB files CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/${folder}/*.cpp)
  list(SORT files)
  set(entries "")
  set(units "")
  foreach(file IN LISTS files)
    cmake_path(GET file STEM NAME)
    string(APPEND entries "RANVIER_ENTRY(${NAME})\n")
    if(arg_GENERATED)
      set(unit ${PROJECT_BINARY_DIR}/generated/${folder}/${NAME}.cpp)
      configure_file(${PROJECT_SOURCE_DIR}/${arg_GENERATED} ${unit} @ONLY)
      list(APPEND units ${unit})
    endif()
  endforeach()
  file(CONFIGURE OUTPUT ${PROJECT_BINARY_DIR}/generated/${folder}.inc CONTENT "${entries}" @ONLY)
  string(REPLACE "/" "_" id ${folder})
  set(ranvier_${id}_units ${units} PARENT_SCOPE)
endfunction()
