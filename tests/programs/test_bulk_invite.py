#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Runs the program `bulk_invite` as an operator would, and kills it.

FICTIVE_EXAMPLES is the folder it was built in. FICTIVE_KILLS is the number of times that it is killed, 10 by default;
FICTIVE_SEED, which that test prints, repeats its choices.
"""

import collections
import csv
import io
import json
import os
import pathlib
import pty
import random
import re
import select
import signal
import stat
import subprocess
import tempfile
import time
import unittest

from servers import CountingServer, RawServer, closed_port, invited, people, response

EXAMPLES = pathlib.Path(os.environ["FICTIVE_EXAMPLES"])
KILLS = int(os.environ.get("FICTIVE_KILLS", "10"))
SEED = int(os.environ.get("FICTIVE_SEED", random.randrange(10**9)))

SECRET = "s3ss10n-5ecret"
ALL_INVITED, SOME_REFUSED, WRONG_USAGE, WITHOUT_EFFECT, UNKNOWN, RESPONSE_LOST, ENDED_EARLY = range(7)


class BulkTest(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.results, self.journal = self.folder / "results.csv", self.folder / "run.journal"

    def server(self, *options):
        server = CountingServer(EXAMPLES, self.folder, *options)
        self.addCleanup(server.__exit__)
        return server

    def write(self, content, name="people"):
        path = self.folder / name
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
        return path

    def list_of(self, addresses, name="people"):
        return self.write("".join(address + "\n" for address in addresses), name)

    def command(self, url, *arguments):
        return [EXAMPLES / "bulk_invite", *(("--base-url", url) if url else ()), "--group", "group", *map(str, arguments)]

    def environment(self):
        clean = {name: value for name, value in os.environ.items()
                 if not name.startswith("FICTIVE_") and not name.lower().endswith("_proxy")}
        return {**clean, "FICTIVE_SESSION_ID": SECRET}

    def start(self, url, *arguments):
        process = subprocess.Popen(self.command(url, *arguments), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
                                   env=self.environment())
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def run_bulk(self, url, *arguments, stdin=b""):
        """Its output has no secret, no address and no control character."""
        done = subprocess.run(self.command(url, *arguments), input=stdin, capture_output=True, env=self.environment(),
                              timeout=120, check=False)
        done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
        self.check_output(done.stdout + done.stderr)
        return done

    def check_output(self, text):
        self.assertNotIn(SECRET, text)
        self.assertNotRegex(text, r"person\d|[\x00-\x09\x0b-\x1f\x7f]")

    def assert_status(self, status, done):
        self.assertEqual(status, done.returncode, f"{done.stdout} {done.stderr}")

    def rows(self, path=None):
        with open(path or self.results, encoding="utf-8", newline="") as file:
            return list(csv.DictReader(file))

    def verdicts(self):
        return {row["address"]: row["verdict"] for row in self.rows()}

    def lines_of_journal(self):
        return self.journal.read_bytes().count(b"\n") if self.journal.exists() else 0

    def wait_until(self, condition, process):
        end = time.monotonic() + 60
        while not condition():
            self.assertIsNone(process.poll(), "it has ended")
            self.assertLess(time.monotonic(), end)
            time.sleep(0.002)


class AFile(BulkTest):
    def sent(self, content, *arguments, stdin=None):
        """The addresses that the service receives."""
        source = "-" if stdin is not None else self.write(content)
        server = self.server()
        done = self.run_bulk(server.url, "--from", source, *arguments, stdin=stdin or b"")
        self.assert_status(ALL_INVITED, done)
        return sorted(server.invited())

    def test_may_be_a_list_with_comments_blank_lines_and_any_line_end(self):
        self.assertEqual(["a@b.cc", "d@e.ff", "g@h.ii", "j@k.ll"],
                         self.sent("\ufeffa@b.cc\r\n\n  # person1@example.com\n\td@e.ff \rg@h.ii\nj@k.ll"))

    def test_may_be_csv_with_quotes_commas_and_line_ends_in_fields(self):
        self.assertEqual(["a@b.cc", "d@e.ff", "x@y.zz"], self.sent(
            '\ufeffname,"e-mail",note\r\n"Muir, Jamie",a@b.cc,"says ""hello"""\r\n\r\n"two\r\nlines"," d@e.ff ",\r\n'
            ',"x@y.zz","last, without a line end"', "--column", "e-mail"))

    def test_may_be_csv_with_other_line_ends(self):
        for end in ("\n", "\r"):
            with self.subTest(repr(end)):
                self.assertEqual(["a@b.cc", "d@e.ff"], self.sent(end.join(["x,y", "1,a@b.cc", "2,d@e.ff"]), "--column", "y"))

    def test_may_come_from_standard_input_which_is_read_once(self):
        self.assertEqual(["a@b.cc", "d@e.ff"], self.sent(None, "--column=email", stdin=b"email\na@b.cc\nd@e.ff\n"))

    def test_may_be_one_of_several(self):
        other = self.list_of(["z@y.xx"], "other")
        self.assertEqual(["a@b.cc", "z@y.xx"], self.sent("a@b.cc\n", "--from", other))

    def test_may_have_addresses_in_utf8_and_with_quotes(self):
        self.assertEqual(['"two words"@b.cc', "j\u00f6rg@m\u00fcller.example"],
                         self.sent('j\u00f6rg@m\u00fcller.example\n"two words"@b.cc\n'))

    def check_refused(self, content, message, *arguments):
        with RawServer(response(500)) as server:
            done = self.run_bulk(server.url, "--from", self.write(content), "--results", self.results, *arguments)
            self.assert_status(WRONG_USAGE, done)
            self.assertIn(message, done.stderr)
            self.assertEqual([], server.received)
            self.assertFalse(self.results.exists())

    def test_in_another_encoding_is_refused_with_its_line(self):
        lines = "person1@example.com\nperson2@example.com\n"
        latin1 = (lines + "j\u00f6rg@example.com\n").encode("latin-1")
        for arguments in ((), ("--keep-going",)):
            for encoding in ("utf-16", "utf-16-le", "utf-16-be"):
                self.check_refused(lines.encode(encoding), "people:1: the file is in UTF-16", *arguments)
            self.check_refused(latin1, "people:3: the file is not in UTF-8", *arguments)
            self.check_refused(b"email\n" + latin1, "people:4: the file is not in UTF-8", "--column", "email", *arguments)
        for broken in (b"\xc0\xaf", b"\xed\xa0\x80", b"\xf4\x90\x80\x80", b"\xe2\x82", b"\x80", b"\xff"):
            self.check_refused(b"x@y.zz\n" + broken, "people:2: the file is not in UTF-8")

    def test_that_is_no_csv_is_refused_with_its_line(self):
        for content, message in (
                ('email\n"person1@example.com\n', "people:2: a quote has no counterpart"),
                ('email\n"person1@example.com"x\n', "people:2: text follows the quote"),
                ('email\nperson1"@example.com\n', "people:2: a quote is in a field"),
                ("email\n" + '"' + "x" * 70000, "people:2: a quote has no counterpart within 64 KiB"),
                ("e-mail\nperson1@example.com\n", "people:1: the header line has no column email"),
                ("person1@example.com;x\nperson2@example.com;x\n", "people:1: the header line has no column email"),
                ("email,email\n", "people:1: the header line has more than one column email"),
                ("", "people: is empty"), ("email\n", "there is no address")):
            with self.subTest(message):
                self.check_refused(content, message, "--column", "email")
        self.check_refused("x" * 70000, "people:1: the line is longer than 64 KiB")

    def test_is_refused_if_a_row_does_not_look_like_an_address(self):
        for bad in ("person1@example.com,person2@example.com", "<person1@example.com>", "person1", "@example.com", "person1@",
                    "Person <person1@example.com>", "person1 @example.com", "person1@person2@example.com",
                    "person1@example.com;"):
            with self.subTest(bad):
                self.check_refused(f"a@b.cc\n\n{bad}\n", "people:3: does not look like an e-mail address: nothing was sent")
        self.check_refused("x,email\n1,a@b.cc\n2,\n", "people:3: does not look", "--column", "email")
        self.check_refused("x,email\n1,a@b.cc\n2,y,d@e.ff\n", "people:3: has another number of fields", "--column", "email")
        self.check_refused("nobody\n" * 12, "people:10: does not look like an e-mail address; and 2 more: nothing was sent")

    def test_is_sent_without_such_rows_with_keep_going(self):
        path = self.write("nobody\nperson1@example.com\n<a@b.cc>\na,b\nperson2@example.com\nc d\n")
        server = self.server()
        done = self.run_bulk(server.url, "--from", path, "--results", self.results, "--keep-going", "--batch", 1)
        self.assert_status(SOME_REFUSED, done)
        self.assertEqual("2 invited, 4 not applied\n", done.stdout)
        rows = sorted(self.rows(), key=lambda row: int(row["index"]))
        self.assertEqual([("0", "nobody"), ("1", "person1@example.com"), ("2", "<a@b.cc>"), ("3", "a,b"),
                          ("4", "person2@example.com"), ("5", "c d")], [(row["index"], row["address"]) for row in rows])
        self.assertTrue(rows[3]["message"].endswith("people:4: does not look like an e-mail address"))
        self.assertEqual({address: 1 for address in people(2, 1)}, server.invited())


