"""The ways into somebody else's build, one function each: builds a consumer and runs it.

    ways.py FOLDER WAY [COMPILER]

FOLDER is outside of the library's checkout: `copy` makes a copy of the library there, as its users would get it, and a
repository of it for those who clone; all else works from that.
"""

import json
import os
import pathlib
import re
import runpy
import shutil
import subprocess
import sys

HERE = pathlib.Path(__file__).resolve().parent
CHECKOUT = HERE.parent.parent

FOLDER = pathlib.Path(sys.argv[1]).absolute()
LIBRARY = FOLDER / "fictive"
CONSUMERS = FOLDER / "consumers"
BY_CMAKE = FOLDER / "moved" / "by_cmake"
BY_MESON = FOLDER / "moved" / "by_meson"

WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wsign-conversion", "-Wshadow", "-Werror"]
# No header of ours may hide behind the leniency that compilers have for a system's.
STRICT = ["-DCMAKE_NO_SYSTEM_FROM_IMPORTED=ON", "-DCMAKE_CXX_FLAGS=" + " ".join(WARNINGS)]


def run(*command, cwd=None, env=None):
    command = [str(part) for part in command]
    print("+", *command, flush=True)
    subprocess.run(command, cwd=cwd or FOLDER, env={**os.environ, **(env or {})}, check=True)


def output_of(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True, **options).stdout


def expect(program, says):
    """Runs a consumer, which must succeed and say so."""
    said = output_of(program)
    print(said, end="", flush=True)
    if says not in said:
        sys.exit(f"{program} did not say '{says}'")


def version():
    header = (LIBRARY / "include/fictive/version.hpp").read_text(encoding="utf-8")
    numbers = [re.search(rf"FICTIVE_VERSION_{part} (\d+)", header)[1] for part in ("MAJOR", "MINOR", "PATCH")]
    return ".".join(numbers)


def fresh(name):
    folder = FOLDER / "build" / name
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def files_below(folder):
    return sorted(path.relative_to(folder) for path in folder.rglob("*") if path.is_file())


# The copy, and what is installed from it.


