"""What is done with each tree: backup, restore, compare; change, backup again, restore, compare; as an archive; as
an ordinary user."""

import os
import subprocess
import time

from .compare import differences, shown, unequal
from .shell import Failed, remove, run
from .trees import TREES

# What an archive of tar cannot hold: sockets, file flags, and here holes.
NOT_IN_TAR = ("lsattr", "holes", "rsync")


class Results:
    """Counts checks, and keeps what failed."""

    def __init__(self, seed):
        self.seed, self.passed, self.failures, self.seconds = seed, 0, [], {}

    def note(self, name, problems):
        """One check: it has passed if there are no problems."""
        if problems:
            self.failures.append((name, problems))
            print(f"FAILED {name} (seed {self.seed})", flush=True)
            for problem in problems[:8]:
                print("    " + (problem if isinstance(problem, str) else f"{problem[0]}: {problem[1]}"), flush=True)
        else:
            self.passed += 1
            print(f"passed {name}", flush=True)

    def check(self, name, body):
        """Runs a check; a program that fails is a problem too."""
        started = time.monotonic()
        try:
            problems = body()
        except (Failed, OSError, subprocess.SubprocessError, ValueError, KeyError, IndexError) as error:
            problems = [f"{type(error).__name__}: {error}"]
        self.seconds[name] = round(time.monotonic() - started, 2)
        self.note(name, problems)


def change(root, random):
    """Changes a tree a little: content, metadata, names; what is below PATH_MAX only."""
    names = run("find", ".", "-type", "f", "-size", "-1000", "-print0", cwd=root).split(b"\0")[:-1]
    names = [root + name[1:] for name in names if len(name) < 3500]
    random.shuffle(names)
    for number, path in enumerate(names[:12]):
        try:
            mode = os.lstat(path).st_mode
            if number % 4 == 0:
                with open(path, "ab") as file:
                    file.write(b"more")
            elif number % 4 == 1:
                os.chmod(path, (mode ^ 0o111) & 0o7777)
            elif number % 4 == 2:
                os.setxattr(path, b"user.changed", b"%d" % number)
            elif number % 8 == 3:
                os.rename(path, path[:-1] + b"~" if not path.endswith(b"~") else path + b"2")
            else:
                os.unlink(path)
        except PermissionError:
            pass  # immutable


