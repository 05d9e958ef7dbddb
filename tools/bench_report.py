#!/usr/bin/python3
"""Writes the tables and charts of docs/benchmarks.md, and the table of targets in tests/benchmark/README.md, from the
results of tools/bench; prints for each target whether it is reached.

    tools/bench_report.py RESULTS PROJECT

The texts of both pages are their own. The same results give the same tables and charts, byte for byte.
"""

import json
import math
import re
import statistics
import sys
from pathlib import Path

from matplotlib import pyplot, rcParams

NAMES = {
    "make_invite_request": "fictive, the whole request",
    "boost_json": "Boost.JSON",
    "boost_json_events": "Boost.JSON, event parser",
    "boost_json_dom": "Boost.JSON, DOM",
    "simdjson_on_demand": "simdjson, on demand",
    "rapidjson": "RapidJSON",
    "rapidjson_sax": "RapidJSON, SAX",
    "rapidjson_dom": "RapidJSON, DOM",
    "nlohmann": "nlohmann/json",
    "nlohmann_sax": "nlohmann/json, SAX",
    "nlohmann_dom": "nlohmann/json, DOM",
    "raw": "raw sockets",
    "raw_epoll": "raw sockets, epoll",
    "beast": "Boost.Beast and Boost.JSON",
    "beast_bytes": "Boost.Beast, bytes only",
    "curl": "libcurl and nlohmann/json",
    "curl_multi": "libcurl multi and nlohmann/json",
    "httplib": "cpp-httplib and nlohmann/json",
}
BLOCKING = "raw", "fictive", "beast", "beast_bytes", "curl", "httplib"
OVER_TLS = "fictive_tls", "curl_tls"
FIRST_OVER_TLS = "fictive_tls_first", "curl_tls_first"
IN_FLIGHT = "raw_epoll", "fictive_async", "beast_async", "beast_bytes_async", "curl_multi"
SIZES = 10_000, 100, 2


def name_of(library):
    key = re.sub("(_async|_tls|_tls_first)$", "", library)
    return NAMES.get(key, key)


def timings(*documents):
    """Of the outputs of Google Benchmark: for each group, size, library and counter, the values of the repetitions."""
    found = {}
    for row in (row for document in documents for row in document["benchmarks"] if row["run_type"] == "iteration"):
        group, size = row["name"].split("/")[:2]
        libraries = found.setdefault(group, {}).setdefault(int(size), {})
        for key in (key for key in row if "." in key):
            library, counter = key.split(".")
            libraries.setdefault(library, {}).setdefault(counter, []).append(row[key])
    return found


def median_ratio(values, bases):
    """The median of each repetition's ratio."""
    return statistics.median(value / base for value, base in zip(values, bases))


def times(libraries, library, base):
    return median_ratio(libraries[library]["nanoseconds"], libraries[base]["nanoseconds"])


def growth_exponent(group, library):
    """Of the time over that of copying, from 100 on: the slope of log(ratio) over log(size), plus 1."""
    sizes = sorted(size for size in group if size >= 100)
    ratios = [math.log(times(group[size], library, "copy")) for size in sizes]
    return 1 + statistics.linear_regression([math.log(size) for size in sizes], ratios).slope


