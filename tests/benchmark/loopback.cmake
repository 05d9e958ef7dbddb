# Ours next to raw sockets, plain Beast, libcurl and cpp-httplib, over loopback; and the size of a minimal program. Included
# by this folder's CMakeLists.txt.

find_package(CURL REQUIRED)
find_package(PkgConfig REQUIRED)
pkg_check_modules(httplib REQUIRED IMPORTED_TARGET cpp-httplib)
find_package(nlohmann_json REQUIRED)
find_package(Threads REQUIRED)

add_executable(loopback loopback.cpp loopback_server.cpp loopback_raw.cpp loopback_beast.cpp loopback_curl.cpp
                        loopback_httplib.cpp loopback_fictive.cpp)
target_include_directories(loopback PRIVATE "${CMAKE_CURRENT_LIST_DIR}")
target_compile_options(loopback PRIVATE -O2)
target_link_libraries(loopback PRIVATE fictive::beast CURL::libcurl PkgConfig::httplib nlohmann_json::nlohmann_json)

foreach(name IN ITEMS size_fictive size_beast)
  add_executable(${name} ${name}.cpp)
  target_compile_options(${name} PRIVATE -O2)
  target_link_options(${name} PRIVATE -s)
  target_link_libraries(${name} PRIVATE fictive::beast)
endforeach()
