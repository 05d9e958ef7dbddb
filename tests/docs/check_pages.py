"""Checks that pages are complete.

    check_pages.py FOLDER

Each error text of include/fictive/ is in docs/troubleshooting.md, and each member of the structs that configure a client is
in docs/configuration.md, in the section of that struct.
"""

import pathlib
import re
import sys

LITERALS = re.compile(r'"(?:[^"\\\n]|\\.)*"(?:\s*"(?:[^"\\\n]|\\.)*")*')
LITERAL = re.compile(r'"((?:[^"\\\n]|\\.)*)"')
DIRECTIVE = re.compile(r"^\s*#\s*(include|pragma)[^\n]*$", re.MULTILINE)

# Not texts of errors: what gateways answer, and a request line.
NOT_ERRORS = {"plain HTTP request was sent to HTTPS port", "speaking plain HTTP to an SSL-enabled server port",
              "sent an HTTP request to an HTTPS server", "combination of host and port requires TLS"}

# The page, its heading, the header and the struct that it lists.
STRUCTS = [
    ("client_config", "client_config.hpp", "client_config"),
    ("credentials", "credentials.hpp", "credentials"),
    ("http_limits", "http.hpp", "http_limits"),
    ("retry_policy", "retry.hpp", "retry_policy"),
    ("transport_options", "beast/options.hpp", "transport_options"),
    ("transport_options", "beast/options.hpp", "tls_options"),
    ("invite_request", "invite.hpp", "invite_request"),
    ("call_options", "call_options.hpp", "call_options"),
]


def without_comments(source):
    """The source without comments; string literals are kept."""
    return re.sub(r'("(?:[^"\\\n]|\\.)*")|//[^\n]*|/\*.*?\*/', lambda at: at[1] or "", source, flags=re.DOTALL)


def error_texts(source):
    """The literals that are sentences: of at least three words, which a message has and a name has not."""
    code = DIRECTIVE.sub("", without_comments(source.replace("'\"'", "' '")))
    for found in LITERALS.finditer(code):
        text = "".join(LITERAL.findall(found[0])).replace('\\"', '"').strip()
        if len(re.findall(r"[A-Za-z_]{2,}", text)) >= 3 and " " in text and "\\" not in text and text not in NOT_ERRORS:
            yield text


def members(source, struct):
    """The data members of an aggregate, which all have an initializer in braces or after '='."""
    body = re.search(rf"^struct {struct} \{{$(.*?)^\}};$", without_comments(source), re.DOTALL | re.MULTILINE)[1]
    for statement in body.split(";"):
        without_templates = re.sub(r"<[^;]*>", "", statement)
        yield from re.findall(r"[\s:](\w+) = ", without_templates)


def section(page, heading):
    found = re.search(rf"^## `{heading}`$(.*?)(?=^## |\Z)", page, re.DOTALL | re.MULTILINE)
    return found[1] if found else ""


def problems_of(root):
    include = root / "include" / "fictive"
    troubleshooting = (root / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    configuration = (root / "docs" / "configuration.md").read_text(encoding="utf-8")
    texts = 0
    for header in sorted([*include.rglob("*.hpp"), *include.rglob("*.ipp")]):
        if "testing" in header.relative_to(include).parts[0]:
            continue
        for text in error_texts(header.read_text(encoding="utf-8")):
            texts += 1
            if text not in troubleshooting:
                yield f"docs/troubleshooting.md lacks, from {header.relative_to(root)}: {text}"
    if texts < 100:
        yield f"only {texts} error texts were found in {include}"
    for heading, header, struct in STRUCTS:
        names = list(members((include / header).read_text(encoding="utf-8"), struct))
        if len(names) < 3:
            yield f"only {len(names)} members of {struct} were found"
        for name in names:
            if f"`{name}`" not in section(configuration, heading):
                yield f"docs/configuration.md lacks {struct}::{name} below its heading {heading}"


if __name__ == "__main__":
    found = list(problems_of(pathlib.Path(sys.argv[1]).resolve()))
    if found:
        sys.exit("\n".join(found))
    print("the pages list all error texts and members")
