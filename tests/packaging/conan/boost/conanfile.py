import os
import shutil

from conan import ConanFile


class SystemBoostConan(ConanFile):
    """The system's Boost.JSON under the names, options and targets of Conan Center's Boost."""

    name = "boost"
    settings = "os", "arch", "compiler", "build_type"
    options = {"shared": [True, False], "header_only": [True, False], "without_json": [True, False]}
    default_options = {"shared": False, "header_only": False, "without_json": False}

    def package(self):
        for library in ("boost_json", "boost_container"):
            name = f"lib{library}.so" if self.options.shared else f"lib{library}.a"
            output = os.path.join(self.build_folder, name)
            self.run(f"c++ -print-file-name={name} >{output}")
            with open(output, encoding="utf-8") as file:
                path = os.path.realpath(file.read().strip())
            os.makedirs(os.path.join(self.package_folder, "lib"), exist_ok=True)
            shutil.copy(path, os.path.join(self.package_folder, "lib", os.path.basename(path)))
            if self.options.shared:
                os.symlink(os.path.basename(path), os.path.join(self.package_folder, "lib", name))

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "Boost")
        self.cpp_info.components["headers"].set_property("cmake_target_name", "Boost::headers")
        if self.options.shared:
            self.cpp_info.components["headers"].defines = ["BOOST_ALL_DYN_LINK"]
        for name, requires in {"container": ["headers"], "json": ["headers", "container"]}.items():
            component = self.cpp_info.components[name]
            component.set_property("cmake_target_name", f"Boost::{name}")
            component.requires = requires
            component.libs = [f"boost_{name}"]
        for component in self.cpp_info.components.values():  # the headers are where the compiler looks anyway
            component.includedirs = []
            component.bindirs = []
