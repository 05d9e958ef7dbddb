#!/usr/bin/env python3
"""Prints a page for Doxygen, whose anchors are not those of GitHub's: gives each heading one, and adapts the links.

    page_filter.py PAGE
"""

import pathlib
import re
import sys

page = pathlib.Path(sys.argv[1])


def anchor(stem, fragment):
    return f"{stem}-{fragment}"


def slug(heading):
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


def heading(match):
    return f"{match[1]} {match[2]} {{#{anchor(page.stem, slug(match[2]) if match[1] != '#' else 'page')}}}"


def link(match):
    return f"](#{anchor(match[1] or page.stem, match[2] or 'page')})"


def code(match):
    """Code with single quotes: Doxygen ends it at the first backtick."""
    return "`" + match[1].replace("`", "'") + "`"


def adapt(text):
    text = re.sub(r"^(#+) (.+)$", heading, text, flags=re.MULTILINE)
    text = re.sub(r"\]\((?:([\w-]+)\.md)?(?:#([\w-]+))?\)", link, text)
    text = re.sub(r"\[([^\]]+)\]\(\.\./[^)]*\)", r"\1", text)  # what is not part of the reference
    return re.sub(r"``(.+?)``", code, text)


# Every second part is a block of code.
parts = re.split(r"(^```.*?^```$)", page.read_text(encoding="utf-8"), flags=re.MULTILINE | re.DOTALL)
print("".join(part if part.startswith("```") else adapt(part) for part in parts), end="")
