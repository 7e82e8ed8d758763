"""Opens a repository and finds, checks and gives out what one snapshot holds, for vault_reader.py beside this file."""
import collections
import hashlib
import os
import re

from vault_format import (X25519PrivateKey, Bytes, Damage, Log, Stop, count, decrypt, fits, hex_any, hex_of, hkdf, increasing, hpke_open,
                          label0, mac, need, object_name, parse_bitmap, parse_json, parse_slot, raw_public, sha256,
                          text, time,
                          u)
from vault_objects import (DIRECTORY, FILE, parse_directory, parse_entry, parse_header, parse_items, parse_list_node,
                           parse_node, parse_trailer, segment_content, tree_hash)

CACHE_BYTES = 128 << 20  # decoded segments kept in memory


# A repository and one snapshot of it ---------------------------------------------------------------------------

class Store:
    def __init__(self, folder):
        self.folder = folder

    def get(self, name):
        try:
            with open(os.path.join(self.folder, name), "rb") as file:
                return file.read()
        except (FileNotFoundError, NotADirectoryError):
            return None

    def content(self, folder, name):
        """An object named by its SHA-256; None when it is missing, and Damage when it is another."""
        data = self.get(object_name(folder, name))
        need(data is None or sha256(data).hex() == name, f"{object_name(folder, name)} has changed")
        return data

    def set_object(self, name):
        try:
            return self.content("sets", name)
        except Damage:
            return None

    def log_lines(self, at_least):
        """All records up to the highest that is there; None in the place of one that is missing."""
        names = [n for _, _, files in os.walk(os.path.join(self.folder, "log")) for n in files]
        top = max([int(n, 16) for n in names if re.fullmatch("[0-9a-f]{12}", n)] + [at_least])
        if top - len(names) > 1 << 20:
            raise Stop(23, f"the log names position {top} but has only {len(names)} records")
        return [self.get(f"log/{k >> 12:09x}/{k:012x}") for k in range(top + 1)]