class Results(BulkTest):
    def test_have_a_row_for_each_address_and_are_private(self):
        path = self.list_of([*people(120), "nobody@nowhere", "person3@EXAMPLE.com"])
        server = self.server()
        done = self.run_bulk(server.url, "--from", path, "--results", self.results)
        self.assert_status(SOME_REFUSED, done)
        self.assertEqual("120 invited, 1 refused, 1 duplicate\n", done.stdout)
        self.assertTrue(self.results.read_text(encoding="utf-8").startswith(
            "index,address,verdict,reference,status,message\n"))
        rows = sorted(self.rows(), key=lambda row: int(row["index"]))
        self.assertEqual([*people(120), "nobody@nowhere", "person3@EXAMPLE.com"], [row["address"] for row in rows])
        self.assertEqual([str(i) for i in range(122)], [row["index"] for row in rows])
        self.assertEqual(["invited"] * 120 + ["refused", "duplicate"], [row["verdict"] for row in rows])
        self.assertEqual(120, len({row["reference"] for row in rows[:120]}))
        self.assertEqual({"PendingAcceptance"}, {row["status"] for row in rows[:120]})
        self.assertEqual(0o600, stat.S_IMODE(self.results.stat().st_mode))

    def test_as_json_lines(self):
        path, results = self.list_of(people(3)), self.folder / "results.jsonl"
        self.assert_status(ALL_INVITED, self.run_bulk(self.server().url, "--from", path, "--results", results))
        rows = [json.loads(line) for line in results.read_text(encoding="utf-8").splitlines()]
        self.assertEqual(["address", "index", "message", "reference", "status", "verdict"], sorted(rows[0]))
        self.assertEqual(list(enumerate(people(3))), [(row["index"], row["address"]) for row in rows])

    def test_of_another_run_are_not_replaced(self):
        self.results.write_text("of another run", encoding="utf-8")
        done = self.run_bulk("http://127.0.0.1:1", "--from", self.list_of(people(1)), "--results", self.results,
                             "--journal", self.journal)
        self.assert_status(WRONG_USAGE, done)
        self.assertIn("results.csv exists", done.stderr)
        self.assertEqual("of another run", self.results.read_text(encoding="utf-8"))
        self.assertFalse(self.journal.exists())

    def test_of_a_run_that_crashed_name_the_option_that_continues_it(self):
        for left in (self.journal, self.folder / "results.csv.part"):
            left.write_text("", encoding="utf-8")
        done = self.run_bulk("http://127.0.0.1:1", "--from", self.list_of(people(1)), "--results", self.results,
                             "--journal", self.journal)
        self.assert_status(WRONG_USAGE, done)
        self.assertIn("continue its run with --resume", done.stderr)

    def test_that_cannot_be_created_leave_no_journal(self):
        done = self.run_bulk("http://127.0.0.1:1", "--from", self.list_of(people(1)), "--journal", self.journal,
                             "--results", self.folder / "none" / "results.csv")
        self.assert_status(WRONG_USAGE, done)
        self.assertFalse(self.journal.exists())

    def test_say_why_an_address_is_not_applied(self):
        with RawServer(response(400, b'{"reason": "no such address"}')) as server:
            done = self.run_bulk(server.url, "--from", self.list_of(people(2)), "--results", self.results)
        self.assert_status(WITHOUT_EFFECT, done)
        self.assertEqual([("not applied", "400")] * 2, [(row["verdict"], row["status"]) for row in self.rows()])
        self.assertRegex(self.rows()[0]["message"], "; the service says: no such address$")