def targets(parse, build, loopback, compiled, size_of):
    """The text of each, its value, whether that must be at most or at least the limit, the limit, and the unit."""
    group = parse["parse"]
    for size, limit in ((10_000, 2.2), (100, 2.2), (2, 3.2)):
        yield (f"`parse_invite_response`, {size:,} invitations: time over copy", times(group[size], "fictive", "copy"),
               "at most", limit, "×")
    for library, limit in (("boost_json_dom", 3.3), ("nlohmann_dom", 12)):
        yield (f"the same, 10,000: times as fast as {name_of(library)}", times(group[10_000], library, "fictive"),
               "at least", limit, "×")
    more = max(group[size]["fictive"]["allocations"][0] - group[size]["copy"]["allocations"][0] for size in SIZES)
    yield "`parse_invite_response`: allocations in addition to those of the result", more, "at most", 2, ""

    group = build["build"]
    for size in (10_000, 100):
        yield (f"`make_invite_request`, the body, {size:,} addresses: time over copy",
               times(group[size], "fictive", "copy"), "at most", 1.6, "×")
    for text, library, limit in (("the same: allocations of the body", "fictive", 1),
                                 ("`make_invite_request`: allocations in all", "make_invite_request", 6)):
        yield text, max(group[size][library]["allocations"][0] for size in SIZES), "at most", limit, ""
    others = set(group[100]) - {"fictive", "make_invite_request", "copy"}
    lead = min(times(group[size], library, "fictive") for library in others for size in (10_000, 100))
    yield "the same: times as fast as the fastest other library", lead, "at least", 1, "×"

    for library, limit in (("raw", 0.88), ("curl", 1.4), ("httplib", 1.9)):
        yield (f"one connection, blocking: requests/s over {name_of(library)}", loopback[f"fictive_over.{library}"],
               "at least", limit, "×")
    for text, (ours, other), limit in (("one connection, blocking, https", OVER_TLS, 1.6),
                                       ("a new client and connection for each, https", FIRST_OVER_TLS, 1)):
        yield f"{text}: requests/s over {name_of(other)}", loopback[f"{ours}_over.{other}"], "at least", limit, "×"
    for library, limit in (("beast_bytes_async", 0.95), ("curl_multi", 1.45)):
        yield (f"32 in flight, one thread: requests/s over {name_of(library)}",
               loopback[f"fictive_async_over.{library}"], "at least", limit, "×")
    yield ("99th percentile of the latency at half of the maximal rate of Boost.Beast, over that of Boost.Beast",
           loopback["p99.fictive_async_over_beast_async"], "at most", 1.1, "×")

    yield ("compile `invite.hpp` and `http.hpp`: over their std headers",
           median_ratio(*(compiled["headers"][one]["seconds"] for one in ("fictive/invite.hpp, fictive/http.hpp",
                                                                          "string, vector, optional, chrono"))),
           "at most", 1.15, "×")
    for (text, modes), limit in zip(compiled["calls"].items(), (0.65, 0.45)):
        yield (f"compile {text}: separate mode over header-only mode",
               median_ratio(modes["separate"], modes["header_only"]), "at most", limit, "×")
    text, modes = next(iter(compiled["calls"].items()))
    yield (f"compile {text} in separate mode: over including nlohmann/json.hpp",
           median_ratio(modes["separate"], compiled["headers"]["nlohmann/json.hpp"]["seconds"]), "at most", 1, "×")
    yield ("minimal blocking program, stripped: difference to plain Beast",
           round((size_of["minimal_fictive"] - size_of["minimal_beast"]) / 1024, 1), "at most", 60, "KiB")

    for what, group, library in (("parse", parse["parse_growth"], "fictive"),
                                 ("build", build["build_growth"], "make_invite_request")):
        yield (f"{what}, 100 to 1,000,000: exponent of the growth relative to copying",
               growth_exponent(group, library), "at most", 1.1, "")
    parsed = [libraries["fictive"] for group in parse.values() for libraries in group.values()]
    peak = max(one["peak_bytes"][0] / one["kept_bytes"][0] for one in parsed)
    yield "peak memory of a parse without the body, over the bytes of the result", peak, "at most", 2, "×"


def target_rows(*results):
    for text, value, which, limit, unit in targets(*results):
        is_reached = value <= limit if which == "at most" else value >= limit
        measured, wanted = (f"{one:.0f}" if one == int(one) and unit != "×" else f"{one:.2f}" for one in (value, limit))
        yield [text, f"{which} {wanted} {unit}".strip(), f"{measured} {unit}".strip(),
               "reached" if is_reached else "not reached"]


def table(*rows):
    """The first row is the heading."""
    lines = [rows[0], ["---"] + ["---:"] * (len(rows[0]) - 1), *rows[1:]]
    return "\n".join("| " + " | ".join(line) + " |" for line in lines)


def chart(file, title, panels):
    """Horizontal bars, one panel for each heading: (name, value, text) from top to bottom."""
    counts = [len(bars) for bars in panels.values()]
    figure, axes = pyplot.subplots(len(panels), figsize=(9, 0.6 + sum(0.3 * count + 0.5 for count in counts)),
                                   height_ratios=counts, squeeze=False, layout="constrained")
    figure.suptitle(title, fontweight="bold")
    for axis, (heading, bars) in zip(axes.flat, panels.items()):
        names, values, texts = zip(*bars)
        colors = ["#0969da" if name.startswith("fictive") else "#9aa4b2" for name in names]
        axis.bar_label(axis.barh(names, values, color=colors), texts, padding=4)
        axis.set_title(heading, loc="left", fontsize="medium")
        axis.invert_yaxis()
        axis.margins(x=0.15)
        axis.set_xticks([])
        axis.spines[["top", "right", "bottom"]].set_visible(False)
    rcParams.update({"svg.hashsalt": file.name, "svg.fonttype": "none"})  # the same file each time; texts as text
    figure.savefig(file, metadata={"Date": None}, bbox_inches="tight", pad_inches=0.2)


def over_copy(group, noun):
    """The table and the panels of the chart: times over those of copying."""
    ratios = {name: [times(group[size], name, "copy") for size in SIZES] for name in group[SIZES[0]]}
    panels = {}
    for column, size in enumerate(SIZES):
        bars = [(name_of(name), ratio[column], f"{ratio[column]:.2f} ×") for name, ratio in ratios.items()]
        panels[f"{size:,} {noun}"] = sorted(bars, key=lambda bar: bar[1])
    rows = []
    for name, ratio in sorted(ratios.items(), key=lambda one: one[1]):
        allocations = group[100][name].get("allocations")
        rows.append([name_of(name), *(f"{one:.2f}" for one in ratio), f"{allocations[0]:.0f}" if allocations else "–"])
    return table(["", *panels, "allocations at 100"], *rows), panels


