# `cmake --install`: headers, libraries, the program, and what find_package(ranvier) reads.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)
set(package_folder ${CMAKE_INSTALL_LIBDIR}/cmake/ranvier)

install(TARGETS ranvier_options ranvier_core ranvier_neurons ranvier_encoding ranvier_learning ranvier_conversion ranvier_app
        EXPORT ranvierTargets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
if(TARGET ranvier)
  install(TARGETS ranvier EXPORT ranvierTargets RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
endif()
install(EXPORT ranvierTargets NAMESPACE ranvier:: DESTINATION ${package_folder})
foreach(folder core neurons encoding learning conversion app)
  if(IS_DIRECTORY ${PROJECT_SOURCE_DIR}/${folder})
    install(DIRECTORY ${folder} DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ranvier FILES_MATCHING PATTERN "*.h")
  endif()
endforeach()
install(FILES ${PROJECT_BINARY_DIR}/generated/version.h DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/ranvier/generated)

configure_package_config_file(cmake/ranvierConfig.cmake.in ${PROJECT_BINARY_DIR}/ranvierConfig.cmake
  INSTALL_DESTINATION ${package_folder})
write_basic_package_version_file(${PROJECT_BINARY_DIR}/ranvierConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/ranvierConfig.cmake ${PROJECT_BINARY_DIR}/ranvierConfigVersion.cmake
              cmake/RanvierDependencies.cmake DESTINATION ${package_folder})
install(FILES LICENSE NOTICE DESTINATION ${CMAKE_INSTALL_DOCDIR})
