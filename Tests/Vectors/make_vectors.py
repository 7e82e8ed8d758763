#!/usr/bin/python3
"""Writes the known-answer values of docs/FORMAT.md to format/*.json, and the inputs that must be refused to
format/rejects.json. Run again, it writes the same bytes (Debian 12; the zstd frames depend on the version of libzstd).
"""
import base64
import json
import pathlib
import unicodedata

import evidence
import formatlib as f
import lifecycle
import notes
import people
from formatlib import entry, lp16, lp32, sha256, u8, u32, u64
from rejects import rejections

FOLDER = pathlib.Path(__file__).parent / "format"
REPO = bytes(range(16))
SESSION = b"\x99" * 16
P, SALT, EPHEMERAL = b"\x77" * 32, b"\x88" * 32, b"\xc1" * 32
K = f.Keys(REPO, read=b"\x11" * 32, idx=b"\x22" * 32, dd=b"\x33" * 32, ck=b"\x44" * 32)
PERSON = f.Identity(b"\x55" * 32, b"\x66" * 32, "Nguyễn Văn An", "person")
MACHINE = f.Identity(b"\xa1" * 32, b"\xa2" * 32, "server-01", "machine")
KIT_SEED = b"\xb1" * 32
KIT = f.kit_identity(KIT_SEED)
KEY_FILE = b"the content of a key file\n"
ALL_ROLES = ["administer", "audit", "drill", "maintain", "read", "write"]
MEMBERS = [(PERSON, ALL_ROLES, ["*"]), (MACHINE, ["write"], ["alpha", "beta"]), (KIT, ["administer", "read"], ["*"])]
ANCHOR = "ab" * 32


def case(name, given, result): return {"name": name, "in": given, "out": result}


def plain(value):
    """Bytes become hex, everything below too."""
    if isinstance(value, bytes):
        return value.hex()
    if isinstance(value, dict):
        return {key: plain(item) for key, item in value.items()}
    return [plain(item) for item in value] if isinstance(value, (list, tuple)) else value


def labels():
    base = {"repository": REPO}
    cases = [case(f"L({p})", {**base, "p": p}, K.label(p)) for p in ("chunk-id", "seal/directory", "slot", "segment")]
    cases += [case(f"L0({p})", {"p": p}, f.label0(p)) for p in ("member", "identity", "kit/x25519", "kit/checksum")]
    for p in ("chunk-id", "cut/sip", "disclosure", "hedge", "seal/directory/hash", "seal/directory/key"):
        cases.append(case(f"HKDF with L({p})", {**base, "ikm": K.dd, "p": p}, K.derive(K.dd, p)))
    cases.append(case("HKDF with a salt", {**base, "ikm": P, "p": "pack/data-key", "salt": SALT},
                      K.derive(P, "pack/data-key", salt=SALT)))
    cases.append(case("HKDF of 64 bytes", {**base, "ikm": K.idx, "p": "seal/directory", "n": 64},
                      K.derive(K.idx, "seal/directory", 64)))
    return cases


def chunk_ids():
    rows = [("empty", b""), ("one byte", b"a"), ("text", b"hello, backup\n"), ("4,096 zeros", bytes(4096))]
    return [case(f"type {kind}, {name}", {"dd": K.dd, "repository": REPO, "type": kind, "plaintext": data},
                 K.chunk_id(kind, data)) for kind in (1, 2, 3, 4) for name, data in rows]


def seal():
    rows = [("directory", sha256(b"header"), b"directory bytes"), ("directory", sha256(b"header"), b""),
            ("segment-map", SESSION, bytes(range(256)))]
    return [case(f"{purpose}, {len(x)} bytes", {"key": K.idx, "repository": REPO, "purpose": purpose,
                                                "context": context, "plaintext": x},
                 K.seal(K.idx, purpose, context, x)) for purpose, context, x in rows]


def hpke():
    cases = []
    for name, info, aad, x in (("32 bytes", b"info", b"aad", bytes(range(32))), ("nothing", b"", b"", b"")):
        enc, sealed, exporter = f.hpke_seal(PERSON.x_public, info, aad, x, EPHEMERAL)
        cases.append(case(name, {"recipientSecret": PERSON.x, "recipientPublic": PERSON.x_public, "info": info,
                                 "aad": aad, "plaintext": x, "ephemeralSecret": EPHEMERAL},
                          {"enc": enc, "sealed": sealed, "kcommit": exporter}))
    return cases