class ADryRun(BulkTest):
    def test_counts_and_sends_and_writes_nothing(self):
        path = self.list_of([*people(5), "person1@example.com", "nobody"])
        with RawServer(response(500)) as server:
            done = self.run_bulk(server.url, "--from", path, "--results", self.results, "--journal", self.journal,
                                 "--dry-run", "--keep-going")
            self.assert_status(ALL_INVITED, done)
            self.assertEqual("1 duplicate, 1 not applied, 5 to send\n", done.stdout)
            self.assertEqual([], server.received)
        self.assertEqual([path], list(self.folder.iterdir()))

    def test_needs_no_service(self):
        done = self.run_bulk(None, "--from", self.list_of(people(3)), "--dry-run", "--json")
        self.assert_status(ALL_INVITED, done)
        summary = json.loads(done.stdout)
        self.assertEqual((3, 3, 0), (summary["addresses"], summary["to_send"], summary["invited"]))

    def test_of_a_run_to_continue_counts_what_is_left_and_leaves_the_journal_alone(self):
        server = self.server("--delay", 20)
        path = self.list_of(people(1000))
        run = self.start(server.url, "--from", path, "--journal", self.journal, "--batch", 10)
        self.wait_until(lambda: self.lines_of_journal() > 10, run)
        run.send_signal(signal.SIGINT)
        run.wait(60)
        before = self.journal.read_bytes()
        done = self.run_bulk(None, "--from", path, "--journal", self.journal, "--resume", "--dry-run", "--json")
        summary = json.loads(done.stdout)
        self.assertEqual(1000, summary["invited"] + summary["to_send"])
        self.assertEqual(len(server.invited()), summary["invited"])
        self.assertEqual(before, self.journal.read_bytes())
        other = self.run_bulk(None, "--from", self.list_of(people(1000, 1)), "--journal", self.journal, "--resume", "--dry-run")
        self.assert_status(WRONG_USAGE, other)
        self.assertIn("the input is not that of the run in the journal", other.stderr)

    def test_of_a_run_to_continue_compares_the_whole_input(self):
        with RawServer(response(400, b'{}')) as server:
            self.run_bulk(server.url, "--from", self.list_of(people(30)), "--journal", self.journal, "--batch", 10)
        other = self.list_of([*people(25), "somebody@example.com", *people(4, 26)])
        done = self.run_bulk(None, "--from", other, "--journal", self.journal, "--resume", "--dry-run", "--batch", 10)
        self.assert_status(WRONG_USAGE, done)
        self.assertIn("the input is not that of the run in the journal", done.stderr)


