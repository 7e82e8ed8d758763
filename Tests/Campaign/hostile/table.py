"""What vault, restic and borg keep: one attribute after the other, looked at by other programs after a restore."""

import os
import stat
import struct
import time

from .engines import Borg, Restic
from .shell import Failed, remove, run
from .trees import put, write_at

PROBES = []


def probe(name, look, note=""):
    """Registers an attribute: the function makes an entry with it; `look` says what is there."""

    def register(make):
        PROBES.append((name, make, look, note))
        return make

    return register


def status(*fields):
    return lambda path: [getattr(os.lstat(path), field) for field in fields]


def flags_of(*letters):
    def look(path):
        shown = run("lsattr", "-d", "--", path).split()[0].decode()
        return [letter for letter in shown if letter in letters]

    return look


def attribute(name):
    return lambda path: os.getxattr(path, name, follow_symlinks=False)


def data_map(path):
    with open(path, "rb") as file:
        size, offset, parts = os.fstat(file.fileno()).st_size, 0, []
        while offset < size:
            try:
                data = os.lseek(file.fileno(), offset, os.SEEK_DATA)
            except OSError:
                break
            offset = os.lseek(file.fileno(), data, os.SEEK_HOLE)
            parts.append((data, offset))
    return parts


def names_of_one(path):
    """How many names one file has, and that the second one is it."""
    return os.lstat(path).st_nlink, os.lstat(path).st_ino == os.lstat(path + b"-2").st_ino


def link_to(path):
    os.link(path, path + b"-2", follow_symlinks=False)


@probe("content", lambda path: open(path, "rb").read())
def _(path): put(path, os.urandom(70000))


for text, raw in (("a line feed", b"a\nb"), ("invalid UTF-8", b"\xff\xfe"), ("an escape sequence", b"\x1b[2J"),
                  ("255 bytes", b"n" * 255)):
    @probe(f"name with {text}" if raw[0] != 110 else "name of 255 bytes", lambda path: open(path, "rb").read())
    def _(path): put(path, b"named")
    PROBES[-1] = (*PROBES[-1][:3], raw)


@probe("permissions", status("st_mode"))
def _(path): put(path, mode=0o741)


@probe("set-user-id, set-group-id, sticky", status("st_mode"))
def _(path): put(path, mode=0o7755)


@probe("owner and group (number 2³²−2)", status("st_uid", "st_gid"))
def _(path):
    put(path)
    os.chown(path, (1 << 32) - 2, (1 << 32) - 2)


@probe("owner of a symbolic link", status("st_uid", "st_gid"))
def _(path):
    os.symlink(b"x", path)
    os.chown(path, 1234, 4321, follow_symlinks=False)


for text, ns in (("nanoseconds", 1_600_000_000_123_456_789), ("in 1901", -2_147_483_648 * 10**9),
                 ("before 1970, nanoseconds", -1_500_000_001), ("in 2262 and later", 9_223_372_037 * 10**9),
                 ("in 2446", 15_032_385_535 * 10**9)):
    @probe(f"time of modification: {text}", status("st_mtime_ns"))
    def _(path, ns=ns):
        put(path)
        os.utime(path, ns=(10**18, ns))


@probe("time of modification of a directory", status("st_mtime_ns"))
def _(path):
    os.mkdir(path)
    put(path + b"/in")
    os.utime(path, ns=(10**18, 1_234_567_890_123_456_789))


@probe("time of modification of a symbolic link", status("st_mtime_ns"))
def _(path):
    os.symlink(b"x", path)
    os.utime(path, ns=(10**18, 1_234_567_890_123_456_789), follow_symlinks=False)


@probe("time of access (by option)", status("st_atime_ns"))
def _(path):
    put(path)
    os.utime(path, ns=(987_654_321_123_456_789, 10**18))


@probe("time of access of a directory (by option)", status("st_atime_ns"))
def _(path):
    os.mkdir(path)
    os.utime(path, ns=(2 * 10**18 + 7, 10**18))


@probe("time of access of a fifo (by option)", status("st_atime_ns"))
def _(path):
    os.mkfifo(path)
    os.utime(path, ns=(987_654_321_123_456_789, 10**18))


