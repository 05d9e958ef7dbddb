"""Builds a program with a given compiler, warnings as errors, and runs it.

    build_and_run.py WHAT COMPILER [--language c++23] [--headers single_include] [--boost FOLDER] [--json-source]
                     [--boost-not-system] [--run EMULATOR] [-- FLAG...]

WHAT is `core`, the file beside this one; `beast_tls` or `beast_plain`, beast.cpp with TLS and without; as one unit each,
`unit_tests`, without the long ones, or `adapter_tests`, those of the adapter that depend on the version of Boost;
`module`, module.cpp, which imports the named module; or `windows_macros`. `--boost` names the folder that has Boost's
headers, where it is not the system's. `--json-source` compiles Boost.JSON into the program instead of linking it. Exits
with 77 where the compiler, the language, or a Catch2 for them is not there; where only the emulator is not, the program is built, and that
is said.
"""

import argparse
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
ADAPTER_TESTS = [ROOT / "tests/beast" / file
                 for file in ("response_reader.cpp", "async_client.cpp", "cancellation.cpp", "immediate_executor.cpp")]
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wsign-conversion", "-Wshadow"]
LANGUAGES = {"c++20": ["-std=c++20"], "c++23": ["-std=c++23", "-std=c++2b"], "c++26": ["-std=c++26", "-std=c++2c"]}
NOT_THERE = 77


def folder_of(header):
    """The include directory that contains the header."""
    for folder in ("/usr/include", "/usr/local/include"):
        if (pathlib.Path(folder) / header).exists():
            return pathlib.Path(folder)
    sys.exit(f"{header} was not found")


def alone(folder, name, origin):
    """An include directory for `<name/…>` of `origin` only, since `origin` may be that of another architecture."""
    made = folder / f"{name}_alone"
    made.mkdir()
    (made / name).symlink_to(origin / name)
    return made


def as_one_unit(folder, files):
    unit = folder / "unit_tests.cpp"
    lines = ["#define CATCH_CONFIG_MAIN", *(f'#include "{file}"' for file in files), '#include "support/main.cpp"']
    unit.write_text("\n".join(lines) + "\n")
    return unit


def windows_macros(folder):
    """Includes the external headers, the macros, then the library's headers, and checks that the macros are unchanged."""
    theirs = set()
    for header in sorted((ROOT / "include/fictive").rglob("*.[hi]pp")):
        theirs.update(re.findall(r"^#include (<(?!fictive/).*>)", header.read_text(encoding="utf-8"), re.MULTILINE))
    macros = ["min(a, b) (((a) < (b)) ? (a) : (b))", "max(a, b) (((a) > (b)) ? (a) : (b))", "ERROR 0",
              "DELETE (0x00010000L)", "IN", "OUT", "OPTIONAL", "far", "near", "small char", "interface struct",
              "NO_ERROR 0L", "SendMessage SendMessageA", "GetMessage GetMessageA"]
    ours = [f"#include <fictive/{door}.hpp>" for door in ("beast", "fictive", "invite_all", "file_journal", "testing")]
    defined = [f"#define {macro}" for macro in macros]
    before = folder / "before.cpp"
    included = [f"#if __has_include({name})\n#include {name}\n#endif" for name in sorted(theirs)]
    before.write_text("\n".join([*included, *defined, *ours]) + "\n")
    after = folder / "after.cpp"
    after.write_text("\n".join([*ours, *defined, (HERE / "core.cpp").read_text(encoding="utf-8")]) + "\n")
    return [before, after]


def run(command, **options):
    command = [str(part) for part in command]
    print("+", *command, flush=True)
    return subprocess.run(command, **options)


def accepts(compiler, flag):
    return run([compiler, "-Werror", flag, "-fsyntax-only", "-x", "c++", "/dev/null"], capture_output=True).returncode == 0


