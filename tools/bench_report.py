#!/usr/bin/env python3
"""Writes benchmarks.md and its charts from what tools/bench measured, and prints for each goal whether it is reached.

    tools/bench_report.py RESULTS DOCS

The same results make the same documents, byte for byte.
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
    "beast": "what fictive/beast.hpp includes of Boost and OpenSSL",
    "fictive_beast": "fictive/beast.hpp",
    "cpp_httplib": "cpp-httplib's httplib.h",
}

OURS = {"fictive", "make_invite_request", "fictive_async", "fictive_models", "fictive_beast"}
SIZES = (10_000, 100, 2)


def name_of(key, names=NAMES):
    return names.get(key, key.replace("_", " "))


# What was measured ----------------------------------------------------------------------------------------------------


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
        if not self.compile:
            return None
        return statistics.median(a / b for a, b in zip(self.compile[name], self.compile[base]))


class Timings:
    """What a Google Benchmark program wrote: each repetition of group/size has a time for each contestant."""

    def __init__(self, document):
        self._repetitions = {}
        for row in document.get("benchmarks", []):
            name = re.match(r"(\w+)/(\d+)/", row["name"])
            if name and row["run_type"] == "iteration":
                self._repetitions.setdefault((name[1], int(name[2])), []).append(row)

    def contestants(self, group):
        rows = [rows[0] for (one, _), rows in self._repetitions.items() if one == group]
        return list(dict.fromkeys(key.split(".")[0] for row in rows for key in row if key.endswith(".nanoseconds")))

    def sizes(self, group):
        return sorted(size for one, size in self._repetitions if one == group)

    def _values(self, group, contestant, size, name):
        rows = self._repetitions.get((group, size), [])
        return [row[f"{contestant}.{name}"] for row in rows if f"{contestant}.{name}" in row]

    def nanoseconds(self, group, contestant, size):
        times = self._values(group, contestant, size, "nanoseconds")
        return statistics.median(times) if times else None

    def ratio(self, group, contestant, base, size):
        """The median of each repetition's ratio."""
        ratios = [a / b for a, b in zip(self._values(group, contestant, size, "nanoseconds"),
                                        self._values(group, base, size, "nanoseconds"))]
        return statistics.median(ratios) if ratios else None

    def counter(self, group, contestant, size, name):
        return next(iter(self._values(group, contestant, size, name)), None)

    def exponent(self, group, contestant, base, least_size):
        """Of the growth, where that of `base` is 1: by how much the logarithm of the ratio rises with that of the size."""
        points = [(math.log(size), math.log(self.ratio(group, contestant, base, size)))
                  for size in self.sizes(group) if size >= least_size]
        return 1 + regression(points, [1] * len(points))[1] if len(points) > 1 else None

    def fit(self, group, contestant):
        """Of time = fixed + each * size, where every size counts as much: (fixed, each, greatest relative error)."""
        points = [(size, self.nanoseconds(group, contestant, size)) for size in self.sizes(group)]
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


# Goals ----------------------------------------------------------------------------------------------------------------


class Goal:
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
    return Goal(text, value, limit, at_most=False, unit=unit)


def at_most(text, value, limit, unit="×"):
    return Goal(text, value, limit, unit=unit)


def difference(a, b):
    return None if a is None or b is None else a - b


def quotient(a, b):
    return None if not a or not b else a / b


def greatest(values):
    values = [value for value in values if value is not None]
    return max(values) if values else None


def parse_goals(parse):
    for size, limit in ((10_000, 2.2), (100, 2.2), (2, 3.2)):
        yield at_most(f"`parse_invite_response`, {size:,} invitations: time over copy",
                      parse.ratio("parse", "fictive", "copy", size), limit)
    for rival, limit in (("boost_json_dom", 3.3), ("nlohmann_dom", 12)):
        yield at_least(f"the same, 10,000: times as fast as {name_of(rival)}",
                       parse.ratio("parse", rival, "fictive", 10_000), limit)
    yield at_least("the same, 10,000: times as fast as cpprestsdk (its package cannot be installed beside this Boost)",
                   None, 7)
    yield at_most("`parse_invite_response`: allocations beyond the result's own",
                  greatest(difference(parse.counter("parse", "fictive", size, "allocations"),
                                      parse.counter("parse", "copy", size, "allocations")) for size in SIZES), 2, "")


