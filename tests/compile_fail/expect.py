"""Compiles a file that must not compile, and checks the diagnostics of the compiler.

    expect.py SOURCE -- COMPILER ARGUMENT...

The source says what it expects in lines "// expect: TEXT", and may add arguments in lines "// flags: ARGUMENT...", in
which {here} is the folder of the source.
"""

import pathlib
import subprocess
import sys


def lines_of(text, mark):
    return [line.split(mark, 1)[1].strip() for line in text.splitlines() if mark in line]


source, _, *command = sys.argv[1:]
text = pathlib.Path(source).read_text(encoding="utf-8")
expected = lines_of(text, "// expect: ")
if not expected:
    sys.exit(f"{source} expects nothing: add a line '// expect: TEXT'")

here = str(pathlib.Path(source).parent)
for flags in lines_of(text, "// flags: "):
    command += [flag.replace("{here}", here) for flag in flags.split()]
compiler = subprocess.run([*command, source], capture_output=True, text=True, check=False)
missing = [wanted for wanted in expected if wanted not in compiler.stderr]
if compiler.returncode == 0:
    sys.exit(f"{source} compiles")
if missing:
    sys.exit(f"{compiler.stderr}\n{source}: the compiler did not say: {missing}")
