#!/usr/bin/env python3
"""Writes docs/benchmarks.md with its charts, and the table of targets in tests/benchmark/README.md, from the results of
tools/bench; prints for each target whether it is reached.

    tools/bench_report.py RESULTS PROJECT

The same results give the same documents, byte for byte.
"""

import json
import math
import re
import statistics
import sys
from html import escape
from pathlib import Path

NAMES = {
    "fictive": "fictive",
    "make_invite_request": "fictive, the whole request",
    "copy": "copy",
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
    "fictive_async": "fictive",
    "beast": "Boost.Beast and Boost.JSON",
    "beast_bytes": "Boost.Beast, bytes only",
    "beast_async": "Boost.Beast and Boost.JSON",
    "beast_bytes_async": "Boost.Beast, bytes only",
    "curl": "libcurl and nlohmann/json",
    "curl_multi": "libcurl multi and nlohmann/json",
    "httplib": "cpp-httplib and nlohmann/json",
}

HEADERS = {
    "empty": "no header",
    "std": "string, vector, optional, chrono",
    "fictive_models": "fictive/invite.hpp, fictive/http.hpp",
    "boost_json_events": "Boost.JSON's event parser, Boost.System's result",
    "fictive": "fictive/fictive.hpp",
    "nlohmann": "nlohmann/json.hpp",
    "beast": "Boost and OpenSSL headers of fictive/beast.hpp",
    "fictive_beast": "fictive/beast.hpp",
    "cpp_httplib": "cpp-httplib's httplib.h",
}

CALLS = {
    "call": "one call over a lambda, `fictive.hpp`",
    "readme": "`examples/readme.cpp`, `beast.hpp`",
}

OURS = {"fictive", "make_invite_request", "fictive_async", "fictive_models", "fictive_beast"}
SIZES = (10_000, 100, 2)


def name_of(key, names=NAMES):
    return names.get(key, key.replace("_", " "))


# Results --------------------------------------------------------------------------------------------------------------


class Results:
    """The files of the results; a part that was not measured is empty."""

    def __init__(self, folder):
        self.environment = self._read(folder / "environment.json")
        self.parse = Timings(self._read_all(folder, "parse"))
        self.build = Timings(self._read_all(folder, "build"))
        self.loopback = self._read(folder / "loopback.json")
        self.compile = {name: one["seconds"] for name, one in self._read(folder / "compile.json").items()}
        self.size = self._read(folder / "size.json")

    def _read_all(self, folder, name):
        groups = [self._read(folder / f"{group}.json") for group in (name, f"{name}_growth")]
        return {"benchmarks": [one for group in groups for one in group.get("benchmarks", [])]}

    @staticmethod
    def _read(file):
        return json.loads(file.read_text()) if file.exists() else {}

    def compile_ratio(self, name, base):
        """The median of each round's ratio."""
        if name not in self.compile:
            return None
        return statistics.median(a / b for a, b in zip(self.compile[name], self.compile[base]))


class Timings:
    """The output of a Google Benchmark program: each repetition of group/size has a time for each library."""

    def __init__(self, document):
        self._repetitions = {}
        for row in document.get("benchmarks", []):
            name = re.match(r"(\w+)/(\d+)/", row["name"])
            if name and row["run_type"] == "iteration":
                self._repetitions.setdefault((name[1], int(name[2])), []).append(row)

    def libraries(self, group):
        rows = [rows[0] for (one, _), rows in self._repetitions.items() if one == group]
        return list(dict.fromkeys(key.split(".")[0] for row in rows for key in row if key.endswith(".nanoseconds")))

    def sizes(self, group):
        return sorted(size for one, size in self._repetitions if one == group)

    def _values(self, group, library, size, name):
        rows = self._repetitions.get((group, size), [])
        return [row[f"{library}.{name}"] for row in rows if f"{library}.{name}" in row]

    def nanoseconds(self, group, library, size):
        times = self._values(group, library, size, "nanoseconds")
        return statistics.median(times) if times else None

    def ratio(self, group, library, base, size):
        """The median of each repetition's ratio."""
        ratios = [a / b for a, b in zip(self._values(group, library, size, "nanoseconds"),
                                        self._values(group, base, size, "nanoseconds"))]
        return statistics.median(ratios) if ratios else None

    def counter(self, group, library, size, name):
        return next(iter(self._values(group, library, size, name)), None)

    def exponent(self, group, library, base, least_size):
        """Exponent of the growth relative to `base`: the slope of log(ratio) over log(size), plus 1."""
        points = [(math.log(size), math.log(self.ratio(group, library, base, size)))
                  for size in self.sizes(group) if size >= least_size]
        return 1 + regression(points, [1] * len(points))[1] if len(points) > 1 else None

    def fit(self, group, library):
        """Fits time = fixed + each * size, all sizes weighted equally: (fixed, each, greatest relative error)."""
        points = [(size, self.nanoseconds(group, library, size)) for size in self.sizes(group)]
        fixed, each = regression(points, [1 / time**2 for _, time in points])
        return fixed, each, max(abs((fixed + each * size) / time - 1) for size, time in points)


