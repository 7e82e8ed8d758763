#!/usr/bin/python3
"""Looks for a known file in a repository by what a former member knows of chunk ids.

    known.py REPOSITORY FORMER MEMBER FILE

FORMER: an identity file without passphrase, of which every slot that was ever sealed to it is opened for the dedup secrets
that it held, and no more. MEMBER: one of somebody who may read now, who opens the directories: so this is what a leaver
could tell if he also saw all ids. Prints the epochs of the packs in which the id of the file's content stands, a file of one
chunk, and those in which any id stands.
"""
import base64
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "Independent"))
import vault_format as vf  # noqa: E402
from vault_repository import Repository  # noqa: E402

former, member = (vf.open_identity(pathlib.Path(path).read_bytes(), lambda: "") for path in sys.argv[2:4])
repository = Repository(sys.argv[1], member)
repository.unlock()
dedups = set()
for line in repository.lines:
    record = json.loads(base64.b64decode(json.loads(line)["payload"]))["predicate"]
    for slot in (record.get("keyring") or record.get("order", {}).get("keyring") or {"slots": []})["slots"]:
        if slot["member"] == former.id.hex():
            tail = vf.u(4, slot["epoch"]) + former.id
            keys = vf.parse_slot(vf.hpke_open(former.x25519, bytes.fromhex(slot["enc"]), repository.label("slot") + tail,
                                              repository.label("slot-aad") + tail, bytes.fromhex(slot["sealed"]), "slot"))
            dedups.add(keys.get(3))
content = vf.sha256(pathlib.Path(sys.argv[4]).read_bytes())
wanted = {vf.mac(repository.derive(dd, "chunk-id"), vf.u(1, 1) + content)[:20] for dd in dedups - {None}}
found, all_epochs = set(), set()
for pack in repository.log.packs:
    path = pathlib.Path(sys.argv[1], vf.object_name("packs", pack["name"]))
    if pack["class"] != 1 or not path.exists():
        continue
    _, _, segments = repository.open_pack(path.read_bytes(), pack["epoch"])
    all_epochs.add(pack["epoch"])
    if any(id in wanted for segment, _, _ in segments for id, _, _ in segment.chunks):
        found.add(pack["epoch"])
print("known in epochs:", *sorted(found))
print("of epochs:", *sorted(all_epochs))