def identities():
    cases = [case(f"member id, {m.kind}", {"x25519": m.x_public, "ed25519": m.e_public}, {"id": m.id})
             for m in (PERSON, MACHINE, KIT)]
    salts = (b"\xd1" * 32, b"\xd2" * 32)
    decomposed = unicodedata.normalize("NFD", "Mật khẩu dự phòng")
    for name, identity, anchor, scrypt in (
            ("identity file, kdf none", MACHINE, ANCHOR, None),
            ("identity file, no anchor yet", MACHINE, "", None),
            ("identity file, scrypt", PERSON, ANCHOR, ("correct horse battery staple", 1 << 15, *salts)),
            ("identity file, scrypt, passphrase given in NFD", PERSON, ANCHOR, (decomposed, 1 << 15, *salts)),
            ("identity file, scrypt and key file", PERSON, ANCHOR,
             ("correct horse battery staple", 1 << 15, *salts, KEY_FILE, b"\xd3" * 32))):
        given = {"x25519Secret": identity.x, "ed25519Seed": identity.e, "name": identity.name, "kind": identity.kind,
                 "anchor": anchor}
        if scrypt:
            given |= {"passphrase": scrypt[0].encode(), "n": scrypt[1], "kdfSalt": scrypt[2], "salt": scrypt[3]}
        if scrypt and scrypt[4:]:
            given |= {"keyFile": scrypt[4], "factorSalt": scrypt[5]}
        cases.append(case(name, given, {"file": identity.file(anchor, scrypt).decode()}))
    cases.append(case("recovery kit", {"seed": KIT_SEED}, {
        "text": f.kit_text(KIT_SEED), "x25519Secret": KIT.x, "x25519": KIT.x_public, "ed25519Seed": KIT.e,
        "ed25519": KIT.e_public, "id": KIT.id}))
    kit = (f"Vault recovery kit\n\nseed: {f.kit_text(KIT_SEED)}\nrepository: {REPO.hex()}\nanchor: {ANCHOR}\n"
           f"location: /mnt/usb/vault\nhead: 17 {'cd' * 32}\nKeep this paper in a safe.\n")
    cases.append(case("recovery kit file", {"file": kit}, {
        "seed": KIT_SEED, "repository": REPO, "anchor": ANCHOR, "location": "/mnt/usb/vault", "headPosition": 17,
        "headDigest": "cd" * 32}))
    blurred = f.kit_text(KIT_SEED).lower().replace("-", "  ")
    cases.append(case("recovery kit, typed in lower case with blanks", {"text": blurred}, {"seed": KIT_SEED}))
    digits = f.kit_text(KIT_SEED).replace("O", "0").replace("B", "8")
    cases.append(case("recovery kit, typed with digits for letters", {"text": digits}, {"seed": KIT_SEED}))
    cases += [case(f"public line, {m.kind}", {"x25519Secret": m.x, "ed25519Seed": m.e, "name": m.name, "kind": m.kind},
                   {"line": f.public_line(m).decode()}) for m in (PERSON, MACHINE)]
    shares = f.kit_shares(KIT_SEED, 5, [b"\xa1" * 32, b"\xb2" * 32])
    cases.append(case("shares of a kit", {"seed": KIT_SEED, "ed25519": KIT.e_public, "needed": 3}, {
        "shares": " ".join(s["share"] for s in shares), "proofs": " ".join(s["proof"] for s in shares)}))
    cases.append(case("sealed share", {
        "share": shares[1]["share"], "x25519Secret": PERSON.x, "ed25519Seed": PERSON.e, "name": PERSON.name,
        "anchor": b"\xab" * 32, "ephemeralSecret": EPHEMERAL}, {
            "sealed": f.sealed_share(shares[1]["share"], PERSON, b"\xab" * 32, EPHEMERAL)}))
    cases.append(case("recovery kit rows", {"seed": KIT_SEED}, {"rows": f.kit_rows(KIT_SEED)}))
    return cases