class Round:
    """All checks of one tree."""

    def __init__(self, name, vault, work, random, full, results):
        self.name, self.vault, self.random, self.full, self.results = name, vault, random, full, results
        self.source = os.path.join(work, "trees", name).encode()
        self.targets = os.path.join(work, "restored").encode()
        self.facts = TREES[name].facts

    def make(self):
        os.makedirs(self.source)
        TREES[self.name](self.source, self.random, self.full)

    def target(self, what):
        path = self.targets + b"/" + self.name.encode() + b"-" + what.encode()
        remove(path)
        os.makedirs(self.targets, exist_ok=True)
        return path

    def compare(self, restored, without=(), **options):
        return differences(self.source, restored, without=without, **self.facts, **options)

    def run(self):
        self.results.check(f"{self.name}: backup and restore", self.first)
        if self.name == "mounts":
            self.results.check(f"{self.name}: one file system", self.one_file_system)
        self.results.check(f"{self.name}: unchanged backup", self.unchanged)
        if not self.facts.get("huge"):
            self.results.check(f"{self.name}: archive", self.archive)
            self.results.check(f"{self.name}: ordinary user", self.ordinary_user)
        if self.name != "mounts":
            self.results.check(f"{self.name}: changed, backup and restore", self.changed)

    def restored(self, what, *options):
        """Restores the last snapshot and compares; metadata that was not applied is a difference."""
        target = self.vault.restore(self.snapshot, self.source, self.target(what), *options)
        problems = self.compare(target)
        if self.vault.result["notAppliedCount"]:
            problems.append(f"not applied: {self.vault.result['notApplied']}")
        remove(target)
        return problems

    def first(self):
        self.snapshot = self.vault.backup(self.source, "--system", self.name)
        return self.restored("first")

    def unchanged(self):
        """From the scan cache alone: nothing new is stored, and the snapshot is as complete as the first."""
        first = self.snapshot
        time.sleep(2.1)
        self.vault.backup(self.source, "--system", self.name)
        self.snapshot = self.vault.backup(self.source, "--system", self.name)
        problems = [] if self.vault.last["newBytes"] == 0 else [f"{self.vault.last['newBytes']} new bytes"]
        listed = self.vault.command("diff", first + ":" + os.fsdecode(self.source),
                                    self.snapshot + ":" + os.fsdecode(self.source)).stdout
        if listed:
            problems.append("diff of two snapshots of the same tree: " + shown(listed))
        return problems + self.restored("unchanged")

    def changed(self):
        change(self.source, self.random)
        self.snapshot = self.vault.backup(self.source, "--system", self.name)
        return self.restored("changed", *(() if self.facts.get("huge") else ("--verify",)))

    def one_file_system(self):
        snapshot = self.vault.backup(self.source, "--system", "one", "--one-file-system")
        target = self.vault.restore(snapshot, self.source, self.target("one"))
        here = os.listdir(target + b"/other")
        remove(target)
        return [f"went into another file system: {here}"] if here else []

    def archive(self):
        target = self.target("archive")
        os.makedirs(target)
        dump = subprocess.Popen([self.vault.binary, "dump", "--identity", self.vault.kit, "-q",
                                 self.snapshot.encode() + b":" + self.source], env=self.vault.environment,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        tar = subprocess.run(["tar", "-C", target, "-xpf", "-", "--numeric-owner", "--xattrs", "--xattrs-include=*",
                              "--acls", "--delay-directory-restore"], stdin=dump.stdout, stderr=subprocess.PIPE)
        said = dump.stderr.read()
        problems = [f"dump ended with {dump.returncode}: {shown(said)}"] if dump.wait() else []
        if self.facts.get("deep"):
            remove(target)  # GNU tar itself does not unpack paths beyond PATH_MAX
            return problems
        if tar.returncode:
            problems.append("tar: " + shown(tar.stderr))
        if self.facts.get("loops"):
            found = differences(self.source, target, loops=True)
            remove(target)
            return problems + found
        sockets = run("find", ".", "-type", "s", "-print0", cwd=self.source).split(b"\0")[:-1]
        found = self.compare(target, without=NOT_IN_TAR if not sockets else
                             (*NOT_IN_TAR, "tar", "tar --compare", "find", "getfattr", "getfacl"))
        remove(target)
        return problems + found

    def ordinary_user(self):
        """All names and all content come back, and what could not be applied is counted."""
        target = self.target("user")
        os.makedirs(target)
        os.chown(target, 65534, 65534)
        home = self.vault.work + "/nobody"
        os.makedirs(home, exist_ok=True)
        os.chown(home, 65534, 65534)
        run("chmod", "-R", "a+rX", self.vault.repository)
        for path in (self.vault.work, os.path.dirname(self.vault.work)):
            os.chmod(path, 0o755)
        kit = home + "/kit"
        run("install", "-m", "0600", "-o", "65534", self.vault.kit, kit)
        done = subprocess.run(
            ["setpriv", "--reuid=65534", "--regid=65534", "--clear-groups", self.vault.binary, "restore", "--json",
             "-q", "-r", self.vault.repository, "--identity", kit, self.snapshot.encode() + b":" + self.source,
             "--target", target], env=dict(self.vault.environment, HOME=home, XDG_CACHE_HOME=home), cwd=home,
            stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        if done.returncode not in (0, 23):
            return [f"ended with {done.returncode}: {shown(done.stderr[-300:])}"]
        run("chmod", "-R", "u+rwX", target, ok=(0, 1))
        if self.facts.get("loops"):
            output = run("rsync", "-nrlc", "--out-format=%i %n", self.source + b"/", target + b"/", ok=(0, 23))
            return [shown(line) for line in output.splitlines() if line.startswith(b">")]
        form = r"%P %y %l\0"
        test = ["(", "-type", "b", "-o", "-type", "c", ")", "-prune", "-o", "-printf", form]
        before = set(run("find", self.source, *test).split(b"\0"))
        after = set(run("find", target, *test).split(b"\0"))
        problems = [f"missing: {shown(name)}" for name in sorted(before - after)]
        devices = run("find", self.source, "-type", "b", "-o", "-type", "c").count(b"\n")
        if (devices > 0) != (done.returncode == 23):
            problems.append(f"{devices} devices, but exit status {done.returncode}: {shown(done.stderr)}")
        if not self.facts.get("deep"):
            output = run("rsync", "-nrlc", "--out-format=%i %n", self.source + b"/", target + b"/", ok=(0, 23))
            problems += [shown(line) for line in output.splitlines() if line.startswith(b">f")]
            # An ordinary user may set these, also on what is read-only in the end.
            left, right = (run("getfattr", "-RPhdm", "^user\\.", "-e", "hex", ".", cwd=path).split(b"\n\n")
                           for path in (self.source, target))
            problems += [line for line in unequal(left, right) if "# file: device" not in line][:5]
        remove(target)
        return problems
