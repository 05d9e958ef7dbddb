"""The methods of installation, one function each: builds a consumer and runs it.

    ways.py FOLDER WAY [COMPILER]

FOLDER is outside of the library's checkout: `copy` makes a copy of the library there, as its users would get it, and a
repository of it for those who clone; all else works from that.
"""

import hashlib
import json
import os
import pathlib
import re
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
# Compilers do not warn about system headers, so the library's headers must not be included as such.
STRICT = ["-DCMAKE_NO_SYSTEM_FROM_IMPORTED=ON", "-DCMAKE_CXX_FLAGS=" + " ".join(WARNINGS)]

SKIPPED = 77  # the SKIP_RETURN_CODE in CMakeLists.txt


def run(*command, cwd=None, env=None):
    command = [str(part) for part in command]
    print("+", *command, flush=True)
    subprocess.run(command, cwd=cwd or FOLDER, env={**os.environ, **(env or {})}, check=True)


def output_of(*command, **options):
    return subprocess.run([str(part) for part in command], check=True, capture_output=True, text=True, **options).stdout


def expect(program, says):
    """Runs a consumer, which must succeed and print the expected line."""
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


# The copy, and the installations from it.


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
            shutil.copy2(CHECKOUT / name, LIBRARY / name, follow_symlinks=False)
    git = ["git", "-c", "user.name=packaging", "-c", "user.email=packaging@localhost"]
    run(*git, "init", "-q", "-b", "main", cwd=LIBRARY)
    run(*git, "add", "-A", cwd=LIBRARY)
    run(*git, "commit", "-q", "-m", "A copy", cwd=LIBRARY)
    shutil.copytree(LIBRARY / "tests/packaging", CONSUMERS)


def remove():
    shutil.rmtree(FOLDER)


def cmake_install():
    """Configures, installs, and moves the installation, which must not contain absolute paths."""
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
    """Both build systems install the same files, CMake's package files excepted; no file contains an absolute path."""
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
    """The single headers are up to date; the tool rejects headers that it cannot merge; both trees can be mixed in one
    translation unit, in either order."""
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
            sys.exit(f"expected '{says}': {result.stderr}")

    refused(text.replace("struct http_header {", "struct http_header {  // changed"), "single_include/fictive/fictive.hpp")
    refused(text.replace("#include <fictive/config.hpp>", "#if 1\n#include <fictive/config.hpp>\n#endif"),
            "include/fictive/http.hpp:")

    single_headers = [f'#include "{single / "fictive" / name}.hpp"' for name in ("fictive", "testing", "testing/transport_conformance")]
    headers = ["#include <fictive/invite_endpoint.hpp>", "#include <fictive/testing/scripted_transport.hpp>"]
    for name, lines in [("single_first", [*single_headers, *headers]), ("single_last", [*headers, *single_headers])]:
        source = tree / f"{name}.cpp"
        source.write_text("\n".join(lines) + "\n")
        run("g++", "-std=c++20", *WARNINGS, f"-I{LIBRARY / 'include'}", "-fsyntax-only", source)


def separate_mode(compiler):
    """The definitions in one source file, with the headers of either tree."""
    for tree in ("include", "single_include"):
        flags = [f"-I{LIBRARY / tree}", "-DFICTIVE_SEPARATE_COMPILATION"]
        program = compile_program(
            compiler, f"separate.{tree}", flags, ["-lboost_json"], ["core.cpp", "src.cpp"])
        expect(program, f"1 invited by fictive {version()}")
        program = compile_program(
            compiler, f"separate_beast.{tree}", flags, ["-lboost_json", "-lssl", "-lcrypto", "-pthread"],
            ["beast.cpp", "src.cpp", "beast_src.cpp"])
        expect(program, f"refused, as it should be, by fictive {version()}")


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
    """The library adds no targets, tests or installation rules of its own to the project that includes it."""
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
    """Needs Boost only."""
    cmake_build("find_package_core", CONSUMERS / "cmake_find_package", f"-DCMAKE_PREFIX_PATH={BY_CMAKE}",
                "-DCMAKE_DISABLE_FIND_PACKAGE_OpenSSL=ON", "-DCMAKE_DISABLE_FIND_PACKAGE_Threads=ON", programs=CORE)


def cmake_find_package_beast():
    cmake_build("find_package_beast", CONSUMERS / "cmake_find_package", f"-DCMAKE_PREFIX_PATH={BY_CMAKE}",
                "-DWITH_BEAST=ON", "-DCMAKE_CXX_COMPILER=clang++", programs=CORE | BEAST)