class TheRate(BulkTest):
    def test_and_the_concurrency_and_the_batch_are_limited(self):
        path = self.list_of(people(60))
        server = self.server("--delay", 10, "--concurrency", 1)
        begin = time.monotonic()
        done = self.run_bulk(server.url, "--from", path, "--batch", 10, "--concurrency", 1, "--rate", 10, "--json")
        self.assert_status(ALL_INVITED, done)
        self.assertGreater(time.monotonic() - begin, 0.45)
        self.assertEqual((6, 0), (json.loads(done.stdout)["requests"], json.loads(done.stdout)["throttled"]))
        self.assertEqual(60, len(server.invited()))

    def test_is_reduced_by_429_and_nobody_is_lost(self):
        path = self.list_of(people(300))
        server = self.server("--delay", 30, "--concurrency", 1)
        done = self.run_bulk(server.url, "--from", path, "--batch", 50, "--json")
        self.assert_status(ALL_INVITED, done)
        self.assertGreater(json.loads(done.stdout)["throttled"], 0)
        self.assertEqual({address: 1 for address in people(300)}, server.invited())

    def test_can_be_seen(self):
        server = self.server("--delay", 2000)
        run = self.start(server.url, "--from", self.list_of(people(400)), "--batch", 10, "--concurrency", 1)
        self.assertEqual("bulk_invite: there is no --journal: if this run ends early, it cannot be continued\n",
                         run.stderr.readline())
        self.assertRegex(run.stderr.readline(), r"^bulk_invite: \d+ of 400 \(\d+ %\), \d+/s, 1 requests in progress")

    def test_is_a_bar_on_a_terminal(self):
        ours, theirs = pty.openpty()
        server = self.server("--delay", 300)
        run = subprocess.Popen(self.command(server.url, "--from", self.list_of(people(40)), "--batch", 10), stderr=theirs,
                               stdout=subprocess.DEVNULL, env=self.environment())
        os.close(theirs)
        shown = b""
        while select.select([ours], [], [], 60)[0]:
            try:
                shown += os.read(ours, 65536)
            except OSError:
                break
        os.close(ours)
        self.assertEqual(ALL_INVITED, run.wait(60))
        self.assertRegex(shown, rb"\r\[#*\.*\] \d+ of 40 \(\d+ %\)")
        self.assertTrue(shown.endswith(b"\r\x1b[K"), shown)


class ABatchThatIsRejected(BulkTest):
    def requests(self, *arguments):
        with RawServer(response(400, extra=["Connection: close"])) as server:
            done = self.run_bulk(server.url, "--from", self.list_of(people(4)), "--results", self.results, "--json", *arguments)
        self.assert_status(WITHOUT_EFFECT, done)
        self.assertEqual({"not applied"}, set(self.verdicts().values()))
        return json.loads(done.stdout)["requests"]

    def test_is_sent_once(self):
        self.assertEqual(1, self.requests())

    def test_is_divided_on_request(self):
        self.assertEqual(7, self.requests("--split-rejected"))


class Duplicates(BulkTest):
    def invited(self, *arguments):
        path = self.list_of([*people(20), "person1@EXAMPLE.com", "Person2@example.com", "person3@example.com"])
        done = self.run_bulk(self.server().url, "--from", path, "--json", *arguments)
        return json.loads(done.stdout)["invited"]

    def test_are_found_as_asked(self):
        self.assertEqual(21, self.invited())
        self.assertEqual(20, self.invited("--duplicates", "ignore-case"))
        self.assertEqual(23, self.invited("--duplicates", "off"))


