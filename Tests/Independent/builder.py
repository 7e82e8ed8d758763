"""Builds small complete repositories with the Python writer (Tests/Vectors/formatlib.py), for selftest.py."""
import fcntl
import os
import pathlib
import random
import stat
import sys

import formatlib as f
from formatlib import lp32, sha256, u32


def file_flags(path):
    """The file flags that a snapshot keeps; 0 where the file system has none."""
    if path.is_symlink() or not (path.is_file() or path.is_dir()):
        return 0
    fd = os.open(path, os.O_RDONLY)
    try:
        flags = int.from_bytes(fcntl.ioctl(fd, 0x80086601, bytes(8))[:4], sys.byteorder)
        return flags & 0x2283c4ff
    except OSError:
        return 0
    finally:
        os.close(fd)


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
        if file_flags(path):
            attributes.append((0x0009, u32(file_flags(path))))
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
                   "problemCount": 0, "problems": [], "root": root.hex(), "version": "0",
                   "sample": [{"path": b"a/b".hex(), "sha256": "ab" * 32}, {"path": b"a/c".hex(), "sha256": "cd" * 32}]}
        private_id = self.chunk(4, f.canonical(private))
        packs = []
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