def cmake_find_package_says_what_is_missing():
    def refused(name, says, *options):
        consumer = CONSUMERS / "cmake_find_package"
        expect_refusal(["cmake", "-S", consumer, "-B", fresh(name), "-G", "Ninja", *options], says)

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


def cmake_find_package_version():
    """The same minor version is accepted, and no other."""
    source = fresh("find_package_version")
    major, minor, _ = map(int, version().split("."))
    for other, is_accepted in [(minor, True), (minor + 1, False), (minor - 1, False)]:
        if other < 0:
            continue
        (source / "CMakeLists.txt").write_text(
            "cmake_minimum_required(VERSION 3.23)\nproject(program LANGUAGES CXX)\n"
            f"find_package(fictive {major}.{other} REQUIRED)\n")
        command = ["cmake", "-S", source, "-B", source / f"build.{other}", f"-DCMAKE_PREFIX_PATH={BY_CMAKE}"]
        if is_accepted:
            run(*command)
        else:
            expect_refusal(command, "compatible with requested version")


def cmake_fetch_content():
    cmake_build("fetch_content", CONSUMERS / "cmake_fetch_content", f"-DFICTIVE_REPOSITORY={LIBRARY}",
                programs=CORE | BEAST)


def presets():
    """The presets that need no other tools configure."""
    for preset in ("core", "dev", "clang"):
        run("cmake", "--preset", preset, "-DFICTIVE_BUILD_TESTS=OFF", "-DFICTIVE_BUILD_EXAMPLES=OFF", cwd=LIBRARY)


# Other build systems.


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

    parent = source / "project/meson.build"
    parent.write_text(parent.read_text().replace("cpp_std=c++20", "cpp_std=c++17"))
    in_cxx17 = source / "in_cxx17"
    setup = f"meson setup {in_cxx17} {source / 'project'}"
    if subprocess.check_output(["meson", "--version"], text=True).startswith("1.0."):
        expect_refusal(["sh", "-c", setup], "fictive needs C++20: set cpp_std=c++20")
    else:  # the newest versions of meson leave it to the compiler
        expect_refusal(["sh", "-c", f"{setup} && meson compile -C {in_cxx17}"], "fictive needs C++20: ")


def versions():
    """All files agree on the version; the changelog has an entry for it, or for unreleased changes."""
    named = {
        "FICTIVE_VERSION_STRING": re.search(r'VERSION_STRING "(.+)"', (LIBRARY / "include/fictive/version.hpp").read_text())[1],
        "meson.build": re.search(r"version: '(.+)'", (LIBRARY / "meson.build").read_text())[1],
        "vcpkg.json": json.loads((LIBRARY / "vcpkg.json").read_text())["version"],
        "conandata.yml": re.search(r'"(.+)":', (LIBRARY / "packaging/conan/center/all/conandata.yml").read_text())[1],
        "config.yml": re.search(r'"(.+)":', (LIBRARY / "packaging/conan/center/config.yml").read_text())[1],
        "the port": json.loads((LIBRARY / "packaging/vcpkg/ports/fictive/vcpkg.json").read_text())["version"],
    }
    for where, says in named.items():
        if says != version():
            sys.exit(f"{where} says {says}, version.hpp {version()}")
    changelog = (LIBRARY / "CHANGELOG.md").read_text(encoding="utf-8")
    if "## [Unreleased]" not in changelog and f"## [{version()}]" not in changelog:
        sys.exit(f"CHANGELOG.md has no entry for {version()}")


# Package managers, if installed. Dependencies come from the system; no server is contacted.


def skip(why):
    print(f"skipped: {why}")
    sys.exit(SKIPPED)


def copy_of_library(way):
    """A copy that a test can modify, in a folder of its own."""
    copied = fresh(way) / "fictive"
    shutil.copytree(LIBRARY, copied, symlinks=True)
    return copied


def expect_refusal(command, says):
    result = subprocess.run([str(part) for part in command], capture_output=True, text=True)
    if result.returncode == 0 or says not in result.stdout + result.stderr:
        sys.exit(f"'{says}' was to be said:\n{result.stdout}{result.stderr}")


def conan_home(way):
    """A cache of its own with the dependencies, for a copy of the library; returns the copy and the settings."""
    if not shutil.which("conan"):
        skip("conan is not on PATH, so the recipes are not tested")
    library = copy_of_library(way)
    home = library.parent / "home"
    os.environ["CONAN_HOME"] = str(home)
    run("conan", "profile", "detect")
    run("conan", "remote", "remove", "conancenter")
    cmake = re.search(r"[\d.]+", output_of("cmake", "--version"))[0]
    with open(home / "profiles/default", "a", encoding="utf-8") as profile:
        profile.write(f"[platform_tool_requires]\ncmake/{cmake}\n")
    for name, dependency in [("boost", "1.81.0"), ("boost", "1.90.0"), ("openssl", "3.0.0")]:
        run("conan", "export", CONSUMERS / "conan" / name, f"--version={dependency}")
    return library, ["-s", "compiler.cppstd=20", "--build=missing"]


