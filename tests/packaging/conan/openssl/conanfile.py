from conan import ConanFile


class SystemOpenSSLConan(ConanFile):
    """The system's OpenSSL under the names and targets of Conan Center's."""

    name = "openssl"
    settings = "os", "arch", "compiler", "build_type"

    def package_info(self):
        self.cpp_info.set_property("cmake_file_name", "OpenSSL")
        self.cpp_info.set_property("pkg_config_name", "openssl")
        for name, target, requires in [("crypto", "OpenSSL::Crypto", []), ("ssl", "OpenSSL::SSL", ["crypto"])]:
            component = self.cpp_info.components[name]
            component.set_property("cmake_target_name", target)
            component.set_property("pkg_config_name", f"lib{name}")
            component.requires = requires
            component.system_libs = [name]  # found, as the headers are, where the compiler looks anyway
            component.includedirs = []
            component.libdirs = []
            component.bindirs = []
