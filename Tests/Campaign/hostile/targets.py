"""Restores into directories that hold something already: what is there, against what was said about overwriting."""

import os
import signal
import subprocess
import time

from .compare import differences, shown
from .shell import remove, run
from .trees import put

MOMENT = 1_600_000_000 * 10**9

# What is there under the name `x` (a file in the snapshot) or `d` (a directory), and how old that is.
KINDS = {}


def kind(function):
    KINDS[function.__name__.strip("_").replace("_", " ")] = function
    return function


def replace(path, content=b"other content"):
    os.unlink(path)
    put(path, content)


def stamp(path, difference):
    os.utime(path, ns=(MOMENT, MOMENT + difference * 10**9), follow_symlinks=False)


@kind
def identical(target, outside):
    return b"x", 0


@kind
def same_size_and_time(target, outside):
    replace(target + b"/x", b"CONTENT OF X")
    stamp(target + b"/x", 0)
    return b"x", 0


@kind
def other_content(target, outside):
    replace(target + b"/x")
    stamp(target + b"/x", -100)
    return b"x", -1


@kind
def newer(target, outside):
    replace(target + b"/x")
    stamp(target + b"/x", 100)
    return b"x", 1


@kind
def read_only(target, outside):
    replace(target + b"/x")
    os.chmod(target + b"/x", 0o400)
    stamp(target + b"/x", -100)
    return b"x", -1


@kind
def other_owner_and_mode(target, outside):
    os.chown(target + b"/x", 4711, 4711)
    os.chmod(target + b"/x", 0o777)
    return b"x", 0


@kind
def other_attributes(target, outside):
    os.setxattr(target + b"/x", b"user.more", b"1")
    run("setfacl", "-m", "u:4711:rwx", target + b"/x")
    return b"x", 0


@kind
def missing(target, outside):
    os.unlink(target + b"/x")
    return b"x", None


@kind
def empty(target, outside):
    replace(target + b"/x", b"")
    stamp(target + b"/x", -100)
    return b"x", -1


@kind
def fifo(target, outside):
    os.unlink(target + b"/x")
    os.mkfifo(target + b"/x")
    stamp(target + b"/x", -100)
    return b"x", -1


@kind
def link_to_a_file_outside(target, outside):
    os.unlink(target + b"/x")
    os.symlink(outside + b"/file", target + b"/x")
    stamp(target + b"/x", -100)
    return b"x", -1


@kind
def second_name_of_a_file_outside(target, outside):
    os.unlink(target + b"/x")
    os.link(outside + b"/file", target + b"/x")
    return b"x", -1


@kind
def directory_for_a_file(target, outside):
    os.unlink(target + b"/x")
    os.mkdir(target + b"/x")
    put(target + b"/x/in")
    stamp(target + b"/x", -100)
    return b"x", -1


@kind
def file_for_a_directory(target, outside):
    remove(target + b"/d")
    put(target + b"/d")
    stamp(target + b"/d", -100)
    return b"d", -1


@kind
def link_to_a_directory_outside(target, outside):
    remove(target + b"/d")
    os.symlink(outside, target + b"/d")
    stamp(target + b"/d", -100)
    return b"d", -1


@kind
def directory_that_gives_ACLs(target, outside):
    remove(target + b"/d/in")
    remove(target + b"/d/fifo")
    run("setfacl", "-m", "d:u:4711:rwx", target + b"/d")
    stamp(target + b"/d", -100)
    return b"d/in", None


@kind
def immutable(target, outside):
    replace(target + b"/x")
    stamp(target + b"/x", -100)
    run("chattr", "+i", target + b"/x")
    return b"x", "closed"


POLICIES = ((), ("never",), ("if-newer",), ("if-changed",), ("if-changed", "--verify-existing"), ("always",),
            ("always", "--delete"))


def expected(name, age, policy):
    """What the entry is afterwards: `source` or `before`, and the exit status."""
    if not policy:
        return "before", 2
    if name == "identical":
        return "source", 0
    if age is None:
        return "source", 0
    if policy[0] == "never":
        return "before", 23 if name in ("file for a directory", "link to a directory outside") else 0
    if age == "closed":
        return "before", 23
    if policy[0] == "if-newer":
        if age >= 0:
            return "before", 0
    elif name == "same size and time" and policy == ("if-changed",):
        return "content before", 0
    if name == "directory for a file" and "--delete" not in policy:
        return "before", 23
    return "source", 0


def run_part(vault, work, random, full, results, options):
    base = (work + "/targets").encode()
    source, outside, spare = base + b"/source", base + b"/outside", base + b"/spare"
    os.makedirs(source + b"/d")
    put(source + b"/x", b"content of x")
    os.setxattr(source + b"/x", b"user.note", b"kept")
    put(source + b"/d/in", b"in d")
    os.mkfifo(source + b"/d/fifo")
    for path in (b"/x", b"/d/in", b"/d/fifo", b"/d", b""):
        stamp(source + path, 0)
    os.mkdir(outside)
    put(outside + b"/file", b"must never change")
    stamp(outside + b"/file", -100)
    os.mkdir(spare)
    snapshot = vault.backup(source, "--system", "targets")
    for name, make in KINDS.items():
        for policy in POLICIES:
            results.check(f"targets: {name}, {' '.join(policy) or 'nothing said'}",
                          lambda: one(vault, base, source, outside, snapshot, name, make, policy))
    results.check("targets: interrupted and completed", lambda: interrupted(vault, base, random))
    results.check("targets: no space", lambda: no_space(vault, base, random))
    results.check("targets: the target is a link", lambda: through_a_link(vault, base, source, snapshot))
    remove(base)