def conan_recipe():
    """Creates and tests the package with all combinations of the options; a consumer of each generator builds."""
    library, settings = conan_home("conan")
    create = ["conan", "create", library, *settings]

    for with_beast, shared in [(False, False), (True, True)]:
        run(*create, "-o", f"fictive/*:with_beast={with_beast}", "-o", f"boost/*:shared={shared}")
    expect_refusal([*create, "-o", "boost/*:header_only=True"], "header_only=False")
    expect_refusal([*create, "-o", "boost/*:without_json=True"], "without_json=False")
    expect_refusal([*create, "-s", "compiler.cppstd=17"], "C++ standard (20)")

    reference = f"fictive/{version()}"
    revisions = json.loads(output_of("conan", "list", f"{reference}:*", "--format=json"))
    packages = [package for cached in revisions["Local Cache"][reference]["revisions"].values()
                for package in cached["packages"]]
    if len(packages) != 1:
        sys.exit(f"one package does for all configurations, and there are {packages}")
    package = pathlib.Path(output_of("conan", "cache", "path", f"{reference}:{packages[0]}").strip())
    if files_below(package / "include") != files_below(library / "include"):
        sys.exit(f"the package's headers are {files_below(package / 'include')}")
    if not (package / "licenses/LICENSE").is_file():
        sys.exit("the package has no license")

    another_boost = [f"--requires={reference}", "--requires=boost/1.81.0"]
    run("conan", "install", *another_boost, *settings, "-of", fresh("conan_another_boost"))

    found = fresh("conan_cmake_files")
    run("conan", "install", CONSUMERS / "conan/consumer", *settings, "-of", found)
    cmake_build("conan_cmake", CONSUMERS / "cmake_find_package", "-DCMAKE_BUILD_TYPE=Release", "-DWITH_BEAST=ON",
                f"-DCMAKE_TOOLCHAIN_FILE={found / 'conan_toolchain.cmake'}", programs=CORE | BEAST)

    found = fresh("conan_meson_files")
    run("conan", "install", f"--requires={reference}", "-o", "fictive/*:with_beast=True", "-o", "boost/*:shared=True",
        "-g", "PkgConfigDeps", "-g", "MesonToolchain", *settings, "-of", found)
    source, build = fresh("conan_meson_source"), FOLDER / "build" / "conan_meson"
    shutil.copytree(CONSUMERS / "programs", source / "programs")
    (source / "project").mkdir()
    shutil.copy2(CONSUMERS / "meson_subproject/meson.build", source / "project")
    run("meson", "setup", build, source / "project", "--native-file", found / "conan_meson_native.ini")
    run("meson", "test", "-C", build, "--print-errorlogs")


def conan_center():
    """The recipe for Conan Center works from a release's archive."""
    library, settings = conan_home("conan_center")
    archive = library.parent / "release.tar.gz"
    run("git", "archive", "--prefix=release/", f"--output={archive}", "HEAD", cwd=library)
    recipe = library / "packaging/conan/center/all"
    data = (recipe / "conandata.yml").read_text(encoding="utf-8")
    data = re.sub('url: ".*"', f'url: "{archive.as_uri()}"', data)
    data = re.sub('sha256: ".*"', f'sha256: "{hashlib.sha256(archive.read_bytes()).hexdigest()}"', data)
    (recipe / "conandata.yml").write_text(data, encoding="utf-8")
    run("conan", "create", recipe, f"--version={version()}", "-o", "fictive/*:with_beast=True", *settings)


def conan_recipes_agree():
    """The recipes of this repository and for Conan Center differ only in where the sources are."""

    def methods(recipe):
        text = (LIBRARY / recipe).read_text(encoding="utf-8")
        return dict(re.findall(r"^    def (\w+)\(self\):\n(.*?)(?=^    def|\Z)", text, re.MULTILINE | re.DOTALL))

    ours, theirs = methods("conanfile.py"), methods("packaging/conan/center/all/conanfile.py")
    differ = {name for name in ours | theirs if ours.get(name) != theirs.get(name)}
    if differ != {"set_version", "layout", "source"}:
        sys.exit(f"the recipes differ in {sorted(differ)}")