def two_keys():
    """Sealed bytes that open with two keys each: only the commitment tells which one is meant."""
    info, aad, cases = b"info", b"aad", []
    (enc, *one, commitment), (_, *other, _) = (f.hpke_keys(m.x_public, info, EPHEMERAL) for m in (PERSON, MACHINE))
    cases.append(case("hpke, two recipients", {
        "recipientSecret": PERSON.x, "otherSecret": MACHINE.x, "info": info, "aad": aad}, {
            "enc": enc, "kcommit": commitment, "sealed": f.sealed_for_two((*one, aad), (*other, aad), 48)}))
    tail = u32(1) + PERSON.id
    info, aad = K.label("slot") + tail, K.label("slot-aad") + tail
    (enc, *one, _), (_, *other, commitment) = (f.hpke_keys(m.x_public, info, EPHEMERAL) for m in (PERSON, MACHINE))
    cases.append(case("slot, committed to another recipient", {
        "repository": REPO, "epoch": 1, "x25519Secret": PERSON.x, "ed25519Seed": PERSON.e}, {
            "enc": enc, "commitment": commitment, "sealed": f.sealed_for_two((*one, aad), (*other, aad), 112)}))
    key, context, hashed = K.idx, sha256(b"header"), sha256(b"a hash of the forger's choice")
    sealing = [K.derive(k, "seal/directory/key") for k in (key, K.dd)]
    pairs = [f.hkdf(k, K.label("seal/directory") + hashed, 64) for k in sealing]
    head = hashed + pairs[1][32:]
    cases.append(case("seal, committed to another key", {
        "key": key, "otherKey": K.dd, "repository": REPO, "purpose": "directory", "context": context}, {
            "stored": head + f.sealed_for_two(*((p[:32], bytes(12), K.label("seal/directory") + context + head)
                                                for p in pairs), 64)}))
    cases.append(case("identity file, two passphrases", {"passphrase": b"the right one", "other": b"the other one"}, {
        "file": PERSON.file_for_two(("the right one", 1 << 15, b"\xd1" * 32, b"\xd2" * 32), "the other one").decode()}))
    return cases


def slots():
    cases = []
    for (member, roles, _), k in zip(MEMBERS, (1, 2, 3)):
        ephemeral = u8(0xc0 + k) * 32
        cases.append(case(f"slot of {', '.join(roles)}", {
            "repository": REPO, "epoch": 1, "member": member.id, "x25519": member.x_public,
            "x25519Secret": member.x, "roles": roles, "read": K.read, "idx": K.idx, "dd": K.dd, "ck": K.ck,
            "ephemeralSecret": ephemeral}, {"plaintext": K.slot_plaintext(roles), **K.slot(member, roles, ephemeral)}))
    cases.append(case("commitment of IDX", {"repository": REPO, "idx": K.idx, "epoch": 1}, K.idx_commitment()))
    after = f.Keys(REPO, b"\x13" * 32, b"\x24" * 32, K.dd, K.ck, 2)
    cases.append(case("wrap of epoch 1 under epoch 2", {
        "repository": REPO, "epoch": 1, "read": K.read, "idx": K.idx, "nextRead": after.read, "nextIdx": after.idx,
        "ephemeralSecret": EPHEMERAL}, {"json": f.canonical(K.wrap(after, EPHEMERAL)).decode()}))
    after.begin_group(b"\x35" * 32, b"\x46" * 32)
    cases.append(case("a dedup group that begins with epoch 2", {
        "repository": REPO, "epoch": 2, "dd": K.dd, "nextDD": after.dd}, {"json": f.canonical(after.groups[-1]).decode()}))
    cases.append(case("keyring", {"repository": REPO}, {"json": f.canonical(keyring()).decode()}))
    return cases


def keyring(): return K.keyring(MEMBERS, [b"\xc1" * 32, b"\xc2" * 32, b"\xc3" * 32])


TEXT = b"a line of text that compresses well\n" * 64
CHUNKS = [(K.chunk_id(1, data), 1, data) for data in (TEXT, bytes(range(256)) * 4, b"x")]
NAMES = [(K.chunk_id(2, b"\1\0" + u32(0)), 2, b"\1\0" + u32(0))]


