#!/usr/bin/python3
"""Reads a Vault repository without Vault: the proof of docs/FORMAT.md, and the tool of last resort.

    apt install python3-cryptography python3-zstandard
    vault_reader.py --repository DIR --identity FILE [--passphrase-file F] list
    vault_reader.py …  ls SNAPSHOT                  what a snapshot holds
    vault_reader.py …  restore SNAPSHOT TARGET      into a new or empty folder (as root for owners and devices)
    vault_reader.py …  check                        log, signatures, objects of every snapshot; needs no passphrase

FILE is an identity file or a recovery-kit file; SNAPSHOT is `latest` or the beginning of an id. Owners are restored by
number. Exit: 0 all was right; 23 something is damaged: it is named, and the rest was done; 1 this system refused
something, or an error; 10 no repository; 12 wrong passphrase; 13 the identity may not read; 14 the log is shorter than
the recovery kit says, or another one. A file with lost chunks is kept with zeros in their place, and named. Nothing is
ever written into the repository. The files vault_format.py (bytes, keys, log), vault_objects.py (packs, nodes, extents)
and vault_repository.py (where things are) must stand beside this one; nothing else of Vault is needed.
"""
import argparse
import fcntl
import getpass
import os
import stat
import sys

from vault_format import Damage, Stop, object_name, open_identity, open_kit, sha256
from vault_objects import BLOCK, CHARACTER, DIRECTORY, FIFO, FILE, LINK, SOCKET, parse_xattrs
from vault_repository import Repository, Snapshot, shown


# Restoring -----------------------------------------------------------------------------------------------------