class ASignal(BulkTest):
    BATCH, COUNT = 10, 2000

    def interrupt(self, delay, *signals):
        """Returns the ended run, its output and the server."""
        server = self.server("--delay", delay)
        run = self.start(server.url, "--from", self.list_of(people(self.COUNT)), "--journal", self.journal,
                         "--results", self.results, "--batch", self.BATCH, "--concurrency", 4)
        self.wait_until(lambda: self.lines_of_journal() > (20 if delay < 1000 else 1), run)
        for number in signals:
            run.send_signal(number)
            time.sleep(0.3 if len(signals) > 1 else 0)
        begin = time.monotonic()
        out, err = run.communicate(timeout=60)
        self.check_output(out + err)
        self.assertLess(time.monotonic() - begin, 5)
        self.assertEqual(ENDED_EARLY, run.returncode, err)
        self.assertIn("give the same options and --resume", err)
        self.assertIn("run.journal", err)
        self.assertEqual(self.COUNT, len(self.rows()))
        return err, server

    def resume(self, server, *arguments):
        return self.run_bulk(server.url, "--from", self.folder / "people", "--journal", self.journal, "--results", self.results,
                             "--resume", "--quiet", *arguments)

    def test_drains_the_run_which_is_then_continued(self):
        for number in (signal.SIGINT, signal.SIGTERM):
            with self.subTest(number):
                self.setUp()
                err, server = self.interrupt(20, number)
                self.assertIn("waits for the requests in progress", err)
                counts = collections.Counter(self.verdicts().values())
                self.assertEqual({"invited", "not attempted"}, set(counts))
                done = self.resume(server)
                self.assert_status(ALL_INVITED, done)
                self.assertEqual(("", ""), (done.stdout, done.stderr))
                self.assertEqual({address: "invited" for address in people(self.COUNT)}, self.verdicts())
                self.assertEqual(self.COUNT, len({row["reference"] for row in self.rows()}))
                self.assertEqual({address: 1 for address in people(self.COUNT)}, server.invited())

    def test_that_comes_twice_abandons_the_requests_whose_addresses_are_unknown(self):
        err, server = self.interrupt(8000, signal.SIGINT, signal.SIGTERM)
        self.assertIn("abandons the requests in progress", err)
        unknown = {address for address, verdict in self.verdicts().items() if verdict == "unknown"}
        self.assertEqual(set(people(self.BATCH)), unknown, "the first batch")
        member, *others = sorted(unknown)
        members = self.list_of([member], "members")
        server.__exit__()
        server = self.server()
        done = self.resume(server, "--members", members)
        self.assert_status(UNKNOWN, done)
        self.assertIn("9 addresses are unknown", done.stderr)
        self.assertEqual("accepted already", self.verdicts()[member])
        self.assertEqual({address: "unknown" for address in others},
                         {address: self.verdicts()[address] for address in others})
        self.assert_status(UNKNOWN, self.resume(server))
        done = self.resume(server, "--members", members, "--resend-unknown")
        self.assert_status(ALL_INVITED, done)
        self.assertEqual({address: 1 for address in people(self.COUNT) if address != member}, server.invited())

    def interrupt_invite(self, server, *signals):
        command = [EXAMPLES / "invite", server.url, "group", "a@b.cc"]
        with subprocess.Popen(command, stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True,
                              env=self.environment()) as run:
            self.wait_until(lambda: any(b"a@b.cc" in raw for raw in server.received), run)
            err = ""
            for number in signals:
                run.send_signal(number)
                err += run.stderr.readline()
            err += run.stderr.read()  # `communicate` would lose what `readline` has buffered
            return run.wait(60), run.stdout.read(), err

    def test_lets_the_request_of_invite_complete(self):
        body = invited("a@b.cc")
        slowly = [b" "] * 20 + [body]  # in about a second
        with RawServer(response(200, length=20 + len(body)), drip=slowly) as server:
            status, out, err = self.interrupt_invite(server, signal.SIGINT)
        self.assertEqual((ALL_INVITED, "invite: waits for the request in progress; a second signal cancels it\n"),
                         (status, err))
        self.assertIn("1 invited, 0 refused\n", out)

    def test_that_comes_twice_cancels_the_request_of_invite(self):
        with RawServer(None) as server:
            status, _, err = self.interrupt_invite(server, signal.SIGTERM, signal.SIGINT)
        self.assertEqual(UNKNOWN, status, err)
        self.assertIn("invite: cancels the request\n", err)
        self.assertIn("It is unknown whether anybody was invited", err)


class ARunThatIsKilled(BulkTest):
    BATCH, CONCURRENCY, COUNT = 10, 4, 3000

    def test_is_continued_until_nobody_is_missing_and_nobody_is_invited_twice(self):
        print(f"FICTIVE_SEED={SEED} FICTIVE_KILLS={KILLS}", flush=True)
        choose = random.Random(SEED)
        killed, run_number = 0, 0
        self.unknown = self.unknown_and_invited = 0
        while killed < KILLS:
            run_number += 1
            with self.subTest(run=run_number), tempfile.TemporaryDirectory() as folder:
                killed += self.check_run(choose, pathlib.Path(folder), KILLS - killed)
        print(f"{killed} kills in {run_number} runs of {self.COUNT} addresses: {self.unknown} addresses are unknown, of which "
              f"{self.unknown_and_invited} were invited", flush=True)

    def check_run(self, choose, folder, kills):
        """Kills one run, and continues it, until it ends. Returns how often it was killed."""
        self.folder, self.journal, self.results = folder, folder / "run.journal", folder / "results.csv"
        addresses = people(self.COUNT)
        path = self.list_of(addresses)
        server = CountingServer(EXAMPLES, folder, "--delay", 5)
        killed, resume = 0, ()
        try:
            while True:
                run = subprocess.Popen(
                    self.command(server.url, "--from", path, "--journal", self.journal, "--results", self.results, "--batch",
                                 self.BATCH, "--concurrency", self.CONCURRENCY, "--quiet", *resume),
                    stderr=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=self.environment())
                try:
                    _, err = run.communicate(timeout=choose.uniform(0.005, 0.15) if killed < kills else 120)
                    break
                except subprocess.TimeoutExpired:
                    run.kill()
                    run.communicate()
                    killed += 1
                if self.journal.exists():
                    resume = ("--resume",)
                else:
                    (folder / "results.csv.part").unlink(missing_ok=True)
        finally:
            invited = server.invited()
        verdicts = self.verdicts()
        counts = collections.Counter(verdicts.values())
        self.assertEqual(UNKNOWN if counts["unknown"] else ALL_INVITED, run.returncode, err)
        self.assertEqual(addresses, sorted(verdicts, key=addresses.index))
        self.assertLessEqual(set(counts), {"invited", "unknown"})
        self.assertEqual({1}, set(invited.values()), "nobody is invited twice")
        for address, verdict in verdicts.items():
            if verdict == "invited":
                self.assertIn(address, invited, "nobody is missing")
        unknown = {address for address, verdict in verdicts.items() if verdict == "unknown"}
        self.unknown += len(unknown)
        self.unknown_and_invited += len(unknown & set(invited))
        self.assertLessEqual(set(addresses) - set(invited), unknown)
        # At a kill, at most the requests in progress and the batch that comes next have an intent only.
        self.assertLessEqual(counts["unknown"], killed * (self.CONCURRENCY + 1) * self.BATCH)
        return killed

    def test_cannot_be_continued_while_it_runs(self):
        server = self.server("--delay", 5000)
        path = self.list_of(people(100))
        run = self.start(server.url, "--from", path, "--journal", self.journal, "--results", self.results)
        self.wait_until(lambda: self.lines_of_journal() > 1, run)
        part = self.folder / "results.csv.part"
        identity = part.stat().st_ino
        done = self.run_bulk(server.url, "--from", path, "--journal", self.journal, "--results", self.results, "--resume")
        self.assert_status(WRONG_USAGE, done)
        self.assertIn("another program has the journal open", done.stderr)
        self.assertEqual(identity, part.stat().st_ino)


