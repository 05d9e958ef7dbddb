"""Compares the code blocks of the pages with the files that they are from.

    check_snippets.py FOLDER
    check_snippets.py --write FOLDER    first copies the code into the pages

A code block after the line "<!-- PATH -->" must equal that file; one after "<!-- PATH#NAME -->" must equal the part of it
between two lines "// [NAME]" or "# [NAME]", without the indentation. Each code block in a language that the tests build
needs such a line. Targets of links to files and headings must exist, and so must paths in `code`.
"""

import pathlib
import re
import sys
import textwrap

BUILT_BY_TESTS = {"cpp", "cmake", "meson", "python", "ini", "json"}
SHOWN_ONLY = {"sh", "text"}

MARKER = re.compile(r"^<!-- ([^\s#]+\.\w+)(?:#(\w+))? -->$")
FENCE = re.compile(r"^```(\w*)$")
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"(?:docs|examples|include|packaging|single_include|tests|tools)/[\w./-]*")
SNIPPET = re.compile(r"(^<!-- ([^\s#]+)(?:#(\w+))? -->\n```\w+\n)(.*?)(?=^```$)", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def blocks(text):
    """Yields (language, code, path, name) of each fenced block, then the text without the blocks."""
    prose, marker, language, code = [], None, None, []
    for line in text.splitlines(keepends=True):
        fence = FENCE.match(line.rstrip("\n"))
        if language is not None:
            if fence:
                yield language, "".join(code), *(marker or (None, None))
                language = marker = None
            else:
                code.append(line)
        elif fence:
            language, code = fence[1], []
        else:
            if marker:
                yield "marker", line, *marker
            found = MARKER.match(line.rstrip("\n"))
            marker = (found[1], found[2]) if found else None
            if not found:
                prose.append(line)
    if marker or language is not None:
        yield "marker", "", *(marker or (None, None))
    yield "prose", "".join(prose), None, None


def snippet(source, name):
    """The text between two lines that name it; None unless there are exactly two."""
    parts = re.split(rf"^[ \t]*(?://|#) \[{name}\]\n", source, flags=re.MULTILINE)
    return textwrap.dedent(parts[1]) if len(parts) == 3 else None


def current_code(root, path, name):
    """The file, or the named part of it; None if it does not exist."""
    if not (root / path).is_file():
        return None
    source = (root / path).read_text(encoding="utf-8")
    return snippet(source, name) if name else source


def anchors(markdown):
    """The anchors of the headings, as code hosts generate them."""
    kept = re.sub(r"^```.*?^```$", "", markdown, flags=re.MULTILINE | re.DOTALL)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(kept)}


def problems_of_block(root, language, code, path, name):
    where = f"{path}#{name}" if name else path
    if language == "marker":
        return [f"no code block after {where}" if path else "a code block has no end"]
    if language not in BUILT_BY_TESTS | SHOWN_ONLY:
        expected = ", ".join(sorted(BUILT_BY_TESTS | SHOWN_ONLY))
        return [f"the language of a code block is '{language}', expected one of {expected}"]
    if not path:
        return [f"a block of {language} does not name its file"] if language in BUILT_BY_TESTS else []
    if not (root / path).is_file():
        return [f"{path} does not exist"]
    expected = current_code(root, path, name)
    if expected is None:
        return [f"{path} needs exactly two lines that name {name}"]
    return [] if code == expected else [f"the block of {where} differs from the file"]


def problems_of_prose(root, document, text):
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        linked = (document.parent / file).resolve() if file else document
        if not linked.exists():
            yield f"the link to {target} is broken"
        elif anchor and anchor not in anchors(linked.read_text(encoding="utf-8")):
            yield f"{linked.name} has no heading #{anchor}"
    for code in CODE.findall(text):
        if PATH.fullmatch(code) and not (root / code).exists():
            yield f"{code} does not exist"


def documents(root):
    return [*sorted(root.glob("*.md")), *sorted(root.glob("docs/*.md"))]


def write(root):
    """Replaces the code blocks that name a file."""
    for document in documents(root):
        text = document.read_text(encoding="utf-8")
        new = SNIPPET.sub(lambda at: at[1] + (current_code(root, at[2], at[3]) or at[4]), text)
        if new != text:
            document.write_text(new, encoding="utf-8")


def problems_of(root):
    """Returns the problems of the pages in this folder, and the number of blocks that were compared."""
    problems, compared = [], 0
    for document in documents(root):
        for language, code, path, name in blocks(document.read_text(encoding="utf-8")):
            if language == "prose":
                found = problems_of_prose(root, document, code)
            else:
                found = problems_of_block(root, language, code, path, name)
                compared += path is not None
            problems += [f"{document.relative_to(root)}: {problem}" for problem in found]
    return problems, compared


if __name__ == "__main__":
    folder = pathlib.Path(sys.argv[-1]).resolve()
    if sys.argv[1] == "--write":
        write(folder)
    found, number = problems_of(folder)
    if found or not number:
        sys.exit("\n".join(found) or "no page has a code block with a file")
    print(f"{number} code blocks equal their files")
