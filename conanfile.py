import os
import re

from conan import ConanFile
from conan.errors import ConanInvalidConfiguration
from conan.tools.build import check_min_cppstd
from conan.tools.cmake import CMake, CMakeDeps, CMakeToolchain, cmake_layout
from conan.tools.files import copy, load, rmdir

required_conan_version = ">=2.1"


class FictiveConan(ConanFile):
    name = "fictive"
    description = "Invites people to an account group of the Fictive service"
    license = "BSL-1.0"
    url = "https://example.com/fictive"
    homepage = "https://example.com/fictive"
    topics = ("api-client", "http", "invitations", "header-only")
    package_type = "header-library"
    settings = "os", "arch", "compiler", "build_type"
    options = {"with_beast": [True, False]}
    default_options = {"with_beast": False}

    exports_sources = "include/*", "packaging/cmake/*", "packaging/pkgconfig/*", "CMakeLists.txt", "LICENSE"
    test_package_folder = "packaging/conan/center/all/test_package"

    def set_version(self):
        if not self.version:  # the version's one home is the header
            header = load(self, os.path.join(self.recipe_folder, "include", "fictive", "version.hpp"))
            self.version = re.search(r'FICTIVE_VERSION_STRING "([0-9.]+)"', header)[1]

    def layout(self):
        cmake_layout(self)

    def requirements(self):
        self.requires("boost/[>=1.81 <2]", transitive_headers=True, transitive_libs=True)
        if self.options.with_beast:
            self.requires("openssl/[>=3.0 <4]", transitive_headers=True, transitive_libs=True)

    def build_requirements(self):
        self.tool_requires("cmake/[>=3.23 <4]")

    def package_id(self):
        self.info.clear()

    def validate(self):
        check_min_cppstd(self, 20)
        boost = self.dependencies["boost"].options
        if boost.get_safe("header_only") or boost.get_safe("without_json"):
            raise ConanInvalidConfiguration(
                "fictive needs Boost.JSON, which has a compiled part that this Boost leaves out: "
                "add -o 'boost/*:header_only=False' -o 'boost/*:without_json=False'"
            )

    def generate(self):
        toolchain = CMakeToolchain(self)
        for part in ("BEAST", "BUILD_TESTS", "BUILD_EXAMPLES", "BUILD_BENCHMARKS", "BUILD_DOCS"):
            toolchain.cache_variables[f"FICTIVE_{part}"] = False  # the headers of the adapter are installed anyway
        toolchain.generate()
        CMakeDeps(self).generate()

    def build(self):
        cmake = CMake(self)
        cmake.configure()
        cmake.build()

    def package(self):
        copy(self, "LICENSE", self.source_folder, os.path.join(self.package_folder, "licenses"))
        cmake = CMake(self)
        cmake.install()
        rmdir(self, os.path.join(self.package_folder, "share"))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "fictive")

        core = self.cpp_info.components["core"]
        core.set_property("cmake_target_name", "fictive::fictive")
        core.set_property("pkg_config_name", "fictive")
        core.requires = ["boost::json"]
        core.bindirs = []
        core.libdirs = []

        if self.options.with_beast:
            beast = self.cpp_info.components["beast"]
            beast.set_property("cmake_target_name", "fictive::beast")
            beast.set_property("pkg_config_name", "fictive-beast")
            beast.requires = ["core", "openssl::ssl", "openssl::crypto"]
            beast.includedirs = []
            beast.bindirs = []
            beast.libdirs = []
            if self.settings.os in ["Linux", "FreeBSD"]:
                beast.system_libs = ["pthread"]
            elif self.settings.os == "Windows":
                beast.system_libs = ["ws2_32", "mswsock"]
