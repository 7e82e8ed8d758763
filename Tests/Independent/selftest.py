#!/usr/bin/python3
"""Proves vault_reader.py before and beside Vault: builds small complete repositories with the Python writer
(Tests/Vectors/formatlib.py), restores them, compares, and damages them in many ways.

    /usr/bin/python3 Tests/Independent/selftest.py [--seed N]

Run as root it also covers owners and devices. Exit 0 when every check was right.
"""
import argparse
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
import vault_format as vf
import vault_objects as vo
from formatlib import lp32, sha256, u8, u32, u64

ROOT = os.geteuid() == 0
UID, GID = os.geteuid(), os.getegid()
failures = []


def check(what, right, detail=""):
    if not right:
        failures.append(what)
        print(f"FAILED: {what} {detail}")


# A small writer of snapshots -----------------------------------------------------------------------------------

class Builder:
    """Collects chunks of a tree and writes packs, sets and records."""

    def __init__(self, folder, seed):
        self.random, self.folder = random.Random(seed), pathlib.Path(folder)
        b = self.random.randbytes
        self.repo, self.session = b(16), b(16)
        self.keys = f.Keys(self.repo, b(32), b(32), b(32), b(32))
        self.person = f.Identity(b(32), b(32), "Nguyễn Văn An", "person")
        self.machine = f.Identity(b(32), b(32), "server", "machine")
        self.kit_seed = b(32)
        self.log, self.chunks = f.Log(self.repo), {1: {}, 2: {}}
        roles = ["administer", "audit", "drill", "maintain", "read", "write"]
        members = [(self.person, roles, ["*"]), (self.machine, ["write"], ["alpha"]),
                   (f.kit_identity(self.kit_seed), ["administer", "read"], ["*"])]
        keyring = self.keys.keyring(members, [b(32), b(32), b(32)])
        self.record(self.person, "genesis", created=self.time(), keyring=keyring, suite=1)
        self.entries = self.bytes = 0
        self.seen, self.packs, self.ordinals, self.maps, self.stored = {}, [], [], [], set()

    def time(self): return f"2026-01-02T03:04:{len(self.log.lines):02d}.000Z"

    def next_session(self):
        """A second snapshot: it uses the packs of the first and adds what is new."""
        self.session, self.entries, self.bytes, self.seen = self.random.randbytes(16), 0, 0, {}

    def put(self, name, data):
        path = self.folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(data)

    def record(self, writer, kind, **fields):
        position = len(self.log.lines)
        self.put(f.record_name(position), self.log.add(writer, self.time(), kind, fields))

    def chunk(self, kind, data):
        id = self.keys.chunk_id(kind, data)
        self.chunks[1 if kind == 1 else 2][id] = (id, kind, data)
        return id

    def extents(self, path):
        """Chunks of 1,000 bytes; blocks of 4,096 zeros become holes."""
        data, parts, at = path.read_bytes(), [], 0
        while at < len(data):
            end = at + 4096
            if at % 4096 == 0 and end <= len(data) and not any(data[at:end]):
                if parts and isinstance(parts[-1], int):
                    parts[-1] += 4096
                else:
                    parts.append(4096)
            else:
                end = min(at + 1000, len(data), (at // 4096 + 1) * 4096)
                parts.append(data[at:end])
            at = end
        return parts

    def file(self, path):
        parts = self.extents(path)
        items = [f.hole(p) if isinstance(p, int) else f.chunk_item(self.chunk(1, p), len(p)) for p in parts]
        out = [(0x8001, f.content_digest(parts))]
        if 0 < len(items) <= 8:
            out.append((0x8002, b"".join(items)))
        elif items:
            out.append((0x8003, self.extent_list(items, [p if isinstance(p, int) else len(p) for p in parts])))
        return out

    def extent_list(self, items, sizes):
        """Two levels, and in the middle a run into an older list, as a grown file has it."""
        third = len(items) // 3
        old = f.list_node(items)
        run = f.run_item(self.chunk(3, old), third, third)
        leaves = [(items[:third], sum(sizes[:third])), ([run], sum(sizes[third:2 * third])),
                  (items[2 * third:], sum(sizes[2 * third:]))]
        children = [(self.chunk(3, f.list_node(rows)), size, len(rows)) for rows, size in leaves]
        return self.chunk(3, f.list_inner_node(1, children))

    def entry(self, path, name, relative):
        s = path.lstat()
        kinds = {stat.S_IFREG: "file", stat.S_IFDIR: "directory", stat.S_IFLNK: "link", stat.S_IFCHR: "character",
                 stat.S_IFBLK: "block", stat.S_IFIFO: "fifo", stat.S_IFSOCK: "socket"}
        kind, attributes, size, t = kinds[stat.S_IFMT(s.st_mode)], [], 0, b""
        if kind == "file":
            attributes, size = self.file(path), s.st_size
            t = attributes[0][1]
            self.bytes += size
        elif kind == "directory":
            node, root = self.tree(path, relative)
            attributes, t = [(0x8006, node + root)], root
        elif kind == "link":
            target = os.fsencode(os.readlink(path))
            attributes, size = [(0x8004, target)], len(target)
        elif kind in ("character", "block"):
            attributes = [(0x8005, u32(os.major(s.st_rdev)) + u32(os.minor(s.st_rdev)))]
        if s.st_nlink > 1 and kind != "directory":
            attributes.append((0x8007, self.seen.setdefault(s.st_ino, relative)))
        rows = []
        for n in os.listxattr(path, follow_symlinks=False):
            value = os.getxattr(path, n, follow_symlinks=False)
            rows.append((n.encode(), (self.chunk(1, value), len(value)) if len(value) > 1000 else value))
        if rows:
            attributes.append((0x0008, f.xattrs(rows)))
        seconds, nanoseconds = divmod(s.st_mtime_ns, 10 ** 9)
        body = f.entry(name, kind, s.st_mode & 0o7777, s.st_uid, s.st_gid, b"", b"", (seconds, nanoseconds), size,
                       attributes)
        return body, self.keys.disclosure_leaf(f.KINDS[kind], name, size, seconds, nanoseconds, t)

    def tree(self, folder, relative=b""):
        rows = []
        for name in sorted(os.listdir(os.fsencode(folder))):
            self.entries += 1
            below = relative + b"/" + name if relative else name
            body, leaf = self.entry(folder / os.fsdecode(name), name, below)
            rows.append((lp32(body), name, leaf))
        return self.node(rows)

    def node(self, rows):
        nodes, root = self.keys.nodes(2, rows)
        return [self.chunk(2, node) for node in nodes][-1], root

    def finish(self, top, root=b"", totals=None, fillers=0):
        """Writes everything and the records of one session; the tree's top is (node id, disclosure root). `fillers`: so
        many packs of which every other one is in the set, so that the set becomes long."""
        writer, (node, disclosure) = self.machine, top
        entries, size = totals or (self.entries, self.bytes)
        private = {"command": [b"vault".hex()], "description": "selftest", "entries": entries, "host": "alpha",
                   "paths": [],
                   "problemCount": 0, "problems": [], "root": root.hex(), "sample": [], "version": "0"}
        private_id = self.chunk(4, f.canonical(private))
        packs, base = [], len(self.packs)
        for n in range(fillers):
            content = b"filler %d" % n
            self.add_pack(1, [(None, [(self.keys.chunk_id(1, content), 1, content)])], packs, [False], n % 2 == 0)
        for pack_class in (1, 2):
            rows = [row for id, row in self.chunks[pack_class].items() if id not in self.stored]
            self.stored.update(self.chunks[pack_class])
            # Segments of 40 chunks, packs of 6 segments, raw and compressed in turn; one unused segment in each.
            extra = self.keys.chunk_id(pack_class, b"unused"), pack_class, b"unused"
            segments = [rows[k:k + 40] for k in range(0, len(rows), 40)]
            for k in range(0, len(segments), 6):
                made = [(None if n % 3 == 0 else 3, chunks) for n, chunks in enumerate([*segments[k:k + 6], [extra]])]
                self.add_pack(pack_class, made, packs, [True] * (len(made) - 1) + [False], True)
        check("packs are in order", len(self.packs) == base + len(packs))
        session = self.session.hex()
        self.record(writer, "open", epoch=1, purpose="backup", session=session, silence=60, system="alpha")
        half = len(packs) // 2
        for part in (packs[:half], packs[half:]):
            self.record(writer, "progress", index=[], packs=part, session=session)
        segment_map = self.keys.segment_map(self.session, self.maps)
        self.put(f.object_name("sets", segment_map), segment_map)
        encoded = f.pack_set(self.ordinals)
        pack_set = encoded.hex()
        if len(encoded) > 2048:
            stored = f.set_object(self.repo, encoded)
            self.put(f.object_name("sets", stored), stored)
            pack_set = {"object": sha256(stored).hex()}
        self.record(writer, "snapshot", bytes=size, entries=entries, epoch=1, finished=self.time(),
                    map=sha256(segment_map).hex(),
                    private=private_id.hex(), problems=0, root={"disclosure": disclosure.hex(), "node": node.hex()},
                    session=session, set=pack_set, started=self.time(), system="alpha", tags=[])
        self.anchor = sha256(self.log.lines[0]).hex()

    def add_pack(self, pack_class, segments, packs, used, in_set):
        pack, fields = self.keys.pack(self.session, pack_class, segments, self.random.randbytes(32),
                                      self.random.randbytes(32))
        if in_set:
            self.put(f.object_name("packs", pack), pack)
            self.ordinals.append(len(self.packs))
            self.maps.append(used)
        packs.append(fields)
        self.packs.append(fields)

    def identities(self, folder):
        """Identity without passphrase, with one, a writer's, and a kit file."""
        folder = pathlib.Path(folder)
        locked = self.person.file(self.anchor,
                                  ("mật khẩu", 1 << 15, self.random.randbytes(32), self.random.randbytes(32)))
        kit = (f"seed: {f.kit_text(self.kit_seed).lower()}\nrepository: {self.repo.hex()}\nanchor: {self.anchor}\n"
               f"location: here\nhead: {len(self.log.lines) - 1} {sha256(self.log.lines[-1]).hex()}\n").encode()
        for name, data in (("open", self.person.file(self.anchor)), ("locked", locked), ("kit", kit),
                           ("machine", self.machine.file(self.anchor)), ("passphrase", "mật khẩu\n".encode())):
            (folder / name).write_bytes(data)


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
        out[name] = (s.st_mode, s.st_uid, s.st_gid, s.st_mtime_ns, s.st_rdev, content, attributes, group)
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
        for how in ("changed", "missing", "cut"):
            data = bytearray(original[name])
            if how == "changed":
                data[rng.randrange(len(data))] ^= 1 << rng.randrange(8)
            elif how == "cut":
                data = data[:len(data) // 2]
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
        return lp32(f.entry(name, kind, 0o644, UID, GID, b"", b"", (5, 6), size, attributes)), name, \
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
            me = vf.open_identity(c["out"]["file"].encode(), lambda: h(c["in"].get("passphrase", "")).decode())
            check(c["name"], me.x25519.hex() == c["in"]["x25519Secret"])
        elif "file" in c["in"]:
            check(c["name"], vf.open_kit(c["in"]["file"].encode()).head == (17, "cd" * 32))
    for c in load("sets"):
        if c["name"].startswith("pack set "):
            used += 1
            check(c["name"], [n for a, b in vf.parse_set(h(c["out"])) for n in range(a, b)] == c["in"]["ordinals"])
    log = vf.Log([c["out"]["line"].encode() for c in load("records") if "line" in c["out"]])
    check("records", [v for v, _ in log.verdicts] == ["effect"] * 8, str(log.verdicts))
    for c in load("rejects"):
        i, used = c["in"], used + 1
        if i["decoder"] == "log":
            log = vf.Log([line.encode() for line in i["lines"]], repo=h(i["repository"]))
            check(c["name"], [v for v, _ in log.verdicts] == c["out"]["verdicts"], str(log.verdicts))
        else:
            refused(c["name"], lambda: DECODERS[i["decoder"]](h(i["bytes"]), i))
    return used


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
    "identity-file": lambda d, i: vf.open_identity(d, lambda: bytes.fromhex(i.get("passphrase", "")).decode()),
    "recovery-kit-text": lambda d, i: vf.kit_seed(d.decode()), "slot-plaintext": lambda d, i: vf.parse_slot(d)}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seed", type=int, default=1)
    seed = parser.parse_args().seed
    print(f"seed {seed}, {'root' if ROOT else 'not root: owners and devices are not covered'}")
    print(f"{vectors()} vectors read by the reader")
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
