# For a pull request: the repository, and the checksum of the release's archive.
vcpkg_from_github(
    OUT_SOURCE_PATH SOURCE_PATH
    REPO OWNER/fictive
    REF "v${VERSION}"
    SHA512 0
)

set(VCPKG_BUILD_TYPE release) # headers only

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
        -DFICTIVE_BUILD_DOCS=OFF
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
