#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Checks the layers of include/fictive: no header includes one of a layer above its own, and the general layers contain
no word about inviting, which is one endpoint's business.

    check_layers.py INCLUDE_FOLDER
"""

import pathlib
import re
import sys

# From the bottom up. A header belongs to the first layer of which a pattern matches.
LAYERS = [
    ("configuration", r"config\.hpp|version\.hpp|stop_token\.hpp"),
    ("text", r"detail/text/.*"),
    ("JSON", r"detail/json/.*"),
    ("models", r"(http|date_time|(impl/)?error|credentials|retry|hooks|client_config|call_options|invite)\.[hi]pp|impl/hooks\.ipp"),
    ("models of bulk runs", r"(address_source|bulk_report|bulk_options|journal)\.hpp"),
    ("standard library", r"(format|expected)\.hpp"),
    ("HTTP rules", r"detail/http/.*|detail/(impl/)?lenient_date_time\.[hi]pp"),
    ("endpoint", r"(impl/)?invite_endpoint\.[hi]pp|detail/invite_response_reader\.hpp"
                 r"|detail/(impl/)?(refusal|unaccounted_addresses)\.[hi]pp"),
    ("state machines", r"detail/(impl/)?retry_state\.[hi]pp|call\.hpp|detail/bulk/.*|(impl/)?(bulk|journal_text)\.[hi]pp"),
    ("files", r"detail/file/.*|(impl/)?file_journal\.[hi]pp"),
    ("drivers", r"(impl/)?transport\.[hi]pp|detail/driver/.*|(async_)?client\.hpp|invite_all\.hpp"),
    ("everything", r"fictive\.hpp|src\.hpp"),
    ("test support", r"testing.*"),
    ("adapters", r"beast.*"),
]

# Headers that may name the endpoint: the endpoint, its models, the clients (one member each) and the fake (one route).
SPECIFIC = re.compile(
    r"(impl/)?invite(_endpoint)?\.[hi]pp|detail/invite_response_reader\.hpp|detail/(impl/)?(refusal|unaccounted_addresses)\.[hi]pp"
    r"|(beast/)?(async_)?client\.hpp|invite_all\.hpp|address_source\.hpp|(impl/)?(file_)?journal(_text)?\.[hi]pp|(detail/|impl/)*bulk.*|detail/driver/(impl/)?bulk\.[hi]pp|fictive\.hpp|testing/.*|testing\.hpp")
INCLUDE = re.compile(r'#\s*include\s*[<"](fictive/[^>"]+)[>"]')


def layer_of(header):
    for rank, (_, pattern) in enumerate(LAYERS):
        if re.fullmatch(pattern, header):
            return rank
    return None


def problems_of(folder):
    for path in sorted([*folder.rglob("*.hpp"), *folder.rglob("*.ipp")]):
        header = path.relative_to(folder).as_posix()
        rank = layer_of(header)
        if rank is None:
            yield f"{header} belongs to no layer: add it to LAYERS"
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            included = INCLUDE.match(line)
            if included:
                other = included[1].removeprefix("fictive/")
                if (layer_of(other) if layer_of(other) is not None else -1) > rank:
                    yield f"{header}:{number}: {LAYERS[rank][0]} includes {other}, of {LAYERS[layer_of(other)][0]}"
            if not SPECIFIC.fullmatch(header) and "invit" in line.lower() and not included:
                yield f"{header}:{number}: names inviting: {line.strip()}"


def main():
    if len(sys.argv) != 2:
        sys.exit(__doc__)
    problems = list(problems_of(pathlib.Path(sys.argv[1]) / "fictive"))
    if problems:
        sys.exit("\n".join(problems))


main()