def one(vault, base, source, outside, snapshot, name, make, policy):
    target, before = base + b"/target", base + b"/before"
    for path in (target, before):
        remove(path)
    run("cp", "-a", source, target)
    path, age = make(target, outside)
    run("cp", "-a", target, before)
    if name == "second name of a file outside":
        remove(before + b"/x")
        os.link(outside + b"/file", before + b"/x")
    canary = run("find", outside, "-printf", r"%p %y %m %U %G %s %T@\n") + run("sha256sum", outside + b"/file")
    overwrite = ("--overwrite", *policy) if policy else ()
    vault_restore = vault.command("restore", "-q", snapshot.encode() + b":" + source, "--target", target, *overwrite,
                                  ok=None)
    run("chattr", "-R", "-f", "-i", target, ok=None)
    state, status = expected(name, age, policy)
    problems = []
    if vault_restore.returncode != status:
        problems.append(f"ended with {vault_restore.returncode}, not {status}: {shown(vault_restore.stderr)}")
    wanted = source if state == "source" else before
    if state == "content before":
        # Its metadata is put right.
        problems += [] if run("cat", before + b"/x") == run("cat", target + b"/x") else ["its content has changed"]
    else:
        problems += same(wanted + b"/" + path, target + b"/" + path)
    if canary != run("find", outside, "-printf", r"%p %y %m %U %G %s %T@\n") + run("sha256sum", outside + b"/file"):
        problems.append("something outside of the target has changed")
    if policy[:1] in (("always",), ("if-changed",)) and state == "source":
        problems += differences(source, target)
    return problems


def same(wanted, found):
    """Compares one entry, with all below it, by copying both into directories of their own."""
    if not os.path.lexists(wanted) or not os.path.lexists(found):
        return [] if os.path.lexists(wanted) == os.path.lexists(found) else [f"{shown(found)} is not there"]
    listing = ("find", ".", "-printf", r"%P %y %m %U %G %s %T@ %l\n")
    if os.path.isdir(wanted) and not os.path.islink(wanted):
        left, right = (run(*listing, cwd=path) for path in (wanted, found))
    else:
        left, right = (run("find", path, "-maxdepth", "0", "-printf", r"%y %m %U %G %s %T@ %l\n")
                       + (run("sha256sum", "--zero", path).split()[0] if os.path.isfile(path) else b"")
                       + (run("getfattr", "-hdm-", "--absolute-names", path).split(b"\n", 1)[-1])
                       for path in (wanted, found))
    return [] if left == right else [f"wanted {shown(left)}, found {shown(right)}"]


def interrupted(vault, base, random):
    """Killed at several moments, completed by the same command with --overwrite if-changed."""
    source, target = base + b"/many", base + b"/killed"
    os.mkdir(source)
    for number in range(1500):
        put(source + b"/f%04d" % number, random.randbytes(random.randrange(20000)))
    os.link(source + b"/f0000", source + b"/z")
    snapshot = vault.backup(source, "--system", "many")
    problems = []
    for pause in (0.05, 0.15, 0.3, 0.6):
        remove(target)
        restore = subprocess.Popen([vault.binary, "restore", "-q", "--identity", vault.kit,
                                    snapshot.encode() + b":" + source, "--target", target], env=vault.environment)
        time.sleep(pause)
        restore.send_signal(signal.SIGKILL)
        restore.wait()
        vault.restore(snapshot, source, target, "--overwrite", "if-changed", "--verify-existing", "--delete")
        problems += differences(source, target)
    remove(target)
    return problems


def no_space(vault, base, random):
    """A target that is full: one sentence with the next step, exit status 1."""
    source, target = base + b"/large", base + b"/small"
    os.mkdir(source)
    put(source + b"/file", random.randbytes(4 << 20))
    snapshot = vault.backup(source, "--system", "large")
    os.mkdir(target)
    run("mount", "-t", "tmpfs", "-o", "size=1m", "none", target)
    try:
        done = vault.command("restore", "-q", snapshot.encode() + b":" + source, "--target", target, ok=None)
    finally:
        run("umount", target)
    said = done.stderr.decode()
    if done.returncode != 1 or "No space left" not in said or "Free space" not in said:
        return [f"ended with {done.returncode}: {said}"]
    return []


def through_a_link(vault, base, source, snapshot):
    """A target that the user names may be a link to a directory; it stays one."""
    real, link = base + b"/real", base + b"/link"
    os.mkdir(real)
    os.symlink(real, link)
    vault.restore(snapshot, source, link, "--overwrite", "always")
    return differences(source, real) + ([] if os.path.islink(link) else ["the link is gone"])