@probe("time of change", status("st_ctime_ns"))
def _(path): put(path)


@probe("time of birth", lambda path: run("stat", "-c", "%W %w", "--", path))
def _(path): put(path)


@probe("target of a symbolic link", os.readlink)
def _(path): os.symlink(b"../\xff\n no such", path)


@probe("target of 4,095 bytes", os.readlink)
def _(path): os.symlink(b"t" * 4095, path)


for text, make in (
    ("file", put), ("symbolic link", lambda path: os.symlink(b"x", path)), ("fifo", os.mkfifo),
    ("device", lambda path: os.mknod(path, stat.S_IFCHR | 0o600, os.makedev(1, 3))),
    ("socket", lambda path: os.mknod(path, stat.S_IFSOCK | 0o600)),
):
    @probe(f"hard links to a {text}", names_of_one)
    def _(path, make=make):
        make(path)
        link_to(path)


for text, kind, numbers in (("character device", stat.S_IFCHR, (4095, 1048575)), ("block device", stat.S_IFBLK, (7, 9)),
                            ("whiteout (device 0, 0)", stat.S_IFCHR, (0, 0))):
    @probe(text, status("st_mode", "st_rdev"))
    def _(path, kind=kind, numbers=numbers): os.mknod(path, kind | 0o640, os.makedev(*numbers))


@probe("fifo", status("st_mode"))
def _(path): os.mkfifo(path, 0o640)


@probe("socket", status("st_mode"))
def _(path): os.mknod(path, stat.S_IFSOCK | 0o640)


@probe("hole of 1 GiB", lambda path: os.lstat(path).st_blocks < 1 << 14)
def _(path): write_at(path, 1 << 30, [(1 << 29, b"island")])


@probe("holes exactly where they were", data_map)
def _(path): write_at(path, 3 << 12, [(0, os.urandom(4096)), (2 << 12, os.urandom(4096))])


@probe("content of a preallocated file", lambda path: open(path, "rb").read())
def _(path):
    with open(path, "wb") as file:
        os.posix_fallocate(file.fileno(), 0, 1 << 20)
        file.write(os.urandom(4096))


@probe("zeros that are data", lambda path: os.lstat(path).st_blocks > 1000)
def _(path): put(path, bytes(1 << 20))


for name, size, kind in (
    (b"user.text", 20, "file"), (b"user.empty", 0, "file"), (b"user.64KiB", 65536, "file"),
    (b"user.\xff\n=%", 5, "file"), (b"user.text", 20, "directory"), (b"trusted.text", 20, "file"),
    (b"trusted.text", 20, "symbolic link"), (b"trusted.long", 3000, "symbolic link"), (b"trusted.text", 20, "fifo"),
    (b"trusted.long", 3000, "device"), (b"security.custom", 20, "file"),
):
    label = name.decode("utf-8", "backslashreplace").replace("\n", "\\n")
    @probe(f"extended attribute {label}, {size} bytes, of a {kind}", lambda path, name=name: (attribute(name)(path),))
    def _(path, name=name, size=size, kind=kind):
        {"file": put, "directory": os.mkdir, "fifo": os.mkfifo, "symbolic link": lambda p: os.symlink(b"x", p),
         "device": lambda p: os.mknod(p, stat.S_IFCHR | 0o600, os.makedev(1, 3))}[kind](path)
        os.setxattr(path, name, os.urandom(size), follow_symlinks=False)


@probe("capability of a program", attribute(b"security.capability"))
def _(path):
    put(path, mode=0o755)
    os.setxattr(path, b"security.capability", struct.pack("<5I", 0x02000001, 1 << 10, 0, 0, 0))


@probe("access control list", lambda path: run("getfacl", "-pn", "--", path))
def _(path):
    put(path)
    run("setfacl", "-m", "u:1234:rw-,g:77:r--,m::rw-", path)


@probe("default access control list", lambda path: run("getfacl", "-pn", "--", path))
def _(path):
    os.mkdir(path)
    run("setfacl", "-m", "d:u:1234:rw-,d:g:77:---", path)


