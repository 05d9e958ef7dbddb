"""Runs conanfile.py where Conan is not at hand: calls its methods in Conan's order, with what they use of its API.

    run_recipe.py LIBRARY INSTALLED VERSION

LIBRARY is a checkout, INSTALLED what CMake installs of it. What this cannot show is that Conan itself accepts the recipe.
"""

import fnmatch
import importlib.util
import pathlib
import py_compile
import shutil
import sys
import tempfile
import types

LIBRARY, INSTALLED, VERSION = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3]


class Refused(Exception):
    pass


class Options:
    def __init__(self, **values):
        self.__dict__.update(values)

    def get_safe(self, name):
        return self.__dict__.get(name)


class CppInfo:
    def __init__(self):
        self.properties, self.components, self.requires = {}, {}, []

    def set_property(self, name, value):
        self.properties[name] = value


class Components(dict):
    def __missing__(self, name):
        return self.setdefault(name, CppInfo())


class Recipe:
    version = None


def copy(_, pattern, source, destination):
    for path in pathlib.Path(source).rglob("*"):
        if path.is_file() and fnmatch.fnmatch(path.name, pattern):
            target = pathlib.Path(destination) / path.relative_to(source)
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(path, target)


def check_min_cppstd(recipe, minimum):
    if int(recipe.settings.cppstd) < minimum:
        raise Refused(f"C++{minimum} is needed")


def module(name, **contents):
    sys.modules[name] = types.ModuleType(name)
    sys.modules[name].__dict__.update(contents)


module("conan", ConanFile=Recipe)
module("conan.errors", ConanInvalidConfiguration=Refused)
module("conan.tools")
module("conan.tools.build", check_min_cppstd=check_min_cppstd)
module("conan.tools.files", copy=copy, get=None, load=lambda _, path: pathlib.Path(path).read_text(encoding="utf-8"))
module("conan.tools.layout", basic_layout=lambda recipe, src_folder: None)


def recipe(boost=Options(header_only="", without_json=""), with_beast=False, cppstd="20"):
    spec = importlib.util.spec_from_file_location("conanfile", LIBRARY / "conanfile.py")
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    one = loaded.FictiveConan()
    one.recipe_folder = str(LIBRARY)
    one.options = Options(with_beast=with_beast)
    one.settings = Options(os="Linux", cppstd=cppstd)
    one.info = types.SimpleNamespace(clear=lambda: setattr(one, "id_is_cleared", True))
    one.cpp_info = CppInfo()
    one.cpp_info.components = Components()
    one.required = []
    one.requires = lambda reference, **_: one.required.append(reference.split("/")[0])
    one.dependencies = {"boost": types.SimpleNamespace(options=boost)}
    one.conan_data = None
    one.set_version()
    one.layout()
    one.requirements()
    one.package_id()
    one.validate()
    one.source()
    return one


def check(condition, what):
    if not condition:
        sys.exit(f"conanfile.py: {what}")


def refusal(**configuration):
    try:
        recipe(**configuration)
    except Refused as refused:
        return str(refused)
    sys.exit(f"conanfile.py: {configuration} was to be refused")


core, beast = recipe(), recipe(with_beast=True)
check(core.version == VERSION, f"the version is {core.version}")
check(core.package_type == "header-library" and core.id_is_cleared, "one package does for all configurations")
check(core.required == ["boost"], f"the core requires {core.required}")
check(beast.required == ["boost", "openssl"], f"the adapter requires {beast.required}")
check("header_only=False" in refusal(boost=Options(header_only="True")), "the refusal says how to proceed")
check("without_json=False" in refusal(boost=Options(without_json="True")), "the refusal says how to proceed")
check("C++20" in refusal(cppstd="17"), "C++17 is refused")

with tempfile.TemporaryDirectory() as package:
    beast.source_folder, beast.package_folder = str(LIBRARY), package
    beast.package()
    names = sorted(path.relative_to(package) for path in pathlib.Path(package).rglob("*") if path.is_file())
    headers = sorted(path.relative_to(INSTALLED) for path in (INSTALLED / "include").rglob("*") if path.is_file())
    check(names == [*headers, pathlib.Path("licenses/LICENSE")], "the package is the headers and the license")

core.package_info()
beast.package_info()
check(list(core.cpp_info.components) == ["core"], "the components without the adapter")
check(list(beast.cpp_info.components) == ["core", "beast"], "the components with it")
targets = {name: part.properties["cmake_target_name"] for name, part in beast.cpp_info.components.items()}
check(targets == {"core": "fictive::fictive", "beast": "fictive::beast"}, "the targets are CMake's")
for name, part in beast.cpp_info.components.items():
    check(part.bindirs == [] and part.libdirs == [], f"{name} has no binaries")
package_files = "".join(path.read_text() for path in (INSTALLED / "share/cmake/fictive").glob("*-targets.cmake"))
for target in targets.values():
    check(f"add_library({target} " in package_files, f"CMake installs no {target}")

for path in (LIBRARY / "conanfile.py", LIBRARY / "packaging/conan/test_package/conanfile.py"):
    py_compile.compile(str(path), cfile=str(pathlib.Path(tempfile.gettempdir()) / "recipe.pyc"), doraise=True)
print(f"the recipe of fictive {core.version} does what Conan would ask of it")
