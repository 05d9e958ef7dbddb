#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Runs the example `server` against services that the tests control.

FICTIVE_EXAMPLES is the folder it was built in.
"""

import http.server
import json
import os
import pathlib
import signal
import socket
import subprocess
import tempfile
import threading
import unittest

EXAMPLES = pathlib.Path(os.environ["FICTIVE_EXAMPLES"])


class Service:
    """Accepts one session, and invites everybody; while `gate` is not set, requests wait."""

    def __init__(self, session):
        self.session = session
        self.gate = threading.Event()
        self.gate.set()
        self.invited, self.sessions = [], []
        self.has_request = threading.Semaphore(0)
        service = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self):
                addresses = json.loads(self.rfile.read(int(self.headers["Content-Length"])))["emailAddresses"]
                service.sessions.append(self.headers["X-SessionId"])
                service.has_request.release()
                service.gate.wait(30)
                accepted = self.headers["X-SessionId"] == service.session
                service.invited += addresses if accepted else []
                body = json.dumps({"validInvitations": [{"invitationReference": "reference-of-" + address,
                                                         "emailAddress": address} for address in addresses],
                                   "invalidEmailAddresses": []} if accepted else {"reason": "no session"}).encode()
                try:
                    self.send_response(200 if accepted else 403)
                    self.send_header("Content-Type", "application/json")
                    self.send_header("Content-Length", str(len(body)))
                    self.end_headers()
                    self.wfile.write(body)
                except OSError:
                    pass  # the call was cancelled

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self.gate.set()
        self._server.shutdown()
        self._server.server_close()


@unittest.skipUnless((EXAMPLES / "server").exists(), "not built: server")
class Server(unittest.TestCase):
    def setUp(self):
        self.service = Service("first")
        self.addCleanup(self.service.close)
        folder = tempfile.TemporaryDirectory()
        self.addCleanup(folder.cleanup)
        self.session_file = pathlib.Path(folder.name, "session")
        self.session_file.write_text("first\n", encoding="utf-8")
        self.process = subprocess.Popen([EXAMPLES / "server", self.service.url, "group", self.session_file],
                                        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        self.addCleanup(self.process.stdout.close)
        self.addCleanup(self.process.stderr.close)
        self.addCleanup(self.process.wait)
        self.addCleanup(self.process.kill)
        self.port = int(self.process.stdout.readline())

    def connect(self, line):
        connection = socket.create_connection(("127.0.0.1", self.port), 60)
        self.addCleanup(connection.close)
        connection.sendall(line.encode())
        return connection

    @staticmethod
    def answer(connection):
        with connection.makefile() as lines:
            return lines.readline()

    def shut_down(self):
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual(0, self.process.wait(60))
        return self.process.stderr.read()

    def test_invites_several_people_at_once(self):
        self.service.gate.clear()
        connections = [self.connect(f"person{i}@example.com\n") for i in range(8)]
        for _ in connections:
            self.assertTrue(self.service.has_request.acquire(timeout=60))  # all are in progress at the same time
        self.service.gate.set()
        self.assertEqual([f"invited: reference-of-person{i}@example.com\n" for i in range(8)],
                         [self.answer(connection) for connection in connections])
        log = self.shut_down()
        self.assertEqual(8, log.count("result=ok effect=applied"))
        self.assertNotIn("@", log)

    def test_reads_the_session_again_when_it_has_ended(self):
        self.service.session = "second"
        self.session_file.write_text("second\n", encoding="utf-8")
        self.assertEqual("invited: reference-of-a@example.com\n", self.answer(self.connect("a@example.com\n")))
        self.assertEqual(["first", "second"], self.service.sessions)
        self.assertIn("status=403", self.shut_down())

    def test_says_what_it_did_not_send(self):
        self.assertEqual("not invited: invalid argument\n", self.answer(self.connect("two words \n")))
        self.assertEqual([], self.service.sessions)
        self.shut_down()

    def test_completes_its_calls_when_it_is_shut_down(self):
        self.service.gate.clear()
        connection = self.connect("a@example.com\n")
        self.assertTrue(self.service.has_request.acquire(timeout=60))
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual("shutting down: 1 connections\n", self.process.stderr.readline())
        self.service.gate.set()
        self.assertEqual("invited: reference-of-a@example.com\n", self.answer(connection))
        self.assertEqual(0, self.process.wait(60))

    def test_cancels_its_calls_at_the_second_signal_and_says_that_the_outcome_is_unknown(self):
        self.service.gate.clear()
        connection = self.connect("a@example.com\n")
        self.assertTrue(self.service.has_request.acquire(timeout=60))
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual("shutting down: 1 connections\n", self.process.stderr.readline())
        self.process.send_signal(signal.SIGTERM)
        self.assertEqual("unknown: check before you send it again\n", self.answer(connection))
        self.assertEqual(0, self.process.wait(60))
        self.assertIn("result=cancelled effect=unknown", self.process.stderr.read())

    def test_ends_at_once_if_nobody_is_connected(self):
        self.assertIn("shut down\n", self.shut_down())


class Usage(unittest.TestCase):
    @unittest.skipUnless((EXAMPLES / "server").exists(), "not built: server")
    def test_is_explained(self):
        done = subprocess.run([EXAMPLES / "server"], capture_output=True, text=True, check=False, timeout=60)
        self.assertEqual((2, "usage: server BASE_URL GROUP SESSION_FILE\n"), (done.returncode, done.stderr))


if __name__ == "__main__":
    unittest.main(verbosity=2)