class AnEarlyEnd(BulkTest):
    def run_against(self, answer, *arguments):
        with RawServer(answer) as server:
            return self.run_bulk(server.url, "--from", self.list_of(people(200)), "--journal", self.journal,
                                 "--results", self.results, *arguments)

    def test_when_the_session_is_over_is_continued_with_another(self):
        done = self.run_against(response(403, b'{"reason":"no session"}'))
        self.assert_status(ENDED_EARLY, done)
        self.assertIn("does not accept the credentials", done.stderr)
        self.assertIn("--resume", done.stderr)
        server = self.server()
        done = self.run_bulk(server.url, "--from", self.folder / "people", "--journal", self.journal, "--results", self.results,
                             "--resume")
        self.assert_status(ALL_INVITED, done)
        self.assertEqual({address: 1 for address in people(200)}, server.invited())

    def test_stops_where_the_input_is_another(self):
        with RawServer(response(400, b'{}')) as server:
            self.run_bulk(server.url, "--from", self.list_of(people(30)), "--journal", self.journal, "--batch", 10)
        server = self.server()
        other = people(30)
        other[25] = "somebody@example.com"
        done = self.run_bulk(server.url, "--from", self.list_of(other), "--journal", self.journal, "--batch", 10,
                             "--results", self.results, "--resume")
        self.assert_status(ENDED_EARLY, done)
        self.assertIn("a part of the input is not that of the run in the journal", done.stderr)
        self.assertFalse(self.results.exists())
        self.assertEqual({address: 1 for address in people(10)}, server.invited())

    def test_at_a_quota_says_how_long_to_wait(self):
        done = self.run_against(response(429, extra=["Retry-After: 86400"]))
        self.assert_status(ENDED_EARLY, done)
        self.assertIn("a delay of 86400 s", done.stderr)
        self.assertEqual({"not attempted"}, set(self.verdicts().values()))

    def test_if_nobody_listens_is_3(self):
        done = self.run_bulk(f"http://127.0.0.1:{closed_port()}", "--from", self.list_of(people(200)), "--batch", 10)
        self.assert_status(WITHOUT_EFFECT, done)

    def test_of_too_many_unknown(self):
        done = self.run_against(b"", "--batch", 10)
        self.assert_status(ENDED_EARLY, done)
        self.assertEqual(50, collections.Counter(self.verdicts().values())["unknown"])

    def test_is_4_if_the_run_is_complete_and_some_are_unknown(self):
        with RawServer(b"") as server:
            done = self.run_bulk(server.url, "--from", self.list_of(people(10)), "--results", self.results)
        self.assert_status(UNKNOWN, done)
        self.assertIn("10 addresses are unknown", done.stderr)

    def test_is_5_if_the_response_is_lost(self):
        with RawServer(response(200, b"{", length=100)) as server:
            done = self.run_bulk(server.url, "--from", self.list_of(people(10)), "--results", self.results)
        self.assert_status(RESPONSE_LOST, done)
        self.assertEqual({"unaccounted"}, set(self.verdicts().values()))

    def run_on_a_full_disk(self, url, *arguments):
        limited = ["sh", "-c", 'ulimit -f 8; trap "" XFSZ; exec "$@"', "sh"]
        return subprocess.run([*limited, *self.command(url, *arguments)], capture_output=True, text=True,
                              env=self.environment(), timeout=60, check=False)

    def test_when_the_results_cannot_be_written(self):
        server = self.server()
        done = self.run_on_a_full_disk(server.url, "--from", self.list_of(people(2000)), "--results", self.results)
        self.assertIn("the results cannot be written", done.stderr)
        self.assert_status(RESPONSE_LOST, done)
        self.assertFalse(self.results.exists())

    def test_when_the_results_cannot_be_written_is_continued_with_a_journal(self):
        server = self.server()
        arguments = ["--from", self.list_of(people(130)), "--journal", self.journal, "--results", self.results]
        done = self.run_on_a_full_disk(server.url, *arguments)
        self.assert_status(ENDED_EARLY, done)
        self.assert_status(ALL_INVITED, self.run_bulk(server.url, *arguments, "--resume"))
        self.assertEqual(130, len(self.rows()))
        self.assertEqual({address: 1 for address in people(130)}, server.invited())

    def test_when_the_journal_cannot_be_written_is_continued(self):
        server = self.server()
        arguments = ["--from", self.list_of(people(2000)), "--journal", self.journal, "--batch", 10]
        done = self.run_on_a_full_disk(server.url, *arguments)
        self.assert_status(ENDED_EARLY, done)
        self.assertIn("the journal cannot be written: File too large", done.stderr)
        done = self.run_bulk(server.url, *arguments, "--results", self.results, "--resume")
        self.assertIn(done.returncode, (ALL_INVITED, UNKNOWN))
        unknown = {address for address, verdict in self.verdicts().items() if verdict != "invited"}
        invited = server.invited()
        self.assertEqual({1}, set(invited.values()))
        self.assertLessEqual(set(people(2000)) - set(invited), unknown)
        self.assertLessEqual(len(unknown), 90)