for letter, text in (("i", "immutable"), ("a", "append only"), ("d", "no dump"), ("c", "compress"), ("A", "no atime"),
                     ("S", "synchronous"), ("D", "synchronous directory"), ("j", "journalled data"),
                     ("s", "secure deletion"), ("u", "undelete"), ("T", "top of a hierarchy"),
                     ("P", "project inheritance"), ("C", "no copy on write"), ("m", "do not compress")):
    @probe(f"flag {letter} ({text})", flags_of(letter))
    def _(path, letter=letter):
        os.mkdir(path) if letter in "DTP" else put(path)
        run("chattr", f"+{letter}", "--", path)


@probe("immutable file with two names", lambda path: (flags_of("i")(path), names_of_one(path)))
def _(path):
    put(path)
    link_to(path)
    run("chattr", "+i", "--", path)


@probe("project number", lambda path: run("lsattr", "-pd", "--", path).split()[0])
def _(path):
    put(path)
    run("chattr", "-p", "1234", "--", path)


def run_engine(engine, source, target):
    """Backs up and restores; returns where the tree is, and what was said."""
    options = ("--atime",) if engine.name == "vault" else ()
    place = engine.restore(engine.backup(source, *options), source, target,
                           **({"ok": (0, 23)} if engine.name == "vault" else {}))
    return place


def run_all(engines, root):
    """Rows of the table: attribute, and for each program kept, lost or error."""
    source = root + b"/source"
    os.makedirs(source)
    made = []
    for number, (name, make, look, note) in enumerate(PROBES):
        directory = source + b"/%03d" % number
        os.mkdir(directory)
        path = directory + b"/" + (note if isinstance(note, bytes) else b"entry")
        try:
            make(path)
            if not look(path):
                raise Failed("not set")
            made.append((number, name, path, look))
        except (OSError, Failed):
            remove(directory)  # this kernel or file system does not have it
    time.sleep(1)
    places = {}
    for engine in engines:
        try:
            places[engine.name] = run_engine(engine, source, root + b"/" + engine.name.encode())
        except Failed as error:
            places[engine.name] = str(error)
    rows = []
    # Times of access first: looking changes them.
    for number, name, path, look in sorted(made, key=lambda row: ("access" not in row[1], row[0])):
        wanted = look(path)
        results = []
        for engine in engines:
            place = places[engine.name]
            if isinstance(place, str):
                results.append("error")
                continue
            try:
                found = look(place + path[len(source):])
                if isinstance(found, bytes):
                    wanted_here = wanted.replace(path, b"")
                    found = found.replace(place + path[len(source):], b"")
                else:
                    wanted_here = wanted
                results.append("kept" if found == wanted_here else "lost")
            except (OSError, Failed):
                results.append("error" if not os.path.lexists(place + path[len(source):]) else "lost")
        rows.append((number, name, results))
    return [(name, results) for number, name, results in sorted(rows)]


def markdown(engines, rows):
    heads = [f"{engine.name} {engine.version()}" for engine in engines]
    lines = ["| attribute | " + " | ".join(heads) + " |", "|---|" + "---|" * len(heads)]
    lines += [f"| {name.replace('|', '/')} | " + " | ".join(results) + " |" for name, results in rows]
    return "\n".join(lines) + "\n"


def run_part(vault, work, random, full, results, options):
    """One check for each attribute: whatever restic or borg keep, vault keeps."""
    base = os.path.dirname(work)
    engines = [vault]
    for engine in (Restic, Borg):
        try:
            engines.append(engine(base))
        except (Failed, FileNotFoundError) as error:
            print(f"skipped: table without {engine.name}: {error}", flush=True)
    root = (work + "/table").encode()
    os.makedirs(root)
    rows = run_all(engines, root)
    for name, row in rows:
        others = [engine.name for engine, result in zip(engines[1:], row[1:]) if result == "kept"]
        lost = row[0] != "kept" and others
        results.note(f"table: {name}: " + ", ".join(f"{e.name} {r}" for e, r in zip(engines, row)),
                     [f"vault: {row[0]}, but kept by {' and '.join(others)}"] if lost else [])
    if options.table:
        with open(options.table, "w") as file:
            file.write(markdown(engines, rows))
    remove(root)