def regression(points, weights):
    """(a, b) of y = a + b * x, by weighted least squares."""
    total = sum(weights)
    x = sum(w * p[0] for w, p in zip(weights, points)) / total
    y = sum(w * p[1] for w, p in zip(weights, points)) / total
    b = (sum(w * (p[0] - x) * (p[1] - y) for w, p in zip(weights, points)) /
         sum(w * (p[0] - x)**2 for w, p in zip(weights, points)))
    return y - b * x, b


# Targets --------------------------------------------------------------------------------------------------------------


class Target:
    """At most, or at least, `limit`; `value` is None if it was not measured."""

    def __init__(self, text, value, limit, at_most=True, unit=""):
        self.text, self.value, self.limit, self.at_most, self.unit = text, value, limit, at_most, unit

    def verdict(self):
        if self.value is None:
            return "not measured"
        reached = self.value <= self.limit if self.at_most else self.value >= self.limit
        return "reached" if reached else "not reached"

    def wanted(self):
        return f"{'at most' if self.at_most else 'at least'} {self._number(self.limit)}"

    def measured(self):
        return "–" if self.value is None else self._number(self.value)

    def _number(self, value):
        text = f"{value:.0f}" if float(value).is_integer() and self.unit != "×" else f"{value:.2f}"
        return f"{text} {self.unit}".strip()


def at_least(text, value, limit, unit="×"):
    return Target(text, value, limit, at_most=False, unit=unit)


def at_most(text, value, limit, unit="×"):
    return Target(text, value, limit, unit=unit)


def difference(a, b):
    return None if a is None or b is None else a - b


def quotient(a, b):
    return None if not a or not b else a / b


def greatest(values):
    values = [value for value in values if value is not None]
    return max(values) if values else None


def parse_targets(parse):
    for size, limit in ((10_000, 2.2), (100, 2.2), (2, 3.2)):
        yield at_most(f"`parse_invite_response`, {size:,} invitations: time over copy",
                      parse.ratio("parse", "fictive", "copy", size), limit)
    for library, limit in (("boost_json_dom", 3.3), ("nlohmann_dom", 12)):
        yield at_least(f"the same, 10,000: times as fast as {name_of(library)}",
                       parse.ratio("parse", library, "fictive", 10_000), limit)
    yield at_least("the same, 10,000: times as fast as cpprestsdk (its package cannot be installed beside this Boost)",
                   None, 7)
    yield at_most("`parse_invite_response`: allocations in addition to those of the result",
                  greatest(difference(parse.counter("parse", "fictive", size, "allocations"),
                                      parse.counter("parse", "copy", size, "allocations")) for size in SIZES), 2, "")


