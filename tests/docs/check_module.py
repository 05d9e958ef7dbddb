#!/usr/bin/env python3
"""Checks that the named module exports each name of the reference, and no other.

    check_module.py REFERENCE_XML_FOLDER MODULE
"""

import pathlib
import re
import sys
import xml.etree.ElementTree

# Standard names in the library's namespace, which Doxygen does not list.
UNLISTED = {"fictive::stop_source", "fictive::stop_token"}


def public_names(folder):
    namespaces, names = {}, set()
    for compound in xml.etree.ElementTree.parse(folder / "index.xml").getroot():
        name = compound.findtext("name")
        if compound.get("kind") == "namespace":
            namespaces[name] = [m.findtext("name") for m in compound.findall("member") if m.get("kind") != "enumvalue"]
        elif compound.get("kind") in ("class", "struct", "concept"):
            names.add(name)
    names = {name for name in names if name.rpartition("::")[0] in namespaces}  # not those within a class
    return names.union(*({f"{space}::{member}" for member in members} for space, members in namespaces.items()))


def main():
    folder, module = map(pathlib.Path, sys.argv[1:])
    exported = set(re.findall(r"^using ([\w:<]+);", module.read_text(encoding="utf-8"), re.MULTILINE))
    public = public_names(folder) | UNLISTED
    wrong = [f"not exported: {name}" for name in sorted(public - exported)]
    wrong += [f"not in the reference: {name}" for name in sorted(exported - public)]
    if wrong:
        sys.exit("\n".join(wrong))
    print(f"{len(exported)} names")


main()