def packs():
    cases = []
    for pack_class in (1, 2):
        d, stanza, commitment = K.stanza(pack_class, P, SALT)
        cases.append(case(f"stanza of class {pack_class}", {
            "repository": REPO, "p": P, "salt": SALT, "class": pack_class, "epoch": 1, "group": 1,
            "readPublic": K.read_public, "readSecret": K.read}, {
            "d": d, "ephemeralSecret": K.derive(P, "pack/ephemeral", salt=SALT), "commitment": commitment,
            "stanza": stanza}))
    d, _, commitment = K.stanza(1, P, SALT)
    for name, i, level in (("raw", 0, None), ("zstd level 3", 1, 3)):
        stored = K.segment(d, commitment, 1, i, CHUNKS, level)
        cases.append(case(f"segment {i}, {name}", {
            "repository": REPO, "d": d, "commitment": commitment, "class": 1, "epoch": 1, "index": i,
            "codec": int(level is not None), "level": level or 0, "zstdVersion": 0 if level is None else 10504,
            "chunks": [{"id": id, "bytes": data} for id, _, data in CHUNKS]}, {
            "hedge": stored[:32], "stored": stored, "raw": b"".join(data for _, _, data in CHUNKS)}))
    for name, pack_class, segments, pad in (
            ("ordinary pack of class 1, two segments, Padmé", 1, [(3, CHUNKS[:2]), (None, CHUNKS[2:])], None),
            ("ordinary pack of class 2, padded to 1,024 bytes", 2, [(None, NAMES)], 1024)):
        pack, fields = K.pack(SESSION, pack_class, segments, P, SALT, pad)
        offset, length = int.from_bytes(pack[-16:-8], "big"), int.from_bytes(pack[-8:-4], "big")
        cases.append(case(name, {
            "repository": REPO, "session": SESSION, "p": P, "salt": SALT, "class": pack_class, "idx": K.idx,
            "readSecret": K.read, "padTo": len(pack), "segments": [
                {"level": level if level is not None else "raw",
                 "chunks": [{"id": id, "type": kind, "bytes": data} for id, kind, data in chunks]}
                for level, chunks in segments]},
            {"pack": pack, "name": fields["name"], "header": pack[:42 + 154], "directoryOffset": offset,
             "directory": pack[offset:offset + length], "progress": fields}))
    return cases + [moved_pack()]


def moved_pack():
    """Two segments of one pack and one of another, the last with an earlier origin."""
    other = b"other pack".ljust(32, b"."), b"other salt".ljust(32, b".")
    first, _ = K.pack(SESSION, 1, [(3, CHUNKS[:1]), (None, CHUNKS[1:2]), (None, CHUNKS[2:])], P, SALT)
    second, _ = K.pack(SESSION, 1, [(None, CHUNKS[:2]), (3, CHUNKS)], *other)
    earlier = sha256(b"a pack of long ago")
    moves = [(sha256(first), 0, []), (sha256(first), 2, []), (sha256(second), 1, [(earlier, 7)])]
    pack, fields = K.moved_pack(SESSION, 1, moves)
    return case("moved pack of class 1, three segments of two packs", {
        "repository": REPO, "session": SESSION, "class": 1, "idx": K.idx, "readSecret": K.read,
        "sources": [first, second], "moves": [
            {"source": k, "place": place, "earlier": [{"name": name, "place": at} for name, at in before]}
            for k, (_, place, before) in zip((0, 0, 1), moves)]},
        {"pack": pack, "progress": fields})


def padme():
    values = [2, 8, 9, 100, 1000, 4095, 4097, 65_537, 1_000_000, (1 << 20) + 1, 8 << 20, 33_554_431, 33_554_433,
              64 << 20]
    return [case(str(n), {"n": n}, {"padded": f.padme(n)}) for n in values]


def cutting():
    seed = b"vault cutting vector"
    data = b"".join(sha256(seed + u64(k)) for k in range(32768))
    number, table = K.gear()
    cases = [case("gear table", {"repository": REPO, "ck": K.ck}, {
        "c": number, "first": [u64(word) for word in table[:8]], "sha256": sha256(b"".join(u64(w) for w in table))}),
        case("SipHash key", {"repository": REPO, "ck": K.ck}, K.derive(K.ck, "cut/sip", 16)),
        case("SipHash-2-4 of 64 bytes", {"key": K.derive(K.ck, "cut/sip", 16), "bytes": data[:64]},
             u64(f.siphash24(K.derive(K.ck, "cut/sip", 16), data[:64])))]
    given = {"repository": REPO, "ck": K.ck, "seed": seed, "inputSHA256": sha256(data), "length": len(data)}
    for average in (2048, 4096, 65536):
        cases.append(case(f"cut points, average {average}", {**given, "average": average},
                          {"ends": K.cut(data, average)}))
    zeros = bytes(100_000)
    cases.append(case("cut points of 100,000 zeros, average 4096: the maximum each time",
                      {"repository": REPO, "ck": K.ck, "average": 4096, "zeros": len(zeros)},
                      {"ends": K.cut(zeros, 4096)}))
    return cases


