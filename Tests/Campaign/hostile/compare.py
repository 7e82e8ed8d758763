"""What differs between two trees. Only other programs and the kernel say so, never the program under test."""

import os
import re
import subprocess

from .shell import run

ARCHIVE = (
    "--sort=name", "--numeric-owner", "--acls", "--xattrs", "--xattrs-include=*", "--format=pax", "--sparse",
    "--pax-option=exthdr.name=%d/PaxHeaders/%f,delete=atime,delete=ctime",
)


def differences(a, b, deep=False, huge=False, loops=False, without=()):
    """One line for each difference, as (program, text); at most a few of each program."""
    found = []
    tools = {
        "find": find, "holes": holes, "devices": devices, "lsattr": lsattr, "tar": archive, "rsync": rsync,
        "tar --compare": tar_compare, "getfattr": getfattr, "getfacl": getfacl,
    }
    for name, tool in tools.items():
        if name in without or loops and tool is not rsync:
            continue
        if deep and tool in (rsync, tar_compare, getfattr, getfacl, lsattr, devices):
            continue
        if huge and tool in (rsync, tar_compare):
            continue
        found += [(name, text) for text in (tool(a, b, huge) if tool is archive else tool(a, b))[:5]]
    return found


def shown(data):
    """Bytes for people."""
    return data.decode("utf-8", "backslashreplace").replace("\x1b", "\\x1b").replace("\n", "\\n")[:300]


def unequal(a, b):
    """Lines that only one of two collections has."""
    left, right = set(a), set(b)
    lines = [f"only before: {shown(line)}" for line in sorted(left - right)]
    return lines + [f"only after: {shown(line)}" for line in sorted(right - left)]


def rsync(a, b):
    output = run("rsync", "-nicaHAXS", "--delete", "--numeric-ids", a + b"/", b + b"/", ok=(0, 23, 24))
    return [shown(line) for line in output.splitlines()]


def archive(a, b, huge=False):
    """GNU tar archives of both, in one order: byte for byte the same. Without attributes, whose order is the file
    system's."""
    options = ("--sort=name", "--numeric-owner", "--sparse") if huge else (*ARCHIVE, "--no-xattrs")

    def digest(path):
        # The pax form of sparse files has a process number in it; the old one takes no long names.
        form = ["--format=gnu"] if huge else []
        tar = subprocess.Popen(["tar", "-C", path, "-cf", "-", *options, *form, "."], stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL)
        total = run("sha256sum", stdin=tar.stdout)
        return total if tar.wait() in (0, 1) else b"tar failed"

    return [] if digest(a) == digest(b) else ["archives of the two trees are not the same bytes"]


def tar_compare(a, b):
    tar = subprocess.Popen(["tar", "-C", a, "-cf", "-", *ARCHIVE, "."], stdout=subprocess.PIPE,
                           stderr=subprocess.DEVNULL)
    done = subprocess.run(["tar", "-C", b, "--compare", "--numeric-owner", "--acls", "--xattrs", "-f", "-"],
                          stdin=tar.stdout, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    tar.wait()
    return [shown(line) for line in done.stdout.splitlines()] if done.returncode else []


def listing(path):
    """Fields of find, one entry each; the inode last."""
    form = r"%P\0%y\0%m\0%U\0%G\0%s\0%T@\0%l\0%n\0%i\0"
    form_of_directory = r"%P\0%y\0%m\0%U\0%G\0-\0%T@\0\0-\0%i\0"
    output = run("find", path, "-type", "d", "-printf", form_of_directory, "-o", "-printf", form, ok=(0, 1))
    fields = output.split(b"\0")[:-1]
    return [fields[start:start + 10] for start in range(0, len(fields), 10)]


def find(a, b):
    """Names, kinds, modes, owners, sizes, times to the nanosecond, link targets, link counts, and which names are one
    file."""
    left, right = listing(a), listing(b)
    if not left or not right:
        return ["find lists nothing"]
    lines = unequal((b" ".join(fields[:9]) for fields in left), (b" ".join(fields[:9]) for fields in right))

    def groups(entries):
        names = {}
        for fields in entries:
            if fields[1] != b"d":
                names.setdefault(fields[9], []).append(fields[0])
        return [b" = ".join(sorted(group)) for group in names.values() if len(group) > 1]

    return lines + unequal(groups(left), groups(right))


def paths(path, *test):
    return run("find", ".", *test, "-print0", cwd=path).split(b"\0")[:-1]


def devices(a, b):
    def numbers(path):
        names = paths(path, "-type", "b", "-o", "-type", "c")
        return run("stat", "--printf", r"%n %t:%T\0", "--", *names, cwd=path).split(b"\0") if names else []

    return unequal(numbers(a), numbers(b))


def holes(a, b):
    """Where data lies, as lseek says, for files that have holes."""

    def maps(path):
        lines = []
        for name in paths(path, "-type", "f", "-size", "+1", "-links", "-1000"):
            if len(name) > 4000:
                continue
            fd = os.open(os.path.join(path, name), os.O_RDONLY)
            size, offset, parts = os.fstat(fd).st_size, 0, []
            while offset < size:
                try:
                    data = os.lseek(fd, offset, os.SEEK_DATA)
                except OSError:
                    break
                offset = os.lseek(fd, data, os.SEEK_HOLE)
                parts.append(b"%d-%d" % (data, offset))
            os.close(fd)
            if parts != [b"0-%d" % size]:
                lines.append(name + b": " + b" ".join(parts[:2000]))
        return lines

    return unequal(maps(a), maps(b))


def getfattr(a, b):
    def all_of(path):
        return run("getfattr", "-RPhdm-", "-e", "hex", ".", cwd=path).split(b"\n\n")

    return unequal(all_of(a), all_of(b))


def getfacl(a, b):
    def all_of(path):
        return run("getfacl", "-RPn", ".", cwd=path).split(b"\n\n")

    return unequal(all_of(a), all_of(b))


def lsattr(a, b):
    """File flags; how the file system stores a file (extents, index) is its own business."""

    def all_of(path):
        names = [name for name in paths(path, "-type", "f", "-o", "-type", "d")]
        output = b""
        for start in range(0, len(names), 1000):
            output += run("lsattr", "-d", "--", *names[start:start + 1000], cwd=path, ok=(0, 1))
        return [re.sub(rb"^[-A-Za-z]+", lambda m: re.sub(rb"[eIVEN]", b"-", m.group()), line)
                for line in output.splitlines()]

    return unequal(all_of(a), all_of(b))
