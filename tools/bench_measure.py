#!/usr/bin/env python3
"""Measures compile time and the size of programs, and describes the machine.

    tools/bench_measure.py compile OUT --rounds N
    tools/bench_measure.py size OUT
    tools/bench_measure.py environment OUT

Called by tools/bench; writes JSON to OUT. $CXX names the compiler; g++ without it.
"""

import argparse
import json
import os
import platform
import re
import resource
import subprocess
import tempfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
COMPILER = os.environ.get("CXX", "g++")
LANGUAGE = ["-std=c++20", "-I", str(ROOT / "include")]

# Empty files with these headers.
HEADERS = {
    "empty": [],
    "std": ["string", "vector", "optional", "chrono"],
    "fictive_models": ["fictive/invite.hpp", "fictive/http.hpp"],
    "boost_json_events": ["boost/json/basic_parser_impl.hpp", "boost/system/result.hpp"],
    "fictive": ["fictive/fictive.hpp"],
    "nlohmann": ["nlohmann/json.hpp"],
    "beast": [],  # what boost_of() finds
    "fictive_beast": ["fictive/beast.hpp"],
    "cpp_httplib": ["httplib.h"],
}
# Files that call, each in header-only and in separate mode.
CALLS = {"call": "tests/benchmark/compile/call.cpp", "readme": "examples/readme.cpp"}
SEPARATE = ["-DFICTIVE_SEPARATE_COMPILATION"]


def boost_of(header):
    """The headers of Boost and OpenSSL that ours include themselves, in that order, below `header`."""
    shown = subprocess.run([COMPILER, *LANGUAGE, "-H", "-fsyntax-only", "-x", "c++", "-"], check=True, text=True,
                           capture_output=True, input=f"#include <{header}>\n").stderr
    ours, found = [], []
    for dots, path in re.findall(r"^(\.+) (.*)$", shown, re.M):
        depth = len(dots)
        del ours[depth - 1:]
        ours.append("fictive/" in path and all(ours))
        name = re.search(r"(?:^|/)((?:boost|openssl)/.*)", path)
        if name and not ours[-1] and all(ours[:-1]):
            found.append(name[1])
    return found


def compile_seconds(source, options=()):
    """Processor time, which does not include waiting for the processor."""
    before = resource.getrusage(resource.RUSAGE_CHILDREN)
    subprocess.run([COMPILER, *LANGUAGE, *options, "-O0", "-c", str(source), "-o", os.devnull], check=True)
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    return round(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime, 4)


def measure_compile(rounds):
    headers = {**HEADERS, "beast": boost_of("fictive/beast.hpp")}
    with tempfile.TemporaryDirectory() as folder:
        cases = {}
        for name, included in headers.items():
            source = Path(folder) / f"{name}.cpp"
            source.write_text("".join(f"#include <{header}>\n" for header in included))
            cases[name] = (source,)
        for name, source in CALLS.items():
            cases[name] = (ROOT / source,)
            cases[f"{name}_separate"] = (ROOT / source, SEPARATE)
        for case in cases.values():
            compile_seconds(*case)  # reads the files for the first time
        seconds = {name: [] for name in cases}
        for turn in range(rounds):  # alternates the order, so that no case always follows the same one
            for name in cases if turn % 2 == 0 else reversed(cases):
                seconds[name].append(compile_seconds(*cases[name]))
    return {name: {"headers": headers.get(name, []), "seconds": seconds[name]} for name in cases}


def measure_size():
    libraries = ["-lboost_json", "-lssl", "-lcrypto", "-pthread"]
    sizes = {}
    with tempfile.TemporaryDirectory() as folder:
        for name in ("minimal_fictive", "minimal_beast"):
            program = Path(folder) / name
            source = ROOT / f"tests/benchmark/compile/{name}.cpp"
            subprocess.run([COMPILER, *LANGUAGE, "-O2", "-DNDEBUG", "-s", str(source), "-o", str(program), *libraries],
                           check=True)
            sizes[name] = program.stat().st_size
    return sizes


def first_line(*command):
    try:
        return subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()[0].strip()
    except (OSError, subprocess.CalledProcessError, IndexError):
        return "unknown"


def package_version(package):
    return first_line("dpkg-query", "-W", "-f", "${Version}\n", package)


def environment():
    cpu = re.search(r"^model name\s*: (.*)$", Path("/proc/cpuinfo").read_text(), re.M)
    return {
        "Processor": f"{cpu[1] if cpu else platform.machine()}, {os.cpu_count()} cores",
        "Kernel": f"{platform.system()} {platform.release()}",
        "Compiler": first_line(COMPILER, "--version"),
        "Flags": "-std=c++20 -O2 -DNDEBUG; for compile times -std=c++20 -O0",
        "Boost": package_version("libboost1.81-dev"),
        "nlohmann/json": package_version("nlohmann-json3-dev"),
        "RapidJSON": package_version("rapidjson-dev"),
        "simdjson": package_version("libsimdjson-dev"),
        "libcurl": package_version("libcurl4-openssl-dev"),
        "cpp-httplib": package_version("libcpp-httplib-dev"),
        "Google Benchmark": package_version("libbenchmark-dev"),
    }


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("what", choices=["compile", "size", "environment"])
    parser.add_argument("out", type=Path)
    parser.add_argument("--rounds", type=int, default=15)
    arguments = parser.parse_args()
    measured = {"compile": lambda: measure_compile(arguments.rounds), "size": measure_size,
                "environment": environment}[arguments.what]()
    arguments.out.write_text(json.dumps(measured, indent=2) + "\n")


if __name__ == "__main__":
    main()
