#!/usr/bin/python3
"""Appends a record that the program would not write, signed with an identity file without passphrase.

    forge.py REPOSITORY IDENTITY KIND FIELDS       FIELDS: a Python expression for the fields of the kind, in which
                                                   `k` is a copy of the keyring in force, `order(k)` an order for it,
                                                   `proposals` the ids of all proposals, `me` the id of the identity
    forge.py REPOSITORY IDENTITY again POSITION    the bytes of an earlier record once more

Prints the position.
"""
import copy
import json
import os
import pathlib
import sys

TOP = pathlib.Path(__file__).resolve().parent.parent
sys.path[:0] = [str(TOP / "Independent"), str(TOP / "Vectors")]
import formatlib as f  # noqa: E402
import vault_format as vf  # noqa: E402
from vault_repository import Store  # noqa: E402

repository, identity, kind, what = sys.argv[1:5]
store = Store(repository)
lines = store.log_lines(0)
log = vf.Log(lines, store.set_object)
file = json.loads(pathlib.Path(identity).read_bytes())
secret = bytes.fromhex(file["secret"])
writer = f.Identity(secret[:32], secret[32:], file["name"], file["kind"])


def order(keyring, reason="forged", basis=None):
    return {"order": {"basis": basis or vf.sha256(vf.canonical(log.keyring)).hex(), "keyring": keyring,
                      "kind": "keyring", "reason": reason}}


def member(line, roles):
    """The keyring's entry for a public line."""
    parts = line.split(" ", 4)
    keys = f.base64.b64decode(parts[3])
    return {"ed25519": keys[32:64].hex(), "group": 1, "id": vf.member_id(keys[:32], keys[32:64]).hex(),
            "kind": parts[2], "name": parts[4].strip(), "roles": sorted(roles), "systems": ["*"],
            "x25519": keys[:32].hex()}


def admit(keyring, entry):
    keyring["members"] = sorted(keyring["members"] + [entry], key=lambda m: m["id"])
    return keyring


if kind == "again":
    record = lines[int(what)]
else:
    names = {"k": copy.deepcopy(log.keyring), "order": order, "proposals": list(log.proposals), "me": writer.id.hex(),
             "member": member, "admit": admit, "read": lambda p: pathlib.Path(p).read_text()}
    made = f.Log(log.repo)
    made.lines = list(lines)
    made.sequence = {writer.id: log.sequence.get(writer.id.hex(), 0)}
    record = made.add(writer, "2027-01-02T03:04:05.000Z", kind, eval(what, names))
path = os.path.join(repository, f.record_name(len(lines)))
os.makedirs(os.path.dirname(path), exist_ok=True)
pathlib.Path(path).write_bytes(record)
print(len(lines))
