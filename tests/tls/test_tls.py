# SPDX-License-Identifier: BSL-1.0
"""The adapter against `openssl s_server`, nginx, and servers that break TLS, with certificates made for each case.

    test_tls.py TLS_REQUEST
"""

import contextlib
import json
import pathlib
import shutil
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import unittest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "programs"))
import certificates  # noqa: E402

DRIVERS = "blocking", "asynchronous"
EC = "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"
RSA_1024 = "-newkey", "rsa:1024"
AUTHORITY = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\nsubjectKeyIdentifier=hash\n"
PAST, FUTURE = "20200101000000Z", "20491231235959Z"
WEAK_SERVER = "-cipher", "ALL@SECLEVEL=0"


class Authority:
    """A folder of certificates; each is issued by "ca" or by another one of them."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self._scratch = self.folder / "scratch"
        self._scratch.mkdir()
        for name in "ca", "other_ca":
            certificates.openssl("req", "-x509", *EC, "-nodes", "-days", "3650", "-subj", f"/CN={name}",
                                 "-config", certificates.configuration(self._scratch), "-extensions", "authority",
                                 "-keyout", self.path(f"{name}.key"), "-out", self.path(f"{name}.pem"))

    def path(self, name):
        return self.folder / name

    def issue(self, name, extensions, issuer="ca", begin=PAST, end=FUTURE, key=EC, digest="sha256", subject=None):
        config = certificates.configuration(self._scratch)
        request, file = self._scratch / "request.pem", self._scratch / "extensions"
        file.write_text(extensions, encoding="utf-8")
        certificates.openssl("req", "-new", *key, "-nodes", "-subj", f"/CN={subject or 'test ' + name}", "-config", config,
                             "-keyout", self.path(f"{name}.key"), "-out", request)
        (self._scratch / "database").write_text("", encoding="utf-8")
        (self._scratch / "serial").write_text(f"{certificates.secrets.randbelow(2**60) + 1:016X}\n", encoding="utf-8")
        certificates.openssl("ca", "-batch", "-notext", "-name", "issue", "-config", config, "-extfile", file,
                             "-md", digest, "-startdate", begin, "-enddate", end, "-cert", self.path(f"{issuer}.pem"),
                             "-keyfile", self.path(f"{issuer}.key"), "-in", request, "-out", self.path(f"{name}.pem"))
        return name

    def self_signed(self, name, names):
        certificates.openssl("req", "-x509", *EC, "-nodes", "-days", "3650", "-subj", f"/CN={name}", "-addext",
                             f"subjectAltName={names}", "-keyout", self.path(f"{name}.key"),
                             "-out", self.path(f"{name}.pem"))
        return name


@contextlib.contextmanager
def s_server(authority, certificate, *options):
    """Runs `openssl s_server`, and yields its port."""
    command = ["openssl", "s_server", "-accept", "127.0.0.1:0", "-www", "-cert", authority.path(f"{certificate}.pem"),
               "-key", authority.path(f"{certificate}.key"), *options]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                          text=True) as server:
        try:
            line = ""
            while not line.startswith("ACCEPT"):
                line = server.stdout.readline()
                if not line:
                    raise RuntimeError(f"s_server has ended: {command}")
            yield int(line.rsplit(":", 1)[1])
        finally:
            server.kill()


@contextlib.contextmanager
def nginx(folder, servers):
    """Runs nginx with these blocks `server`, in each of which PORT is replaced, and yields the ports."""
    ports = []
    for _ in servers:
        with socket.create_server(("127.0.0.1", 0)) as listener:
            ports.append(listener.getsockname()[1])
    blocks = "\n".join("server { " + text.replace("PORT", f"127.0.0.1:{port}") + " default_type application/json; "
                       "location / { return 200 '{}'; } }" for text, port in zip(servers, ports))
    file = folder / "nginx.conf"
    temporary = "\n".join(f"{name}_temp_path {folder}/{name};"
                          for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    file.write_text(f"daemon off; master_process off; pid {folder}/nginx.pid; error_log {folder}/error.log;\n"
                    f"events {{}} http {{ access_log off; {temporary} {blocks} }}\n", encoding="utf-8")
    with subprocess.Popen(["nginx", "-c", file, "-p", folder], stderr=subprocess.PIPE, text=True) as server:
        try:
            for port in ports:
                while True:
                    if server.poll() is not None:
                        raise RuntimeError(f"nginx has ended: {server.stderr.read()}")
                    with contextlib.suppress(ConnectionRefusedError):
                        socket.create_connection(("127.0.0.1", port)).close()
                        break
            yield ports
        finally:
            server.kill()


@contextlib.contextmanager
def raw_server(serve):
    """Calls `serve` with each connection, and yields the port."""
    listener = socket.create_server(("127.0.0.1", 0))

    def accept_all():
        while True:
            try:
                client, _ = listener.accept()
            except OSError:
                return
            with client, contextlib.suppress(OSError):
                serve(client)

    thread = threading.Thread(target=accept_all)
    thread.start()
    try:
        yield listener.getsockname()[1]
    finally:
        with contextlib.suppress(OSError):
            listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join()


class Tls(unittest.TestCase):
    program = None

    @classmethod
    def setUpClass(cls):
        folder = tempfile.TemporaryDirectory()
        cls.addClassCleanup(folder.cleanup)
        cls.authority = Authority(folder.name)

    def request(self, driver, port, host="localhost", ca="ca"):
        done = subprocess.run([self.program, driver, f"https://{host}:{port}/", self.authority.path(f"{ca}.pem")],
                              capture_output=True, text=True, check=True, timeout=60)
        return json.loads(done.stdout)

    def assert_refused(self, result, *causes):
        self.assertEqual("none", result.get("effect"), result)
        self.assertTrue(result["final"], result)
        self.assertTrue(result["message"].startswith("the server's certificate was not accepted: "), result)
        self.assertTrue(any(cause in result["cause"] for cause in causes), result)

    def assert_no_handshake(self, result):
        self.assertEqual(("none", "the TLS handshake failed"), (result.get("effect"), result.get("message")), result)
        self.assertFalse(result["final"], result)

    def test_certificates_that_are_refused(self):
        issue = self.authority.issue
        names = "subjectAltName=DNS:localhost,IP:127.0.0.1\n"
        issue("intermediate", AUTHORITY)
        issue("constrained", AUTHORITY + "nameConstraints=critical,permitted;DNS:allowed.example\n")
        issue("no_authority", "basicConstraints=critical,CA:FALSE\n")
        issue("short", AUTHORITY.replace("CA:TRUE", "CA:TRUE,pathlen:0"))
        issue("below_short", AUTHORITY, issuer="short")
        mismatch = "ostname mismatch", "IP address mismatch"
        rows = [
            ("expired", issue("expired", names, end="20200102000000Z"), "localhost", (), ("expired",)),
            ("not yet valid", issue("early", names, begin="20490101000000Z"), "localhost", (), ("not yet valid",)),
            ("another host", issue("another", "subjectAltName=DNS:wrong.example\n"), "localhost", (), mismatch),
            ("a partial wildcard", issue("partial", "subjectAltName=DNS:w*.host.example\n"), "www.host.example", (), mismatch),
            ("a wildcard for two labels", issue("two", "subjectAltName=DNS:*.host.example\n"), "a.b.host.example", (),
             mismatch),
            ("a wildcard without its label", issue("bare", "subjectAltName=DNS:*.host.example\n"), "host.example", (),
             mismatch),
            ("a wildcard for a top-level domain", issue("top", "subjectAltName=DNS:*.example\n"), "host.example", (),
             mismatch),
            ("a name for an address", issue("dns_only", "subjectAltName=DNS:localhost\n"), "127.0.0.1", (), mismatch),
            ("an address as a name", issue("ip_as_dns", "subjectAltName=DNS:127.0.0.1\n"), "127.0.0.1", (), mismatch),
            ("a common name", issue("cn", "basicConstraints=CA:FALSE\n", subject="localhost"), "localhost", (), mismatch),
            ("an address as a common name", issue("cn_ip", "basicConstraints=CA:FALSE\n", subject="127.0.0.1"), "127.0.0.1",
             (), mismatch),
            ("an unknown authority", issue("unknown", names, issuer="other_ca"), "localhost", (),
             ("unable to get local issuer",)),
            ("self-signed", self.authority.self_signed("self_signed", "DNS:localhost"), "localhost", (), ("self",)),
            ("a missing intermediate certificate", issue("leaf", names, issuer="intermediate"), "localhost", (),
             ("unable to get local issuer",)),
            ("a weak key", issue("weak_key", names, key=RSA_1024), "localhost", WEAK_SERVER, ("too weak", "too small")),
            ("a weak digest", issue("weak_digest", names, issuer="intermediate", digest="sha1"), "localhost",
             (*WEAK_SERVER, "-cert_chain", self.authority.path("intermediate.pem")), ("too weak",)),
            ("a certificate for clients", issue("client_only", names + "extendedKeyUsage=clientAuth\n"), "localhost", (),
             ("unsuitable certificate purpose", "unsupported certificate purpose", "invalid purpose")),
            ("a name that its issuer may not name", issue("not_permitted", names, issuer="constrained"), "localhost",
             ("-cert_chain", self.authority.path("constrained.pem")), ("permitted subtree violation",)),
            ("an issuer that is no authority", issue("below_leaf", names, issuer="no_authority"), "localhost",
             ("-cert_chain", self.authority.path("no_authority.pem")), ("invalid CA", "unable to get local issuer")),
        ]
        issue("too_long", names, issuer="below_short")
        chain = self.authority.path("chain.pem")
        chain.write_text("".join(self.authority.path(f"{name}.pem").read_text() for name in ("below_short", "short")))
        rows.append(("a path that is too long", "too_long", "localhost", ("-cert_chain", chain), ("path length",)))
        for what, certificate, host, options, causes in rows:
            with s_server(self.authority, certificate, *options) as port:
                for driver in DRIVERS:
                    with self.subTest(what, driver=driver):
                        self.assert_refused(self.request(driver, port, host), *causes)

    def test_certificates_that_are_accepted(self):
        issue = self.authority.issue
        issue("middle", AUTHORITY)
        issue("limited", AUTHORITY + "nameConstraints=critical,permitted;DNS:allowed.example\n")
        rows = [
            (issue("name", "subjectAltName=DNS:localhost\n"), "localhost", ()),
            (issue("upper_case", "subjectAltName=DNS:LOCALHOST\n"), "localhost", ()),
            (issue("wildcard", "subjectAltName=DNS:*.host.example\n"), "www.host.example", ()),
            (issue("address", "subjectAltName=IP:127.0.0.1\n"), "127.0.0.1", ()),
            (issue("below_middle", "subjectAltName=DNS:localhost\n", issuer="middle"), "localhost",
             ("-cert_chain", self.authority.path("middle.pem"))),
            (issue("permitted", "subjectAltName=DNS:www.allowed.example\n", issuer="limited"), "www.allowed.example",
             ("-cert_chain", self.authority.path("limited.pem"))),
            (issue("rsa", "subjectAltName=DNS:localhost\n", key=("-newkey", "rsa:2048")), "localhost", ()),
            ("name", "localhost", ("-tls1_2",)),
            ("name", "localhost", ("-tls1_3",)),
        ]
        for certificate, host, options in rows:
            with s_server(self.authority, certificate, *options) as port:
                for driver in DRIVERS:
                    with self.subTest(certificate, driver=driver):
                        result = self.request(driver, port, host)
                        self.assertEqual(200, result.get("status"), result)

    def test_handshakes_that_fail(self):
        self.authority.issue("good", "subjectAltName=DNS:localhost\n")
        for options in ("-tls1", *WEAK_SERVER), ("-tls1_1", *WEAK_SERVER), ("-tls1_2", "-cipher", "AES128-SHA:@SECLEVEL=0"):
            with s_server(self.authority, "good", *options) as port:
                for driver in DRIVERS:
                    with self.subTest(options, driver=driver):
                        self.assert_no_handshake(self.request(driver, port))

    def test_a_server_that_demands_a_certificate(self):
        self.authority.issue("demanding", "subjectAltName=DNS:localhost\n")
        for version in "-tls1_2", "-tls1_3":
            with s_server(self.authority, "demanding", version, "-Verify", "1", "-verify_return_error", "-CAfile",
                          self.authority.path("ca.pem")) as port:
                for driver in DRIVERS:
                    with self.subTest(version, driver=driver):
                        result = self.request(driver, port)
                        self.assertTrue(result.get("message", "").startswith("the server requires a client certificate"),
                                        result)
                        self.assertTrue(result["final"], result)
                        if version == "-tls1_2":
                            self.assertEqual("none", result["effect"])

    def test_half_a_handshake(self):
        self.authority.issue("half", "subjectAltName=DNS:localhost\n")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.authority.path("half.pem"), self.authority.path("half.key"))

        def begin(client, share):
            incoming, outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
            server = context.wrap_bio(incoming, outgoing, server_side=True)
            incoming.write(client.recv(65536))
            with contextlib.suppress(ssl.SSLWantReadError):
                server.do_handshake()
            flight = outgoing.read()
            client.sendall(flight[:int(len(flight) * share)])

        for what, serve in (("nothing", lambda client: client.recv(65536)),
                            ("half of the first flight", lambda client: begin(client, 0.5)),
                            ("an answer in plain HTTP", lambda client: (
                                client.recv(65536), client.sendall(b"HTTP/1.1 400 Bad Request\r\n\r\n")))):
            with raw_server(serve) as port:
                for driver in DRIVERS:
                    with self.subTest(what, driver=driver):
                        self.assert_no_handshake(self.request(driver, port))

    def test_an_end_without_close_notify(self):
        self.authority.issue("truncating", "subjectAltName=DNS:localhost\n")
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.authority.path("truncating.pem"), self.authority.path("truncating.key"))
        head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
        rows = [
            ("no response", b"", "unknown"),
            ("a part of the head", head, "unknown"),
            ("a part of a length", head + b"Content-Length: 9\r\n\r\n{}", "applied"),
            ("a part of the chunks", head + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n", "applied"),
            ("a whole length", head + b"Content-Length: 2\r\n\r\n{}", None),
            ("all chunks", head + b"Transfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n\r\n", None),
            ("a body until the end", head + b"\r\n{}", None),
        ]
        for what, answer, effect in rows:
            def serve(client, answer=answer):
                with context.wrap_socket(client, server_side=True) as tls:
                    tls.recv(65536)
                    tls.sendall(answer)
                    tls.shutdown(socket.SHUT_WR)  # of the socket, without close_notify
                    while tls.recv(65536):
                        pass

            with raw_server(serve) as port:
                for driver in DRIVERS:
                    with self.subTest(what, driver=driver):
                        result = self.request(driver, port)
                        self.assertEqual(effect, result.get("effect"), result)
                        if not effect:
                            self.assertEqual("{}", result["body"])

    @unittest.skipUnless(shutil.which("nginx"), "nginx is not installed")
    def test_nginx(self):
        issue, path = self.authority.issue, self.authority.path
        issue("nginx", "subjectAltName=DNS:localhost\n")
        issue("nginx_expired", "subjectAltName=DNS:localhost\n", end="20200102000000Z")
        folder = path("nginx_files")
        folder.mkdir()

        def server(name="nginx", more=""):
            return f"listen PORT ssl; ssl_certificate {path(name + '.pem')}; ssl_certificate_key {path(name + '.key')}; {more}"

        servers = [
            server(),
            server(more="ssl_protocols TLSv1.2;"),
            server(more=f"ssl_verify_client on; ssl_client_certificate {path('ca.pem')};"),
            server("nginx_expired"),
            server(more="ssl_protocols TLSv1.1; ssl_ciphers ALL@SECLEVEL=0;"),
            "listen PORT;",
        ]
        with nginx(folder, servers) as (good, tls_1_2, demanding, expired, old, plain):
            for driver in DRIVERS:
                with self.subTest(driver):
                    for port in good, tls_1_2:
                        self.assertEqual({"status": 200, "body": "{}"}, self.request(driver, port))
                    refused = self.request(driver, demanding)  # nginx says so in HTTP
                    self.assertEqual(400, refused.get("status"), refused)
                    self.assertIn("No required SSL certificate was sent", refused["body"])
                    self.assert_refused(self.request(driver, good, "other.example"), "ostname mismatch")
                    self.assert_refused(self.request(driver, good, ca="other_ca"), "unable to get local issuer")
                    self.assert_refused(self.request(driver, expired), "expired")
                    for port in old, plain:
                        self.assert_no_handshake(self.request(driver, port))


if __name__ == "__main__":
    Tls.program = sys.argv.pop(1)
    unittest.main()