def build_targets(build):
    for size in (10_000, 100):
        yield at_most(f"`make_invite_request`, the body, {size:,} addresses: time over copy",
                      build.ratio("build", "fictive", "copy", size), 1.6)
    yield at_most("the same: allocations of the body",
                  greatest(build.counter("build", "fictive", size, "allocations") for size in SIZES), 1, "")
    yield at_most("`make_invite_request`: allocations in all",
                  greatest(build.counter("build", "make_invite_request", size, "allocations") for size in SIZES), 6, "")
    others = [name for name in build.libraries("build") if name not in OURS and name != "copy"]
    slowest_lead = [build.ratio("build", library, "fictive", size) for library in others for size in (10_000, 100)]
    yield at_least("the same: times as fast as the fastest other library", min(slowest_lead, default=None), 1)


def loopback_targets(loopback):
    for library, limit in (("raw", 0.88), ("curl", 1.4), ("httplib", 1.9)):
        yield at_least(f"one connection, blocking: requests/s over {name_of(library)}",
                       loopback.get(f"fictive_over.{library}"), limit)
    for library, limit in (("beast_bytes_async", 0.95), ("curl_multi", 1.45)):
        yield at_least(f"32 in flight, one thread: requests/s over {name_of(library)}",
                       loopback.get(f"fictive_async_over.{library}"), limit)
    yield at_most("99th percentile of the latency at half of the maximal rate of Boost.Beast, over that of Boost.Beast",
                  loopback.get("p99.fictive_async_over_beast_async"), 1.1)


def compile_targets(results):
    yield at_most("compile `invite.hpp` and `http.hpp`: over their std headers",
                  results.compile_ratio("fictive_models", "std"), 1.15)
    for name, limit in (("call", 0.65), ("readme", 0.45)):
        yield at_most(f"compile {CALLS[name]}: separate mode over header-only mode",
                      results.compile_ratio(f"{name}_separate", name), limit)
    yield at_most(f"compile {CALLS['call']} in separate mode: over including nlohmann/json.hpp",
                  results.compile_ratio("call_separate", "nlohmann"), 1)
    more = difference(results.size.get("minimal_fictive"), results.size.get("minimal_beast"))
    yield at_most("minimal blocking program, stripped: difference to plain Beast",
                  None if more is None else round(more / 1024, 1), 60, "KiB")


def growth_targets(results):
    for what, timings, group, name in (("parse", results.parse, "parse_growth", "fictive"),
                                      ("build", results.build, "build_growth", "make_invite_request")):
        yield at_most(f"{what}, 100 to 1,000,000: exponent of the growth relative to copying",
                      timings.exponent(group, name, "copy", 100), 1.1, "")
    parse = results.parse
    peaks = [quotient(parse.counter(group, "fictive", size, "peak_bytes"),
                      parse.counter(group, "fictive", size, "kept_bytes"))
             for group in ("parse", "parse_growth") for size in parse.sizes(group)]
    yield at_most("peak memory of a parse without the body, over the bytes of the result", greatest(peaks), 2)


def all_targets(results):
    return [("Parse", list(parse_targets(results.parse))), ("Build", list(build_targets(results.build))),
            ("Requests", list(loopback_targets(results.loopback))), ("Compile", list(compile_targets(results))),
            ("Growth", list(growth_targets(results)))]


# Charts ---------------------------------------------------------------------------------------------------------------

STYLE = """
    .back { fill: #ffffff } text { fill: #1f2328; font: 13px system-ui, sans-serif }
    .title { font-weight: 600; font-size: 15px } .panel { font-weight: 600 }
    .value { font-variant-numeric: tabular-nums }
    .bar { fill: #9aa4b2 } .ours { fill: #0969da } .axis { stroke: #d0d7de }
    @media (prefers-color-scheme: dark) {
      .back { fill: #0d1117 } text { fill: #e6edf3 } .bar { fill: #6e7681 }
      .ours { fill: #58a6ff } .axis { stroke: #30363d }
    }
  """


