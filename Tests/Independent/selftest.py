#!/usr/bin/python3
"""Proves vault_reader.py before and beside Vault: builds small complete repositories with the Python writer
(Tests/Vectors/formatlib.py), restores them, compares, and damages them in many ways.

    /usr/bin/python3 Tests/Independent/selftest.py [--seed N]

Run as root it also covers owners and devices. Exit 0 when every check was right.
"""
import argparse
import fcntl
import json
import os
import pathlib
import random
import shutil
import socket
import stat
import subprocess
import sys
import tempfile

HERE = pathlib.Path(__file__).parent
VECTORS = HERE.parent / "Vectors"
sys.path[:0] = [str(HERE), str(VECTORS)]
sys.dont_write_bytecode = True

import formatlib as f
import vault_evidence
import vault_format as vf
import vault_objects as vo
from builder import Builder, file_flags
from formatlib import lp32

ROOT = os.geteuid() == 0
UID, GID = os.geteuid(), os.getegid()
failures = []


def check(what, right, detail=""):
    if not right:
        failures.append(what)
        print(f"FAILED: {what} {detail}")


# The source tree and the comparison ----------------------------------------------------------------------------

def make_source(folder, rng):
    folder.mkdir()
    (folder / "empty").write_bytes(b"")
    (folder / "small").write_bytes(b"hello, backup\n")
    (folder / "several").write_bytes(rng.randbytes(5000))
    (folder / "listed").write_bytes(rng.randbytes(60_000))
    with open(folder / "sparse", "wb") as file:
        file.write(b"begin")
        file.seek(1 << 20)
        file.write(b"middle")
        file.truncate(3 << 20)
    with open(folder / "hole", "wb") as file:
        file.truncate(1 << 16)
    (folder / os.fsdecode(b"not UTF-8 \xff\n")).write_bytes(b"x")
    deep = folder / "a" / "b" / "empty directory"
    deep.mkdir(parents=True)
    (folder / "a" / "linked").write_bytes(b"two names")
    os.link(folder / "a" / "linked", folder / "z linked")
    os.symlink("/etc/passwd", folder / "a" / "link")
    os.mkfifo(folder / "pipe")
    server = socket.socket(socket.AF_UNIX)
    server.bind(str(folder / "socket"))
    server.close()
    os.setxattr(folder / "small", "user.note", b"a note")
    os.setxattr(folder / "a", "user.long", rng.randbytes(2000))
    os.chmod(folder / "small", 0o751)
    os.chmod(folder / "a" / "b", 0o1750)
    many = folder / "many"
    many.mkdir()
    for k in range(920):
        os.symlink("target", many / f"{k:05d} a long name, so that the directory is cut into nodes".ljust(255, "."))
    # No dump, synchronous: flags that stop nobody from deleting the test's folder.
    for name, flags in (("small", 0x48), ("a", 0x40)):
        fd = os.open(folder / name, os.O_RDONLY)
        try:
            fcntl.ioctl(fd, 0x40086602, flags.to_bytes(8, sys.byteorder))
        except OSError as problem:
            print(f"file flags are not covered here: {problem}")
        os.close(fd)
    if ROOT:
        os.mknod(folder / "device", stat.S_IFCHR | 0o620, os.makedev(1, 3))
        os.chown(folder / "several", 1234, 4321)
        os.chown(folder / "a" / "link", 77, 78, follow_symlinks=False)
        os.chmod(folder / "several", 0o4755)
    for path in sorted(folder.rglob("*"), reverse=True):
        os.utime(path, ns=(1, rng.randrange(-10 ** 9, 2 * 10 ** 18)), follow_symlinks=False)


def describe(folder):
    """Everything that a restore must bring back, by path."""
    out, groups = {}, {}
    for path in sorted(folder.rglob("*")):
        s = path.lstat()
        name = str(path.relative_to(folder))
        content = path.read_bytes() if stat.S_ISREG(s.st_mode) else os.readlink(path) if path.is_symlink() else None
        attributes = {n: os.getxattr(path, n, follow_symlinks=False) for n in os.listxattr(path, follow_symlinks=False)}
        group = groups.setdefault(s.st_ino, name) if s.st_nlink > 1 and not path.is_dir() else None
        out[name] = (s.st_mode, s.st_uid, s.st_gid, s.st_mtime_ns, s.st_rdev, content, attributes, group,
                     file_flags(path))
    return out


