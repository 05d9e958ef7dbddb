#!/usr/bin/env python3
# SPDX-License-Identifier: BSL-1.0
"""Makes the certificates that the tests of TLS use, with the openssl command.

    certificates.py FOLDER

ca.pem          an authority; it signed
  server.pem      for localhost, 127.0.0.1 and ::1
  other_name.pem  for wrong.example
  expired.pem     for localhost, 127.0.0.1 and ::1, of one day in 2020
  cn_only.pem     with the subject localhost, and an e-mail address as its only alternative name
  intermediate.pem  an authority; it signed
    leaf.pem          for localhost, 127.0.0.1 and ::1
other_ca.pem    another authority; it signed
  unknown.pem     for localhost, 127.0.0.1 and ::1

The key of NAME.pem is NAME.key. Existing files are replaced.
"""

import pathlib
import secrets
import shutil
import subprocess
import sys
import tempfile

LOOPBACK = "DNS:localhost,IP:127.0.0.1,IP:::1"

CONFIGURATION = """
[req]
distinguished_name = name
[name]
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[intermediate]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
[server]
basicConstraints = critical,CA:FALSE
keyUsage = critical,digitalSignature
extendedKeyUsage = serverAuth
subjectKeyIdentifier = hash
authorityKeyIdentifier = keyid
subjectAltName = {names}
[issue]
database = {folder}/database
new_certs_dir = {folder}
serial = {folder}/serial
default_md = sha256
unique_subject = no
policy = any_name
[any_name]
commonName = supplied
"""


def openssl(*arguments):
    done = subprocess.run(["openssl", *map(str, arguments)], capture_output=True, text=True, check=False, timeout=60)
    if done.returncode != 0:
        sys.exit(f"openssl {arguments[0]} failed:\n{done.stderr}")


def configuration(scratch, names=LOOPBACK):
    path = scratch / "openssl.cnf"
    path.write_text(CONFIGURATION.format(folder=scratch, names=names), encoding="utf-8")
    return path


def make_authority(folder, scratch, name):
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "3650",
            "-subj", f"/CN=fictive test {name}", "-config", configuration(scratch), "-extensions", "authority",
            "-keyout", scratch / f"{name}.key", "-out", folder / f"{name}.pem")


def authority_key(folder, scratch, authority):
    root = scratch / f"{authority}.key"
    return root if root.exists() else folder / f"{authority}.key"


def make_certificate(folder, scratch, name, authority, names=LOOPBACK, begin="20200101000000Z",
                     end="20491231235959Z", subject=None, extensions="server"):
    config = configuration(scratch, names)
    openssl("req", "-new", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
            "-subj", f"/CN={subject or 'fictive test ' + name}", "-config", config,
            "-keyout", folder / f"{name}.key", "-out", scratch / "request.pem")
    # Of the openssl commands, only "ca" takes dates in the past, in all versions.
    (scratch / "database").write_text("", encoding="utf-8")
    (scratch / "serial").write_text(f"{secrets.randbelow(2**60) + 1:016X}\n", encoding="utf-8")
    openssl("ca", "-batch", "-notext", "-name", "issue", "-config", config, "-extensions", extensions,
            "-startdate", begin, "-enddate", end, "-cert", folder / f"{authority}.pem",
            "-keyfile", authority_key(folder, scratch, authority), "-in", scratch / "request.pem", "-out", folder / f"{name}.pem")


def make_all(folder):
    if not shutil.which("openssl"):
        sys.exit("there is no openssl command: install the package openssl")
    folder = pathlib.Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as temporary:
        scratch = pathlib.Path(temporary)
        make_authority(folder, scratch, "ca")
        make_authority(folder, scratch, "other_ca")
        make_certificate(folder, scratch, "server", "ca")
        make_certificate(folder, scratch, "other_name", "ca", names="DNS:wrong.example")
        make_certificate(folder, scratch, "expired", "ca", end="20200102000000Z")
        make_certificate(folder, scratch, "cn_only", "ca", names="email:somebody@example.com", subject="localhost")
        make_certificate(folder, scratch, "intermediate", "ca", extensions="intermediate")
        make_certificate(folder, scratch, "leaf", "intermediate")
        make_certificate(folder, scratch, "unknown", "other_ca")


if __name__ == "__main__":
    if len(sys.argv) != 2:
        sys.exit("usage: certificates.py FOLDER")
    make_all(sys.argv[1])