def build_goals(build):
    for size in (10_000, 100):
        yield at_most(f"`make_invite_request`, the body, {size:,} addresses: time over copy",
                      build.ratio("build", "fictive", "copy", size), 1.6)
    yield at_most("the same: allocations of the body",
                  greatest(build.counter("build", "fictive", size, "allocations") for size in SIZES), 1, "")
    yield at_most("`make_invite_request`: allocations in all",
                  greatest(build.counter("build", "make_invite_request", size, "allocations") for size in SIZES), 6, "")
    rivals = [who for who in build.contestants("build") if who not in OURS and who != "copy"]
    slowest_lead = [build.ratio("build", rival, "fictive", size) for rival in rivals for size in (10_000, 100)]
    yield at_least("the same: times as fast as the fastest other library", min(slowest_lead, default=None), 1)


def loopback_goals(loopback):
    for rival, limit in (("raw", 0.88), ("curl", 1.4), ("httplib", 1.9)):
        yield at_least(f"one connection, blocking: requests/s over {name_of(rival)}",
                       loopback.get(f"fictive_over.{rival}"), limit)
    for rival, limit in (("beast_bytes_async", 0.95), ("curl_multi", 1.45)):
        yield at_least(f"32 in flight, one thread: requests/s over {name_of(rival)}",
                       loopback.get(f"fictive_async_over.{rival}"), limit)
    yield at_most("99th percentile of the latency at half of Boost.Beast's maximal rate, over Boost.Beast's",
                  loopback.get("p99.fictive_async_over_beast_async"), 1.1)


def compile_goals(results):
    yield at_most("compile `invite.hpp` and `http.hpp`: over their std headers",
                  results.compile_ratio("fictive_models", "std"), 1.15)
    yield at_most("compile `fictive.hpp`: over Boost.JSON's event parser and Boost.System's result",
                  results.compile_ratio("fictive", "boost_json_events"), 1.25)
    yield at_most("compile `fictive.hpp`: over nlohmann/json.hpp", results.compile_ratio("fictive", "nlohmann"), 1)
    yield at_most("compile `beast.hpp`: over what it includes of Boost and OpenSSL",
                  results.compile_ratio("fictive_beast", "beast"), 1.15)
    more = difference(results.size.get("minimal_fictive"), results.size.get("minimal_beast"))
    yield at_most("minimal blocking program, stripped: more than on plain Beast",
                  None if more is None else round(more / 1024, 1), 60, "KiB")


def growth_goals(results):
    for what, timings, group, who in (("parse", results.parse, "parse_growth", "fictive"),
                                      ("build", results.build, "build_growth", "make_invite_request")):
        yield at_most(f"{what}, 100 to 1,000,000: exponent of the growth, where that of copying is 1",
                      timings.exponent(group, who, "copy", 100), 1.1, "")
    parse = results.parse
    peaks = [quotient(parse.counter(group, "fictive", size, "peak_bytes"),
                      parse.counter(group, "fictive", size, "kept_bytes"))
             for group in ("parse", "parse_growth") for size in parse.sizes(group)]
    yield at_most("memory of a parse, besides the body: over the bytes of the result", greatest(peaks), 2)


def all_goals(results):
    return [("Parse", list(parse_goals(results.parse))), ("Build", list(build_goals(results.build))),
            ("Requests", list(loopback_goals(results.loopback))), ("Compile", list(compile_goals(results))),
            ("Growth", list(growth_goals(results)))]


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
    left, width, value_width, row = 330, 380, 90, 22
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
    total_width, height = left + width + value_width, y - 14
    body = "\n  ".join(parts)
    return (f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {total_width} {height}" width="{total_width}" '
            f'height="{height}" role="img">\n  <title>{escape(title)}</title>\n  <style>{STYLE}</style>\n'
            f'  <rect class="back" width="{total_width}" height="{height}" rx="6"/>\n'
            f'  <text class="title" x="16" y="26">{escape(title)}</text>\n  {body}\n</svg>\n')


