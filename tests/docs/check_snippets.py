"""Compares what the documents show and name with what is there.

    check_snippets.py FOLDER
    check_snippets.py --write FOLDER    puts what is there into the documents first

A code block behind the line "<!-- PATH -->" must be all of that file; one behind "<!-- PATH#NAME -->" what stands in it
between two lines "// [NAME]" or "# [NAME]", without the indentation. Code in the languages that the tests build must
say so. Links to files and headings must lead somewhere, and so must paths in `code`.
"""

import pathlib
import re
import sys
import textwrap

BUILT_BY_TESTS = {"cpp", "cmake", "meson", "python", "ini", "json"}
SHOWN_ONLY = {"sh", "text"}

MARKER = re.compile(r"^<!-- ([^\s#]+)(?:#(\w+))? -->$")
FENCE = re.compile(r"^```(\w*)$")
LINK = re.compile(r"\]\(([^)\s]+)\)")
CODE = re.compile(r"`([^`\n]+)`")
PATH = re.compile(r"(?:docs|examples|include|packaging|single_include|tests|tools)/[\w./-]*")
SNIPPET = re.compile(r"(^<!-- ([^\s#]+)(?:#(\w+))? -->\n```\w+\n)(.*?)(?=^```$)", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#+ (.*)$", re.MULTILINE)


def blocks(text):
    """Yields (language, code, path, name) of each fenced block, and the text without them."""
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
    """What stands between two lines that name it; None unless there are exactly two."""
    parts = re.split(rf"^[ \t]*(?://|#) \[{name}\]\n", source, flags=re.MULTILINE)
    return textwrap.dedent(parts[1]) if len(parts) == 3 else None


def what_is_there(root, path, name):
    """The file, or the part of it that a document is to show; None if it is not there."""
    if not (root / path).is_file():
        return None
    source = (root / path).read_text(encoding="utf-8")
    return snippet(source, name) if name else source


def anchors(markdown):
    """The headings' names in a link, as code hosts make them."""
    kept = re.sub(r"^```.*?^```$", "", markdown, flags=re.MULTILINE | re.DOTALL)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in HEADING.findall(kept)}


def problems_of_block(root, language, code, path, name):
    where = f"{path}#{name}" if name else path
    if language == "marker":
        return [f"no block of code behind {where}" if path else "a block of code has no end"]
    if language not in BUILT_BY_TESTS | SHOWN_ONLY:
        return [f"a block of code says '{language}', which is none of {', '.join(sorted(BUILT_BY_TESTS | SHOWN_ONLY))}"]
    if not path:
        return [f"a block of {language} does not say what file it is from"] if language in BUILT_BY_TESTS else []
    if not (root / path).is_file():
        return [f"{path} is shown, but not there"]
    expected = what_is_there(root, path, name)
    if expected is None:
        return [f"{path} does not have two lines that name {name}"]
    return [] if code == expected else [f"the block of {where} is not what is there"]


def problems_of_prose(root, document, text):
    for target in LINK.findall(text):
        if re.match(r"[a-z]+:", target):
            continue
        file, _, anchor = target.partition("#")
        linked = (document.parent / file).resolve() if file else document
        if not linked.exists():
            yield f"the link to {target} leads nowhere"
        elif anchor and anchor not in anchors(linked.read_text(encoding="utf-8")):
            yield f"{linked.name} has no heading #{anchor}"
    for code in CODE.findall(text):
        if PATH.fullmatch(code) and not (root / code).exists():
            yield f"{code} is not there"


def documents(root):
    return [*sorted(root.glob("*.md")), *sorted(root.glob("docs/*.md"))]


def write(root):
    """Replaces the blocks that name what is there."""
    for document in documents(root):
        text = document.read_text(encoding="utf-8")
        new = SNIPPET.sub(lambda at: at[1] + (what_is_there(root, at[2], at[3]) or at[4]), text)
        if new != text:
            document.write_text(new, encoding="utf-8")


def problems_of(root):
    """Returns what is wrong in the documents of this folder, and how many blocks were compared."""
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
        sys.exit("\n".join(found) or "no document shows any code")
    print(f"{number} blocks of code are what the tests build")
