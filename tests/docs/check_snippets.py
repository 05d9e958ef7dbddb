"""Compares the code that the documents show with the code that the tests compile.

    check_snippets.py FOLDER

A code block behind the line "<!-- PATH -->" must be all of that file, one behind "<!-- PATH#NAME -->" what stands in it
between two lines "// [NAME]", without the indentation.
"""

import pathlib
import re
import sys
import textwrap

root = pathlib.Path(sys.argv[1])
SNIPPET = re.compile(r"<!-- (\S+?)(?:#(\w+))? -->\n```cpp\n(.*?)```", re.DOTALL)
CODE_BLOCK = re.compile(r"^```cpp$", re.MULTILINE)

problems, checked = [], 0
for document in [root / "README.md", *sorted(root.glob("docs/*.md"))]:
    text = document.read_text(encoding="utf-8")
    snippets = SNIPPET.findall(text)
    if len(snippets) != len(CODE_BLOCK.findall(text)):
        problems.append(f"{document.name}: a block of C++ does not say where it is compiled")
    for path, name, shown in snippets:
        checked += 1
        source = (root / path).read_text(encoding="utf-8")
        if name:
            parts = re.split(rf"^ *// \[{name}\]\n", source, flags=re.MULTILINE)
            source = textwrap.dedent(parts[1]) if len(parts) == 3 else ""
        if shown != source:
            problems.append(f"{document.name}: the block of {path}{'#' + name if name else ''} is not what is there")
if problems or not checked:
    sys.exit("\n".join(problems) or "no document shows any code")
print(f"{checked} blocks of code are what the tests compile")
