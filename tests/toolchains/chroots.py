"""Chroots of newer Debian releases, from the mirror that the host's apt uses. Nothing is mounted in them.

    chroots.py make FOLDER RELEASE...   makes FOLDER/RELEASE, all at the same time, or keeps what is there. Where that
                                        is not possible on this machine, FOLDER/RELEASE.skipped says why
    chroots.py copy CHROOT              copies the library and its tests to CHROOT/fictive

A chroot has the release's two newest versions of g++ and of clang, libc++, OpenSSL and Catch2, and each version of its
Boost below /opt/boost. To have what the release offers today, remove FOLDER.
"""

import concurrent.futures
import hashlib
import os
import pathlib
import re
import shutil
import subprocess
import sys
import urllib.error
import urllib.request

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
COPIED = ["include", "packaging/module", "single_include", "tests"]
APT_OPTIONS = """
Acquire::Check-Date "false";
Acquire::Check-Valid-Until "false";
Acquire::Languages "none";
Acquire::Retries "3";
APT::Install-Recommends "false";
APT::Sandbox::User "root";
"""
DPKG_OPTIONS = """
force-unsafe-io
path-exclude=/usr/share/doc/*
path-exclude=/usr/share/locale/*
path-exclude=/usr/share/man/*
"""


def output_of(*command):
    return subprocess.run(command, check=True, stdout=subprocess.PIPE, text=True).stdout


def mirror_of(release):
    """The first package source of the host that has the release, or None."""
    sites = output_of("apt-get", "indextargets", "--format", "$(SITE)", "Created-By: Packages").split()
    for site in dict.fromkeys(sites):
        try:
            with urllib.request.urlopen(f"{site}/dists/{release}/Release", timeout=60) as answer:
                if b"\nLabel: Debian\n" in answer.read(1000):
                    return site
        except (urllib.error.URLError, ValueError, OSError):
            pass
    return None


def why_not(release):
    """The reason why the chroot cannot be created, or None."""
    if os.geteuid() != 0:
        return "only root can make a chroot"
    for program in ("apt-get", "debootstrap"):
        if not shutil.which(program):
            return f"{program} is not installed"
    if not mirror_of(release):
        return f"no package source of this machine has {release}, or it cannot be reached"
    return None


def remove(folder):
    """Removes a chroot; an interrupted debootstrap leaves /proc mounted in it."""
    mounts = [line.split()[1] for line in pathlib.Path("/proc/self/mounts").read_text(encoding="utf-8").splitlines()]
    for mount in reversed(mounts):
        if mount.startswith(f"{folder}/"):
            subprocess.run(["umount", mount], check=True)
    if folder.exists():
        shutil.rmtree(folder)


def numbers(version):
    return [int(part) for part in version.split(".")]


def make(release, chroot, log):
    def run(*command):
        subprocess.run(command, check=True, stdout=log, stderr=subprocess.STDOUT,
                       env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"})

    def run_inside(*command):
        run("chroot", chroot, *command)

    run("debootstrap", "--variant=minbase", "--include=ca-certificates", release, chroot, mirror_of(release))
    (chroot / "etc/apt/apt.conf.d/toolchains").write_text(APT_OPTIONS, encoding="utf-8")
    (chroot / "etc/dpkg/dpkg.cfg.d/toolchains").write_text(DPKG_OPTIONS, encoding="utf-8")
    run_inside("apt-get", "update")
    packages = output_of("chroot", chroot, "apt-cache", "pkgnames").split()

    def versions(pattern):
        return sorted((match[1] for match in map(re.compile(pattern).fullmatch, packages) if match), key=numbers)

    gcc = [version for version in versions(r"g\+\+-(\d+)") if int(version) >= 14]  # older ones have no C++26
    clang = versions(r"clang-(\d+)")
    run_inside("apt-get", "install", "-y", "catch2", "libssl-dev", "python3",
               *(f"g++-{version}" for version in gcc[-2:]), *(f"clang-{version}" for version in clang[-2:]),
               f"libc++-{clang[-1]}-dev", f"libc++abi-{clang[-1]}-dev")
    for version in versions(r"libboost(1\.\d+)-dev"):  # they conflict, so none of them is installed
        run_inside("sh", "-ec", f"mkdir -p /opt/boost; cd /opt/boost; apt-get download libboost{version}-dev;"
                                f"dpkg-deb -x libboost{version}-dev_*.deb {version}; rm libboost{version}-dev_*.deb")
    run_inside("apt-get", "clean")


def make_or_keep(folder, release):
    chroot, part, skipped = (folder / f"{release}{suffix}" for suffix in ("", ".part", ".skipped"))
    recipe = hashlib.sha256(pathlib.Path(__file__).read_bytes()).hexdigest()
    skipped.unlink(missing_ok=True)
    if (chroot / "recipe").exists() and (chroot / "recipe").read_text(encoding="utf-8") == recipe:
        return f"{release} is there"
    reason = why_not(release)
    if reason:
        skipped.write_text(reason + "\n", encoding="utf-8")
        return f"{release} is skipped: {reason}"
    remove(chroot)
    remove(part)
    try:
        with open(folder / f"{release}.log", "w", encoding="utf-8") as log:
            make(release, part, log)
    except subprocess.CalledProcessError as failure:
        sys.exit(f"{failure}; its output is in {folder / f'{release}.log'}")
    (part / "recipe").write_text(recipe, encoding="utf-8")
    part.rename(chroot)
    return f"{release} was made"


def main():
    command, folder, *releases = sys.argv[1:]
    folder = pathlib.Path(folder).resolve()
    if command == "copy":
        shutil.rmtree(folder / "fictive", ignore_errors=True)
        for name in COPIED:
            shutil.copytree(ROOT / name, folder / "fictive" / name)
        return
    with concurrent.futures.ThreadPoolExecutor() as pool:
        for outcome in pool.map(lambda release: make_or_keep(folder, release), releases):
            print(outcome)


if __name__ == "__main__":
    main()
