#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Runs the example `bulk` as a user would, interrupts and kills it.

FICTIVE_EXAMPLES is the folder it was built in.
"""

import os
import pathlib
import signal
import subprocess
import tempfile
import time
import unittest

from servers import CountingServer, RawServer, people, response

EXAMPLES = pathlib.Path(os.environ["FICTIVE_EXAMPLES"])
SECRET = "s3ss10n-5ecret"
COMPLETE, INCOMPLETE, WRONG_USAGE = range(3)


class Bulk(unittest.TestCase):
    def setUp(self):
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.folder = pathlib.Path(folder.name)
        self.list, self.journal = self.folder / "people", self.folder / "journal"

    def server(self, *options):
        server = CountingServer(EXAMPLES, self.folder, *options)
        self.addCleanup(server.__exit__)
        return server

    def start(self, url, addresses):
        if addresses is not None:
            self.list.write_text("".join(address + "\n" for address in addresses), encoding="utf-8")
        clean = {name: value for name, value in os.environ.items() if not name.startswith("FICTIVE_")}
        process = subprocess.Popen([EXAMPLES / "bulk", url, "group", self.list, self.journal], text=True,
                                   stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                                   env={**clean, "FICTIVE_SESSION_ID": SECRET})
        self.addCleanup(process.communicate)
        self.addCleanup(process.kill)
        return process

    def end(self, process):
        """The exit status, the fields of each line of output by address, and the messages."""
        out, err = process.communicate(timeout=120)
        self.assertNotIn(SECRET, out + err)
        lines = [line.split("\t") for line in out.splitlines()]
        outcomes = {address: (verdict, *rest) for verdict, address, *rest in lines}
        self.assertEqual(len(lines), len(outcomes), "one line for each address")
        return process.returncode, outcomes, err

    def run_bulk(self, url, addresses):
        return self.end(self.start(url, addresses))

    def lines_of_journal(self):
        return self.journal.read_bytes().count(b"\n") if self.journal.exists() else 0

    def send_after(self, number, process, lines):
        """Sends the signal when the journal has more lines than this."""
        end = time.monotonic() + 60
        while self.lines_of_journal() <= lines:
            self.assertIsNone(process.poll(), "it has ended")
            self.assertLess(time.monotonic(), end)
            time.sleep(0.002)
        process.send_signal(number)

    def test_prints_who_was_invited_and_refused(self):
        server = self.server()
        status, outcomes, err = self.run_bulk(server.url, [*people(250), "", "nobody@nowhere\r", "person1@EXAMPLE.com"])
        self.assertEqual((COMPLETE, "bulk: 250 invited, 1 refused, 0 unknown\n"), (status, err))
        self.assertEqual({*people(250), "nobody@nowhere", "person1@EXAMPLE.com"}, set(outcomes))
        self.assertEqual(("refused",), outcomes["nobody@nowhere"])
        self.assertEqual(("duplicate",), outcomes["person1@EXAMPLE.com"])
        self.assertEqual(250, len({outcomes[address] for address in people(250)}), "each with its reference")
        self.assertEqual({address: 1 for address in people(250)}, server.invited())

    def test_is_interrupted_and_continued_until_all_are_invited_once(self):
        addresses = people(5000)
        server = self.server("--delay", 30)
        interrupted = 0
        while True:
            lines = self.lines_of_journal() + 5
            run = self.start(server.url, addresses)
            if interrupted < 4:
                self.send_after(signal.SIGINT, run, lines)
            status, outcomes, err = self.end(run)
            if interrupted == 4:
                break
            interrupted += 1
            self.assertEqual(INCOMPLETE, status, err)
            self.assertIn("(stopped): run it again to continue\n", err)
            self.assertEqual({"invited"}, {verdict for verdict, *_ in outcomes.values()})
            self.assertLess(len(outcomes), len(addresses))
        self.assertEqual((COMPLETE, "bulk: 5000 invited, 0 refused, 0 unknown\n"), (status, err))
        self.assertEqual(set(addresses), set(outcomes))
        self.assertEqual(len(addresses), len(set(outcomes.values())), "each with its reference")
        self.assertEqual({address: 1 for address in addresses}, server.invited())

    def test_lets_the_requests_in_progress_complete_when_it_is_interrupted(self):
        server = self.server("--delay", 1000)
        run = self.start(server.url, people(100))
        self.send_after(signal.SIGINT, run, lines=1)
        status, outcomes, _ = self.end(run)
        self.assertEqual(INCOMPLETE, status)
        self.assertEqual(people(10), sorted(outcomes))
        self.assertEqual({"invited"}, {verdict for verdict, *_ in outcomes.values()})
        self.assertEqual({address: 1 for address in people(10)}, server.invited())

    def test_is_killed_and_continued_and_prints_who_is_unknown(self):
        addresses = people(1000)
        server = self.server("--delay", 50)
        run = self.start(server.url, addresses)
        self.send_after(signal.SIGKILL, run, lines=6)
        run.wait(60)
        status, outcomes, err = self.run_bulk(server.url, addresses)
        self.assertEqual(COMPLETE, status, err)
        self.assertEqual(set(addresses), set(outcomes))
        invited = server.invited()
        self.assertEqual({1}, set(invited.values()), "nobody is invited twice")
        unknown = {address for address, (verdict, *_) in outcomes.items() if verdict == "unknown"}
        self.assertEqual({"invited", "unknown"}, {verdict for verdict, *_ in outcomes.values()})
        self.assertLessEqual(set(addresses) - set(invited), unknown, "nobody is missing")
        self.assertIn(f" {len(unknown)} unknown\n", err)

    def test_ends_at_once_at_a_second_signal(self):
        server = self.server("--delay", 60_000)
        run = self.start(server.url, people(100))
        self.send_after(signal.SIGINT, run, lines=1)
        time.sleep(0.3)
        run.send_signal(signal.SIGINT)
        self.assertEqual(-signal.SIGINT, run.wait(10))

    def test_says_why_it_ended_early(self):
        with RawServer(response(403, b"{}")) as server:
            status, outcomes, err = self.run_bulk(server.url, people(3))
        self.assertEqual((INCOMPLETE, {"not applied"}), (status, {verdict for verdict, *_ in outcomes.values()}))
        self.assertIn("bulk: not authenticated (effect: none, status: 403", err)
        self.assertIn("ended early (not authenticated): run it again to continue\n", err)
        server = self.server()
        self.assertEqual(COMPLETE, self.run_bulk(server.url, people(3))[0])
        self.assertEqual({address: 1 for address in people(3)}, server.invited())

    def test_says_what_is_wrong_with_its_arguments(self):
        done = subprocess.run([EXAMPLES / "bulk"], capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual(WRONG_USAGE, done.returncode)
        self.assertIn("bulk BASE_URL GROUP ADDRESSES JOURNAL\n", done.stderr)

    def test_refuses_a_list_that_cannot_be_read(self):
        status, _, err = self.run_bulk("http://127.0.0.1:1", None)
        self.assertEqual((WRONG_USAGE, f"bulk: cannot read {self.list}\n"), (status, err))
        self.list.mkdir()
        status, _, err = self.run_bulk("http://127.0.0.1:1", None)
        self.assertEqual(INCOMPLETE, status)
        self.assertIn(f"bulk: cannot read all of {self.list}\n", err)

    def test_refuses_a_file_that_is_no_journal_and_one_of_a_run_in_progress(self):
        self.journal.write_text("of something else\n", encoding="utf-8")
        self.assertEqual(WRONG_USAGE, self.run_bulk("http://127.0.0.1:1", people(1))[0])
        self.journal.unlink()
        server = self.server("--delay", 60_000)
        self.send_after(0, self.start(server.url, people(10)), lines=1)
        status, _, err = self.run_bulk(server.url, people(10))
        self.assertEqual(WRONG_USAGE, status)
        self.assertIn("another program has the journal open", err)


if __name__ == "__main__":
    unittest.main(verbosity=2)
