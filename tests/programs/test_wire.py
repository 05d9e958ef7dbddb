#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Compares what the example programs send with what other clients send for the same request: the contract's sample.

FICTIVE_EXAMPLES is the folder they were built in. A client that is not installed is skipped.
"""

import json
import os
import pathlib
import shutil
import subprocess
import sys
import unittest
import urllib.parse

from servers import RawServer, response

EXAMPLES = pathlib.Path(os.environ["FICTIVE_EXAMPLES"])
BODY = (pathlib.Path(__file__).parent.parent / "samples" / "request-full.json").read_text(encoding="utf-8").strip()
SAMPLE = json.loads(BODY)
ANSWER = (pathlib.Path(__file__).parent.parent / "samples" / "response-200.json").read_bytes()

HEADERS = {
    "Accept": "application/json",
    "Content-Type": "application/json",
    "X-Version": "9.0.0",
    "X-TokenId": "0123456789abcdef0123456789abcdef",
    "X-SessionId": "7f3c2b1a-session",
    "Origin": "https://acme.example",
    "Authorization": "Bearer eyJhbGciOi.J9.c2ln",
}

PYTHON = """
import json, sys, requests
job = json.load(sys.stdin)
requests.post(job["url"], data=job["body"].encode(), headers=job["headers"], timeout=20)
"""

RUBY = """
require "json"
require "net/http"
job = JSON.parse(STDIN.read)
url = URI(job["url"])
request = Net::HTTP::Post.new(url, job["headers"])
request.body = job["body"]
Net::HTTP.start(url.host, url.port, nil) { |http| http.request(request) }
"""

NODE = """
const job = JSON.parse(require("fs").readFileSync(0));
fetch(job.url, {method: "POST", headers: job.headers, body: job.body}).then(reply => reply.text());
"""


def curl(job):
    headers = [argument for name, value in job["headers"].items() for argument in ("--header", f"{name}: {value}")]
    return [need("curl"), "--silent", "--max-time", "20", "--data-binary", job["body"], *headers, job["url"]]


def python_requests(_):
    for python in (sys.executable, "/usr/bin/python3", "python3"):
        has_it = subprocess.run([python, "-c", "import requests"], capture_output=True, check=False, timeout=60)
        if has_it.returncode == 0:
            return [python, "-c", PYTHON]
    raise unittest.SkipTest("Python's requests is not installed: install python3-requests")


def ruby_net_http(_):
    return [need("ruby"), "-e", RUBY]


def node_fetch(_):
    node = need("node")
    if subprocess.run([node, "-e", "fetch"], capture_output=True, check=False, timeout=60).returncode != 0:
        raise unittest.SkipTest("this node is too old to have fetch: install version 18 or later")
    return [node, "-e", NODE]


def need(command):
    path = shutil.which(command)
    if not path:
        raise unittest.SkipTest(f"{command} is not installed")
    return path


def bulk_invite(job):
    headers = job["headers"]
    return [need_example("bulk_invite"), "--base-url", job["base_url"], "--group", job["group"], "--from=-",
            "--version", headers["X-Version"], "--token-id", headers["X-TokenId"],
            "--session-id", headers["X-SessionId"], "--bearer", headers["Authorization"].removeprefix("Bearer "),
            "--origin", headers["Origin"], "--expires", SAMPLE["expiryDate"],
            *(f"--subscription={reference}" for reference in SAMPLE["subscriptionReferences"])]


def example(name):
    return lambda job: [need_example(name), job["base_url"], job["group"], *SAMPLE["emailAddresses"]]


def need_example(name):
    if not (EXAMPLES / name).exists():
        raise unittest.SkipTest(f"{name} was not built")
    return EXAMPLES / name


def sent_by(command_of, group, stdin=None):
    """The one request that the client sends to a recording server. Without `stdin`, it reads the job as JSON."""
    with RawServer(response(200, ANSWER)) as server:
        url = f"{server.url}/rest/api/accounts/groups/{urllib.parse.quote(group, safe='')}/invites"
        job = {"base_url": server.url, "url": url, "group": group, "headers": HEADERS, "body": BODY}
        environment = {name: value for name, value in os.environ.items()
                       if not name.startswith("FICTIVE_") and not name.lower().endswith("_proxy")}
        environment["FICTIVE_SESSION_ID"] = HEADERS["X-SessionId"]
        done = subprocess.run(command_of(job), input=stdin or json.dumps(job), capture_output=True, text=True, timeout=60,
                              env=environment, check=False)
    requests = server.requests()
    if len(requests) != 1:
        raise AssertionError(f"{len(requests)} requests were sent\n{done.stderr}")
    return requests[0]


class SentRequests(unittest.TestCase):
    """Compares the requests of all clients for the sample."""

    def check(self, command_of, group="2f5a1b0c-account-group", headers=HEADERS, body=SAMPLE, stdin=None):
        request = sent_by(command_of, group, stdin)
        self.assertEqual("POST", request.method)
        self.assertEqual(f"/rest/api/accounts/groups/{urllib.parse.quote(group, safe='')}/invites", request.target)
        for name, value in headers.items():
            self.assertEqual([value], request.values(name), name)
        self.assertEqual([str(len(request.body))], request.values("Content-Length"))
        self.assertEqual(body, json.loads(request.body))
        return request

    def check_ours(self, command_of, **sent):
        request = self.check(command_of, **sent)
        names = sorted(name for name, _ in request.headers)
        expected = [*sent.get("headers", HEADERS), "Host", "Content-Length", "User-Agent", "Accept-Encoding", "Connection"]
        self.assertLessEqual(set(names), {name.lower() for name in expected}, "nothing else is sent")
        self.assertEqual(len(names), len(set(names)), "nothing is sent twice")
        self.assertEqual(["identity"], request.values("Accept-Encoding"))
        self.assertTrue(request.values("User-Agent")[0].startswith("fictive-cpp/"))
        self.check(command_of, group="a/b c%2F?d#\u00e9+", **sent)
        return request

    def check_example(self, name):
        headers = {name: HEADERS[name] for name in ("Accept", "Content-Type", "X-Version", "X-SessionId")}
        self.check_ours(example(name), headers=headers, body={"emailAddresses": SAMPLE["emailAddresses"]})

    def test_by_bulk_invite(self):
        request = self.check_ours(bulk_invite, stdin="\n".join(SAMPLE["emailAddresses"]))
        self.assertEqual(BODY, request.body.decode(), "the sample to the letter")

    def test_by_invite(self):
        self.check_example("invite")

    def test_by_own_stack_curl(self):
        self.check_example("own_stack_curl")

    def test_by_own_stack_httplib(self):
        self.check_example("own_stack_httplib")

    def test_by_curl(self):
        self.check(curl)

    def test_by_python_requests(self):
        self.check(python_requests)

    def test_by_ruby_net_http(self):
        self.check(ruby_net_http)

    def test_by_node_fetch(self):
        self.check(node_fetch)


if __name__ == "__main__":
    unittest.main(verbosity=2)
