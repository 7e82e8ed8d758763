#!/usr/bin/python3
"""Searches files for the secrets of identity files without passphrase and of recovery kits.

    secrets.py IDENTITY... -- PLACE...

Prints each file that holds a secret, raw, in hexadecimal, base64 or base32; status 1 if there is one.
"""
import base64
import json
import os
import pathlib
import sys

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parent.parent / "Independent"))
import vault_format as vf  # noqa: E402

identities, places = sys.argv[1:sys.argv.index("--")], sys.argv[sys.argv.index("--") + 1:]
secrets = {}
for path in identities:
    data = pathlib.Path(path).read_bytes()
    if data.startswith(b"{"):
        both = bytes.fromhex(json.loads(data)["secret"])
        secrets[path] = [both[:32], both[32:]]
    else:
        seed = vf.kit_seed(next(line for line in data.decode().splitlines() if line.startswith("seed: "))[6:])
        secrets[path] = [seed, vf.hkdf(seed, vf.label0("kit/x25519")), vf.hkdf(seed, vf.label0("kit/ed25519"))]


def forms(secret):
    yield secret
    yield secret.hex().encode()
    yield secret.hex().upper().encode()
    for shift in range(3):
        yield base64.b64encode(bytes(shift) + secret)[4:-4]
    yield base64.b32encode(secret)[:48]


needles = [(path, form) for path, found in secrets.items() for secret in found for form in forms(secret)]
hits = files = 0
for place in places:
    walk = os.walk(place) if os.path.isdir(place) else [(os.path.dirname(place), (), [os.path.basename(place)])]
    for folder, _, names in walk:
        for name in names:
            path = os.path.join(folder, name)
            if not os.path.isfile(path):
                continue
            data, files = pathlib.Path(path).read_bytes(), files + 1
            for owner, needle in needles:
                if needle in data or needle in data.replace(b"-", b""):
                    print(f"{path} holds a secret of {owner}")
                    hits += 1
                    break
print(f"{len(needles)} forms searched in {files} files")
sys.exit(hits > 0)
