#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Checks that in separate mode the blocking client for Beast needs no header of Beast, Asio or OpenSSL.

    check_includes.py COMPILER INCLUDE_FOLDER [BOOST_INCLUDE_FOLDER]
"""

import re
import subprocess
import sys

SOURCE = "#include <fictive/beast/client.hpp>\n"


def headers(compiler, folders, *options):
    command = [compiler, "-std=c++20", *options, *(f"-I{folder}" for folder in folders), "-M", "-x", "c++", "-"]
    return subprocess.run(command, input=SOURCE, stdout=subprocess.PIPE, text=True, check=True).stdout.split()


def main():
    if len(sys.argv) < 3:
        sys.exit(__doc__)
    compiler, *folders = sys.argv[1:]
    heavy = re.compile(r"/(boost/(asio|beast)|openssl)/")
    found = [name for name in headers(compiler, folders, "-DFICTIVE_SEPARATE_COMPILATION") if heavy.search(name)]
    if found:
        sys.exit("in separate mode, it includes " + ", ".join(found))
    if not any(heavy.search(name) for name in headers(compiler, folders)):
        sys.exit("in header-only mode, it does not include Beast, either: this check does not see what it looks for")


main()