class Restore:
    """Writes a snapshot below `target`. Every step opens one name in an open folder and never follows a link, so that
    nothing a node holds can lead outside."""
    def __init__(self, snapshot, target):
        self.snapshot, self.refused, self.groups, self.flags = snapshot, [], {}, []
        os.makedirs(target, exist_ok=True)
        if os.listdir(target):
            raise Stop(1, f"{target} is not empty")
        self.root = os.open(target, os.O_RDONLY | os.O_DIRECTORY)
        self.folder, self.inside = os.dup(self.root), ()

    def run(self):
        entries = size = 0
        private = self.snapshot.private()
        for path, entry, done in self.snapshot.walk():
            entries, size = entries + (not done), size + (entry.size if entry.kind == FILE else 0)
            try:
                self.enter(path[:-1])
                self.leave(path, entry) if done else self.make(path, entry)
            except (OSError, OverflowError) as problem:
                self.refused.append(f"{shown(path)}: {problem}")
        promised = self.snapshot.record["entries"], self.snapshot.record["bytes"]
        if not self.snapshot.damaged and (entries, size) != promised:
            self.snapshot.damaged.append(f"the record promises other totals than {entries} entries and {size} bytes")
        if private and private["root"]:
            self.attributes(self.root, None, private["root"], ())
        for path, flags in reversed(self.flags):
            self.set_flags(path, flags)
        return entries

    def enter(self, path):
        """Makes the folder `path` the current one, name by name from the target."""
        if path == self.inside:
            return
        os.close(self.folder)
        self.folder, self.inside = os.dup(self.root), None
        for name in path:
            below = os.open(name, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=self.folder)
            os.close(self.folder)
            self.folder = below
        self.inside = path

    def make(self, path, e):
        v, name = e.values, path[-1]
        if v.get(0x800a):
            print(f"note: {shown(path)} " + ("changed while it was read" if v[0x800a] == b"\1"
                                             else "could not be read at backup"))
        if v.get(0x800a) == b"\2" and e.kind != DIRECTORY:
            return self.refused.append(f"{shown(path)}: the snapshot has no content of it")
        same = (e.kind, e.size, *(v.get(tag) for tag in (0x8001, 0x8004, 0x8005)))
        if self.groups.get(v.get(0x8007), ((), None))[1] == same:
            first = self.groups[v[0x8007]][0]
            there = self.folder
            self.folder, self.inside = os.dup(self.root), None
            try:
                self.enter(first[:-1])
                os.link(first[-1], name, src_dir_fd=self.folder, dst_dir_fd=there, follow_symlinks=False)
            finally:
                os.close(there)
            return
        damaged = len(self.snapshot.damaged)
        if e.kind == FILE:
            self.make_file(path, e)
        elif e.kind == DIRECTORY:
            os.mkdir(name, 0o700, dir_fd=self.folder)
        else:
            if e.kind == LINK:
                os.symlink(v[0x8004], name, dir_fd=self.folder)
            else:
                numbers = v.get(0x8005, bytes(8))
                device = os.makedev(int.from_bytes(numbers[:4], "big"), int.from_bytes(numbers[4:], "big"))
                kind = {CHARACTER: stat.S_IFCHR, BLOCK: stat.S_IFBLK, FIFO: stat.S_IFIFO, SOCKET: stat.S_IFSOCK}[e.kind]
                os.mknod(name, kind | 0o600, device, dir_fd=self.folder)
            self.attributes(None, name, e, path)
        if 0x8007 in v and damaged == len(self.snapshot.damaged):
            self.groups.setdefault(v[0x8007], (path, same))

    def make_file(self, path, e):
        fd = os.open(path[-1], os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, 0o600, dir_fd=self.folder)
        try:
            problems = self.snapshot.content(e, lambda at, data: write_all(fd, at, data))
            self.snapshot.damaged += [f"{shown(path)}: {problem}" for problem in problems]
            os.ftruncate(fd, e.size)
            self.attributes(fd, path[-1], e, path)
        finally:
            os.close(fd)

    def leave(self, path, e):
        fd = os.open(path[-1], os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW, dir_fd=self.folder)
        try:
            self.attributes(fd, path[-1], e, path)
        finally:
            os.close(fd)

    def attributes(self, fd, name, e, path):
        """Owner, extended attributes, mode, times, in this order: each step undoes some of those after it. `fd` None:
        what must not be opened; it is reached by name in the current folder, without following a link."""
        at = {"dir_fd": self.folder, "follow_symlinks": False} if fd is None else {}
        where = name if fd is None else fd
        by_path = {"path": fd}
        if fd is None:
            by_path = {"path": b"/proc/self/fd/%d/%s" % (self.folder, name), "follow_symlinks": False}

        def attempt(what, step):
            try:
                step()
            except (OSError, OverflowError, Damage) as problem:
                damaged = isinstance(problem, Damage)
                (self.snapshot.damaged if damaged else self.refused).append(f"{shown(path)}: {what}: {problem}")

        now = os.stat(where, **at)
        if (now.st_uid, now.st_gid) != (e.owner, e.group):
            attempt("owner", lambda: os.chown(where, e.owner, e.group, **at))
        for attribute, value in parse_xattrs(e.values.get(0x0008, b"\0\0")):
            def step():
                content = value if isinstance(value, bytes) else self.snapshot.chunk(value[0], 1, value[1])
                os.setxattr(attribute=attribute, value=content, **by_path)
            attempt("extended attribute " + attribute.decode("utf-8", "backslashreplace"), step)
        if e.kind != LINK:
            attempt("mode", lambda: os.chmod(where, e.mode, **({"dir_fd": self.folder} if fd is None else {})))
        ns = e.seconds * 10 ** 9 + e.nanoseconds
        accessed = e.values.get(0x000b)
        accessed = ns if accessed is None else (
            int.from_bytes(accessed[:8], "big", signed=True) * 10 ** 9 + int.from_bytes(accessed[8:], "big"))
        attempt("time", lambda: os.utime(where, ns=(accessed, ns), **at))
        flags = int.from_bytes(e.values.get(0x0009, b""), "big")
        if flags:
            self.flags.append((path, flags))

    def set_flags(self, path, flags):
        """At the very end: an immutable file takes no other change. Best effort: not every file system has them."""
        try:
            self.enter(path[:-1])
            fd = os.open(path[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK, dir_fd=self.folder)
            try:
                present = int.from_bytes(fcntl.ioctl(fd, 0x80086601, bytes(8))[:4], sys.byteorder)
                fcntl.ioctl(fd, 0x40086602, (present | flags).to_bytes(8, sys.byteorder))
            finally:
                os.close(fd)
        except OSError as problem:
            print(f"note: {shown(path)}: file flags {flags:#x} not set: {problem}")


def write_all(fd, at, data):
    while data:
        n = os.pwrite(fd, data, at)
        at, data = at + n, data[n:]


# Commands ------------------------------------------------------------------------------------------------------

def list_snapshots(repository, args):
    for s in repository.log.snapshots:
        if not s["live"]:
            continue
        print(s["id"][:16], s["time"], s["system"], s["bytes"], "" if s["sure"] else "(after a gap in the log)")
    return [f"log: {repository.log.gap}"] if repository.log.gap else [], []


def choose(repository, wanted):
    found = [s for s in repository.log.snapshots if s["id"].startswith(wanted)]
    if wanted == "latest":
        found = [s for s in repository.log.snapshots if s["live"]][-1:]
    if len(found) != 1 or not wanted:
        raise Stop(1, f"{len(found)} snapshots fit {wanted!r}")
    repository.unlock()
    return Snapshot(repository, found[0])


def ls(repository, args):
    snapshot = choose(repository, args.snapshot)
    for path, e, done in snapshot.walk():
        if not done:
            target = " -> " + shown((e.values[0x8004],))[1:] if e.kind == LINK else ""
            print("?-dlcbps"[e.kind], f"{e.mode:04o} {e.owner} {e.group} {e.size} {e.seconds} {shown(path)}{target}")
    return snapshot.damaged, []


def restore(repository, args):
    os.umask(0o077)
    work = Restore(choose(repository, args.snapshot), args.target)
    print(work.run(), "entries of snapshot", work.snapshot.record["id"][:16])
    return work.snapshot.damaged, work.refused


def check(repository, args):
    """The log, and every object of every snapshot, without a secret."""
    log, damaged, seen = repository.log, [], set()
    for position, (verdict, reason) in enumerate(log.verdicts):
        if verdict != "effect":
            state = "has no effect" if verdict == "none" else f"is {verdict}"
            print(f"note: record {position} {state}: {reason}")
    if log.gap:
        damaged.append(f"log: {log.gap}")
    for s in log.snapshots:
        if not s["live"]:
            continue
        objects = [("sets", s["map"], None)] if s["map"] else []
        if isinstance(s["set"], dict):
            objects.append(("sets", s["set"]["object"], None))
        runs = [] if log.gap else s["runs"] or []
        objects += [("packs", p["name"], p["length"]) for a, b in runs for p in log.packs[a:b]]
        for folder, name, length in objects:
            if name in seen:
                continue
            seen.add(name)
            data = repository.store.get(object_name(folder, name))
            if data is None or sha256(data).hex() != name or length not in (None, len(data)):
                state = "is missing" if data is None else "has changed"
                damaged.append(f"{object_name(folder, name)} {state} (snapshot {s['id'][:16]})")
    print(f"{len(log.verdicts)} records, {len(log.snapshots)} snapshots, {len(seen)} objects;",
          f"anchor {sha256(repository.lines[0]).hex()}",
          "as pinned" if repository.me.anchor else "NOT PINNED: the identity has none; compare it with your paper")
    return damaged, []


def identity(args):
    with open(args.identity, "rb") as file:
        data = file.read()
    if not data.startswith(b"{"):
        return open_kit(data)

    def passphrase():
        if args.passphrase_file is None:
            return getpass.getpass("Passphrase: ")
        with open(args.passphrase_file, encoding="utf-8") as file:
            return file.readline().rstrip("\r\n")
    def key_file():
        if args.key_file is None:
            raise Stop(12, "the identity needs its key file: --key-file FILE")
        with open(args.key_file, "rb") as file:
            return file.read()
    return open_identity(data, None if args.command in ("check", "list") else passphrase, key_file)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--repository", required=True, metavar="DIR")
    parser.add_argument("--identity", required=True, metavar="FILE")
    parser.add_argument("--key-file")
    parser.add_argument("--passphrase-file", metavar="FILE")
    commands = parser.add_subparsers(dest="command", required=True)
    commands.add_parser("list").set_defaults(run=list_snapshots)
    commands.add_parser("check").set_defaults(run=check)
    for name, run in (("ls", ls), ("restore", restore)):
        command = commands.add_parser(name)
        command.set_defaults(run=run)
        command.add_argument("snapshot")
    command.add_argument("target")
    args = parser.parse_args()
    try:
        damaged, refused = args.run(Repository(args.repository, identity(args)), args)
    except (Stop, Damage, OSError) as problem:
        print(f"vault_reader: {problem}", file=sys.stderr)
        return problem.code if isinstance(problem, Stop) else 23 if isinstance(problem, Damage) else 1
    for line in damaged:
        print(f"damaged: {line}", file=sys.stderr)
    for line in refused:
        print(f"not done: {line}", file=sys.stderr)
    return 23 if damaged else 1 if refused else 0


if __name__ == "__main__":
    sys.exit(main())