def over_copy_panels(timings, group, noun):
    panels = []
    for size in SIZES:
        bars = [(who, name_of(who), timings.ratio(group, who, "copy", size)) for who in timings.contestants(group)]
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
    medians = sorted((statistics.median(seconds), name) for name, seconds in compiled.items())
    return [("An empty file with this header, -O0", [(name, name_of(name, HEADERS), seconds, f"{seconds:.2f} s")
                                                     for seconds, name in medians])]


def charts(results):
    if results.parse.contestants("parse"):
        yield ("parse.svg", "Read a response: time over copying its texts",
               over_copy_panels(results.parse, "parse", "invitations"))
    if results.build.contestants("build"):
        yield ("build.svg", "Write a request's body: time over copying its texts",
               over_copy_panels(results.build, "build", "addresses"))
    if results.loopback:
        yield "requests.svg", "Requests per second over loopback, client and server on one core", request_panels(
            results.loopback)
    if results.compile:
        yield "compile.svg", "Compile time", compile_panels(results.compile)


# The document ---------------------------------------------------------------------------------------------------------


def number(value, form=".2f"):
    return "–" if value is None else f"{value:{form}}"


def table(heads, rows):
    align = ["---"] + ["---:"] * (len(heads) - 1)
    return "\n".join("| " + " | ".join(row) + " |" for row in [heads, align, *rows])


def goals_table(goals):
    rows = [[goal.text, goal.wanted(), goal.measured(), goal.verdict()] for _, part in goals for goal in part]
    return table(["Goal", "Wanted", "Measured", ""], rows)


def time_text(nanoseconds):
    if nanoseconds is None:
        return "–"
    for unit, scale in (("s", 1e9), ("ms", 1e6), ("µs", 1e3)):
        if nanoseconds >= scale:
            return f"{nanoseconds / scale:.3g} {unit}"
    return f"{nanoseconds:.3g} ns"


def over_copy_table(timings, group, noun):
    whos = sorted(timings.contestants(group), key=lambda who: timings.ratio(group, who, "copy", 10_000) or math.inf)
    rows = []
    for who in whos:
        cells = [number(timings.ratio(group, who, "copy", size)) for size in SIZES]
        allocations = timings.counter(group, who, 100, "allocations")
        time = time_text(timings.nanoseconds(group, who, 10_000))
        rows.append([name_of(who), *cells, time, number(allocations, ".0f")])
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
    for name, seconds in sorted(results.compile.items(), key=lambda one: statistics.median(one[1])):
        ratio = ""
        if name in base:
            ratio = f"{results.compile_ratio(name, base[name]):.2f} × {name_of(base[name], HEADERS)}"
        rows.append([name_of(name, HEADERS), f"{statistics.median(seconds):.2f}", f"{min(seconds):.2f}", ratio])
    return table(["Header", "seconds, median", "least", "ours over what it stands on"], rows)


def growth_tables(results):
    parts = [(results.parse, "parse_growth", "fictive", "parse_invite_response"),
             (results.build, "build_growth", "make_invite_request", "make_invite_request")]
    parts = [part for part in parts if part[0].sizes(part[1])]
    sizes = sorted({size for timings, group, *_ in parts for size in timings.sizes(group)})

    def cells(timings, group, who, size):
        nanoseconds = timings.nanoseconds(group, who, size)
        each = None if nanoseconds is None else nanoseconds / size
        return number(each, ".1f"), number(timings.ratio(group, who, "copy", size))

    yield table(["", *[head for *_, name in parts for head in (f"`{name}`, ns for each", "over copy")]],
                [[f"{size:,}", *[cell for *part, _ in parts for cell in cells(*part, size)]] for size in sizes])

    if len(sizes) < 3:
        return
    rows = []
    for timings, group, who, name in parts:
        for one, text in ((who, f"`{name}`"), ("copy", "copy, beside it")):
            fixed, each, error = timings.fit(group, one)
            rows.append([text, f"{fixed:.0f}", f"{each:.1f}", f"{100 * error:.0f} %"])
    yield table([f"Linear fit, {sizes[0]:,} to {sizes[-1]:,}", "fixed, ns", "ns for each", "greatest deviation"], rows)