def id_of(kind, text): return K.chunk_id(kind, text.encode())


def entries():
    """One entry of every kind, with every attribute somewhere; as (fields for the reader of the vector, bytes)."""
    content = b"hello, backup\n"
    digest, root = f.content_digest([content]), sha256(b"a disclosure root")
    attributes = f.xattrs([(b"user.note", b"short"), (b"system.posix_acl_access", b"\2\0\0\0"),
                           (b"user.long", (id_of(1, "a long value"), 70_000))])
    rows = [
        ("accessed", "file", {},
         [(0x8001, f.content_digest([])), (0x0009, u32(0x2283c4ff)),
          (0x000b, (-5).to_bytes(8, "big", signed=True) + u32(999_999_999))]),
        ("changed", "file", {"size": 14},
         [(0x8001, digest), (0x8002, f.chunk_item(id_of(1, "c"), 14)), (0x800a, u8(1))]),
        ("console", "character", {"mode": 0o600}, [(0x8005, u32(5) + u32(1))]),
        ("directory", "directory", {"mode": 0o1777, "mtime": (1_700_000_000, 999_999_999)},
         [(0x8006, id_of(2, "child") + root), (0x0008, f.xattrs([])), (0x0009, u32(0x10040))]),
        ("disk", "block", {"mode": 0o660, "group": 6, "group_name": b"disk"}, [(0x8005, u32(8) + u32(0))]),
        ("empty", "file", {}, [(0x8001, f.content_digest([]))]),
        ("hosts", "file", {"size": 14, "owner": 1000, "group": 100, "owner_name": b"an", "group_name": b""},
         [(0x8001, digest), (0x8002, f.chunk_item(id_of(1, "c"), 14)), (0x8007, b"etc/hosts"), (0x0008, attributes),
          (0x0009, u32(0x30))]),
        ("large", "file", {"size": 1 << 40, "mtime": (-1, 5)}, [(0x8001, b"\2" + root), (0x8003, id_of(3, "top"))]),
        ("link", "link", {"mode": 0o777, "size": 9}, [(0x8004, b"../target")]),
        ("pipe", "fifo", {}, []),
        ("socket", "socket", {}, []),
        ("sparse", "file", {"size": 5000}, [(0x8001, f.content_digest([4096, b"y" * 904])),
                                            (0x8002, f.hole(4096) + f.chunk_item(K.chunk_id(1, b"y" * 904), 904))]),
        ("unknown but not critical", "fifo", {}, [(0x0123, b"skipped")]),
        ("unreadable", "file", {}, [(0x800a, u8(2))]),
    ]
    return rows


def leaf_of(name, kind, fields, attributes):
    values = dict(attributes)
    t = values.get(0x8001, values.get(0x8006, b"")[20:] if kind == "directory" else b"")
    return K.disclosure_leaf(f.KINDS[kind], name.encode(), fields.get("size", 0), *fields.get("mtime", (0, 0)), t)


def tree():
    rows = entries()
    cases, encoded, leaves = [], [], []
    for name, kind, fields, attributes in rows:
        body = entry(name.encode(), kind, attributes=attributes, **fields)
        encoded.append(lp32(body))
        leaves.append(leaf_of(name, kind, fields, attributes))
        shown = {"mode": 0o644, "owner": 0, "group": 0, "owner_name": "root", "group_name": "root", "mtime": (0, 0),
                 "size": 0, **fields}
        shown = {key: value.decode() if isinstance(value, bytes) else value for key, value in shown.items()}
        cases.append(case(f"entry: {name}", {
            "name": name, "kind": f.KINDS[kind], **shown,
            "attributes": [[tag, value] for tag, value in sorted(attributes, key=lambda a: a[0] & 0x7fff)]},
            {"entry": body, "disclosureLeaf": leaves[-1]}))
    node = b"\1\0" + u32(len(rows)) + b"".join(encoded)
    cases.append(case("leaf node of these entries", {"repository": REPO, "dd": K.dd}, {
        "node": node, "id": K.chunk_id(2, node), "disclosureRoot": f.tree_hash(leaves)}))
    cases.append(case("empty directory", {"repository": REPO, "dd": K.dd}, {
        "node": NAMES[0][2], "id": NAMES[0][0], "disclosureRoot": f.tree_hash([])}))
    roots = [sha256(u8(k)) for k in range(3)]
    children = [(b"h", id_of(2, "one"), 300, roots[0]), (b"p\xc3\xa9", id_of(2, "two"), 17, roots[1]),
                (b"z", id_of(2, "three"), 1, roots[2])]
    inner = b"\1\1" + u32(3) + b"".join(lp16(n) + i + u64(k) + r for n, i, k, r in children)
    cases.append(case("interior node", {"level": 1, "children": [
        {"last": n, "id": i, "below": k, "disclosureRoot": r} for n, i, k, r in children]}, {
        "node": inner, "disclosureRoot": f.tree_hash([sha256(b"\0" + r) for r in roots])}))
    for count in (0, 1, 2, 3, 5, 8):
        hashes = [sha256(u8(k)) for k in range(count)]
        cases.append(case(f"tree hash of {count} leaves", {"leaves": hashes}, f.tree_hash(hashes)))
    cases.append(node_cutting())
    body = entry(b"", "directory", mode=0o755, mtime=(1_700_000_000, 1))
    cases.append(case("root entry of the private part", {"mode": 0o755, "mtime": (1_700_000_000, 1)}, {"entry": body}))
    return cases