def chart(title, panels):
    """Horizontal bars; a panel is (heading, [(key, label, value, text)]), and its longest bar fills the width."""
    longest_label = max(len(label) for _, bars in panels for _, label, _, _ in bars)
    # No label or title is cut off: 8 and 10 pixels suffice for an average character of the widest usual fonts.
    left, width, value_width, row = 24 + 8 * longest_label, 380, 90, 22
    parts, y = [], 50
    for heading, bars in panels:
        parts.append(f'<text class="panel" x="16" y="{y}">{escape(heading)}</text>')
        y += 12
        longest = max(value for _, _, value, _ in bars)
        parts.append(f'<line class="axis" x1="{left}" y1="{y - 2}" x2="{left}" y2="{y + row * len(bars)}"/>')
        for key, label, value, text in bars:
            length = max(1.0, width * value / longest)
            kind = "bar ours" if key in OURS else "bar"
            parts.append(f'<text x="{left - 8}" y="{y + 15}" text-anchor="end">{escape(label)}</text>')
            parts.append(f'<rect class="{kind}" x="{left}" y="{y + 3}" width="{length:.1f}" height="{row - 6}" '
                         f'rx="2"/>')
            parts.append(f'<text class="value" x="{left + length + 6:.1f}" y="{y + 15}">{escape(text)}</text>')
            y += row
        y += 30
    total_width, height = max(left + width + value_width, 32 + 10 * len(title)), y - 14
    body = "\n  ".join(parts)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total_width} {height}" width="{total_width}" '
            f'height="{height}" role="img">\n  <title>{escape(title)}</title>\n  <style>{STYLE}</style>\n'
            f'  <rect class="back" width="{total_width}" height="{height}" rx="6"/>\n'
            f'  <text class="title" x="16" y="26">{escape(title)}</text>\n  {body}\n</svg>\n')


def over_copy_panels(timings, group, noun):
    panels = []
    for size in SIZES:
        bars = [(name, name_of(name), timings.ratio(group, name, "copy", size)) for name in timings.libraries(group)]
        bars = sorted((bar for bar in bars if bar[2]), key=lambda bar: bar[2])
        if bars:
            panels.append((f"{size:,} {noun}", [(*bar, f"{bar[2]:.2f} ×") for bar in bars]))
    return panels


def rates(loopback, keys):
    found = [(key, loopback[f"requests_per_second.{key}"]) for key in keys if f"requests_per_second.{key}" in loopback]
    return sorted(found, key=lambda one: -one[1])


BLOCKING = ("raw", "fictive", "beast", "beast_bytes", "curl", "httplib")
IN_FLIGHT = ("raw_epoll", "fictive_async", "beast_async", "beast_bytes_async", "curl_multi")


def request_panels(loopback):
    panels = []
    for heading, keys in (("One connection, blocking", BLOCKING), ("32 in flight, one thread", IN_FLIGHT)):
        bars = [(key, name_of(key), rate, f"{rate:,.0f}") for key, rate in rates(loopback, keys)]
        if bars:
            panels.append((heading, bars))
    return panels


def compile_panels(compiled):
    medians = sorted((statistics.median(seconds), name) for name, seconds in compiled.items() if name in HEADERS)
    return [("An empty file with this header, -O0", [(name, name_of(name, HEADERS), seconds, f"{seconds:.2f} s")
                                                     for seconds, name in medians])]


def charts(results):
    if results.parse.libraries("parse"):
        yield ("parse.svg", "Parse a response: time over copying its texts (shorter is better)",
               over_copy_panels(results.parse, "parse", "invitations"))
    if results.build.libraries("build"):
        yield ("build.svg", "Write the body of a request: time over copying its texts (shorter is better)",
               over_copy_panels(results.build, "build", "addresses"))
    if results.loopback:
        yield ("requests.svg", "Requests per second over loopback, client and server on one core (longer is better)",
               request_panels(results.loopback))
    if results.compile:
        yield "compile.svg", "Compile time (shorter is better)", compile_panels(results.compile)


# The document ---------------------------------------------------------------------------------------------------------


def number(value, form=".2f"):
    return "–" if value is None else f"{value:{form}}"


def table(heads, rows):
    align = ["---"] + ["---:"] * (len(heads) - 1)
    return "\n".join("| " + " | ".join(row) + " |" for row in [heads, align, *rows])


def targets_table(targets):
    rows = [[one.text, one.wanted(), one.measured(), one.verdict()] for _, part in targets for one in part]
    return table(["Target", "Limit", "Measured", ""], rows)