class Credentials(BulkTest):
    ALL = {"FICTIVE_SESSION_ID": SECRET, "FICTIVE_TOKEN_ID": "t0ken-5ecret", "FICTIVE_BEARER": "b3arer-5ecret"}

    def check_sent(self, *arguments, env):
        with RawServer(response(200, invited("a@b.cc"))) as server:
            done = subprocess.run(self.command(server.url, "--from", self.list_of(["a@b.cc"]), *arguments), capture_output=True,
                                  text=True, env={**self.environment(), "FICTIVE_SESSION_ID": "", **env}, timeout=60,
                                  check=False)
        self.assert_status(ALL_INVITED, done)
        request, = server.requests()
        sent = [request.values(field) for field in ("X-SessionId", "X-TokenId", "Authorization")]
        session, token, bearer = self.ALL.values()
        self.assertEqual([[session], [token], [f"Bearer {bearer}"]], sent)

    def test_come_from_the_environment_or_the_command_line_which_comes_first(self):
        session, token, bearer = self.ALL.values()
        options = ["--session-id", session, f"--token-id={token}", "--bearer", bearer]
        self.check_sent(env=self.ALL)
        self.check_sent(*options, env={})
        self.check_sent(*options, env={name: "other" for name in self.ALL})

    def test_are_not_shown_if_the_service_repeats_them(self):
        words = "unknown: " + " ".join(self.ALL.values())
        path = self.list_of(people(1))
        with RawServer(response(403, words.encode(), "text/plain", [f"X-Request-Id: {words}"])) as server:
            for option in ("--duplicates=off", "--json"):
                done = subprocess.run(self.command(server.url, "--from", path, option), capture_output=True, text=True,
                                      env={**self.environment(), **self.ALL}, timeout=60, check=False)
                self.assert_status(ENDED_EARLY, done)
                output = done.stdout + done.stderr
                self.assertIn("unknown: [secret] [secret] [secret]", output)
                for secret in self.ALL.values():
                    self.assertNotIn(secret, output)

    def test_are_not_shown_if_they_cannot_be_sent(self):
        done = self.run_bulk("https://localhost", "--from", self.list_of(people(1)), "--session-id", SECRET + "\n")
        self.assert_status(WRONG_USAGE, done)
        self.assertIn("session_id", done.stderr)


class TheCommandsOfTheDocuments(BulkTest):
    SCRIPT = pathlib.Path(__file__).resolve().parent / "bulk_invite.sh"

    def run_script(self, part, server):
        env = {**self.environment(), "PATH": f"{EXAMPLES}{os.pathsep}{os.environ['PATH']}", "service": server.url, "group": "group"}
        return subprocess.run([self.SCRIPT, part], cwd=self.folder, env=env, capture_output=True, text=True, timeout=60,
                              check=False)

    def test_check_run_and_resume(self):
        page = self.SCRIPT.parents[2] / "docs" / "bulk.md"
        shown = page.read_text(encoding="utf-8") if page.exists() else ""
        self.write("name,email\n" + "".join(f'"Muir, Jamie",person{i}@example.com\n' for i in range(50_000))
                   + '"Muir, Jamie",nobody@fictiveglobal\n,person0@Example.COM\n', "people.csv")
        server = self.server()
        done = self.run_script("check", server)
        self.assertEqual((ALL_INVITED, "1 duplicate, 50,001 to send\n"), (done.returncode, done.stdout), done.stderr)
        self.assertIn(done.stdout, shown)
        for part in ("run", "resume"):
            done = self.run_script(part, server)
            self.assertEqual((SOME_REFUSED, "50,000 invited, 1 refused, 1 duplicate\n"), (done.returncode, done.stdout),
                             done.stderr)
            self.assertIn(done.stdout, shown)
            self.assertEqual(50_002, len(self.rows()))
        self.assertEqual({address: 1 for address in people(50_000)}, server.invited())