def document(results, goals):
    yield "# Benchmarks"
    yield ("Written by `tools/bench`, which installs what is missing, builds with -O2 -DNDEBUG, runs everything side "
           "by side and interleaved, checks that all that is compared produced the same values, and takes medians. "
           "Each rival is written as its own documentation would have it. Ratios carry over to other machines better "
           "than times.")
    yield table(["", "Measured on"], [[key, value] for key, value in results.environment.items()])
    yield "## Goals\n\n" + goals_table(goals)

    if results.parse.contestants("parse"):
        yield ("## Read a response\n\n![Time over copy](images/parse.svg)\n\nTime for `parse_invite_response` or what "
               "another library needs for the same: owning values, every text checked to be UTF-8, every date read. "
               "*Copy* is the time only to allocate and copy the texts of the result: no parser can be faster. Times "
               "over copy:")
        yield over_copy_table(results.parse, "parse", "invitations")
    if results.build.contestants("build"):
        yield ("## Write a request\n\n![Time over copy](images/build.svg)\n\nThe body with so many addresses, over "
               "the time only to copy them into one string. `make_invite_request` is all of it, URL, headers and checks "
               "included. Times over copy:")
        yield over_copy_table(results.build, "build", "addresses")
    if results.loopback:
        yield ("## Requests\n\n![Requests per second](images/requests.svg)\n\nTwo addresses in each request, two "
               "invitations in each answer. Client and server share one core, so that the wake-ups of a virtual "
               "machine's cores do not hide the client. All but *raw sockets* and *bytes only* build the request from "
               "values and read values.")
        yield from requests_tables(results.loopback)
    if results.compile:
        yield ("## Compile\n\n![Compile time](images/compile.svg)\n\nThe compiler's processor time for an empty file "
               "with the header, at -O0; ratios are medians of the rounds' ratios.")
        yield compile_table(results)
    if results.size:
        rows = [[name, f"{results.size[key]:,}"] for key, name in (("minimal_fictive", "fictive"),
                                                                  ("minimal_beast", "Boost.Beast and Boost.JSON"))]
        yield ("## Size\n\nA program that invites people over https and prints what became of them "
               "(`tests/benchmark/compile`), stripped, at -O2, linked to shared libraries. The one on plain Beast has "
               "a time limit and verifies the host; it has no other limits, no retries, no pool and no checks.")
        yield table(["Written on", "bytes"], rows)
    if results.parse.sizes("parse_growth") or results.build.sizes("build_growth"):
        yield ("## Growth\n\nFor each invitation or address, by how many there are. The C library is told to keep what "
               "is freed (`mmap_threshold`, `trim_threshold`): else it returns every block above 32 MiB to the kernel, "
               "and the pages of the next one cost more than what is written there, whoever writes it. Times over copy "
               "are of the same moments; those of two sizes are not. Caches that many texts outgrow, and the changing "
               "speed of a virtual machine, take even copying off its line.")
        yield from growth_tables(results)


def main():
    if len(sys.argv) != 3:
        sys.exit("usage: tools/bench_report.py RESULTS DOCS")
    results, docs = Results(Path(sys.argv[1])), Path(sys.argv[2])
    goals = all_goals(results)

    (docs / "images").mkdir(parents=True, exist_ok=True)
    for file, title, panels in charts(results):
        (docs / "images" / file).write_text(chart(title, panels))
    (docs / "benchmarks.md").write_text("\n\n".join(document(results, goals)) + "\n")
    for part, of_part in goals:
        for goal in of_part:
            print(f"{goal.verdict():13} {part:9} {goal.text}: {goal.measured()} ({goal.wanted()})")


if __name__ == "__main__":
    main()
