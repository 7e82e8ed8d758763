"""What ls, find and diff print of odd names: nothing that a terminal obeys; and as JSON the exact bytes."""

import base64
import json
import os

from .compare import shown
from .shell import run
from .trees import TREES


def run_part(vault, work, random, full, results, options):
    root = (work + "/output").encode()
    os.makedirs(root)
    TREES["names"](root, random, False)
    first = vault.backup(root, "--system", "output")
    names = sorted(run("find", root, "-print0").split(b"\0")[:-1])
    for name in names[::40]:
        if os.path.isfile(name) and not os.path.islink(name):
            with open(name, "ab") as file:
                file.write(b"changed")
    second = vault.backup(root, "--system", "output")
    place = first.encode() + b":" + root
    inside = [name for name in names if name != root]
    commands = {
        "ls": ("ls", place, "-R"), "ls long": ("ls", place, "-R", "-l"), "find": ("find", "*", "--snapshot", first),
        "diff": ("diff", place, second.encode() + b":" + root),
        "diff with the disk": ("diff", place, "--against", root),
        "dry run": ("restore", place, "--target", root + b"-new", "--dry-run"),
    }
    for name, command in commands.items():
        results.check(f"output: {name} is harmless", lambda: harmless(vault, command))
    results.check("output: ls as JSON has every byte", lambda: exact(vault, ("ls", place, "-R"), inside))
    results.check("output: find as JSON has every byte",
                  lambda: exact(vault, ("find", "*", "--snapshot", first), inside, within=root + b"/"))
    results.check("output: diff as JSON has every byte", lambda: changed(vault, commands["diff"], inside))
    results.check("output: errors about odd names are harmless", lambda: errors(vault, first))


def harmless(vault, command):
    done = vault.command(*command)
    text = done.stdout + done.stderr
    bad = {byte for byte in text if byte < 0x20 and byte != 0x0a or byte == 0x7f}
    problems = [f"control bytes {sorted(bad)}"] if bad else []
    try:
        hidden = [c for c in text.decode() if c in "\u202e\u200b\u2028\u0085"]
        problems += [f"characters that are not seen: {hidden[:3]!r}"] if hidden else []
    except UnicodeDecodeError as error:
        problems.append(f"not UTF-8: {error}")
    return problems + ([] if done.stdout or "dry" in str(command) else ["nothing was printed"])


def path_of(row):
    return base64.b64decode(row["pathBase64"]) if "pathBase64" in row else row["path"].encode()


def rows_of(vault, command):
    return [json.loads(line) for line in vault.command(*command, "--json", "-q").stdout.splitlines()]


def exact(vault, command, names, within=b""):
    found = sorted(path_of(row) for row in rows_of(vault, command) if "path" in row)
    found = [path for path in found if path.startswith(within)]
    missing, more = set(names) - set(found), set(found) - set(names)
    return [f"missing {shown(name)}" for name in sorted(missing)[:3]] + [f"invented {shown(n)}" for n in sorted(more)[:3]]


def changed(vault, command, names):
    found = {path_of(row) for row in rows_of(vault, command) if "path" in row}
    if not found:
        return ["no difference was found"]
    return [f"invented {shown(name)}" for name in sorted(found - set(names) - {os.path.dirname(names[0])})[:3]]


def errors(vault, snapshot):
    """A path that is not there is named, and harmless."""
    problems = []
    for name in (b"/no\x1b[2Jsuch\n", b"/\xff\xfe"):
        done = vault.command("ls", snapshot.encode() + b":" + name, ok=None)
        if done.returncode == 0 or b"\x1b" in done.stderr or done.stderr.count(b"\n") != 2:
            problems.append(f"{done.returncode}: {done.stderr!r}")
    return problems