def reader(*arguments):
    done = subprocess.run(["/usr/bin/python3", str(HERE / "vault_reader.py"), *map(str, arguments)],
                          capture_output=True,
                          env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "LC_ALL": "C.UTF-8"})
    return done.returncode, done.stdout.decode(), done.stderr.decode()


def expect(what, code, arguments, *words):
    got, out, err = reader(*arguments)
    check(what, got == code and all(word in out + err for word in words),
          f"exit {got}, wanted {code}\n{out}{err}"[:1500])
    return out


# The parts of the test -----------------------------------------------------------------------------------------

def good_restore(work, seed):
    source, store = work / "source", work / "store"
    rng = random.Random(seed)
    make_source(source, rng)
    b = Builder(store, seed)
    top = b.tree(source)
    root = f.entry(b"", "directory", 0o711, UID, GID, b"", b"", (12345, 678), 0)
    kinds = [chunk[1:3] for chunk in b.chunks[2].values()]
    check("a directory has two levels of nodes", any(kind == 2 and data[1] == 1 for kind, data in kinds))
    check("a file has two levels of lists", any(kind == 3 and data[1] == 1 for kind, data in kinds))
    b.finish(top, root=root)
    b.identities(work)
    before, base = describe(source), ["--repository", store]
    for identity, more in (("open", []), ("locked", ["--passphrase-file", work / "passphrase"]), ("kit", [])):
        target = work / f"restored with {identity}"
        expect(f"restore with {identity}", 0,
               [*base, "--identity", work / identity, *more, "restore", "latest", target])
        after = describe(target)
        for name in before.keys() | after.keys():
            check(f"{identity}: {name!r} is as it was", before.get(name) == after.get(name),
                  f"{before.get(name)} {after.get(name)}"[:300])
        s = target.stat()
        check("the target has the attributes of /",
              (s.st_mode & 0o7777, s.st_mtime_ns) == (0o711, 12345 * 10 ** 9 + 678))
        check("holes stay holes", (target / "sparse").stat().st_blocks * 512 < 1 << 19)
        shutil.rmtree(target)
    me = [*base, "--identity", work / "open"]
    out = expect("list", 0, [*me, "list"], "alpha")
    expect("ls by the beginning of an id", 0, [*me, "ls", out[:6]], "/a/link -> /etc/passwd", "/not UTF-8 \\xff\\x0a")
    expect("check", 0, [*base, "--identity", work / "locked", "check"], "1 snapshots", "as pinned")
    (work / "wrong").write_text("mat khau\n")
    expect("wrong passphrase", 12,
           [*base, "--identity", work / "locked", "--passphrase-file", work / "wrong", "ls", "latest"])
    expect("a writer may not read", 13, [*base, "--identity", work / "machine", "ls", "latest"])
    (work / "other").write_bytes(b.person.file("12" * 32))
    expect("another anchor", 1, [*base, "--identity", work / "other", "check"], "anchor")
    expect("no repository", 10, ["--repository", work, "--identity", work / "open", "check"])
    expect("no such snapshot", 1, [*me, "ls", "zz"])
    expect("target not empty", 1, [*me, "restore", "latest", source])
    return b, store, me


def second_session(work, seed):
    """A long pack set in an object, two snapshots, the second with packs of the first."""
    source = work / "small source"
    source.mkdir()
    (source / "one").write_bytes(b"the first day")
    b = Builder(work / "two", seed + 3)
    b.finish(b.tree(source), fillers=2300)
    first = describe(source)
    b.next_session()
    (source / "two").write_bytes(b"the second day")
    b.finish(b.tree(source))
    b.identities(work)
    me = ["--repository", work / "two", "--identity", work / "open"]
    ids = [line.split()[0] for line in expect("list two", 0, [*me, "list"]).splitlines()]
    expect("check two", 0, [*me, "check"], "2 snapshots")
    for id, wanted in zip(ids, (first, describe(source))):
        expect(f"restore {id}", 0, [*me, "restore", id, work / id])
        check(f"{id} is as it was", describe(work / id) == wanted)
    stored = [p for p in (work / "two" / "sets").rglob("*") if p.is_file() and p.read_bytes()[:4] == b"VSET"]
    check("both sets are objects", len(stored) == 2)
    for path in stored:
        path.unlink()
    expect("check without the sets", 23, [*me, "check"], *[path.name for path in stored])
    expect("restore without the set", 23, [*me, "restore", ids[0], work / "without set"], "pack set")
    check("all is there without the set", describe(work / "without set") == first)