class Repository:
    def __init__(self, folder, me):
        self.store = Store(folder)
        if self.store.get("log/000000000/000000000000") is None:
            raise Stop(10, f"{folder} holds no repository: there is no genesis record")
        lines = self.store.log_lines(0)
        if me.anchor and sha256(lines[0]).hex() != me.anchor:
            raise Stop(1, "this is another repository: its anchor is not that of the identity")
        if me.head and (len(lines) <= me.head[0] or lines[me.head[0]] and
                        sha256(lines[me.head[0]]).hex() != me.head[1]):
            raise Stop(14, f"rolled back or forked: record {me.head[0]} is not the one of the recovery kit")
        self.lines, self.log, self.me = lines, Log(lines, self.store.set_object), me
        self.repo, self.cache, self.cached = self.log.repo, collections.OrderedDict(), 0

    def label(self, p): return label0(p) + self.repo
    def derive(self, key, p, after=b"", n=32, salt=b""): return hkdf(key, self.label(p) + after, n, salt)

    def unlock(self):
        """Opens the identity's newest slot."""
        slots = [s for s in self.log.keyring["slots"] if s["member"] == self.me.id.hex()]
        if not slots:
            raise Stop(13, "this identity has no keys in this repository")
        slot = slots[-1]
        tail = u(4, slot["epoch"]) + self.me.id
        enc, sealed, commitment = (bytes.fromhex(slot[k]) for k in ("enc", "sealed", "commitment"))
        keys = parse_slot(hpke_open(self.me.x25519, enc, self.label("slot") + tail, self.label("slot-aad") + tail,
                                    sealed, "slot",
                                    commitment))
        if not {1, 2, 3} <= keys.keys():
            raise Stop(13, "this identity may not read: its role gives it no reading key")
        self.epoch, self.read, self.idx, self.dd = slot["epoch"], keys[1], keys[2], keys[3]
        need(raw_public(X25519PrivateKey.from_private_bytes(self.read)).hex() == self.log.keyring["readKey"],
             "slot: wrong reading key")
        need({"commitment": self.derive(self.idx, "idx-commitment", u(4, self.epoch)).hex(), "epoch": self.epoch} in
             self.log.keyring["idx"], "slot: wrong index key")
        self.reads, self.indexes = {self.epoch: self.read}, {self.epoch: self.idx}
        for wrap in reversed(self.log.keyring["chain"]):
            self.unwrap(wrap["epoch"], wrap)
        secrets = [self.dd]
        for group in reversed(self.log.keyring["groups"][1:]):
            secrets.append(self.unwrap_group(group["number"] - 1, group["previous"], secrets[-1]))
        self.chunk_keys, self.disclosure_keys = ([self.derive(dd, p) for dd in secrets] for p in ("chunk-id", "disclosure"))

    def unwrap_group(self, n, wrap, dd):
        """DD of an earlier dedup group, from that of the next."""
        commitment, sealed = bytes.fromhex(wrap["commitment"]), bytes.fromhex(wrap["sealed"])
        keys = self.derive(dd, "chain/dd", u(4, n), 64)
        need(keys[32:] == commitment, f"group {n}: commitment differs")
        return decrypt(keys[:32], self.label("chain/dd") + u(4, n) + commitment, sealed, f"group {n}")

    def unwrap(self, n, wrap):
        """READ and IDX of an earlier epoch, from those of the next."""
        enc, commitment, sealed = (bytes.fromhex(wrap["read"][k]) for k in ("enc", "commitment", "sealed"))
        self.reads[n] = hpke_open(self.reads[n + 1], enc, self.label("chain/read") + u(4, n),
                                  self.label("chain/read-aad") + u(4, n), sealed, f"chain {n}", commitment)
        need(raw_public(X25519PrivateKey.from_private_bytes(self.reads[n])).hex() == self.log.read_keys[n],
             f"chain {n}: wrong reading key")
        commitment, sealed = (bytes.fromhex(wrap["idx"][k]) for k in ("commitment", "sealed"))
        keys = self.derive(self.indexes[n + 1], "chain/idx", u(4, n), 64)
        need(keys[32:] == commitment, f"chain {n}: commitment differs")
        self.indexes[n] = decrypt(keys[:32], self.label("chain/idx") + u(4, n) + commitment, sealed, f"chain {n}")
        need({"commitment": self.derive(self.indexes[n], "idx-commitment", u(4, n)).hex(), "epoch": n} in
             self.log.keyring["idx"], f"chain {n}: wrong index key")

    def unseal(self, epoch, purpose, context, stored):
        need(epoch in self.indexes, f"no key of epoch {epoch}")
        idx = self.indexes[epoch]
        b = Bytes(stored)
        h, commitment = b.raw(32), b.raw(32)
        label = self.label(f"seal/{purpose}")
        keys = hkdf(self.derive(idx, f"seal/{purpose}/key"), label + h, 64)
        need(keys[32:] == commitment, f"{purpose}: commitment differs")
        x = decrypt(keys[:32], label + context + h + commitment, stored[64:], purpose)
        need(mac(self.derive(idx, f"seal/{purpose}/hash"), u(4, len(context)) + context + x) == h,
             f"{purpose}: hash differs")
        return x

    def open_stanza(self, s):
        need(s.epoch in self.reads, f"no key of epoch {s.epoch}")
        d = hpke_open(self.reads[s.epoch], s.enc, self.label("pack/stanza") + s.binding,
                      self.label("pack/stanza-aad") + s.binding + s.salt + s.commitment, s.sealed, "stanza")
        need(self.derive(d, "pack/commitment", s.binding, salt=s.salt) == s.commitment, "stanza: commitment differs")
        return d

    def open_pack(self, data, epoch=None):
        """SHA-256 of the sealed directory, class, and (segment, its stanza, its D) of each segment."""
        pack_class, stanzas, size, kind = parse_header(data, self.repo)
        offset, length = parse_trailer(data[-16:], len(data), size)
        need(not any(data[offset + length:-16]), "padding is not zero")
        for e in [epoch] if epoch else [stanzas[0].epoch, *sorted(self.indexes, reverse=True)]:
            try:
                x = self.unseal(e, "directory", sha256(data[:size]), data[offset:offset + length])
                break
            except Damage as problem:
                last = problem
        else:
            raise last
        keys = [self.open_stanza(s) for s in stanzas]
        segments = parse_directory(x, pack_class, len(stanzas), size, offset, kind == 1)
        return (sha256(data[offset:offset + length]).hex(), pack_class,
                [(s, stanzas[s.stanza], keys[s.stanza]) for s in segments])

    def segment(self, pack, segment, stanza, d):
        """The raw bytes of a segment."""
        at = (pack, segment.offset)
        if at not in self.cache:
            with open(os.path.join(self.store.folder, object_name("packs", pack)), "rb") as file:
                file.seek(segment.offset)
                stored = file.read(segment.length)
            aad = self.label("segment") + u(1, stanza.pack_class) + u(4, stanza.epoch) + stanza.commitment
            aad += u(4, segment.i)
            name = f"segment {segment.i} of pack {pack}"
            plaintext = decrypt(self.derive(d, "segment", stored[:32]), aad, stored[32:], name)
            self.cache[at] = segment_content(plaintext, sum(size for _, _, size in segment.chunks))
            self.cached += len(self.cache[at])
            while self.cached > CACHE_BYTES and len(self.cache) > 1:
                self.cached -= len(self.cache.popitem(last=False)[1])
        self.cache.move_to_end(at)
        return self.cache[at]


