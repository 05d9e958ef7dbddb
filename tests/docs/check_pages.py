"""Checks that pages are complete.

    check_pages.py FOLDER

Each error text of include/fictive/ and of the program bulk_invite is in docs/troubleshooting.md, and so is each end of a bulk
run. The members of the structs in STRUCTS are in the section of a page.
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

# What the program bulk_invite consists of.
BULK_INVITE = ["bulk_invite.cpp", "address_file.cpp", "arguments.cpp", "bulk_input.cpp", "csv.hpp", "results_file.cpp",
               "service_options.cpp"]
RAW_STRING = re.compile(r'R"\(.*?\)"', re.DOTALL)

# The page, the heading of a section, the header and the struct that the section lists.
STRUCTS = [
    ("configuration.md", "`client_config`", "client_config.hpp", "client_config"),
    ("configuration.md", "`credentials`", "credentials.hpp", "credentials"),
    ("configuration.md", "`http_limits`", "http.hpp", "http_limits"),
    ("configuration.md", "`retry_policy`", "retry.hpp", "retry_policy"),
    ("configuration.md", "`transport_options`", "beast/options.hpp", "transport_options"),
    ("configuration.md", "`transport_options`", "beast/options.hpp", "tls_options"),
    ("configuration.md", "`invite_request`", "invite.hpp", "invite_request"),
    ("configuration.md", "`call_options`", "call_options.hpp", "call_options"),
    ("bulk.md", "`bulk_options`", "bulk_options.hpp", "bulk_options"),
    ("logging.md", "Events", "hooks.hpp", "start_event"),
    ("logging.md", "Events", "hooks.hpp", "attempt_event"),
    ("logging.md", "Events", "hooks.hpp", "result_event"),
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


def ends_of_runs(header):
    """What to_string(bulk_end) returns."""
    return re.findall(r'case bulk_end::\w+: return "([^"]+)";', header)


def section(page, heading):
    found = re.search(rf"^##+ {re.escape(heading)}$(.*?)(?=^##+ |\Z)", page, re.DOTALL | re.MULTILINE)
    return found[1] if found else ""


def missing_texts(root, troubleshooting):
    include = root / "include" / "fictive"
    texts = 0
    for header in sorted([*include.rglob("*.hpp"), *include.rglob("*.ipp")]):
        if "testing" in header.relative_to(include).parts[0] and header.name != "scripted_transport.hpp":
            continue
        for text in error_texts(header.read_text(encoding="utf-8")):
            texts += 1
            if text not in troubleshooting:
                yield f"docs/troubleshooting.md lacks, from {header.relative_to(root)}: {text}"
    if texts < 100:
        yield f"only {texts} error texts were found in {include}"
    for name in BULK_INVITE:
        source = RAW_STRING.sub('""', (root / "examples" / "bulk_invite" / name).read_text(encoding="utf-8"))
        for text in error_texts(source):
            if text.strip(":; ") not in troubleshooting:
                yield f"docs/troubleshooting.md lacks, from examples/bulk_invite/{name}: {text}"


def problems_of(root):
    include = root / "include" / "fictive"
    troubleshooting = (root / "docs" / "troubleshooting.md").read_text(encoding="utf-8")
    yield from missing_texts(root, troubleshooting)
    ends = ends_of_runs((include / "bulk_report.hpp").read_text(encoding="utf-8"))
    if len(ends) < 3:
        yield f"only {len(ends)} ends of bulk runs were found"
    for end in ends:
        if f"| `{end}` |" not in section(troubleshooting, "A bulk run that ended early"):
            yield f"docs/troubleshooting.md lacks the end of a bulk run: {end}"
    for page, heading, header, struct in STRUCTS:
        names = list(members((include / header).read_text(encoding="utf-8"), struct))
        if len(names) < 3:
            yield f"only {len(names)} members of {struct} were found"
        for name in names:
            if f"`{name}`" not in section((root / "docs" / page).read_text(encoding="utf-8"), heading):
                yield f"docs/{page} lacks {struct}::{name} below its heading {heading}"


if __name__ == "__main__":
    found = list(problems_of(pathlib.Path(sys.argv[1]).resolve()))
    if found:
        sys.exit("\n".join(found))
    print("the pages list all error texts and members")