class TheCommandLine(BulkTest):
    def test_says_what_is_wrong_with_it(self):
        path = self.list_of(people(1))
        url = ("--base-url", "https://localhost")
        for arguments, message in (
                ([], "--from is missing"),
                (["--from", path], "--base-url is missing"),
                (["--from=-", "--from=-", *url], "standard input (-) is given twice"),
                (["--from=-", "--journal=j", "--resume", "--members=-", *url], "standard input (-) is given twice"),
                (["--from=people.csv", "--results=people.csv", *url], "--results: people.csv is a file of another option"),
                (["--from", self.folder / "none", *url], "--from: cannot open "),
                (["--from", self.folder, *url], "--from: cannot read "),
                (["person1@example.com"], "an argument that is not an option"),
                (["--from", path, *url, "--resume"], "--resume needs --journal"),
                (["--from", path, *url, "--resend-unknown"], "--resend-unknown needs --resume"),
                (["--from", path, *url, "--members", path], "--members needs --resume"),
                (["--from", path, *url, "--journal", self.journal, "--resume", "--members", self.folder / "none"],
                 "--members: cannot open "),
                (["--from", path, *url, "--journal", self.journal, "--resume"], "there is no journal to continue"),
                (["--from", path, *url, "--journal", path], "people: the journal exists already: continue its run with --resume"),
                (["--from", path, *url, "--results", "results.txt"], "--results: give a name that ends in .csv or .jsonl"),
                (["--batch", "0"], "--batch: write an integer from 1 to 10000"),
                (["--batch", "ten"], "--batch: write an integer from 1 to 10000"),
                (["--concurrency", "65"], "--concurrency: write an integer from 1 to 64"),
                (["--rate", "0"], "--rate: write the number"), (["--rate", "nan"], "--rate: write the number"),
                (["--duplicates", "some"], "--duplicates: write off"),
                (["--quiet=yes"], "unknown option --quiet"), (["--sesion-id=" + SECRET], "unknown option --sesion-id"),
                (["--column"], "--column needs a value"), (["--column=a", "--column=b"], "--column is given twice"),
                (["--column", "--json"], "--column needs a value"), (["--column", ""], "--column needs a value"),
                (["--column="], "--column is empty"), (["-x"], "unknown option -x"),
                (["--\x1b[31m"], "unknown option --?[31m"),
                (["--expires", "tomorrow"], "--expires: not a date-time"),
                (["--timeout", "0"], "--timeout: write an integer from 1 to 3600"),
                (["--timeout", "1.5"], "--timeout: write an integer from 1 to 3600"),
                (["--ca-file", "/no/such/file"], "--ca-file: cannot read /no/such/file"),
                (["--from", path, "--base-url", "ftp://localhost"], "base_url is not"),
                (["--from", path, "--base-url", "https://me:you@localhost"], "base_url contains user info"),
                (["--from", path, "--base-url", "http://service.example"], "https"),
                (["--from", path, "--base-url", "https://localhost", "--version", "\n"], "api_version")):
            with self.subTest(arguments):
                done = self.run_bulk(None, *arguments)
                self.assert_status(WRONG_USAGE, done)
                self.assertIn(message, done.stderr)
                self.assertEqual("", done.stdout)
        without_group = [EXAMPLES / "bulk_invite", *url, "--from", path]
        done = subprocess.run(without_group, capture_output=True, text=True, env=self.environment(), timeout=60, check=False)
        self.assert_status(WRONG_USAGE, done)
        self.assertIn("--group is missing", done.stderr)
        done = self.run_bulk(None, "--help")
        self.assert_status(0, done)
        for option in ("--base-url", "--from", "--journal", "--resume", "FICTIVE_SESSION_ID", "exit status"):
            self.assertIn(option, done.stdout)

    def test_of_another_group_does_not_continue_a_run(self):
        server = self.server()
        path = self.list_of(people(5))
        self.assert_status(ALL_INVITED, self.run_bulk(server.url, "--from", path, "--journal", self.journal))
        done = self.run_bulk(server.url, "--from", path, "--journal", self.journal, "--resume", "--subscription", "other")
        self.assert_status(WRONG_USAGE, done)
        self.assertIn("other subscription references", done.stderr)
        changed = self.run_bulk(server.url, "--from", self.list_of(people(5, 1)), "--journal", self.journal, "--resume")
        self.assert_status(WRONG_USAGE, changed)
        self.assertIn("the input is not that of the run in the journal", changed.stderr)
        self.assertEqual({address: 1 for address in people(5)}, server.invited())


if __name__ == "__main__":
    unittest.main(verbosity=2)
