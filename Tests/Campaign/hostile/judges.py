"""The judges themselves: one thing is changed in a copy of a tree, and the program that is to see it must see it."""

import os
import stat

from .compare import differences
from .shell import remove, run
from .trees import put, write_at


def sparse(path):
    os.unlink(path)
    write_at(path, 1 << 20, [])
    os.utime(path, ns=(0, 10**18))


def linked(root):
    os.unlink(root + b"/second")
    put(root + b"/second")
    os.utime(root + b"/second", ns=(0, 10**18))


def device(path, kind=stat.S_IFCHR):
    os.unlink(path)
    os.mknod(path, kind | 0o600, os.makedev(1, 7))
    os.utime(path, ns=(0, 10**18))


def content(path):
    put(path, b"y")
    os.utime(path, ns=(0, 10**18))


CHANGES = {
    "content": ("rsync", lambda root: content(root + b"/file")),
    "content, in the archive": ("tar", lambda root: content(root + b"/file")),
    "content, by tar": ("tar --compare", lambda root: content(root + b"/file")),
    "mode": ("find", lambda root: os.chmod(root + b"/file", 0o600)),
    "owner": ("find", lambda root: os.chown(root + b"/link", 1, 1, follow_symlinks=False)),
    "a nanosecond": ("find", lambda root: os.utime(root + b"/file", ns=(0, 10**18 + 1))),
    "a name": ("find", lambda root: os.rename(root + b"/fifo", root + b"/fifo\n")),
    "a hard link": ("find", linked),
    "an attribute": ("getfattr", lambda root: os.setxattr(root + b"/device", b"trusted.a", b"")),
    "an access list": ("getfacl", lambda root: run("setfacl", "-m", "d:u:1:r--", root)),
    "a flag": ("lsattr", lambda root: run("chattr", "+A", root + b"/file")),
    "a hole": ("holes", lambda root: sparse(root + b"/zeros")),
    "a device number": ("devices", lambda root: device(root + b"/device")),
    "a device number of a disk": ("devices", lambda root: device(root + b"/disk", stat.S_IFBLK)),
}


def run_part(vault, work, random, full, results, options):
    root, other = (work + "/judged").encode(), (work + "/altered").encode()
    os.makedirs(root)
    put(root + b"/file")
    put(root + b"/first")
    put(root + b"/zeros", bytes(1 << 20))
    os.link(root + b"/first", root + b"/second")
    os.symlink(b"x", root + b"/link")
    os.mkfifo(root + b"/fifo")
    os.mknod(root + b"/device", stat.S_IFCHR | 0o600, os.makedev(1, 3))
    os.mknod(root + b"/disk", stat.S_IFBLK | 0o600, os.makedev(1, 3))
    for name in os.listdir(root):
        os.utime(root + b"/" + name, ns=(0, 10**18), follow_symlinks=False)

    def seen(judge, change):
        remove(other)
        run("cp", "-a", "--sparse=never", root, other)
        before = differences(root, other)
        change(other)
        found = [name for name, _ in differences(root, other)]
        return [f"differs at once: {before}"] if before else [] if judge in found else [f"{judge} sees nothing"]

    for name, (judge, change) in CHANGES.items():
        results.check(f"judges: {judge} sees {name}", lambda: seen(judge, change))
    remove(root)
    remove(other)