def requests(loopback):
    tables, panels = [], {}
    for heading, libraries, ours in (("One connection, blocking", BLOCKING, "fictive"),
                                     ("The same over https", OVER_TLS, OVER_TLS[0]),
                                     ("A new client and connection for each, https", FIRST_OVER_TLS, FIRST_OVER_TLS[0]),
                                     ("32 in flight, one thread", IN_FLIGHT, "fictive_async")):
        rates = sorted(((loopback[f"requests_per_second.{one}"], one) for one in libraries), reverse=True)
        panels[heading] = [(name_of(one), rate, f"{rate:,.0f}") for rate, one in rates]
        rows = [[name_of(one), f"{rate:,.0f}", f"{loopback.get(f'{ours}_over.{one}', 1):.2f}"] for rate, one in rates]
        tables.append(table([heading, "requests/s", "fictive is … times that"], *rows))
    rows = [[name_of(one), f"{loopback[f'p50_microseconds.{one}']:.0f}", f"{loopback[f'p99_microseconds.{one}']:.0f}"]
            for one in ("fictive_async", "beast_async")]
    heading = f"Latency in µs at {loopback['latency_rate']:,.0f} requests/s"
    tables.append(table([heading, "median", "99th percentile"], *rows))
    return "\n\n".join(tables), panels


def compile_times(compiled):
    headers = compiled["headers"]
    medians = sorted((statistics.median(one["seconds"]), name) for name, one in headers.items())
    rows = []
    for median, name in medians:
        base = headers[name]["base"]
        ratio = f"{median_ratio(headers[name]['seconds'], headers[base]['seconds']):.2f} × {base}" if base else ""
        rows.append([name, f"{median:.2f}", ratio])
    calls = []
    for text, modes in compiled["calls"].items():
        seconds = [f"{statistics.median(modes[mode]):.2f}" for mode in ("header_only", "separate")]
        calls.append([text, *seconds, f"{median_ratio(modes['separate'], modes['header_only']):.2f}"])
    tables = [table(["Header", "seconds", "over its dependencies"], *rows),
              table(["Source file with a call", "header-only, s", "separate mode, s", "ratio"], *calls)]
    bars = [(name, median, f"{median:.2f} s") for median, name in medians]
    return "\n\n".join(tables), {"An empty file with this header, -O0": bars}


def growth(parse, build):
    rows = []
    for size in sorted(parse):
        row = [f"{size:,}"]
        for libraries, ours in (parse[size], "fictive"), (build[size], "make_invite_request"):
            each = statistics.median(libraries[ours]["nanoseconds"]) / size
            row += [f"{each:.1f}", f"{times(libraries, ours, 'copy'):.2f}"]
        rows.append(row)
    return table(["", "`parse_invite_response`, ns for each", "over copy", "`make_invite_request`, ns for each",
                  "over copy"], *rows)


def fill(page, tables):
    """Replaces what is between two comments with the name of each table."""
    text = page.read_text()
    for name, content in tables.items():
        begin, end = f"<!-- {name} -->\n", f"\n<!-- end of {name} -->"
        before, rest = text.split(begin)
        text = before + begin + content + end + rest.split(end)[1]
    page.write_text(text)


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    folder, project = map(Path, sys.argv[1:])
    try:
        read = {name: json.loads((folder / f"{name}.json").read_text()) for name in (
            "environment", "parse", "parse_growth", "build", "build_growth", "loopback", "compile", "size")}
    except FileNotFoundError as e:
        sys.exit(f"{e.filename} is missing: run tools/bench with all parts first")
    parse, build = (timings(read[name], read[f"{name}_growth"]) for name in ("parse", "build"))

    rows = list(target_rows(parse, build, read["loopback"], read["compile"], read["size"]))
    fill(project / "tests/benchmark/README.md", {"targets": table(["Target", "Limit", "Measured", ""], *rows)})

    parts = {
        "parse": ("Parse a response: time over copying its texts (shorter is better)",
                  *over_copy(parse["parse"], "invitations")),
        "build": ("Write the body of a request: time over copying its texts (shorter is better)",
                  *over_copy(build["build"], "addresses")),
        "requests": ("Requests per second over loopback, client and server on one core (longer is better)",
                     *requests(read["loopback"])),
        "compile": ("Compile time (shorter is better)", *compile_times(read["compile"])),
    }
    for name, (title, _, panels) in parts.items():
        chart(project / f"docs/images/{name}.svg", title, panels)
    programs = (("fictive", "minimal_fictive"), ("Boost.Beast and Boost.JSON", "minimal_beast"))
    fill(project / "docs/benchmarks.md", {
        "environment": table(["", "Measured on"], *map(list, read["environment"].items())),
        **{name: tables for name, (_, tables, _) in parts.items()},
        "size": table(["Program", "bytes"], *([name, f"{read['size'][key]:,}"] for name, key in programs)),
        "growth": growth(parse["parse_growth"], build["build_growth"]),
    })
    for text, wanted, measured, verdict in rows:
        print(f"{verdict:12} {text}: {measured} ({wanted})")


main()