def node_cutting():
    rows = []
    for k in range(5000):
        name = b"file-%05d" % k
        body = entry(name, "fifo", mtime=(k, 0))
        rows.append((lp32(body), name, K.disclosure_leaf(6, name, 0, k, 0, b"")))
    nodes, root = K.nodes(2, rows)
    return case("a directory cut into nodes", {
        "repository": REPO, "dd": K.dd,
        "entries": "5,000 fifos file-00000 … file-04999, mode 0644, owner and group 0 root, mtime k seconds"}, {
        "nodes": [{"id": K.chunk_id(2, n), "level": n[1], "count": int.from_bytes(n[2:6], "big"), "bytes": len(n)}
                  for n in nodes], "disclosureRoot": root})


def extents():
    a, b = id_of(1, "a"), id_of(1, "b")
    items = [f.hole(1 << 33), f.chunk_item(a, 4096), f.run_item(id_of(3, "list"), 7, 1000),
             f.chunk_item(b, (1 << 24) - 1)]
    shown = [{"hole": 1 << 33}, {"chunk": a, "length": 4096}, {"run": id_of(3, "list"), "first": 7, "count": 1000},
             {"chunk": b, "length": (1 << 24) - 1}]
    leaf = f.list_node(items)
    children = [(K.chunk_id(3, leaf), 1 << 34, 4), (id_of(3, "other"), 123, 1)]
    inner = f.list_inner_node(1, children)
    cases = [case("items in an entry", {"items": shown}, b"".join(items)),
             case("extent list node of level 0", {"items": shown}, {"node": leaf, "id": K.chunk_id(3, leaf)}),
             case("extent list node of level 1", {"children": [{"id": i, "bytes": n, "items": k}
                                                               for i, n, k in children]}, inner)]
    for name, parts in (("empty file", []), ("one chunk", [b"hello"]), ("two chunks", [b"hel", b"lo"]),
                        ("a hole only", [4096]), ("hole, chunk, hole", [1 << 20, b"data", 12])):
        cases.append(case(f"content digest: {name}", {"extents": [p if isinstance(p, bytes) else {"hole": p}
                                                                  for p in parts]}, f.content_digest(parts)))
    return cases


def sets():
    rows = [[0], [0, 1, 2, 3], [5], [0, 2], [1, 2, 300, 301, 302, 70_000], list(range(128, 300)), []]
    cases = [case(f"pack set {k}", {"ordinals": row}, f.pack_set(row)) for k, row in enumerate(rows)]
    many = list(range(0, 4200, 2))
    cases.append(case("set object", {"repository": REPO, "ordinals": "the even numbers below 4,200"}, {
        "object": f.set_object(REPO, f.pack_set(many)),
        "name": f.object_name("sets", f.set_object(REPO, f.pack_set(many)))}))
    used = [[True], [False] * 3 + [True] * 9, [True, False] * 4]
    stored = K.segment_map(SESSION, used)
    cases.append(case("segment map", {"repository": REPO, "idx": K.idx, "epoch": 1, "session": SESSION, "used": used},
                      {"object": stored, "name": f.object_name("sets", stored)}))
    return cases


