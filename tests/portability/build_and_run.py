"""Builds a program with some compiler, warnings as errors, and runs it.

    build_and_run.py WHAT COMPILER [--language c++23] [--json-source] [--boost-not-system] [--run EMULATOR] [-- FLAG...]

WHAT is `core` or `beast_plain`, the files beside this one; `unit_tests`, all of them as one unit; or `windows_macros`.
`--json-source` compiles Boost.JSON into the program instead of linking it. Exits with 77 where the compiler, or the
language, is not there; where only the emulator is not, the program is built, and that is said.
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
WARNINGS = ["-Wall", "-Wextra", "-Wpedantic", "-Wconversion", "-Wsign-conversion", "-Wshadow"]
LANGUAGES = {"c++20": ["-std=c++20"], "c++23": ["-std=c++23", "-std=c++2b"], "c++26": ["-std=c++26", "-std=c++2c"]}
NOT_THERE = 77


def boost_folder():
    """Where Boost's headers are on this machine."""
    for folder in ("/usr/include", "/usr/local/include"):
        if (pathlib.Path(folder) / "boost/version.hpp").exists():
            return pathlib.Path(folder)
    sys.exit("Boost's headers were not found")


def all_unit_tests(folder):
    unit = folder / "unit_tests.cpp"
    files = sorted((ROOT / "tests/unit").rglob("*.cpp"))
    lines = ["#define CATCH_CONFIG_MAIN", *(f'#include "{file}"' for file in files), '#include "support/main.cpp"']
    unit.write_text("\n".join(lines) + "\n")
    return unit


def windows_macros(folder):
    """Includes what our headers include of others', then the macros, then ours, once more with the macros gone after."""
    theirs = set()
    for header in sorted((ROOT / "include/fictive").rglob("*.hpp")):
        theirs.update(re.findall(r"^#include <(?!fictive/).*>", header.read_text(encoding="utf-8"), re.MULTILINE))
    macros = ["min(a, b) (((a) < (b)) ? (a) : (b))", "max(a, b) (((a) > (b)) ? (a) : (b))", "ERROR 0",
              "DELETE (0x00010000L)", "IN", "OUT", "OPTIONAL", "far", "near", "small char", "interface struct",
              "NO_ERROR 0L", "SendMessage SendMessageA", "GetMessage GetMessageA"]
    ours = [f"#include <fictive/{door}.hpp>" for door in ("beast", "fictive", "testing")]
    defined = [f"#define {macro}" for macro in macros]
    before = folder / "before.cpp"
    before.write_text("\n".join([*sorted(theirs), *defined, *ours]) + "\n")
    after = folder / "after.cpp"
    after.write_text("\n".join([*ours, *defined, (HERE / "core.cpp").read_text(encoding="utf-8")]) + "\n")
    return [before, after]


def run(command, **options):
    command = [str(part) for part in command]
    print("+", *command, flush=True)
    return subprocess.run(command, **options)


def accepts(compiler, flag):
    return run([compiler, flag, "-fsyntax-only", "-x", "c++", "/dev/null"], capture_output=True).returncode == 0


def main():
    arguments, flags = sys.argv[1:], []
    if "--" in arguments:
        flags = arguments[arguments.index("--") + 1:]
        arguments = arguments[:arguments.index("--")]
    parser = argparse.ArgumentParser()
    parser.add_argument("what")
    parser.add_argument("compiler")
    parser.add_argument("--language", default="c++20")
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
        boost = folder / "boost_alone"  # and nothing else of that folder, which may be another machine's
        boost.mkdir()
        (boost / "boost").symlink_to(boost_folder() / "boost")

        command = [compiler, language, *WARNINGS, f"-I{ROOT / 'include'}"]
        if options.boost_not_system:
            command.append(f"-I{boost}")
        else:
            command += ["-Werror", "-isystem", boost]
        if options.what == "windows_macros":
            for source in windows_macros(folder):
                run([*command, "-fsyntax-only", source], check=True)
            return 0

        if options.what == "unit_tests":
            sources = [all_unit_tests(folder)]
            command += [f"-I{ROOT / 'tests'}", f'-DFICTIVE_TESTS_SAMPLES="{ROOT / "tests/samples"}"',
                        "-isystem", catch_alone(folder)]
        else:
            sources = [HERE / f"{options.what}.cpp"]
        if options.what == "beast_plain":
            command.append("-DFICTIVE_BEAST_NO_TLS")
        if options.json_source:
            sources.append(ROOT / "tests/packaging/programs/json_source.cpp")
        program = folder / "program.exe"
        libraries = [] if options.json_source or options.what == "beast_plain" else ["-lboost_json"]
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
        return run([*filter(None, [options.run]), program], timeout=800, env={**os.environ, **wine}).returncode


def catch_alone(folder):
    """The folder to include for `<catch2/…>`, alone for the same reason as Boost's."""
    alone = folder / "catch_alone"
    alone.mkdir()
    (alone / "catch2").symlink_to(boost_folder() / "catch2")
    return alone


if __name__ == "__main__":
    sys.exit(main())
