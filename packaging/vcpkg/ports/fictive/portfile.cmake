# An overlay port: it installs the checkout that it is part of.
get_filename_component(SOURCE_PATH "${CURRENT_PORT_DIR}/../../../.." ABSOLUTE)

# vcpkg rebuilds a port when a file in the port's folder changes. The links in checkout/ add the files that decide what
# is installed; a single header stands for those that it is made of.
file(GLOB_RECURSE links "${CURRENT_PORT_DIR}/checkout/*")
foreach(link IN LISTS links)
    if(NOT IS_SYMLINK "${link}")
        message(WARNING
            "${link} is not a symbolic link, so vcpkg does not notice when the checkout changes. "
            "Clone with 'git clone -c core.symlinks=true'.")
        break()
    endif()
endforeach()

set(VCPKG_BUILD_TYPE release) # headers only
set(VCPKG_FIXUP_ELF_RPATH OFF)

vcpkg_check_features(OUT_FEATURE_OPTIONS FEATURE_OPTIONS
    FEATURES
        beast FICTIVE_BEAST
)

vcpkg_cmake_configure(
    SOURCE_PATH "${SOURCE_PATH}"
    OPTIONS
        ${FEATURE_OPTIONS}
        -DFICTIVE_BUILD_TESTS=OFF
        -DFICTIVE_BUILD_EXAMPLES=OFF
        -DFICTIVE_BUILD_BENCHMARKS=OFF
        -DCMAKE_DISABLE_FIND_PACKAGE_Doxygen=ON
)
vcpkg_cmake_install()
vcpkg_cmake_config_fixup(CONFIG_PATH share/cmake/fictive)
if("beast" IN_LIST FEATURES)
    # vcpkg wants a package with link flags there, though they are the same on every architecture.
    file(MAKE_DIRECTORY "${CURRENT_PACKAGES_DIR}/lib/pkgconfig")
    file(RENAME "${CURRENT_PACKAGES_DIR}/share/pkgconfig/fictive-beast.pc"
                "${CURRENT_PACKAGES_DIR}/lib/pkgconfig/fictive-beast.pc")
endif()
vcpkg_fixup_pkgconfig()

file(INSTALL "${CMAKE_CURRENT_LIST_DIR}/usage" DESTINATION "${CURRENT_PACKAGES_DIR}/share/${PORT}")
vcpkg_install_copyright(FILE_LIST "${SOURCE_PATH}/LICENSE")