def vcpkg_port():
    """The port installs without warnings, its manifests are formatted, and a changed checkout causes a rebuild."""
    if not shutil.which("vcpkg"):
        skip("vcpkg is not on PATH, so the port is not tested")
    root = pathlib.Path(os.environ.get("VCPKG_ROOT") or pathlib.Path(shutil.which("vcpkg")).resolve().parent)
    toolchain = root / "scripts/buildsystems/vcpkg.cmake"
    if not toolchain.is_file() or not (root / "vcpkg").is_file():
        skip(f"{root} does not hold vcpkg's program and scripts (set VCPKG_ROOT), so the port is not tested")
    library = copy_of_library("vcpkg")
    temporary = library.parent / "temporary"
    for name in ("archives", "registries", "downloads"):
        (temporary / name).mkdir(parents=True)
    os.environ.update({
        "VCPKG_ROOT": str(root), "VCPKG_DEFAULT_BINARY_CACHE": str(temporary / "archives"),
        "X_VCPKG_REGISTRIES_CACHE": str(temporary / "registries"), "X_VCPKG_ASSET_SOURCES": "x-block-origin",
        "VCPKG_FORCE_SYSTEM_BINARIES": "1", "VCPKG_DISABLE_METRICS": "1",
        "VCPKG_OVERLAY_TRIPLETS": str(CONSUMERS / "vcpkg/triplets"), "VCPKG_DEFAULT_TRIPLET": "test",
        "VCPKG_DEFAULT_HOST_TRIPLET": "test"})
    folders = [f"--x-buildtrees-root={temporary}/buildtrees", f"--x-packages-root={temporary}/packages",
               f"--downloads-root={temporary}/downloads"]
    overlay = ["cmake", "-P", library / "packaging/vcpkg/overlay.cmake"]
    overlays = [library / "build/vcpkg", CONSUMERS / "vcpkg/ports"]
    run(*overlay)

    manifests = [pathlib.Path(name) for name in ("vcpkg.json", "packaging/vcpkg/ports/fictive/vcpkg.json")]
    run("vcpkg", "format-manifest", *[library / name for name in manifests])
    for name in manifests:
        if (library / name).read_bytes() != (LIBRARY / name).read_bytes():
            sys.exit(f"{name} is not formatted: vcpkg format-manifest {name}")

    # Classic mode.
    installed = temporary / "installed"

    def vcpkg(command, *arguments):
        run("vcpkg", command, *arguments, *folders, f"--x-install-root={installed}",
            *[f"--overlay-ports={overlay}" for overlay in overlays], cwd=library.parent)

    vcpkg("install", "fictive", "--enforce-port-checks")
    cmake_build("vcpkg_core", CONSUMERS / "cmake_find_package", f"-DCMAKE_TOOLCHAIN_FILE={toolchain}",
                f"-DVCPKG_INSTALLED_DIR={installed}", "-DVCPKG_TARGET_TRIPLET=test", programs=CORE)

    # Manifest mode.
    project = library.parent / "project"
    shutil.copytree(CONSUMERS / "programs", library.parent / "programs")
    shutil.copytree(CONSUMERS / "cmake_find_package", project)
    (project / "vcpkg.json").write_text(json.dumps({"dependencies": [{"name": "fictive", "features": ["beast"]}]}))
    (project / "vcpkg-configuration.json").write_text(json.dumps({"overlay-ports": list(map(str, overlays))}))
    options = ";".join([*folders, "--enforce-port-checks"])
    build = cmake_build("vcpkg_manifest", project, f"-DCMAKE_TOOLCHAIN_FILE={toolchain}", "-DWITH_BEAST=ON",
                        "-DVCPKG_TARGET_TRIPLET=test", f"-DVCPKG_INSTALL_OPTIONS={options}", programs=CORE | BEAST)

    def headers(prefix):
        return [header.read_text(encoding="utf-8") for header in prefix.glob("*/include/fictive/http.hpp")]

    header = library / "include/fictive/http.hpp"
    changed = header.read_text(encoding="utf-8") + "// changed\n"
    if len(headers(build / "vcpkg_installed")) != 1 or headers(installed) != headers(build / "vcpkg_installed"):
        sys.exit("the header is not installed")
    header.write_text(changed, encoding="utf-8")
    run(*overlay)
    run("cmake", build)
    if headers(build / "vcpkg_installed") != [changed]:
        sys.exit("a changed header is not noticed by a project with a manifest")
    vcpkg("remove", "fictive")
    vcpkg("install", "fictive")
    if headers(installed) != [changed]:
        sys.exit("a changed header is not noticed by a new installation")


if __name__ == "__main__":
    globals()[sys.argv[2]](*sys.argv[3:])