def copy():
    shutil.rmtree(FOLDER, ignore_errors=True)
    FOLDER.mkdir(parents=True)
    if (CHECKOUT / ".git").exists():
        names = output_of("git", "ls-files", "-co", "--exclude-standard", cwd=CHECKOUT).splitlines()
    else:
        names = [name for name in map(str, files_below(CHECKOUT)) if not name.startswith("build/")]
    for name in names:
        if (CHECKOUT / name).is_file():
            (LIBRARY / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(CHECKOUT / name, LIBRARY / name)
    git = ["git", "-c", "user.name=packaging", "-c", "user.email=packaging@localhost"]
    run(*git, "init", "-q", "-b", "main", cwd=LIBRARY)
    run(*git, "add", "-A", cwd=LIBRARY)
    run(*git, "commit", "-q", "-m", "A copy", cwd=LIBRARY)
    shutil.copytree(LIBRARY / "tests/packaging", CONSUMERS)


def remove():
    shutil.rmtree(FOLDER)


def cmake_install():
    """Configures, installs, and moves what was installed: nothing in it may remember where it was."""
    build, installed = fresh("cmake_install"), FOLDER / "installed" / "by_cmake"
    nothing_built = ["-DFICTIVE_BUILD_TESTS=OFF", "-DFICTIVE_BUILD_EXAMPLES=OFF", "-DFICTIVE_BUILD_BENCHMARKS=OFF"]
    run("cmake", "-S", LIBRARY, "-B", build, f"-DCMAKE_INSTALL_PREFIX={installed}", *nothing_built)
    run("cmake", "--install", build)
    BY_CMAKE.parent.mkdir(exist_ok=True)
    installed.rename(BY_CMAKE)


def meson_install():
    build, installed = fresh("meson_install"), FOLDER / "installed" / "by_meson"
    run("meson", "setup", build, LIBRARY, f"--prefix={installed}", "-Dtests=false")
    run("meson", "install", "-C", build)
    BY_MESON.parent.mkdir(exist_ok=True)
    installed.rename(BY_MESON)


def same_tree():
    """CMake's own package files apart, both install the same files, and every header; no file knows where it is."""
    of_cmake = [name for name in files_below(BY_CMAKE) if "cmake" not in name.parts]
    if of_cmake != files_below(BY_MESON):
        sys.exit(f"CMake installs {of_cmake}\nmeson installs {files_below(BY_MESON)}")
    for name in of_cmake:
        if (BY_CMAKE / name).read_bytes() != (BY_MESON / name).read_bytes():
            sys.exit(f"{name} differs")
    headers = [pathlib.Path("include") / name for name in files_below(LIBRARY / "include")]
    if [name for name in of_cmake if name.parts[0] == "include"] != headers:
        sys.exit("a header is not installed")
    for name in files_below(BY_CMAKE):
        if str(FOLDER).encode() in (BY_CMAKE / name).read_bytes():
            sys.exit(f"{name} names the folder it was installed to")
    print(f"{len(of_cmake)} files, the same from both")


# Without a build system.


def compile_program(compiler, name, flags, libraries, sources):
    program = fresh(name + "." + compiler) / "program"
    sources = [CONSUMERS / "programs" / source for source in sources]
    run(compiler, "-std=c++20", *WARNINGS, *flags, *sources, "-o", program, *libraries)
    return program


def single_file(compiler):
    program = compile_program(
        compiler, "single_file", [f"-I{LIBRARY / 'single_include'}"], ["-lboost_json"], ["core.cpp"])
    expect(program, f"1 invited by fictive {version()}")


def single_file_without_library(compiler):
    program = compile_program(
        compiler, "without_library", [f"-I{LIBRARY / 'single_include'}"], [], ["core.cpp", "json_source.cpp"])
    expect(program, f"1 invited by fictive {version()}")


def amalgamation():
    """The single headers are what the tool makes, each time; what it could not put into one file, it refuses; and both
    trees mix in one translation unit, in either order."""
    tool, single = LIBRARY / "tools/amalgamate.py", LIBRARY / "single_include"
    run(sys.executable, "-B", tool, "--check")

    tree = fresh("amalgamation")
    for name in ("include", "single_include", "tools"):
        shutil.copytree(LIBRARY / name, tree / name)
    header = tree / "include/fictive/http.hpp"
    text = header.read_text(encoding="utf-8")

    def refused(change, says):
        header.write_text(change, encoding="utf-8")
        result = subprocess.run([sys.executable, "-B", tree / "tools/amalgamate.py", "--check"], capture_output=True, text=True)
        if result.returncode == 0 or says not in result.stderr:
            sys.exit(f"'{says}' was to be said: {result.stderr}")

    refused(text.replace("struct http_header {", "struct http_header {  // changed"), "single_include/fictive/fictive.hpp")
    refused(text.replace("#include <fictive/config.hpp>", "#if 1\n#include <fictive/config.hpp>\n#endif"),
            "include/fictive/http.hpp:")

    doors = [f'#include "{single / "fictive" / door}.hpp"' for door in ("fictive", "testing")]
    headers = ["#include <fictive/response.hpp>", "#include <fictive/testing/scripted_transport.hpp>"]
    for name, lines in [("single_first", [*doors, *headers]), ("single_last", [*headers, *doors])]:
        source = tree / f"{name}.cpp"
        source.write_text("\n".join(lines) + "\n")
        run("g++", "-std=c++20", *WARNINGS, f"-I{LIBRARY / 'include'}", "-fsyntax-only", source)


def copied_headers(compiler):
    program = compile_program(
        compiler, "copied_headers", [f"-I{LIBRARY / 'include'}"], ["-lboost_json", "-lssl", "-lcrypto", "-pthread"],
        ["beast.cpp"])
    expect(program, f"refused, as it should be, by fictive {version()}")


# CMake.


def cmake_build(name, source, *options, programs):
    build = fresh(name)
    run("cmake", "-S", source, "-B", build, "-G", "Ninja", *STRICT, *options)
    run("cmake", "--build", build)
    for program, says in programs.items():
        expect(build / program, says + f" by fictive {version()}")
    return build


CORE = {"program": "1 invited"}
BEAST = {"program_on_beast": "refused, as it should be,"}


def cmake_subdirectory(compiler):
    """Nothing of the library's own is built, tested or installed in the project that includes it."""
    source = fresh("cmake_subdirectory_source." + compiler)
    shutil.copytree(CONSUMERS / "programs", source / "programs")
    shutil.copytree(CONSUMERS / "cmake_subdirectory", source / "project")
    (source / "project" / "fictive").symlink_to(LIBRARY)
    build = cmake_build("cmake_subdirectory." + compiler, source / "project", f"-DCMAKE_CXX_COMPILER={compiler}",
                        programs=CORE)
    run("cmake", "--install", build, "--prefix", source / "installed")
    if [str(name) for name in files_below(source / "installed")] != ["bin/program"]:
        sys.exit(f"installed: {files_below(source / 'installed')}")


def cmake_find_package_core():
    """Asks for Boost alone."""
    cmake_build("find_package_core", CONSUMERS / "cmake_find_package", f"-DCMAKE_PREFIX_PATH={BY_CMAKE}",
                "-DCMAKE_DISABLE_FIND_PACKAGE_OpenSSL=ON", "-DCMAKE_DISABLE_FIND_PACKAGE_Threads=ON", programs=CORE)


def cmake_find_package_beast():
    cmake_build("find_package_beast", CONSUMERS / "cmake_find_package", f"-DCMAKE_PREFIX_PATH={BY_CMAKE}",
                "-DWITH_BEAST=ON", "-DCMAKE_CXX_COMPILER=clang++", programs=CORE | BEAST)


def cmake_find_package_says_what_is_missing():
    def refused(name, says, *options):
        command = ["cmake", "-S", CONSUMERS / "cmake_find_package", "-B", fresh(name), "-G", "Ninja", *options]
        result = subprocess.run(command, capture_output=True, text=True)
        if result.returncode == 0 or says not in result.stderr:
            sys.exit(f"'{says}' was to be said:\n{result.stderr}")

    without_beast = FOLDER / "installed" / "without_beast"
    build = fresh("without_beast")
    run("cmake", "-S", LIBRARY, "-B", build, f"-DCMAKE_INSTALL_PREFIX={without_beast}", "-DFICTIVE_BEAST=OFF",
        "-DFICTIVE_BUILD_TESTS=OFF", "-DFICTIVE_BUILD_EXAMPLES=OFF", "-DFICTIVE_BUILD_BENCHMARKS=OFF")
    run("cmake", "--install", build)
    if list(without_beast.rglob("*beast*.pc")):
        sys.exit("a package for the adapter, which was turned off")
    refused("no_component", "FICTIVE_BEAST=ON", f"-DCMAKE_PREFIX_PATH={without_beast}", "-DWITH_BEAST=ON")
    refused("no_openssl", "OpenSSL", f"-DCMAKE_PREFIX_PATH={BY_CMAKE}", "-DWITH_BEAST=ON",
            "-DCMAKE_DISABLE_FIND_PACKAGE_OpenSSL=ON")


def cmake_fetch_content():
    cmake_build("fetch_content", CONSUMERS / "cmake_fetch_content", f"-DFICTIVE_REPOSITORY={LIBRARY}",
                programs=CORE | BEAST)


def presets():
    """Those that need nothing else here configure."""
    for preset in ("core", "dev", "clang"):
        run("cmake", "--preset", preset, "-DFICTIVE_BUILD_TESTS=OFF", "-DFICTIVE_BUILD_EXAMPLES=OFF", cwd=LIBRARY)


# Others.


def pkg_config():
    packages = {"PKG_CONFIG_PATH": str(BY_MESON / "share/pkgconfig")}
    found = output_of("pkg-config", "--modversion", "fictive", env={**os.environ, **packages}).strip()
    if found != version():
        sys.exit(f"pkg-config says {found}")
    libraries = output_of("pkg-config", "--libs", "fictive", env={**os.environ, **packages}).split()
    if libraries:
        sys.exit(f"a library to link: {libraries}")
    for package, source, says in [("fictive", "core.cpp", "1 invited"), ("fictive-beast", "beast.cpp", BEAST["program_on_beast"])]:
        flags = output_of("pkg-config", "--cflags", package, env={**os.environ, **packages}).split()
        libraries = output_of("pkg-config", "--libs", package, env={**os.environ, **packages}).split()
        expect(compile_program("g++", package, flags, [*libraries, "-lboost_json"], [source]), says)


def meson_subproject():
    source, build = fresh("meson_source"), FOLDER / "build" / "meson"
    shutil.copytree(CONSUMERS / "programs", source / "programs")
    shutil.copytree(CONSUMERS / "meson_subproject", source / "project")
    wrap = source / "project/subprojects/fictive.wrap"
    wrap.write_text(wrap.read_text().replace("FICTIVE_REPOSITORY", LIBRARY.as_uri()))
    shutil.rmtree(build, ignore_errors=True)
    run("meson", "setup", build, source / "project")
    run("meson", "test", "-C", build, "--print-errorlogs")
    run("meson", "install", "-C", build, "--destdir", source / "installed")
    if files_below(source / "installed"):
        sys.exit(f"a subproject has installed {files_below(source / 'installed')}")


def versions():
    """Every file that names the version names the header's; the changelog has an entry for it, or for what comes."""
    named = {
        "FICTIVE_VERSION_STRING": re.search(r'VERSION_STRING "(.+)"', (LIBRARY / "include/fictive/version.hpp").read_text())[1],
        "meson.build": re.search(r"version: '(.+)'", (LIBRARY / "meson.build").read_text())[1],
        "vcpkg.json": json.loads((LIBRARY / "vcpkg.json").read_text())["version"],
        "the port": json.loads((LIBRARY / "packaging/vcpkg/ports/fictive/vcpkg.json").read_text())["version"],
    }
    for where, says in named.items():
        if says != version():
            sys.exit(f"{where} says {says}, version.hpp {version()}")
    changelog = (LIBRARY / "CHANGELOG.md").read_text(encoding="utf-8")
    if "## [Unreleased]" not in changelog and f"## [{version()}]" not in changelog:
        sys.exit(f"CHANGELOG.md has no entry for {version()}")


def vcpkg_port():
    """The port's steps, by a script that does what vcpkg's documentation says of each function; see there."""
    for feature, programs in [("", CORE), ("beast", CORE | BEAST)]:
        packages = FOLDER / "vcpkg" / (feature or "core")
        run("cmake", f"-DCURRENT_PACKAGES_DIR={packages}", f"-DFEATURES=core;{feature}",
            f"-DCURRENT_BUILDTREES_DIR={fresh('vcpkg_buildtrees_' + feature)}",
            f"-DCURRENT_PORT_DIR={LIBRARY / 'packaging/vcpkg/ports/fictive'}", "-P", CONSUMERS / "vcpkg/run_port.cmake")
        for name in ("copyright", "usage", "fictive-config.cmake"):
            if not (packages / "share/fictive" / name).is_file():
                sys.exit(f"share/fictive/{name} is missing")
        for name in ("share/cmake", "debug", "lib"):
            if (packages / name).exists():
                sys.exit(f"vcpkg's checks would find {name}")
        cmake_build("vcpkg_consumer_" + feature, CONSUMERS / "cmake_find_package", f"-DCMAKE_PREFIX_PATH={packages}",
                    f"-DWITH_BEAST={'ON' if feature else 'OFF'}", programs=programs)


def conan_recipe():
    """The recipe's methods, called in Conan's order with what they use of its API; then the test package, against the
    package that CMake installed, whose targets the recipe must name."""
    sys.argv = ["run_recipe.py", str(LIBRARY), str(BY_CMAKE), version()]
    runpy.run_path(str(CONSUMERS / "conan/run_recipe.py"), run_name="__main__")
    build = fresh("conan_test_package")
    run("cmake", "-S", LIBRARY / "packaging/conan/test_package", "-B", build, "-G", "Ninja", *STRICT,
        f"-DCMAKE_PREFIX_PATH={BY_CMAKE}")
    run("cmake", "--build", build)
    expect(build / "test_package", f"1 invited by fictive {version()}")


if __name__ == "__main__":
    globals()[sys.argv[2]](*sys.argv[3:])