def main():
    arguments, flags = sys.argv[1:], []
    if "--" in arguments:
        flags = arguments[arguments.index("--") + 1:]
        arguments = arguments[:arguments.index("--")]
    parser = argparse.ArgumentParser()
    parser.add_argument("what")
    parser.add_argument("compiler")
    parser.add_argument("--language", default="c++20")
    parser.add_argument("--headers", default="include", choices=["include", "single_include"])
    parser.add_argument("--boost", type=pathlib.Path)
    parser.add_argument("--json-source", action="store_true")
    parser.add_argument("--boost-not-system", action="store_true")
    parser.add_argument("--run")
    options = parser.parse_args(arguments)

    compiler = shutil.which(options.compiler)
    if not compiler:
        print(f"{options.compiler} is not installed")
        return NOT_THERE
    language = next(filter(lambda flag: accepts(compiler, flag), LANGUAGES[options.language]), None)
    if not language:
        print(f"{options.compiler} has no {options.language}")
        return NOT_THERE

    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        boost = alone(folder, "boost", options.boost or folder_of("boost/version.hpp"))

        command = [compiler, language, *WARNINGS, f"-I{ROOT / options.headers}"]
        if options.boost_not_system:
            command.append(f"-I{boost}")
        else:
            command += ["-Werror", "-isystem", boost]
        if options.what == "windows_macros":
            for source in windows_macros(folder):
                run([*command, "-fsyntax-only", source], check=True)
            return 0

        libraries = []
        if options.what in ("unit_tests", "adapter_tests"):
            if options.what == "adapter_tests":
                sources = [as_one_unit(folder, ADAPTER_TESTS)]
                run([sys.executable, ROOT / "tests/programs/certificates.py", folder / "certificates"], check=True)
                command.append(f'-DFICTIVE_TESTS_CERTIFICATES="{folder / "certificates"}"')
                libraries += ["-lssl", "-lcrypto"]
            else:
                sources = [as_one_unit(folder, sorted((ROOT / "tests/unit").rglob("*.cpp")))]
            catch = alone(folder, "catch2", folder_of("catch2"))
            if (catch / "catch2/catch_all.hpp").exists() and (options.run or "-stdlib=libc++" in flags):
                print("Catch2 3 is a library, which is not installed for this machine or standard library")
                return NOT_THERE
            command += [f"-I{ROOT / 'tests'}", f'-DFICTIVE_TESTS_SAMPLES="{ROOT / "tests/samples"}"', "-isystem", catch]
            if (catch / "catch2/catch_all.hpp").exists():
                libraries += ["-lCatch2Main", "-lCatch2"]
            if accepts(compiler, "-Wno-c2y-extensions"):  # clang 22 on: the macros of Catch2 use __COUNTER__
                command.append("-Wno-c2y-extensions")
        elif options.what == "beast_plain":
            sources = [HERE / "beast.cpp"]
            command.append("-DFICTIVE_BEAST_NO_TLS")
        elif options.what == "beast_tls":
            sources = [HERE / "beast.cpp"]
            libraries += ["-lssl", "-lcrypto"]
        else:
            sources = [HERE / f"{options.what}.cpp"]
        if not options.what.startswith("beast"):  # beast.cpp has Boost.JSON's source itself
            if options.json_source:
                sources.append(ROOT / "tests/packaging/programs/json_source.cpp")
            else:
                libraries.append("-lboost_json")
        if options.what == "module":
            module = [*command, "-pthread", "--precompile", ROOT / "packaging/module/fictive.cppm", "-o"]
            run([*module, folder / "with_beast.pcm", "-DFICTIVE_MODULE_BEAST"], check=True)
            run([*module, folder / "fictive.pcm"], check=True)
            command.append(f"-fmodule-file=fictive={folder / 'fictive.pcm'}")
            sources.append(folder / "fictive.pcm")
        program = folder / "program.exe"
        built = run([*command, *sources, "-o", program, *flags, "-pthread", *libraries], stderr=subprocess.PIPE, text=True)
        print(built.stderr[-20000:])
        if built.returncode != 0:
            return 1
        if re.search(r"fictive/\S+:\d+:\d+: warning", built.stderr):
            print("a warning of ours")
            return 1

        if options.run and not shutil.which(options.run):
            print(f"built; not run, for {options.run} is not installed")
            return 0
        wine = {"WINEPREFIX": str(pathlib.Path.cwd() / "wine"), "WINEDEBUG": "-all"}
        # The number of runs, the interest of the long tests, is no other here, and takes minutes in an emulator.
        tests = ["~[long]"] if options.what == "unit_tests" else []
        return run([*filter(None, [options.run]), program, *tests], timeout=800, env={**os.environ, **wine}).returncode


if __name__ == "__main__":
    sys.exit(main())
