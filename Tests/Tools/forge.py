#!/usr/bin/python3
"""Appends a record that the program would not write, signed with an identity file without passphrase.

    forge.py REPOSITORY IDENTITY KIND FIELDS       FIELDS: a Python expression for the fields of the kind, in which
                                                   `k` is a copy of the keyring in force, `order(k)` an order for it,
                                                   `proposals` the ids of all proposals, `me` the id of the identity,
                                                   `before` the keyring before that one, `slot(k, NAME)` what is sealed
                                                   in a slot, `put(NAME, fields)` an order that puts it there, and
                                                   `seal(NAME, {TAG: SECRET})` such fields; `secrets` are the identity's
    forge.py REPOSITORY IDENTITY again POSITION    the bytes of an earlier record once more
    forge.py REPOSITORY IDENTITY decide FIELDS OTHER...
                                                   a proposal, approved by the identity and the others

Prints the position of the last record.
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

repository, identity, kind, what, *others = sys.argv[1:]
store = Store(repository)
lines = store.log_lines(0)
log = vf.Log(lines, store.set_object)


def load(path):
    file = json.loads(pathlib.Path(path).read_bytes())
    secret = bytes.fromhex(file["secret"])
    return f.Identity(secret[:32], secret[32:], file["name"], file["kind"])


writer = load(identity)


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


def named(keyring, name): return next(m for m in keyring["members"] if m["name"] == name)


def entry(keyring, name): return next(s for s in keyring["slots"] if s["member"] == named(keyring, name)["id"])


def slot(keyring, name): return {key: entry(keyring, name)[key] for key in ("commitment", "enc", "sealed")}


def put(name, fields):
    keyring = copy.deepcopy(log.keyring)
    entry(keyring, name).update(fields)
    return order(keyring)


def labels(member_id):
    tail = f.u32(log.keyring["epoch"]) + bytes.fromhex(member_id)
    return [f.label0(p) + log.repo + tail for p in ("slot", "slot-aad")]


def seal(name, held):
    who = named(log.keyring, name)
    plaintext = f.u8(len(held)) + b"".join(f.u8(tag) + held[tag] for tag in sorted(held))
    enc, sealed, commitment = f.hpke_seal(bytes.fromhex(who["x25519"]), *labels(who["id"]), plaintext, os.urandom(32))
    return {"commitment": commitment.hex(), "enc": enc.hex(), "sealed": sealed.hex()}


class Mine(dict):
    """The secrets in the slot of the identity, opened when they are wanted."""
    def __missing__(self, tag):
        mine = entry(log.keyring, writer.name)
        plaintext = vf.hpke_open(writer.x, bytes.fromhex(mine["enc"]), *labels(mine["member"]),
                                 bytes.fromhex(mine["sealed"]), "slot")
        self.update(vf.parse_slot(plaintext))
        return self[tag]


def append(who, kind, fields):
    made = f.Log(log.repo)
    made.lines = list(lines)
    made.sequence = {who.id: log.sequence.get(who.id.hex(), 0)}
    publish(made.add(who, "2027-01-02T03:04:05.000Z", kind, fields))
    log.sequence[who.id.hex()] = made.sequence[who.id]


def publish(record):
    path = os.path.join(repository, f.record_name(len(lines)))
    os.makedirs(os.path.dirname(path), exist_ok=True)
    pathlib.Path(path).write_bytes(record)
    lines.append(record)


if kind == "again":
    publish(lines[int(what)])
else:
    payloads = [json.loads(f.base64.b64decode(json.loads(line)["payload"]))["predicate"] for line in lines]
    keyrings = [r.get("keyring") or r.get("order", {}).get("keyring") for r in payloads]
    names = {"k": copy.deepcopy(log.keyring), "order": order, "proposals": list(log.proposals), "me": writer.id.hex(),
             "member": member, "admit": admit, "read": lambda p: pathlib.Path(p).read_text(), "slot": slot,
             "before": [k for k in keyrings if k and k["epoch"] < log.keyring["epoch"]][-1:], "put": put, "seal": seal,
             "secrets": (mine := Mine()), "own": lambda: {tag: mine[tag] for tag in (1, 2, 3, 4)}}
    append(writer, "propose" if kind == "decide" else kind, eval(what, names))
    if kind == "decide":
        proposal = f.sha256(lines[-1]).hex()
        for who in (writer, *map(load, others)):
            append(who, "approve", {"proposal": proposal})
print(len(lines) - 1)