def json_forms():
    good = ['{}', '[]', '{"a":1,"b":[true,false,"x"],"é":"not ASCII"}', '{"A":1,"a":2}', '9007199254740991',
            '"\\"\\\\/\\b\\t\\n\\f\\r\\u0000\\u001f\x7f€😀"', '{"":0}', '[[],{},[0]]']
    bad = [('{"b":1,"a":2}', "names out of order"), ('{"a":1,"a":1}', "name twice"), ('{"a": 1}', "blank"),
           ('[1,]', "trailing comma"), ('01', "leading zero"), ('-1', "negative"), ('1.0', "fraction"),
           ('1e2', "exponent"), ('9007199254740992', "above 2^53 - 1"), ('null', "null"),
           ('"\\u0041"', "needless escape"),
           ('"\\/"', "escaped solidus"), ('"\\u001F"', "upper-case escape"), ('"\\u0008"', "long escape"),
           ('"\\ud800"', "lone surrogate"), ('"\t"', "control character"), ('[1] ', "trailing blank"),
           ('[1][2]', "two values"),
           ('{"a":1', "ends early"), ('NaN', "not JSON"), ('', "empty"), ('[' * 33 + ']' * 33, "nested 33 deep")]
    raw = [(b'"\xff"', "not UTF-8"), (b'"\xed\xa0\x80"', "surrogate in UTF-8"), (b'\xef\xbb\xbf{}', "byte order mark")]
    cases = [case(f"accepted {k}", {"json": text.encode()}, {"canonical": True}) for k, text in enumerate(good)]
    cases.append(case("accepted: nested 32 deep", {"json": b'[' * 32 + b']' * 32}, {"canonical": True}))
    return cases + [case(f"rejected: {why}", {"json": text if isinstance(text, bytes) else text.encode()},
                         {"canonical": False, "reason": why}) for text, why in bad + raw]


def records():
    log, cases = f.Log(REPO), []
    _, fields = K.pack(SESSION, 1, [(3, CHUNKS[:2]), (None, CHUNKS[2:])], P, SALT)
    _, names_fields = K.pack(SESSION, 2, [(None, NAMES)], P, b"\x89" * 32)
    stored_map = K.segment_map(SESSION, [[True, True], [True]])

    def add(name, writer, second, kind, **own):
        line = log.add(writer, f"2026-01-02T03:{second // 60 + 4:02d}:{second % 60:02d}.000Z", kind, own)
        payload, position = base64.b64decode(json.loads(line)["payload"]).decode(), len(log.lines) - 1
        cases.append(case(name, {"position": position, "writerSeed": writer.e, "payload": payload},
                          {"line": line.decode(), "sha256": sha256(line), "name": f.record_name(position)}))

    session, other = SESSION.hex(), "9a" * 16
    add("genesis", PERSON, 0, "genesis", created="2026-01-02T03:04:00.000Z", keyring=keyring(), suite=1)
    add("open", MACHINE, 1, "open", epoch=1, purpose="backup", session=session, silence=604800, system="alpha")
    add("progress", MACHINE, 2, "progress", index=[], packs=[fields, names_fields], session=session)
    add("snapshot", MACHINE, 3, "snapshot", bytes=14, entries=3, epoch=1, finished="2026-01-02T03:04:03.000Z",
        map=sha256(stored_map).hex(), private=id_of(4, "private").hex(), problems=0,
        root={"disclosure": f.tree_hash([]).hex(), "node": NAMES[0][0].hex()}, session=session,
        set=f.pack_set([0, 1]).hex(), started="2026-01-02T03:04:01.000Z", system="alpha", tags=["before-merge"])
    add("open a second session", PERSON, 4, "open", epoch=1, purpose="maintenance", session=other, silence=60,
        system="alpha")
    add("abort", PERSON, 5, "abort", session=other)
    add("open a third session", MACHINE, 6, "open", epoch=1, purpose="stream", session="9b" * 16, silence=60,
        system="beta")
    add("expire", PERSON, 67, "expire", session="9b" * 16)
    evidence, snapshot = sha256(b"evidence").hex(), sha256(log.lines[3]).hex()
    add("drill", PERSON, 68, "drill", bytes=14, entries=3, evidence=evidence, expires="2026-04-02T03:05:08.000Z",
        packs=f.pack_set([0, 1]).hex(), scope="whole", snapshot=snapshot, started="2026-01-02T03:05:07.000Z",
        verdict="proven")
    add("attest", PERSON, 69, "attest", method="drill", packs=f.pack_set([0, 1]).hex())
    add("a drill that failed", PERSON, 70, "drill", bytes=7, entries=2, evidence=evidence,
        expires="2026-04-02T03:05:08.000Z", packs="", scope="sample", snapshot=snapshot,
        started="2026-01-02T03:05:09.000Z", verdict="failed")
    add("hold", MACHINE, 71, "hold", reason="before the merge", snapshot=snapshot, until="")
    hold = sha256(log.lines[-1]).hex()
    add("propose a release", PERSON, 72, "propose", order={"hold": hold, "kind": "release", "reason": "merged"})
    add("approve the release", KIT, 73, "approve", proposal=sha256(log.lines[-1]).hex())
    add("open for maintenance", PERSON, 74, "open", epoch=1, purpose="maintenance", session="9c" * 16, silence=60,
        system="alpha")
    moved = {**fields, "name": sha256(b"moved").hex(), "directory": sha256(b"moved directory").hex()}
    add("progress of a moved pack", PERSON, 75, "progress", index=[], packs=[moved], session="9c" * 16)
    add("compact", PERSON, 76, "compact", basis=len(log.lines) - 1, session="9c" * 16,
        maps=[{"map": sha256(b"new map").hex(), "snapshot": snapshot}],
        moves=[{"new": f.pack_set([2]).hex(), "old": f.pack_set([0]).hex()}])
    add("condemn", PERSON, 77, "condemn", packs=f.pack_set([0, 1]).hex())
    add("propose to forget", PERSON, 78, "propose",
        order={"kind": "forget", "reason": "asked for", "snapshots": [snapshot]})
    add("approve to forget", PERSON, 79, "approve", proposal=sha256(log.lines[-1]).hex())
    add("recall", PERSON, 80, "recall", reason="needed after all", snapshots=[snapshot])
    add("sweep", PERSON, 81, "sweep", packs=f.pack_set([0, 1]).hex())
    add("promote", PERSON, 82, "promote", copy="9d" * 16, reason="the server room burnt")
    add("access", PERSON, 83, "access", count=1, purpose="restore", reason="a file was lost", snapshots=[snapshot],
        systems=["alpha"])
    add("access by a kit, to nothing yet", KIT, 84, "access", count=0, purpose="recover", reason="", snapshots=[],
        systems=[])
    card = {"device": "smart card", "holder": MACHINE.id.hex(), "serial": "0042"}
    add("token issued", PERSON, 85, "token", action="issued", reason="", **card)
    add("token returned", PERSON, 86, "token", action="returned", reason="moved", **card)
    cases.append(case("name of a late record", {"position": 0x123456789ab}, {"name": f.record_name(0x123456789ab)}))
    return cases


