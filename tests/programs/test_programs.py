#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Runs the example programs as a user would.

FICTIVE_EXAMPLES is the folder they were built in, FICTIVE_CERTIFICATES one that certificates.py has filled.
"""

import concurrent.futures
import json
import os
import pathlib
import re
import signal
import socket
import subprocess
import unittest

from servers import RawServer, FakeServer, closed_port, invited, response, seconds_of

EXAMPLES = pathlib.Path(os.environ["FICTIVE_EXAMPLES"])
CERTIFICATES = pathlib.Path(os.environ["FICTIVE_CERTIFICATES"])
CA = CERTIFICATES / "ca.pem"

OVER_A_NETWORK = [name for name in ("invite", "own_stack_curl", "own_stack_httplib") if (EXAMPLES / name).exists()]
for missing in {"invite", "own_stack_curl", "own_stack_httplib"} - set(OVER_A_NETWORK):
    print(f"not built, so not tested: {missing}")

SAMPLE_ADDRESSES = ["jamie.muir@fictiveglobal.com", "josh.fogg@fictiveglobal.com", "jim.pimblett@fictiveglobal.com",
                    "alex.marinescu@fictiveglobal"]
SAMPLE_TABLE = """\
ADDRESS                         RESULT   INVITATION        STATUS             EXPIRES
jamie.muir@fictiveglobal.com    invited  iafsraka6712kabc  PendingAcceptance  2017-07-07T15:41:30
josh.fogg@fictiveglobal.com     invited  ibbsrata6r122abc  PendingAcceptance  2017-07-07T15:41:30
jim.pimblett@fictiveglobal.com  refused
alex.marinescu@fictiveglobal    refused