def time_text(nanoseconds):
    if nanoseconds is None:
        return "–"
    for unit, scale in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if nanoseconds >= scale:
            return f"{nanoseconds / scale:.3g} {unit}"
    return f"{nanoseconds:.3g} ns"


def over_copy_table(timings, group, noun):
    names = sorted(timings.libraries(group), key=lambda name: timings.ratio(group, name, "copy", 10_000) or math.inf)
    rows = []
    for name in names:
        cells = [number(timings.ratio(group, name, "copy", size)) for size in SIZES]
        allocations = timings.counter(group, name, 100, "allocations")
        time = time_text(timings.nanoseconds(group, name, 10_000))
        rows.append([name_of(name), *cells, time, number(allocations, ".0f")])
    heads = ["", *[f"{size:,} {noun}" for size in SIZES], "10,000 take", "allocations at 100"]
    return table(heads, rows)


def requests_tables(loopback):
    for heading, keys, ours in (("One connection, blocking", BLOCKING, "fictive"),
                                ("32 in flight, one thread", IN_FLIGHT, "fictive_async")):
        rows = [[name_of(key), f"{rate:,.0f}", number(loopback.get(f"{ours}_over.{key}", 1.0 if key == ours else None))]
                for key, rate in rates(loopback, keys)]
        yield table([heading, "requests/s", "fictive is … times that"], rows)
    if "latency_rate" in loopback:
        rows = [[name_of(key), number(loopback.get(f"p50_microseconds.{key}"), ".0f"),
                 number(loopback.get(f"p99_microseconds.{key}"), ".0f")] for key in ("fictive_async", "beast_async")]
        yield table([f"Latency in µs at {loopback['latency_rate']:,.0f} requests/s", "median", "99th percentile"], rows)


def compile_table(results):
    base = {"fictive_models": "std", "fictive": "boost_json_events", "fictive_beast": "beast"}
    rows = []
    headers = [(name, seconds) for name, seconds in results.compile.items() if name in HEADERS]
    for name, seconds in sorted(headers, key=lambda one: statistics.median(one[1])):
        ratio = ""
        if name in base:
            ratio = f"{results.compile_ratio(name, base[name]):.2f} × {name_of(base[name], HEADERS)}"
        rows.append([name_of(name, HEADERS), f"{statistics.median(seconds):.2f}", f"{min(seconds):.2f}", ratio])
    return table(["Header", "seconds, median", "least", "over its dependencies"], rows)


def calls_table(results):
    rows = []
    for name, text in CALLS.items():
        modes = (name, f"{name}_separate")
        if name in results.compile:
            rows.append([text, *[f"{statistics.median(results.compile[mode]):.2f}" for mode in modes],
                         f"{results.compile_ratio(*reversed(modes)):.2f}"])
    return table(["Source file with a call", "header-only, s", "separate mode, s", "ratio"], rows)


def growth_tables(results):
    parts = [(results.parse, "parse_growth", "fictive", "parse_invite_response"),
             (results.build, "build_growth", "make_invite_request", "make_invite_request")]
    parts = [part for part in parts if part[0].sizes(part[1])]
    sizes = sorted({size for timings, group, *_ in parts for size in timings.sizes(group)})

    def cells(timings, group, name, size):
        nanoseconds = timings.nanoseconds(group, name, size)
        each = None if nanoseconds is None else nanoseconds / size
        return number(each, ".1f"), number(timings.ratio(group, name, "copy", size))

    yield table(["", *[head for *_, name in parts for head in (f"`{name}`, ns for each", "over copy")]],
                [[f"{size:,}", *[cell for *part, _ in parts for cell in cells(*part, size)]] for size in sizes])

    if len(sizes) < 3:
        return
    rows = []
    for timings, group, library, name in parts:
        for one, text in ((library, f"`{name}`"), ("copy", "copy, in the same run")):
            fixed, each, error = timings.fit(group, one)
            rows.append([text, f"{fixed:.0f}", f"{each:.1f}", f"{100 * error:.0f} %"])
    yield table([f"Linear fit, {sizes[0]:,} to {sizes[-1]:,}", "fixed, ns", "ns for each", "greatest deviation"], rows)


