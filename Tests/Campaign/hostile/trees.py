"""The trees. Each function makes one below an empty directory (bytes) from a seeded generator; `full` asks for the
large form. Everything is made by plain system calls, so that what is on disk is what stands here."""

import os
import socket
import stat
import struct
import subprocess

from .shell import run

TREES = {}


def tree(name, **facts):
    """Registers a tree. Facts: `deep` (paths beyond PATH_MAX), `huge` (content that must not be read as a whole), `loops` (directories that
    contain themselves, which only rsync goes into)."""

    def register(function):
        function.facts = facts
        TREES[name] = function
        return function

    return register


def put(path, content=b"x", mode=0o644):
    """Makes a file."""
    with open(path, "wb") as file:
        file.write(content)
    os.chmod(path, mode)


def odd_names():
    """Names that programs stumble over."""
    yield from (bytes([byte]) for byte in range(1, 256) if byte not in b"./")
    yield from (b"line\nbreak", b"\n", b"tab\t", b"\x1b[31mred\x1b[0m", b"\x1b]0;title\x07", b"bell\x07", b"\r", b"\x7f")
    yield from (b"-rf", b"--delete", b"--checkpoint-action=exec=sh", b"~", b"~root", b" leading", b"trailing ", b"...")
    yield from (b"trailing.", b"$(reboot)", b"`id`", b"%s%n", b"*", b"?", b"[a-z]", b"back\\slash", b"\\n", b"\\x41")
    yield from (b"\xff\xfe", b"\xc3", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xc0\xaf", b"ok\x80ok")
    yield from ("é".encode(), b"e\xcc\x81", "ﬀ".encode(), "\u202egnp.exe".encode(), "\u200b".encode(), "👪".encode())
    yield from (b"\xef\xbb\xbfbom", "\u2028".encode(), b"con", b"NUL", b"a:b", b'quo"te', b"quo'te", b"=", b"a=b")
    yield from (b".tmp", b"x.tmp", b".vault-restore-0123456789abcdef", b"lost+found", b"log", b"packs", b".lock")
    yield from (b"n" * 255, "é".encode() * 127, b"\xff" * 255, b"\n" * 255, b"." * 255)


@tree("names")
def names(root, random, full):
    for number, name in enumerate(odd_names()):
        put(root + b"/" + name, b"%d" % number)
        directory = root + b"/" + (name[:254] + b"d")
        if not os.path.lexists(directory):
            os.mkdir(directory)
            put(directory + b"/" + name, b"in %d" % number)
    os.mkdir(root + b"/links")
    for number, name in enumerate(odd_names()):
        os.symlink(name, root + b"/links/%d" % number)
    for number in range(20000 if full else 500):
        name = bytes(random.choice(range(1, 256)) for _ in range(random.randint(1, 255))).replace(b"/", b"_")
        if name not in (b".", b"..") and not os.path.lexists(root + b"/" + name):
            put(root + b"/" + name, name)


def descend(root, name, levels, each=None):
    """Makes directories in each other, each from the one above, so that no path is too long for the kernel."""
    fd = os.open(root, os.O_RDONLY | os.O_DIRECTORY)
    for level in range(levels):
        os.mkdir(name, dir_fd=fd)
        if each:
            each(level, fd)
        below = os.open(name, os.O_RDONLY | os.O_DIRECTORY, dir_fd=fd)
        os.close(fd)
        fd = below
    return fd


def put_at(fd, name, content):
    file = os.open(name, os.O_WRONLY | os.O_CREAT, 0o644, dir_fd=fd)
    os.write(file, content)
    os.close(file)


@tree("long-paths", deep=True)
def long_paths(root, random, full):
    for name, levels in ((b"l" * 255, 15), (b"\xff" * 250, 16), (b"m" * 255, 40)):
        fd = descend(root, name, levels)
        put_at(fd, b"end", b"end of " + name)
        put_at(fd, b"e" * 255, b"long end")
        os.symlink(b"t" * 4095, b"link", dir_fd=fd)
        os.close(fd)


@tree("depth", deep=True)
def depth(root, random, full):
    def each(level, fd):
        if level % 50 == 0:
            put_at(fd, b"f", b"level %d" % level)
            os.link(b"f", b"g", src_dir_fd=fd, dst_dir_fd=fd)

    fd = descend(root, b"d", 10000 if full else 500, each)
    put_at(fd, b"bottom", b"reached")
    os.close(fd)


@tree("symbolic-links")
def symbolic_links(root, random, full):
    put(root + b"/file")
    os.mkdir(root + b"/directory")
    target = b"file"
    for number in range(40):
        os.symlink(target, root + b"/chain%d" % number)
        target = b"chain%d" % number
    for name, to in (
        (b"self", b"self"), (b"loop1", b"loop2"), (b"loop2", b"loop1"), (b"dangling", b"no such"), (b"up", b"../../.."),
        (b"etc", b"/etc"), (b"passwd", b"/etc/passwd"), (b"proc", b"/proc/self/root/etc"), (b"dot", b"."),
        (b"todir", b"directory"), (b"directory/back", b".."), (b"bytes", b"\xff\n\x1b[2J"), (b"slashes", b"////"),
        (b"longest", (b"d/" * 2047) + b"e"), (b"one", b"x"),
    ):
        os.symlink(to, root + b"/" + name)


@tree("hard-links")
def hard_links(root, random, full):
    os.mkdir(root + b"/kept")
    os.mkdir(root + b"/left-out")
    os.mkdir(root + b"/z")
    count = 64999 if full else 1000
    put(root + b"/kept/many", b"many names")
    for number in range(count):
        os.link(root + b"/kept/many", root + b"/z/n%05d" % number)
    os.symlink(b"many", root + b"/kept/link")
    os.mkfifo(root + b"/kept/fifo")
    os.mknod(root + b"/kept/null", stat.S_IFCHR | 0o666, os.makedev(1, 3))
    os.mknod(root + b"/kept/socket", stat.S_IFSOCK | 0o600)
    for name in (b"link", b"fifo", b"null", b"socket"):
        os.link(root + b"/kept/" + name, root + b"/z/" + name, follow_symlinks=False)
        os.link(root + b"/kept/" + name, root + b"/a-" + name, follow_symlinks=False)
    # A web: many files, each with names in several directories, found in every order.
    directories = [root + b"/web%d" % number for number in range(10)]
    for directory in directories:
        os.mkdir(directory)
    for number in range(5000 if full else 300):
        first = random.choice(directories) + b"/f%d-0" % number
        put(first, b"%d" % random.randint(0, 50))
        for other in range(1, random.randint(2, 5)):
            os.link(first, random.choice(directories) + b"/f%d-%d" % (number, other))
    put(root + b"/left-out/first", b"first name is left out")
    os.link(root + b"/left-out/first", root + b"/z/second")
    os.link(root + b"/left-out/first", root + b"/z/third")
    put(root + b"/z/xattr", b"attribute on a name")
    os.setxattr(root + b"/z/xattr", b"user.a", b"v" * 3000)
    os.link(root + b"/z/xattr", root + b"/a-xattr")


def write_at(path, size, pieces):
    with open(path, "wb") as file:
        for offset, content in pieces:
            file.seek(offset)
            file.write(content)
        file.truncate(size)


@tree("sparse", huge=True)
def sparse(root, random, full):
    block = lambda: random.randbytes(4096)
    write_at(root + b"/8TiB-of-nothing", 8 << 40, [])
    write_at(root + b"/last-byte", 1 << 40, [((1 << 40) - 1, b"!")])
    write_at(root + b"/ends-in-a-hole", 1 << 33, [(0, block())])
    write_at(root + b"/islands", 8 << 40, [(number << 36, block()) for number in range(128)])
    blocks = (256 << 20) // 8192 if full else (8 << 20) // 8192
    write_at(root + b"/alternating", blocks * 8192, [(number * 8192, block()) for number in range(blocks)])
    write_at(root + b"/alternating-odd", blocks * 8192, [(number * 8192 + 4096, block()) for number in range(blocks)])
    write_at(root + b"/small-with-hole", 8192, [(4096, block())])
    write_at(root + b"/small-ends-in-hole", 8192, [(0, block())])
    write_at(root + b"/hole-and-attribute", 8192, [(4096, block())])
    os.setxattr(root + b"/hole-and-attribute", b"user.big", random.randbytes(3000))
    write_at(root + b"/zeros-that-are-data", 1 << 20, [(0, bytes(1 << 20))])
    write_at(root + b"/tiny", 1, [])
    for exponent in (31, 32):
        for difference in (-1, 0, 1):
            write_at(root + b"/2^%d%+d" % (exponent, difference), (1 << exponent) + difference, [(12345, block())])


@tree("sizes")
def sizes(root, random, full):
    edges = {0, 1, 2, 511, 512, 4095, 4096, 4097}
    for edge in (16 << 10, 32 << 10, 64 << 10, 128 << 10, 256 << 10, 512 << 10, 1 << 20, 2 << 20, 4 << 20):
        edges |= {edge - 1, edge, edge + 1}
    if full:
        for edge in (16 << 20, 32 << 20):
            edges |= {edge - 1, edge, edge + 1}
    for size in sorted(edges):
        put(root + b"/random-%d" % size, random.randbytes(size))
        put(root + b"/zeros-%d" % size, bytes(size))
    for number in range(200):
        put(root + b"/same-%d" % number, b"the same content in many files")


@tree("modes")
def modes(root, random, full):
    os.mkdir(root + b"/files")
    os.mkdir(root + b"/directories")
    for mode in range(4096):
        put(root + b"/files/%04o" % mode, b"%o" % mode)
        os.chmod(root + b"/files/%04o" % mode, mode)
        if full or mode % 8 == 7 or mode < 8:
            os.mkdir(root + b"/directories/%04o" % mode)
            put(root + b"/directories/%04o/in" % mode)
            os.chmod(root + b"/directories/%04o" % mode, mode)


@tree("owners")
def owners(root, random, full):
    ids = (0, 1, 1000, 65533, 65534, 65535, 65536, (1 << 31) - 1, 1 << 31, (1 << 32) - 2)
    for uid in ids:
        for gid in ids:
            path = root + b"/%d-%d" % (uid, gid)
            put(path, mode=0o640)
            os.chown(path, uid, gid)
            os.chmod(path, 0o6751 if gid % 2 else 0o644)
    for number, uid in enumerate(ids):
        for path, make in ((b"dir%d", os.mkdir), (b"fifo%d", os.mkfifo), (b"link%d", lambda p: os.symlink(b"x", p))):
            make(root + b"/" + path % number)
            os.chown(root + b"/" + path % number, uid, ids[-1 - number], follow_symlinks=False)
        os.chmod(root + b"/dir%d" % number, 0o3770)


@tree("times")
def times(root, random, full):
    seconds = (-2147483648, -2147483647, -86400, -2, -1, 0, 1, 1000000000, 2147483647, 2147483648, 4294967295)
    seconds += (4294967296, 9223372036, 9223372037, 10000000000, 15032385535)
    for second in seconds:
        for ns in (0, 1, 500000000, 999999999):
            when = second * 1000000000 + ns
            for path, make in (
                (b"f", put), (b"d", os.mkdir), (b"p", os.mkfifo), (b"l", lambda p: os.symlink(b"nowhere", p)),
            ):
                path = root + b"/%s%d.%09d" % (path, second, ns)
                make(path)
                os.utime(path, ns=(random.randrange(10**18), when), follow_symlinks=False)


@tree("attributes")
def attributes(root, random, full):
    for name in (b"file", b"read-only"):
        put(root + b"/" + name)
    os.mkdir(root + b"/directory")
    os.mkfifo(root + b"/fifo")
    os.mknod(root + b"/device", stat.S_IFCHR | 0o600, os.makedev(1, 5))
    os.mknod(root + b"/socket", stat.S_IFSOCK | 0o600)
    os.symlink(b"file", root + b"/link")
    for name in (b"file", b"directory"):
        path = root + b"/" + name
        os.setxattr(path, b"user.empty", b"")
        os.setxattr(path, b"user.zero\xff\n%=\x1b[1m name", b"\0bytes\0\xff\n")
        os.setxattr(path, b"user." + b"n" * 250, b"longest name")
        for size in (1, 1023, 1024, 1025, 4096, 65535, 65536):
            os.setxattr(path, b"user.size%d" % size, random.randbytes(size))
    for name in (b"file", b"directory", b"fifo", b"device", b"socket", b"link"):
        for size in (0, 5, 1024, 1025, 3000, 65536):
            os.setxattr(root + b"/" + name, b"trusted.size%d" % size, random.randbytes(size), follow_symlinks=False)
        os.setxattr(root + b"/" + name, b"security.custom", b"label " + name, follow_symlinks=False)
    os.setxattr(root + b"/read-only", b"user.note", b"on a read-only file")
    os.chmod(root + b"/read-only", 0o400)
    put(root + b"/hundred")
    for number in range(100):
        os.setxattr(root + b"/hundred", b"user.a%02d" % number, random.randbytes(random.randint(0, 12)))
    put(root + b"/capability", mode=0o755)
    os.setxattr(root + b"/capability", b"security.capability", struct.pack("<5I", 0x02000001, 1 << 10, 0, 0, 0))
    put(root + b"/same1")
    put(root + b"/same2")
    for name in (b"same1", b"same2"):
        os.setxattr(root + b"/" + name, b"user.large", b"equal" * 4000)


@tree("access-lists")
def access_lists(root, random, full):
    os.mkdir(root + b"/default")
    run("setfacl", "-m", "u:1234:rwx,g:4321:r-x,m::rwx,d:u:1234:rw-,d:g:77:---,d:m::rw-,d:o::---", root + b"/default")
    os.mkdir(root + b"/default/below")
    put(root + b"/default/inherits")
    os.mkdir(root + b"/no-default-but-in-default")
    for number in range(40):
        path = root + b"/f%d" % number
        put(path)
        entries = [f"u:{random.randrange(1 << 32 - 1)}:{random.choice(['r--', 'rw-', '---', 'rwx'])}"
                   for _ in range(random.randint(1, 20))]
        mask = random.choice(["m::---", "m::r--", "m::rwx"])
        run("setfacl", "-m", ",".join(entries + [mask]), path)
    put(root + b"/set-group", mode=0o644)
    os.chown(root + b"/set-group", 5, 6)
    run("setfacl", "-m", "u:9:r-x,m::r-x", root + b"/set-group")
    os.chmod(root + b"/set-group", 0o6750)
    os.mkdir(root + b"/plain-in-default")
    run("setfacl", "-b", "-k", root + b"/default/below", root + b"/default/inherits")


@tree("flags")
def flags(root, random, full):
    for letter in "acdijstuACDFPST":
        for kind in ("f", "d"):
            path = root + f"/{letter}-{kind}".encode()
            put(path) if kind == "f" else os.mkdir(path)
            done = subprocess.run(["chattr", f"+{letter}", path], stderr=subprocess.DEVNULL)
            if done.returncode and letter in "adiAS":
                raise OSError(f"chattr +{letter} {path}")
    os.mkdir(root + b"/closed")
    put(root + b"/closed/in")
    put(root + b"/two-names", b"an immutable file with two names")
    os.link(root + b"/two-names", root + b"/closed/second-name")
    put(root + b"/log", b"an append-only file with two names")
    os.link(root + b"/log", root + b"/zlog")
    run("chattr", "+a", root + b"/log")
    run("chattr", "+i", root + b"/two-names", root + b"/closed/in", root + b"/closed")
    os.mkdir(root + b"/growing")
    put(root + b"/growing/in")
    run("chattr", "+a", root + b"/growing")


@tree("special-files")
def special_files(root, random, full):
    for mode in (0o600, 0o777, 0o4755, 0o1000, 0):
        os.mkfifo(root + b"/fifo%o" % mode)
        os.chmod(root + b"/fifo%o" % mode, mode)
    server = socket.socket(socket.AF_UNIX)
    server.bind(root + b"/socket")
    server.close()
    for name, kind in ((b"c", stat.S_IFCHR), (b"b", stat.S_IFBLK)):
        for major, minor in ((1, 3), (0, 0), (7, 255), (8, 256), (255, 255), (256, 65536), (4095, 1048575)):
            path = root + b"/%s%d-%d" % (name, major, minor)
            os.mknod(path, kind | 0o640, os.makedev(major, minor))
            os.chown(path, random.randrange(1 << 31), random.randrange(1 << 31))


@tree("mounts", loops=True)
def mounts(root, random, full):
    for name in (b"", b"/a", b"/a/b", b"/other", b"/again"):
        os.makedirs(root + name, exist_ok=True)
    put(root + b"/a/file", b"seen at several places")
    os.link(root + b"/a/file", root + b"/a/b/second")
    # The tree inside itself, twice, and a directory beside itself.
    run("mount", "--bind", root + b"/a", root + b"/again")
    run("mount", "--bind", root, root + b"/a/b")
    run("mount", "-t", "tmpfs", "none", root + b"/other")
    put(root + b"/other/on-tmpfs", b"another file system")


@tree("wide")
def wide(root, random, full):
    for number in range(100000 if full else 5000):
        with open(root + b"/%x" % (number * 2654435761 % (1 << 32)), "wb"):
            pass