2 invited, 2 refused
"""
SAMPLE_LINES = """\
jamie.muir@fictiveglobal.com is invited: iafsraka6712kabc
josh.fogg@fictiveglobal.com is invited: ibbsrata6r122abc
jim.pimblett@fictiveglobal.com is refused
alex.marinescu@fictiveglobal is refused
"""

SECRET = "s3ss10n-5ecret"
PASSWORD = "pa55word-5ecret"
ALL_INVITED, SOME_REFUSED, WRONG_USAGE, WITHOUT_EFFECT, UNKNOWN, RESPONSE_LOST = range(6)


def environment(**extra):
    clean = {name: value for name, value in os.environ.items()
             if not name.startswith("FICTIVE_") and not name.lower().endswith("_proxy")}
    return {**clean, **extra}


class ProgramTest(unittest.TestCase):
    def run_program(self, name, *arguments, env=None):
        done = subprocess.run([EXAMPLES / name, *map(str, arguments)], stdin=subprocess.DEVNULL, capture_output=True,
                              env=environment(**(env or {})), timeout=60, check=False)
        output = done.stdout + done.stderr
        for secret in (SECRET, PASSWORD):
            self.assertNotIn(secret.encode(), output)
        self.assertIsNone(re.search(rb"[\x00-\x09\x0b-\x1f\x7f]|\xc2[\x80-\x9f]|\xe2\x80[\xaa-\xae]", output), output)
        done.stdout, done.stderr = done.stdout.decode(), done.stderr.decode()
        return done

    def invite(self, name, url, addresses=("jamie.muir@fictiveglobal.com",), **env):
        return self.run_program(name, url, "group", *addresses, env={"FICTIVE_SESSION_ID": SECRET, **env})

    def assert_status(self, status, done):
        self.assertEqual(status, done.returncode, done.stdout + done.stderr)


class TheSample(ProgramTest):
    def test_every_program_does_the_same_over_http(self):
        with FakeServer(EXAMPLES) as server:
            self.assertRegex(server.url, r"^http://127\.0\.0\.1:\d+$")
            self.check_every_program(server.url)

    def test_every_program_does_the_same_over_https(self):
        with FakeServer(EXAMPLES, CERTIFICATES / "server") as server:
            self.assertRegex(server.url, r"^https://127\.0\.0\.1:\d+$")
            self.check_every_program(server.url, FICTIVE_CA_FILE=str(CA))

    def check_every_program(self, url, **env):
        for name in OVER_A_NETWORK:
            with self.subTest(name):
                done = self.invite(name, url, SAMPLE_ADDRESSES, **env)
                self.assert_status(SOME_REFUSED, done)
                self.assertEqual((SAMPLE_TABLE if name == "invite" else SAMPLE_LINES, ""), (done.stdout, done.stderr))

    def test_is_what_invite_does_without_arguments(self):
        done = self.run_program("invite")
        self.assert_status(SOME_REFUSED, done)
        self.assertEqual(SAMPLE_TABLE, done.stdout)
        self.assertIn("a fake of the service", done.stderr)

    @unittest.skipUnless((EXAMPLES / "asynchronous").exists(), "not built: asynchronous")
    def test_is_counted_by_every_asynchronous_style(self):
        session = {"FICTIVE_SESSION_ID": SECRET}
        with FakeServer(EXAMPLES) as server:
            for style in "callback", "future", "coroutine":
                with self.subTest(style):
                    done = self.run_program("asynchronous", style, server.url, "group", *SAMPLE_ADDRESSES, env=session)
                    self.assert_status(0, done)
                    self.assertEqual(("2 invited, 2 refused\n", ""), (done.stdout, done.stderr))
        self.assert_status(WRONG_USAGE, self.run_program("asynchronous"))

    def test_is_what_an_event_loop_of_ones_own_does_after_two_failures(self):
        done = self.run_program("own_event_loop")
        self.assert_status(0, done)
        self.assertRegex(done.stdout, r"^1 invited after 3 attempts in [78] s of the loop's time\n$")

    def test_is_not_needed_by_tests_in_memory(self):
        done = self.run_program("in_memory")
        self.assert_status(0, done)
        self.assertEqual(("in_memory: all tests passed\n", ""), (done.stdout, done.stderr))

    @unittest.skipUnless((EXAMPLES / "hooks").exists(), "not built: hooks")
    def test_can_be_logged_by_hooks_without_a_group_or_address(self):
        with FakeServer(EXAMPLES) as server:
            done = self.invite("hooks", server.url, SAMPLE_ADDRESSES)
        self.assert_status(0, done)
        self.assertRegex(done.stderr, r"attempt=1 status=200 ms=\S+ sent=1\d\d received=\d+ effect=applied\n")
        self.assertRegex(done.stderr, r"attempts=1 invited=2 refused=2 unaccounted=0 ms=\S+\n")
        self.assertNotRegex(done.stderr, r"groups/group|@")

    def test_of_the_readme(self):
        with FakeServer(EXAMPLES) as server:
            done = self.invite("readme", server.url)
            self.assert_status(0, done)
            self.assertEqual("jamie.muir@fictiveglobal.com is invited: iafsraka6712kabc\n", done.stdout)
            self.assertEqual("nobody is refused\n", self.invite("readme", server.url, ["nobody"]).stdout)

    @unittest.skipUnless((EXAMPLES / "proxy_and_client_certificate").exists(), "not built")
    def test_within_a_network_of_a_company(self):
        arguments = ["group", "jamie.muir@fictiveglobal.com", CERTIFICATES / "server.pem", CERTIFICATES / "server.key", CA]
        with RawServer(response(200, invited("jamie.muir@fictiveglobal.com")),
                       certificate=CERTIFICATES / "server") as server, RawServer(response(407)) as proxy:
            env = {"FICTIVE_SESSION_ID": SECRET, "HTTPS_PROXY": f"http://user:{PASSWORD}@127.0.0.1:{proxy.port}"}
            refused = self.run_program("proxy_and_client_certificate", server.url, *arguments, env=env)
            self.assert_status(1, refused)
            self.assertIn("the proxy requires other credentials", refused.stderr)
            connect, = proxy.requests()
            self.assertEqual(("CONNECT", server.url.removeprefix("https://")), (connect.method, connect.target))
            self.assertEqual(["Host", "Proxy-Authorization"], [name.title() for name, _ in connect.headers])
            done = self.run_program("proxy_and_client_certificate", server.url, *arguments,
                                    env={**env, "NO_PROXY": "127.0.0.0/8"})
            self.assert_status(0, done)
            self.assertEqual("jamie.muir@fictiveglobal.com is invited: reference0\n", done.stdout)


class TheFakeServer(ProgramTest):
    def test_ends_when_its_standard_input_does_though_a_connection_is_open(self):
        server = FakeServer(EXAMPLES)
        with socket.create_connection(("127.0.0.1", int(server.url.rsplit(":", 1)[1])), timeout=10) as idle:
            idle.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
            self.assertTrue(idle.recv(65536).startswith(b"HTTP/1.1 404 "))
            self.assertLess(seconds_of(lambda: server.__exit__(None)), 2)
            self.assertEqual(0, server.process.returncode)
            self.assertEqual(b"", idle.recv(1))

    def test_ends_at_a_signal(self):
        for number in (signal.SIGTERM, signal.SIGINT):
            with FakeServer(EXAMPLES) as server:
                server.process.send_signal(number)
                self.assertEqual(0, server.process.wait(10))

    def test_answers_many_requests_on_one_connection(self):
        with FakeServer(EXAMPLES) as server:
            with socket.create_connection(("127.0.0.1", int(server.url.rsplit(":", 1)[1])), timeout=10) as connection:
                for _ in range(3):
                    connection.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
                    self.assertTrue(connection.recv(65536).startswith(b"HTTP/1.1 404 "))
                connection.sendall(b"nonsense\r\n\r\n")
                self.assertTrue(connection.recv(65536).startswith(b"HTTP/1.1 400 "))
                self.assertEqual(b"", connection.recv(1))

    def test_says_what_is_wrong_with_its_arguments(self):
        self.assert_status(2, self.run_program("fake_server", "--certificate"))
        missing = self.run_program("fake_server", "--certificate", "no.pem", "--key", "no.key")
        self.assert_status(1, missing)
        self.assertIn("No such file", missing.stderr)


class ACertificateThatIsNotToBeTrusted(ProgramTest):
    def check_refused(self, certificate, **env):
        for name in OVER_A_NETWORK:
            with self.subTest(program=name, certificate=certificate):
                with RawServer(response(200, invited("a@b.c")), certificate=CERTIFICATES / certificate) as server:
                    done = self.invite(name, server.url, **env)
                self.assert_status(WITHOUT_EFFECT, done)
                self.assertIn("Nobody was invited", done.stderr)
                self.assertEqual([b""], server.received, "one connection, and not a byte of the request")

    def test_is_refused_if_it_is_for_another_name(self):
        self.check_refused("other_name", FICTIVE_CA_FILE=str(CA))

    def test_is_refused_if_it_has_expired(self):
        self.check_refused("expired", FICTIVE_CA_FILE=str(CA))

    def test_is_refused_if_its_authority_is_unknown(self):
        self.check_refused("unknown", FICTIVE_CA_FILE=str(CA))

    def test_is_refused_if_its_authority_is_not_one_of_the_systems(self):
        self.check_refused("server")

    def test_is_told_from_one_that_is(self):
        for name in OVER_A_NETWORK:
            with self.subTest(name):
                body = invited("jamie.muir@fictiveglobal.com")
                with RawServer(response(200, body), certificate=CERTIFICATES / "server") as server:
                    self.assert_status(ALL_INVITED, self.invite(name, server.url, FICTIVE_CA_FILE=str(CA)))
                self.assertEqual(1, len(server.requests()))


class TheExitStatus(ProgramTest):
    def check(self, status, code, effect, answer):
        for name in OVER_A_NETWORK:
            with self.subTest(name):
                with RawServer(answer) as server:
                    done = self.invite(name, server.url)
                self.check_ended(status, code, effect, done, server)

    def check_ended(self, status, code, effect, done, server):
        self.assert_status(status, done)
        self.assertEqual(1, len(server.received), "nothing is sent twice")
        self.assertRegex(done.stderr, rf"^(invite: )?{code} \(effect: {effect}[,)]")

    def test_is_that_of_the_effect_if_the_deadline_passes(self):
        headers = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        never = [b" "] * 1000
        cases = {
            "the connection never gets ready": (WITHOUT_EFFECT, "none", {"says_https": True}),
            "the answer never comes": (UNKNOWN, "unknown", {}),
            "the headers come too slowly": (UNKNOWN, "unknown", {"answer": headers + b"X-Padding: ", "drip": [b"x"] * 1000}),
            "the body comes too slowly": (RESPONSE_LOST, "applied", {"answer": response(200, b"", length=2000), "drip": never}),
            "a body without a length does": (RESPONSE_LOST, "applied", {"answer": headers + b"\r\n", "drip": never}),
        }

        def run(case):
            name, (status, effect, server_options) = case
            with RawServer(**{"answer": None, **server_options}) as server:
                return status, effect, self.invite(name, server.url), server

        runs = [(name, case) for name in OVER_A_NETWORK for case in cases]
        with concurrent.futures.ThreadPoolExecutor(len(runs)) as pool:  # all wait for 10 s
            ended = pool.map(run, [(name, cases[case]) for name, case in runs])
            for which, (status, effect, done, server) in zip(runs, ended):
                with self.subTest(which):
                    self.check_ended(status, "timed out", effect, done, server)

    def test_is_0_if_all_were_invited(self):
        for name in OVER_A_NETWORK:
            with self.subTest(name), FakeServer(EXAMPLES) as server:
                done = self.invite(name, server.url)
                self.assert_status(ALL_INVITED, done)
                self.assertIn("1 invited, 0 refused\n" if name == "invite" else "is invited", done.stdout)

    def test_is_1_if_one_is_missing_in_the_response(self):
        for name in OVER_A_NETWORK:
            with RawServer(response(200, b'{"validInvitations":[]}')) as server:
                done = self.invite(name, server.url)
            self.assert_status(SOME_REFUSED, done)
            self.assertIn("0 invited, 0 refused, 1 missing in the response\n" if name == "invite" else
                          "jamie.muir@fictiveglobal.com is not in the response\n", done.stdout)

    def test_is_2_if_the_command_line_is_wrong(self):
        for name in OVER_A_NETWORK:
            without_session = self.run_program(name, "https://localhost", "group", "a@b.c")
            for done in (without_session, self.run_program(name, "https://localhost", env={"FICTIVE_SESSION_ID": SECRET})):
                self.assert_status(WRONG_USAGE, done)
                self.assertIn(f" {name} BASE_URL GROUP ADDRESS...\n", done.stderr)

    def test_is_3_if_the_request_cannot_be_sent(self):
        for name in OVER_A_NETWORK:
            done = self.invite(name, "http://service.example")
            self.assert_status(WITHOUT_EFFECT, done)
            self.assertIn("https", done.stderr)

    def test_is_3_if_the_session_cannot_be_sent_which_is_not_shown(self):
        for name in OVER_A_NETWORK:
            done = self.invite(name, "https://localhost", FICTIVE_SESSION_ID=SECRET + "\n")
            self.assert_status(WITHOUT_EFFECT, done)
            self.assertIn("session_id", done.stderr)

    def test_is_3_if_nobody_listens(self):
        for name in OVER_A_NETWORK:
            with self.subTest(name):
                done = self.invite(name, f"http://127.0.0.1:{closed_port()}")
                self.assert_status(WITHOUT_EFFECT, done)
                self.assertIn("transport failure", done.stderr)

    def test_is_3_if_the_service_refuses(self):
        self.check(WITHOUT_EFFECT, "not authenticated", "none",
                   response(403, b"Unable to authenticate using the provided session.", "text/plain"))

    def test_is_3_at_a_redirect_which_is_not_followed(self):
        for name in OVER_A_NETWORK:
            with self.subTest(name), RawServer(response(200, invited("a@b.c"))) as target:
                moved = response(307, extra=[f"Location: {target.url}/elsewhere"])
                with RawServer(moved) as server:
                    self.assert_status(WITHOUT_EFFECT, self.invite(name, server.url))
                self.assertEqual([], target.received)

    def test_is_4_if_the_connection_ends_before_the_answer(self):
        self.check(UNKNOWN, "transport failure", "unknown", b"")

    def test_is_4_if_the_connection_ends_within_the_headers(self):
        self.check(UNKNOWN, "transport failure", "unknown", b"HTTP/1.1 200 OK\r\nContent-Type: application/js")

    def test_is_4_after_an_interim_response_only(self):
        self.check(UNKNOWN, "transport failure", "unknown", b"HTTP/1.1 100 Continue\r\n\r\n")

    def test_is_4_if_the_service_fails(self):
        self.check(UNKNOWN, "server error", "unknown", response(500, b'{"errorCode": 1006, "errorMessage": "broken"}'))

    def test_is_4_if_the_headers_are_too_large(self):
        many = [f"X-Padding-{i}: {'x' * 4000}" for i in range(50)]
        self.check(UNKNOWN, "transport failure", "unknown", response(200, invited("a@b.c"), extra=many))

    def test_is_4_if_the_answer_is_not_the_services(self):
        self.check(UNKNOWN, "malformed response", "unknown", response(200, b"<html>log in", "text/html"))

    def test_is_5_if_the_connection_ends_within_the_body(self):
        self.check(RESPONSE_LOST, "malformed response", "applied",
                   response(200, invited("a@b.c")[:20], length=len(invited("a@b.c"))))

    def test_is_5_if_the_json_is_cut(self):
        self.check(RESPONSE_LOST, "malformed response", "applied", response(200, invited("a@b.c")[:20]))

    def test_is_5_if_there_is_no_body(self):
        self.check(RESPONSE_LOST, "malformed response", "applied", b"HTTP/1.1 204 No Content\r\n\r\n")

    def test_is_5_if_the_body_is_too_large(self):
        self.check(RESPONSE_LOST, "malformed response", "applied", response(200, b" " * (8 * 1024 * 1024 + 1)))


class TheAnswer(ProgramTest):
    def test_may_come_in_chunks_behind_an_interim_response(self):
        body = invited("jamie.muir@fictiveglobal.com")
        chunks = b"".join(b"%x\r\n%s\r\n" % (len(part), part) for part in (body[:7], body[7:]))
        answer = (b"HTTP/1.1 100 Continue\r\n\r\n"
                  b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n"
                  + chunks + b"0\r\n\r\n")
        for name in OVER_A_NETWORK:
            with self.subTest(name), RawServer(answer) as server:
                self.assert_status(ALL_INVITED, self.invite(name, server.url))

    def test_does_not_steer_the_terminal(self):
        evil = "\x1b]0;owned\x07\x1b[31m\u009b2J\u202e\x00"
        body = json.dumps({"validInvitations": [{"invitationReference": evil, "emailAddress": evil, "status": evil}],
                           "invalidEmailAddresses": [evil, "jamie.muir@fictiveglobal.com"]}).encode()
        refusals = [(200, body), (400, json.dumps({"message": evil}).encode()), (500, evil.encode())]
        for status, text in refusals:
            with RawServer(response(status, text)) as server:
                done = self.invite("invite", server.url)  # looks at its output
                if status == 200:
                    self.assertIn("?]0;owned??[31m?2J??", done.stdout)

    def test_is_not_asked_of_a_proxy(self):
        with FakeServer(EXAMPLES) as server, RawServer(response(200, invited("a@b.c"))) as proxy:
            env = {name: proxy.url for name in ("http_proxy", "https_proxy", "all_proxy", "HTTP_PROXY", "ALL_PROXY")}
            for name in OVER_A_NETWORK:
                with self.subTest(name):
                    done = self.invite(name, server.url, **env)
                    self.assert_status(ALL_INVITED, done)
            self.assertEqual([], proxy.received)


if __name__ == "__main__":
    unittest.main(verbosity=2)