KEEPER = f.Identity(b"\xa3" * 32, b"\xa4" * 32, "keeper", "machine")
OTHER = f.Identity(b"\xa5" * 32, b"\xa6" * 32, "server-02", "machine")


def stories():
    return lifecycle.stories(case, K, [
        (PERSON, ALL_ROLES, ["*"]), (MACHINE, ["write"], ["alpha", "beta"]), (KEEPER, ["maintain"], ["*"]),
        (OTHER, ["administer", "write"], ["beta"])])


def notes_cases():
    lines = [f"record {n}\n".encode() for n in range(8)]
    return notes.cases(case, REPO, PERSON.id, PERSON.e, MACHINE.e, lines)


TOPICS = {"labels": labels, "chunk-ids": chunk_ids, "seal": seal, "hpke": hpke, "identities": identities,
          "two-keys": two_keys, "slots": slots, "packs": packs, "padme": padme, "cutting": cutting, "tree": tree,
          "extents": extents,
          "sets": sets, "json": json_forms, "records": records, "rejects": lambda: rejections(K),
          "evidence": lambda: evidence.cases(case, K, REPO, PERSON.id, PERSON.e),
          "notes": notes_cases, "lifecycle": stories, "people": lambda: people.logs(case, K)}


def main():
    FOLDER.mkdir(exist_ok=True)
    total = 0
    for topic, make in TOPICS.items():
        cases = plain(make())
        total += len(cases)
        names = [c["name"] for c in cases]
        assert len(set(names)) == len(names), f"{topic}: a name twice"
        text = json.dumps(cases, ensure_ascii=False, indent=1, sort_keys=True)
        (FOLDER / f"{topic}.json").write_text(text + "\n", encoding="utf-8")
        print(f"{topic}: {len(cases)} cases")
    print(f"{total} cases")


if __name__ == "__main__":
    main()
