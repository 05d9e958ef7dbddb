# SPDX-License-Identifier: BSL-1.0
"""Servers for the tests of the programs, on loopback ports that the system chooses."""

import json
import pathlib
import socket
import ssl
import subprocess
import threading
import time


class Request:
    """An HTTP request, parsed."""

    def __init__(self, raw):
        head, self.body = raw.split(b"\r\n\r\n", 1)
        request_line, *lines = head.decode("latin-1").split("\r\n")
        self.method, self.target, _ = request_line.split(" ", 2)
        self.headers = [(name.lower(), value.strip()) for name, value in (line.split(":", 1) for line in lines)]

    def values(self, name):
        return [value for key, value in self.headers if key == name.lower()]


def response(status, body=b"", content_type="application/json", extra=(), length=None):
    """The bytes of a response. `length` overrides its Content-Length."""
    lines = [f"HTTP/1.1 {status} Status", f"Content-Length: {len(body) if length is None else length}", *extra]
    if content_type:
        lines.append(f"Content-Type: {content_type}")
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


def invited(*addresses):
    return json.dumps({
        "validInvitations": [{"invitationReference": f"reference{i}", "emailAddress": address,
                              "status": "PendingAcceptance"} for i, address in enumerate(addresses)],
        "invalidEmailAddresses": []}).encode()


class RawServer:
    """Records the bytes that arrive, and answers each complete request with the bytes `answer`, then the pieces `drip`
    with a pause before each; or never, if `answer` is None. Then it closes the connection. With `says_https`, its URL is
    https, though it does not speak TLS."""

    def __init__(self, answer=b"", drip=None, certificate=None, says_https=False):
        self.received = []  # of each connection, in the order of accepting
        self._answer, self._drip = answer, drip
        self._tls = None
        if certificate:
            self._tls = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            self._tls.load_cert_chain(f"{certificate}.pem", f"{certificate}.key")
        self._over = threading.Event()
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._listener.settimeout(0.1)
        self.port = self._listener.getsockname()[1]
        self.url = f"{'https' if certificate or says_https else 'http'}://127.0.0.1:{self.port}"
        self._threads = [threading.Thread(target=self._accept)]
        self._threads[0].start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._over.set()
        for thread in self._threads:
            thread.join()
        self._listener.close()

    def requests(self):
        """Call it after the server ended, or after the client received the response."""
        return [Request(bytes(raw)) for raw in self.received if raw]

    def _accept(self):
        while not self._over.is_set():
            try:
                connection, _ = self._listener.accept()
            except socket.timeout:
                continue
            record = bytearray()
            self.received.append(record)
            self._threads.append(threading.Thread(target=self._serve, args=(connection, record)))
            self._threads[-1].start()

    def _serve(self, connection, record):
        try:
            with connection:
                connection.settimeout(10)
                if self._tls:
                    connection = self._tls.wrap_socket(connection, server_side=True)
                with connection:
                    self._converse(connection, record)
        except OSError:  # TLS errors and timeouts, too: what arrived is recorded
            pass

    def _converse(self, connection, record):
        while not self._is_complete(record):
            data = connection.recv(65536)
            if not data:
                return
            record += data
        if self._answer is None:
            connection.recv(1)
            return
        connection.sendall(self._answer)
        for piece in self._drip or ():
            if self._over.wait(0.05):
                return
            connection.sendall(piece)

    @staticmethod
    def _is_complete(record):
        if b"\r\n\r\n" not in record:
            return False
        request = Request(bytes(record))
        return len(request.body) >= int((request.values("content-length") or ["0"])[0])


class FakeServer:
    """The program fake_server, with these options."""

    def __init__(self, examples, certificate=None, options=()):
        command = [examples / "fake_server", *map(str, options)]
        if certificate:
            command += ["--certificate", f"{certificate}.pem", "--key", f"{certificate}.key"]
        self.process = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        self.url = self.process.stdout.readline().strip()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.stdin.close()
        try:
            self.process.wait(10)
        finally:
            self.process.kill()
            self.process.wait()
            self.process.stdout.close()


class CountingServer(FakeServer):
    """A fake server that counts who was invited, how often."""

    def __init__(self, examples, folder, *options):
        self._counts = pathlib.Path(folder, "invited")
        super().__init__(examples, options=[*options, "--invited", self._counts])

    def invited(self):
        """Ends the server."""
        self.__exit__()
        lines = [line.split("\t") for line in self._counts.read_text(encoding="utf-8").splitlines()]
        return {address: int(count) for count, address in lines}


def people(count, first=0):
    return [f"person{i}@example.com" for i in range(first, first + count)]


def closed_port():
    """A port without a listener."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        return listener.getsockname()[1]


def seconds_of(action):
    begin = time.monotonic()
    action()
    return time.monotonic() - begin
