#!/usr/bin/env python3
"""Distils published test vectors into the compact files of this folder.

usage: distil.py FOLDER    FOLDER holds aes_gcm.json, ed25519.json, hkdf_sha256.json, hmac_sha256.json and x25519.json of
                           Wycheproof and hpke_x25519_sha256_aes256gcm.json, the RFC 9180 vectors of that suite
Only what the API can be asked is kept: AES-256-GCM with 96-bit nonces, HPKE in base mode.
"""
import json
import pathlib
import sys

source = pathlib.Path(sys.argv[1])
target = pathlib.Path(__file__).parent


def groups(name):
    return json.loads((source / name).read_text())["testGroups"]


def write(name, rows):
    lines = ",\n".join(json.dumps(row, separators=(",", ":"), ensure_ascii=False) for row in rows)
    (target / name).write_text("[\n" + lines + "\n]\n")
    print(name, len(rows), "cases")


def pick(test, *names):
    return {"id": test["tcId"], "result": test["result"], **{name: test[name] for name in names}}


write("aes256gcm.json", [
    pick(test, "key", "iv", "aad", "msg", "ct", "tag")
    for group in groups("aes_gcm.json")
    if (group["keySize"], group["ivSize"], group["tagSize"]) == (256, 96, 128)
    for test in group["tests"]])
write("ed25519.json", [
    {**pick(test, "msg", "sig"), "pk": group["publicKey"]["pk"]}
    for group in groups("ed25519.json") for test in group["tests"]])
write("hkdf_sha256.json", [
    pick(test, "ikm", "salt", "info", "size", "okm") for group in groups("hkdf_sha256.json") for test in group["tests"]])
write("hmac_sha256.json", [
    pick(test, "key", "msg", "tag") for group in groups("hmac_sha256.json") for test in group["tests"]])
write("x25519.json", [
    {**pick(test, "public", "private", "shared"), "zero": "ZeroSharedSecret" in test["flags"]}
    for group in groups("x25519.json") for test in group["tests"]])
write("hpke.json", [
    vector for vector in json.loads((source / "hpke_x25519_sha256_aes256gcm.json").read_text()) if vector["mode"] == 0])
