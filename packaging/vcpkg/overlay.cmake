# Makes an overlay port of this checkout in build/vcpkg/fictive: the port for the registry, with an archive of the sources.
# vcpkg rebuilds a port when a file in its folder differs, so run this again after a change.
#
#     cmake -P packaging/vcpkg/overlay.cmake

cmake_minimum_required(VERSION 3.23...3.31)
get_filename_component(checkout "${CMAKE_CURRENT_LIST_DIR}/../.." ABSOLUTE)
set(port "${checkout}/build/vcpkg/fictive")

file(REMOVE_RECURSE "${port}")
file(COPY "${CMAKE_CURRENT_LIST_DIR}/ports/fictive" DESTINATION "${checkout}/build/vcpkg")
execute_process(
  COMMAND "${CMAKE_COMMAND}" -E tar cf "${port}/sources.tar" --format=gnutar CMakeLists.txt LICENSE include packaging/cmake
          packaging/pkgconfig
  WORKING_DIRECTORY "${checkout}" COMMAND_ERROR_IS_FATAL ANY)

set(extract "vcpkg_extract_source_archive(SOURCE_PATH ARCHIVE \"\${CURRENT_PORT_DIR}/sources.tar\" NO_REMOVE_ONE_LEVEL)")
file(READ "${port}/portfile.cmake" text)
string(REGEX REPLACE "^.*vcpkg_from_github[^)]*\\)" "${extract}" text "${text}")
file(WRITE "${port}/portfile.cmake" "${text}")