class Snapshot:
    """Finds and checks the chunks of one snapshot. What is wrong is collected in `damaged`."""
    def __init__(self, repository, record):
        self.repository, self.record, self.damaged, self.where = repository, record, [], {}
        log = repository.log
        self.session = bytes.fromhex(record["session"])
        if log.gap or record["runs"] is None:
            why = log.gap or f"the pack set {object_name('sets', record['set']['object'])} is missing or has changed"
            self.damaged.append(f"{why}; all packs of the store are used")
            known, packs = {pack["name"]: pack for pack in log.packs}, os.path.join(repository.store.folder, "packs")
            names = sorted(n for _, _, files in os.walk(packs) for n in files if re.fullmatch("[0-9a-f]{64}", n))
            chosen, used = [known.get(n, {"name": n}) for n in names], None
        else:
            chosen = [log.packs[k] for first, end in record["runs"] for k in range(first, end)]
            used = self.read_map(chosen)
        for k, pack in enumerate(chosen):
            self.add_pack(pack, used[k] if used else -1)
        names = {pack["name"] for pack in chosen}
        # What is not where it was may have been stored again; opened when it is needed.
        self.others = [pack for pack in log.packs if pack["name"] not in names and not pack["swept"]]

    def read_map(self, packs):
        """Per pack, a number whose bits are the used segments. A map that is lost only costs time."""
        try:
            if self.record["map"] is None:  # after compaction there need not be one
                return None
            data = self.repository.store.content("sets", self.record["map"])
            need(data is not None, "it is missing")
            need(data[:21] == b"VMAP\0" + self.repository.repo and len(data) > 25, "it is no segment map of this repository")
            epoch = int.from_bytes(data[21:25], "big")
            return parse_bitmap(self.repository.unseal(epoch, "segment-map", self.session, data[25:]),
                                [p["segments"] for p in packs])
        except Damage as problem:
            self.damaged.append(f"segment map {object_name('sets', self.record['map'])}: {problem}")
            return None

    def add_others(self):
        """Notes where chunks are in packs that the snapshot does not use; nothing is said of damage there."""
        reported, self.others, others = self.damaged, [], self.others
        self.damaged = []
        for pack in others:
            self.add_pack(pack, 0)
        self.damaged = reported

    def add_pack(self, pack, used):
        """Notes where its chunks are. A pack that has changed is reported; what still decrypts in it is good."""
        name = object_name("packs", pack["name"])
        data = self.repository.store.get(name)
        if data is None:
            return self.damaged.append(f"{name} is missing")
        if sha256(data).hex() != pack["name"] or len(data) != pack.get("length", len(data)):
            self.damaged.append(f"{name} has changed")
        try:
            directory, pack_class, segments = self.repository.open_pack(data, pack.get("epoch"))
            made = {"directory": directory, "class": pack_class, "segments": len(segments)}
            need(all(pack.get(k, v) == v for k, v in made.items()), "it is not what the log says of it")
        except Damage as problem:
            return self.damaged.append(f"{name}: {problem}")
        for k, (segment, stanza, d) in enumerate(segments):
            offset = 0
            for id, kind, size in segment.chunks:
                places = self.where.setdefault((id, kind), [])
                places.insert(0 if used >> k & 1 else len(places), (pack["name"], segment, stanza, d, offset, size))
                offset += size

    def chunk(self, id, kind, size=None):
        problem = "it is in no pack of the repository"
        if not self.where.get((id, kind)):
            self.add_others()
        for name, segment, stanza, d, offset, length in self.where.get((id, kind), ()):
            try:
                data = self.repository.segment(name, segment, stanza, d)[offset:offset + length]
                need(any(mac(key, u(1, kind) + sha256(data))[:20] == id for key in self.repository.chunk_keys), "another id")
                need(size in (None, length), "another length")
                return data
            except Damage as damage:
                problem = damage
        if self.others:
            self.add_others()
            return self.chunk(id, kind, size)
        raise Damage(f"chunk {id.hex()}: {problem}")

    # The tree ----------------------------------------------------------------------------------------------

    def private(self):
        """The private part; None when it is damaged."""
        form = {"command": [hex_any], "description": text, "entries": count, "host": text, "paths": [hex_any],
                "root": hex_any,
                "problems": [{"path": hex_any, "reason": text}], "problemCount": count, "version": text,
                "sample": [{"path": hex_any, "sha256": hex_of(32)}]}
        try:
            value = parse_json(self.chunk(bytes.fromhex(self.record["private"]), 4))
            if "databases" in value:
                form["databases"] = [{"began": time, "consistency": {"instant", "window"}, "ended": time,
                                      "engine": {"mariadb", "postgres", "sqlite"}, "file": hex_any, "name": hex_any,
                                      "facts": [{"name": text, "value": text}], "schema": ({""}, hex_of(32)),
                                      "tables": [{"content": hex_of(32), "name": hex_any, "rows": count}],
                                      "version": text}]
            need(fits(value, form) and len(value["problems"]) <= 10_000, "not in its form")
            paths = [bytes.fromhex(file["path"]) for file in value["sample"]]
            need(len(paths) <= 256 and increasing(paths) and all(1 <= len(p) <= 4095 for p in paths), "sample")
            for database in value.get("databases", []):
                need(increasing([bytes.fromhex(t["name"]) for t in database["tables"]]), "tables")
                need(increasing([fact["name"].encode() for fact in database["facts"]]), "facts")
                need(database["schema"] or not database["tables"], "tables without a schema")
            files = [bytes.fromhex(database["file"]) for database in value.get("databases", [])]
            need(increasing(files) and ("databases" in value) == bool(files), "databases")
            value["root"] = parse_entry(bytes.fromhex(value["root"]), root=True) if value["root"] else None
            return value
        except Damage as problem:
            self.damaged.append(f"private part: {problem}")

    def leaf(self, e, key):
        t = e.values.get(0x8001, b"") if e.kind == FILE else e.values.get(0x8006, b"")[20:]
        body = u(1, e.kind) + u(2, len(e.name)) + e.name + u(8, e.size) + e.seconds.to_bytes(8, "big", signed=True) + \
            u(4, e.nanoseconds) + t
        return sha256(b"\0" + mac(key, body) + body)

    def node(self, id, root, path, level=None, after=b"", last=None, below=None):
        """The entries below a node, in order. Lost nodes and bad entries are named; the others come."""
        good = 0
        try:
            found, rows = parse_node(self.chunk(id, 2))
            need(level in (None, found), "node of another level")
            need(not rows or rows[0][0] > after and last in (None, rows[-1][0]), "node of other names")
            total = sum(row[2] for row in rows) if found else len(rows)
            need(below in (None, total), "node has another number of entries")
        except Damage as problem:
            return self.damaged.append(f"{shown(path)}/: {problem}")
        for row in rows:
            if found:
                yield from self.node(row[1], row[3], path, found - 1, after, row[0], row[2])
                after = row[0]
            elif isinstance(row[1], Damage):
                self.damaged.append(f"{shown(path + (row[0],))}: {row[1]}")
            else:
                good += 1
                yield row[1]
        if found or good == len(rows):
            # All nodes of a snapshot are of one dedup group.
            for key in self.repository.disclosure_keys:
                leaves = [sha256(b"\0" + row[3]) if found else self.leaf(row[1], key) for row in rows]
                if tree_hash(leaves) == root:
                    break
            else:
                self.damaged.append(f"{shown(path)}/: disclosure root differs")

    def walk(self):
        """(path, entry, False) for each entry, depth first; (path, entry, True) when a directory is done."""
        root = self.record["root"]
        stack = [((), None, self.node(bytes.fromhex(root["node"]), bytes.fromhex(root["disclosure"]), ()))]
        while stack:
            path, owner, entries = stack[-1]
            entry = next(entries, None)
            if entry is None:
                stack.pop()
                if owner:
                    yield path, owner, True
                continue
            below = path + (entry.name,)
            yield below, entry, False
            if entry.kind == DIRECTORY:
                child = entry.values.get(0x8006)
                stack.append((below, entry, self.node(child[:20], child[20:], below) if child else iter(())))

    def extents(self, items, depth=0):
        """Chunks and holes, runs resolved."""
        for item in items:
            if item[0] != "run":
                yield item
                continue
            need(depth < 4, "runs nest too deep")
            level, below = parse_list_node(self.chunk(item[1], 3))
            need(level == 0 and item[2] + item[3] <= len(below), "run beyond its node")
            yield from self.extents(below[item[2]:item[2] + item[3]], depth + 1)

    def extent_list(self, id, level=None, covered=None, items=None):
        found, rows = parse_list_node(self.chunk(id, 3))
        need(level in (None, found), "list node of another level")
        need(items in (None, sum(row[2] for row in rows) if found else len(rows)),
             "list node has another number of items")
        total = 0
        for item in (self.extents(rows) if found == 0 else ()):
            total += item[-1]
            yield item
        for child, size, n in (rows if found else ()):
            total += size
            yield from self.extent_list(child, found - 1, size, n)
        need(covered in (None, total), "list node covers another length")

    def content(self, e, write):
        """Calls write(offset, bytes) for each chunk; returns the problems, and goes on after a lost chunk."""
        v, problems, at, first, n, hole = e.values, [], 0, None, 0, False
        rows, items = hashlib.sha256(), ()
        try:
            items = self.extent_list(v[0x8003]) if 0x8003 in v else self.extents(parse_items(v.get(0x8002, b"")))
            for item in items:
                need(at + item[-1] <= e.size, "extents go beyond the size")
                need(not (hole and item[0] == "hole"), "two holes in a row")
                hole, digest = item[0] == "hole", bytes(32)
                try:
                    if not hole:
                        data = self.chunk(item[1], 1, item[2])
                        digest = sha256(data)
                        write(at, data)
                except Damage as problem:
                    problems.append(f"bytes {at} to {at + item[-1]}: {problem}")
                first, n, at = first or (item[0], digest), n + 1, at + item[-1]
                rows.update(u(1, not hole) + u(8, item[-1]) + digest)
            need(at == e.size, "extents do not cover the size")
            kind1 = n == 0 or n == 1 and first[0] == "chunk"
            wanted = b"\1" + (first[1] if n else sha256(b"")) if kind1 else b"\2" + rows.digest()
            need(problems or 0x8001 not in v or v[0x8001] == wanted, "content digest differs")
        except Damage as problem:
            problems.append(str(problem))
        return problems


def shown(path):
    """A path for people: what is not printable UTF-8 becomes \\x.."""
    words = b"/".join(path).decode("utf-8", "surrogateescape")
    return "/" + "".join(c if c.isprintable() and c != "\\"
                         else "".join(f"\\x{b:02x}" for b in c.encode("utf-8", "surrogateescape"))
                         for c in words)
