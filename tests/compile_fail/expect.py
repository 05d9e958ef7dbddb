"""Compiles a file that must not compile, and checks the diagnostics of the compiler.

    expect.py SOURCE -- COMPILER ARGUMENT...

The source says what it expects in lines "// expect: TEXT".
"""

import subprocess
import sys

source, _, *command = sys.argv[1:]
with open(source, encoding="utf-8") as file:
    expected = [line.split("// expect: ", 1)[1].strip() for line in file if "// expect: " in line]
if not expected:
    sys.exit(f"{source} expects nothing: add a line '// expect: TEXT'")

compiler = subprocess.run([*command, source], capture_output=True, text=True, check=False)
missing = [text for text in expected if text not in compiler.stderr]
if compiler.returncode == 0:
    sys.exit(f"{source} compiles")
if missing:
    sys.exit(f"{compiler.stderr}\n{source}: the compiler did not say: {missing}")