def damages(work, store, me, b, rng):
    """Every object of the store once changed and once removed: always 23, always named; the rest is restored."""
    names = sorted(str(p.relative_to(store)) for p in store.rglob("*") if p.is_file())
    original = {name: (store / name).read_bytes() for name in names}
    head, total = f.record_name(len(b.log.lines) - 1), len(describe(work / "source"))
    for name in names:
        for how in ("changed", "missing", "cut") + ("changed where nothing is used",) * name.startswith("packs"):
            data = bytearray(original[name])
            if how == "changed":
                data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            elif how == "cut":
                data = data[:len(data) // 2]
            elif how != "missing":  # the end of the last segment
                data[int.from_bytes(data[-16:-8], "big") - 1] ^= 1
            (store / name).unlink() if how == "missing" else (store / name).write_bytes(data)
            what, target = f"{name} {how}", work / "target"
            genesis, last = name == f.record_name(0), name == head
            if genesis:  # a missing genesis is no repository, a changed one is another repository
                expect(f"check: {what}", 10 if how == "missing" else 1, [*me, "check"])
            elif last:  # nobody can tell a head that is gone from one that never was: the kit can
                expect(f"check: {what}", 14, [*me[:2], "--identity", work / "kit", "check"])
            else:
                expect(f"check: {what}", 23, [*me, "check"], name if not name.startswith("log") else "log:")
                expect(f"restore: {what}", 23, [*me, "restore", "latest", target])
                found = describe(target)
                lost = set(describe(work / "source")) - found.keys()
                check(f"{what}: the rest is restored", not lost or name.startswith("packs"), f"lost {sorted(lost)[:5]}")
                check(f"{what}: not all is lost", name in names_packs(b) or len(found) == total)
                shutil.rmtree(target)
            (store / name).write_bytes(original[name])


def names_packs(b): return {f"packs/{p['name'][:2]}/{p['name']}" for p in b.packs if p["class"] == 2}


def hostile(work, seed):
    """Trees that a reader must not follow out of the target, and entries that it must refuse."""
    outside = work / "outside"
    outside.mkdir()
    b = Builder(work / "hostile", seed + 1)
    b.session = bytes(16)
    content, false_id = b"evil", b"\x03" * 20
    b.chunks[1][false_id] = (false_id, 1, b"fals")
    data = [(0x8001, f.content_digest([content])), (0x8002, f.chunk_item(b.chunk(1, content), 4))]

    def row(name, kind, attributes=(), size=0, lost=False):
        t = dict(attributes).get(0x8001, b"") if kind == "file" else dict(attributes).get(0x8006, b"")[20:]
        return lp32(f.entry(name, kind, 0o755, UID, GID, b"", b"", (5, 6), size, attributes)), name, \
            b.keys.disclosure_leaf(f.KINDS[kind], name, size, 5, 6, t)

    def directory(*rows):
        node, root = b.node(list(rows))
        return [(0x8006, node + root)]
    good = row(b"good", "file", data, 4)
    link = row(b"link", "link", [(0x8004, str(outside).encode())], len(str(outside).encode()))
    false = [(0x8001, f.content_digest([b"fals"])), (0x8002, f.chunk_item(false_id, 4))]
    wrong = [(0x8001, f.content_digest([b"live"])), data[1]]
    rows = [
        row(b"..", "file", data, 4), row(b"a/b", "file", data, 4),
        row(b"bad digest", "file", wrong, 4), row(b"cycle of names", "directory", directory(good, link)),
        row(b"false id", "file", false, 4), row(b"device numbers", "fifo", [(0x8005, bytes(8))]), good,
        row(b"group", "file", [*data, (0x8007, b"../../etc/passwd")], 4),
        row(b"group of another", "file", [*data, (0x8007, b"link/x")], 4), link,
        row(b"lost", "file", [(0x8001, f.content_digest([b"none"])), (0x8002, f.chunk_item(b"\x01" * 20, 4))], 4),
        row(b"lost directory", "directory", [(0x8006, b"\x02" * 20 + bytes(32))]),
        row(b"size", "file", data, 5), row(b"unknown", "fifo", [(0x8123, b"")])]
    b.finish(b.node(sorted(rows, key=lambda r: r[1])), totals=(0, 0))
    b.identities(work)
    target = work / "hostile target"
    bad = ("/..:", "/a/b:", "/bad digest:", "/device numbers:", "/false id:", "/group:", "/lost:", "/lost directory/:",
           "/size:",
           "/unknown:")
    expect("hostile tree", 23, ["--repository", work / "hostile", "--identity", work / "open", "restore", "latest",
                                target], *bad)
    check("nothing outside", not list(outside.iterdir()) and not (work / "b").exists())
    for name in ("good", "cycle of names/good", "group of another"):
        check(f"{name} is restored", (target / name).read_bytes() == content)
    check("a link stays a link", (target / "link").is_symlink())
    check("lost content is zeros", (target / "lost").read_bytes() == bytes(4))


# Vectors against the reader's decoders -------------------------------------------------------------------------

def vectors():
    def load(topic): return json.loads((VECTORS / "format" / f"{topic}.json").read_text(encoding="utf-8"))
    h, used = bytes.fromhex, 0

    def refused(what, call):
        try:
            call()
            check(f"refused: {what}", False)
        except (vf.Damage, vf.Stop):
            pass
    for c in load("json"):
        data, used = h(c["in"]["json"]), used + 1
        if c["out"]["canonical"]:
            check(c["name"], vf.canonical(vf.parse_json(data)) == data)
        else:
            refused(c["name"], lambda: vf.parse_json(data))
    for c in load("tree"):
        used += 1
        if c["name"].startswith("entry: "):
            e = vo.parse_entry(h(c["out"]["entry"]))
            i = c["in"]
            check(c["name"], (e.name.decode(), e.kind, e.mode, e.size, [e.seconds, e.nanoseconds], e.values) ==
                  (i["name"], i["kind"], i["mode"], i["size"], i["mtime"], {t: h(v) for t, v in i["attributes"]}))
        elif c["name"].startswith("tree hash"):
            check(c["name"], vo.tree_hash(list(map(h, c["in"]["leaves"]))).hex() == c["out"])
    for c in load("identities"):
        used += 1
        if "id" in c["out"] and "seed" not in c["in"]:
            check(c["name"], vf.member_id(h(c["in"]["x25519"]), h(c["in"]["ed25519"])).hex() == c["out"]["id"])
        elif c["name"].startswith("identity file"):
            me = vf.open_identity(c["out"]["file"].encode(), lambda: h(c["in"].get("passphrase", "")).decode(),
                                  lambda: h(c["in"]["keyFile"]))
            check(c["name"], me.x25519.hex() == c["in"]["x25519Secret"])
        elif "needed" in c["in"]:
            shares = c["out"]["shares"].split()
            for some in (shares[:3], shares[2:], [shares[4], shares[0], shares[2]]):
                check(c["name"], vf.join_shares(some).hex() == c["in"]["seed"])
        elif "share" in c["in"]:
            me = vf.from_secrets(h(c["in"]["x25519Secret"]), h(c["in"]["ed25519Seed"]), "")[0]
            opened = vf.open_share(me, h(c["in"]["anchor"]), c["out"]["sealed"])
            check(c["name"], opened == c["in"]["share"].replace("-", ""))
        elif "file" in c["in"]:
            check(c["name"], vf.open_kit(c["in"]["file"].encode()).head == (17, "cd" * 32))
    for c in load("two-keys"):
        i, o, used = c["in"], c["out"], used + 1
        if c["name"].startswith("hpke"):
            args = h(o["enc"]), h(i["info"]), h(i["aad"]), h(o["sealed"]), "two"
            for name, right in (("recipientSecret", True), ("otherSecret", False)):
                check(f"{c['name']}: both", len(vf.hpke_open(h(i[name]), *args)) == 48)
                if not right:
                    refused(c["name"], lambda: vf.hpke_open(h(i[name]), *args, commitment=h(o["kcommit"])))
        elif c["name"].startswith("identity"):
            for name in ("passphrase", "other"):
                refused(c["name"], lambda: vf.open_identity(o["file"].encode(), lambda: h(i[name]).decode()))
    wrong, count = vault_evidence.vectors(load("evidence"))
    used += count
    check("evidence", not wrong, str(wrong))
    for c in load("sets"):
        if c["name"].startswith("pack set "):
            used += 1
            check(c["name"], [n for a, b in vf.parse_set(h(c["out"])) for n in range(a, b)] == c["in"]["ordinals"])
    log = vf.Log([c["out"]["line"].encode() for c in load("records") if "line" in c["out"]])
    check("records", [v for v, _ in log.verdicts] == ["effect"] * 27, str(log.verdicts))
    for c in load("lifecycle"):
        used += 1
        log = vf.Log([line.encode() for line in c["in"]["lines"]])
        check(c["name"], [v for v, _ in log.verdicts] == c["out"]["verdicts"], str(log.verdicts))
    for c in load("people"):
        used += 1
        log = vf.Log([line.encode() for line in c["in"]["lines"]])
        check(c["name"], [v for v, _ in log.verdicts] == c["out"]["verdicts"], str(log.verdicts))
        check(c["name"], (log.keyring["epoch"], sorted(log.members)) == (c["out"]["epoch"], c["out"]["members"]))
    for c in load("rejects"):
        i, used = c["in"], used + 1
        if i["decoder"] == "log":
            log = vf.Log([line.encode() for line in i["lines"]], repo=h(i["repository"]))
            check(c["name"], [v for v, _ in log.verdicts] == c["out"]["verdicts"], str(log.verdicts))
        else:
            refused(c["name"], lambda: DECODERS[i["decoder"]](h(i["bytes"]), i))
    return used


def fuzz(rng):
    """Changed inputs: a decoder may take them or name the damage, and nothing else."""
    def load(topic): return json.loads((VECTORS / "format" / f"{topic}.json").read_text(encoding="utf-8"))
    node = next(c for c in load("tree") if c["name"].startswith("leaf node"))["out"]["node"]
    cases = [c["in"] for c in load("rejects") if "bytes" in c["in"] and "passphrase" not in c["in"]]
    cases += [{"decoder": "directory-node", "bytes": node}] * 40
    log = load("records")[0]["out"]["line"].encode()
    for round in range(4000):
        i = rng.choice(cases)
        data = bytearray(bytes.fromhex(i["bytes"]))
        decoder = DECODERS[i["decoder"]]
        if round % 100 == 0:
            data, decoder = bytearray(log), lambda d, i: vf.Log([d])
        for _ in range(rng.randrange(1, 4)):
            at = rng.randrange(len(data) + 1)
            data[at:at + rng.randrange(2)] = rng.randbytes(rng.randrange(3))
        try:
            decoder(bytes(data), i)
        except (vf.Damage, vf.Stop):
            pass
        except Exception as problem:
            check(f"fuzz {i['decoder']}", False, f"{type(problem).__name__}: {problem} for {bytes(data).hex()}")


def strict_node(data, i):
    for _, found in (row[:2] for row in vo.parse_node(data)[1]):
        if isinstance(found, vf.Damage):
            raise found


DECODERS = {
    "directory-node": strict_node, "extent-items": lambda d, i: vo.parse_items(d),
    "extent-list-node": lambda d, i: vo.parse_list_node(d),
    "pack-header": lambda d, i: vo.parse_header(d, bytes.fromhex(i["repository"])),
    "pack-trailer": lambda d, i: vo.parse_trailer(d, i["packLength"], i["headerLength"]),
    "pack-directory": lambda d, i: vo.parse_directory(d, i["packClass"], i["stanzas"], i["segmentsStart"],
                                                      i["segmentsEnd"]),
    "segment-plaintext": lambda d, i: vo.segment_content(d, i["rawLength"]), "pack-set": lambda d, i: vf.parse_set(d),
    "set-object": lambda d, i: vf.parse_set_object(bytes.fromhex(i["repository"]), d),
    "segment-map-plaintext": lambda d, i: vf.parse_bitmap(d, i["segments"]),
    "identity-file": lambda d, i: vf.open_identity(d, lambda: bytes.fromhex(i.get("passphrase", "")).decode(),
                                                  lambda: bytes.fromhex(i["keyFile"])),
    "recovery-kit-text": lambda d, i: vf.kit_seed(d.decode("utf-8", "replace")),
    "slot-plaintext": lambda d, i: vf.parse_slot(d)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    seed = parser.parse_args().seed
    print(f"seed {seed}, {'root' if ROOT else 'not root: owners and devices are not covered'}")
    print(f"{vectors()} vectors read by the reader")
    fuzz(random.Random(seed + 4))
    with tempfile.TemporaryDirectory(prefix="vault-selftest-") as folder:
        work = pathlib.Path(folder)
        b, store, me = good_restore(work, seed)
        damages(work, store, me, b, random.Random(seed + 2))
        second_session(work, seed)
        hostile(work, seed)
    print(f"{len(failures)} failures" if failures else "all right")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