def document(results):
    yield "# Benchmarks"
    yield ("Generated by `tools/bench`. It builds with -O2 -DNDEBUG, runs all libraries interleaved, checks that they "
           "produce the same values, and takes medians. Each library is used as its documentation recommends. Ratios "
           "are more portable to other machines than times.")
    yield table(["", "Measured on"], [[key, value] for key, value in results.environment.items()])

    if results.parse.libraries("parse"):
        yield ("## Parse a response\n\n![Time over copy](images/parse.svg)\n\nTime of `parse_invite_response`, and of "
               "the same with other libraries: owning values, all text checked for valid UTF-8, all dates parsed. "
               "*Copy* is the time to allocate and copy the texts of the result, a lower limit for any parser. Times "
               "over copy; shorter bars are better:")
        yield over_copy_table(results.parse, "parse", "invitations")
    if results.build.libraries("build"):
        yield ("## Write a request\n\n![Time over copy](images/build.svg)\n\nTime to write the body, over "
               "the time to copy the addresses into one string. *The whole request* includes URL, headers and checks. "
               "Times over copy; shorter bars are better:")
        yield over_copy_table(results.build, "build", "addresses")
    if results.loopback:
        yield ("## Requests\n\n![Requests per second](images/requests.svg)\n\nTwo addresses in each request, two "
               "invitations in each response. Client and server share one core, so that the wake-up latency of a "
               "virtual machine's cores does not hide the client. All but *raw sockets* and *bytes only* build the "
               "request from values and parse the response into values. Longer bars are better.")
        yield from requests_tables(results.loopback)
    if results.compile:
        yield ("## Compile\n\n![Compile time](images/compile.svg)\n\nThe compiler's processor time, at -O0; "
               "ratios are medians of the ratios of each round. Shorter bars are better.")
        yield compile_table(results)
        yield calls_table(results)
    if results.size:
        rows = [[name, f"{results.size[key]:,}"] for key, name in (("minimal_fictive", "fictive"),
                                                                  ("minimal_beast", "Boost.Beast and Boost.JSON"))]
        yield ("## Size\n\nA program that invites people over https and prints the result "
               "(`tests/benchmark/compile`), stripped, at -O2, linked to shared libraries. The one on plain Beast has "
               "a timeout and verifies the host name; it has no other limits, no retries, no connection pool and no "
               "validation.")
        yield table(["Program", "bytes"], rows)
    if results.parse.sizes("parse_growth") or results.build.sizes("build_growth"):
        yield ("## Growth\n\nTime per invitation or address, by their number. The C library is configured to keep "
               "freed memory (`mmap_threshold`, `trim_threshold`); otherwise it returns each block above 32 MiB to the "
               "kernel, and page faults dominate the time of every library. Times over copy are measured in the same "
               "moments; those of different sizes are not. Cache sizes and the changing speed of a virtual machine "
               "affect copying, too.")
        yield from growth_tables(results)


def replace_table(page, table_text):
    """Replaces the lines between the two comments."""
    begin, end = "<!-- targets -->", "<!-- end of targets -->"
    before, rest = page.split(begin)
    return f"{before}{begin}\n{table_text}\n{end}{rest.split(end)[1]}"


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: tools/bench_report.py RESULTS PROJECT")
    results, project = Results(Path(sys.argv[1])), Path(sys.argv[2])
    targets = all_targets(results)

    (project / "docs/images").mkdir(parents=True, exist_ok=True)
    for file, title, panels in charts(results):
        (project / "docs/images" / file).write_text(chart(title, panels))
    (project / "docs/benchmarks.md").write_text("\n\n".join(document(results)) + "\n")
    readme = project / "tests/benchmark/README.md"
    readme.write_text(replace_table(readme.read_text(), targets_table(targets)))
    for part, of_part in targets:
        for target in of_part:
            print(f"{target.verdict():13} {part:9} {target.text}: {target.measured()} ({target.wanted()})")


if __name__ == "__main__":
    main()
