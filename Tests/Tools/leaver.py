#!/usr/bin/python3
"""Tries to read a repository with everything that a member ever had, whoever he is now.

    leaver.py REPOSITORY IDENTITY

Takes every slot that was ever sealed to the identity, and every wrap between epochs, from all records; then tries each
secret on each pack. Prints `opened N of M`, and the epochs of those that opened and of those that did not.
"""
import base64
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "Independent"))
import vault_format as vf  # noqa: E402
import vault_objects as vo  # noqa: E402
from vault_repository import Store  # noqa: E402

store = Store(sys.argv[1])
me = vf.open_identity(pathlib.Path(sys.argv[2]).read_bytes(), lambda: os.environ["PASSPHRASE"])
records = [json.loads(base64.b64decode(json.loads(line)["payload"]))["predicate"] for line in store.log_lines(0)]
repo = bytes.fromhex(records[0]["repository"])
keyrings = [r.get("keyring") or r["order"].get("keyring") for r in records
            if r["kind"] == "genesis" or r["kind"] == "propose"]
keyrings = [k for k in keyrings if k]


def label(p): return vf.label0(p) + repo


reads, indexes = set(), set()
for keyring in keyrings:
    for slot in keyring["slots"]:
        if slot["member"] != me.id.hex():
            continue
        tail = vf.u(4, slot["epoch"]) + me.id
        keys = vf.parse_slot(vf.hpke_open(me.x25519, bytes.fromhex(slot["enc"]), label("slot") + tail,
                                          label("slot-aad") + tail, bytes.fromhex(slot["sealed"]), "slot"))
        reads.add(keys.get(1))
        indexes.add(keys.get(2))
reads, indexes = reads - {None}, indexes - {None}
size = -1
while len(reads) + len(indexes) != size:
    size = len(reads) + len(indexes)
    for wrap in (w for k in keyrings for w in k["chain"]):
        n = vf.u(4, wrap["epoch"])
        for key in list(reads):
            try:
                reads.add(vf.hpke_open(key, bytes.fromhex(wrap["read"]["enc"]), label("chain/read") + n,
                                       label("chain/read-aad") + n, bytes.fromhex(wrap["read"]["sealed"]), "wrap"))
            except vf.Damage:
                pass
        for key in list(indexes):
            keys = vf.hkdf(key, label("chain/idx") + n, 64)
            try:
                indexes.add(vf.decrypt(keys[:32], label("chain/idx") + n + keys[32:],
                                       bytes.fromhex(wrap["idx"]["sealed"]), "wrap"))
            except vf.Damage:
                pass


def opens(data, header, stanzas):
    for s in stanzas:
        for key in reads:
            try:
                vf.hpke_open(key, s.enc, label("pack/stanza") + s.binding,
                             label("pack/stanza-aad") + s.binding + s.salt + s.commitment, s.sealed, "stanza")
                return True
            except vf.Damage:
                pass
    offset, length = vo.parse_trailer(data[-16:], len(data), header)
    stored, context = data[offset:offset + length], vf.sha256(data[:header])
    for key in indexes:
        keys = vf.hkdf(vf.hkdf(key, label("seal/directory/key")), label("seal/directory") + stored[:32], 64)
        if keys[32:] == stored[32:64]:
            vf.decrypt(keys[:32], label("seal/directory") + context + stored[:64], stored[64:], "directory")
            return True
    return False


opened, closed = [], []
for folder, _, files in os.walk(os.path.join(sys.argv[1], "packs")):
    for name in files:
        data = pathlib.Path(folder, name).read_bytes()
        _, stanzas, header, _ = vo.parse_header(data, repo)
        (opened if opens(data, header, stanzas) else closed).append(stanzas[0].epoch)
print(f"opened {len(opened)} of {len(opened) + len(closed)}")
print("epochs opened:", *sorted(set(opened)))
print("epochs closed:", *sorted(set(closed)))
