"""Repositories to break: a small source tree in two versions, a repository after each step, and the checks that must hold
after any fault (no wrong byte with status 0, nothing acknowledged lost, one helpful sentence, the next run completes)."""
import glob, hashlib, json, os, re, shutil, stat, subprocess, tempfile
from campaign import VAULT, run

FOLDER = os.path.dirname(os.path.abspath(__file__))
# What the program may answer when its surroundings fail; 130 and the rest would blame somebody else.
STATUSES = {"init": {0, 1, 10, 12}, "backup": {0, 1, 3, 10, 12}, "restore": {0, 1, 10, 12, 23}, "verify": {0, 1, 10, 12, 23}}

SLOT = rb"/slot-[0-9]+/"
COMMANDS = {"init": ("new", "init"), "first": ("made", "backup"), "incremental": ("first", "backup"),
            "restore": ("second", "restore"), "verify": ("second", "verify")}


def build_library(work):
    """Compiles the fault library, and makes sure that it sees the program: one that it cannot reach proves nothing."""
    library = os.path.join(work, "faults.so")
    subprocess.run(["cc", "-shared", "-fPIC", "-O1", "-Wall", "-o", library, os.path.join(FOLDER, "faults.c")], check=True)
    dynamic = run(["ldd", VAULT])[1]
    if "libc.so" not in dynamic:
        raise SystemExit(f"{VAULT} does not use the C library dynamically, so calls cannot be failed below it")
    return library


class Slot:
    """A place where one program at a time works: a disk with repository, config and cache, and a target."""

    def __init__(self, scene, path):
        self.scene, self.path = scene, path
        self.disk, self.target = path + "/disk", path + "/target"
        os.makedirs(self.disk, exist_ok=True)

    def load(self, stage):
        """Puts the disk into the state after a stage."""
        shutil.rmtree(self.disk, ignore_errors=True)
        shutil.rmtree(self.target, ignore_errors=True)
        subprocess.run(["cp", "-a", self.scene.work + "/stage-" + stage, self.disk], check=True)
        # The copy is the repository here, and not a copy of one that lies elsewhere: that would not be written to.
        for place in glob.glob(self.disk + "/config/vault/*/place"):
            with open(place, "r+b") as file:
                content = re.sub(SLOT, os.fsencode(f"/{os.path.basename(self.path)}/"), file.read())
                file.seek(0)
                file.truncate()
                file.write(content)

    def is_as(self, stage):
        """Whether repository, config and cache are byte for byte those of a stage, whose checks have passed: what was
        seen to hold there holds here. So many faults come before anything was written that this doubles the pace."""
        return fingerprint(self.disk) == self.scene.fingerprints[stage]

    def environment(self, faults=None):
        environment = {"PATH": "/usr/bin:/bin", "HOME": self.path, "XDG_CONFIG_HOME": self.disk + "/config",
                       "XDG_CACHE_HOME": self.disk + "/cache", "VAULT_REPOSITORY": self.disk + "/repo"}
        if faults is not None:
            environment.update({"LD_PRELOAD": self.scene.preload, "VAULT_FAULT_AREAS": ":".join([
                f"R={self.disk}/repo", f"C={self.disk}/config", f"K={self.disk}/cache",
                f"S={self.scene.source}", f"T={self.target}"])})
            environment.update({"VAULT_FAULT_" + key: str(value) for key, value in faults.items()})
        return environment

    def vault(self, *arguments, faults=None, processor=None, timeout=60):
        command = ["taskset", "-c", str(processor)] if processor is not None else []
        return run([*command, VAULT, *arguments], self.environment(faults), timeout, cwd=self.path)

    def arguments(self, name):
        kit = self.kit()
        return {"init": ["init", self.disk + "/repo", "--name", "Jane", "--machine", "web",
                         "--passphrase-file", self.scene.work + "/passphrase"],
                "backup": ["backup", "--json", self.scene.source],
                "restore": ["restore", "latest:" + self.scene.source, "--target", self.target, "--identity", kit],
                "verify": ["verify", "--read-data", "--identity", kit]}[name]

    def kit(self):
        for folder, _, names in os.walk(self.disk + "/config"):
            if "recovery-kit.txt" in names and os.path.exists(folder + "/pin.json"):
                return folder + "/recovery-kit.txt"
        return self.scene.kit

    def snapshots(self):
        """Ids of the snapshots, oldest first; or a sentence about why there is no list."""
        status, output, errors = self.vault("snapshots", "--json")
        if status != 0:
            return f"snapshots cannot be listed: status {status}: {errors.strip()}"
        return [found["id"] for line in output.splitlines() for found in json.loads(line)["snapshots"]]

    def restored_differences(self, snapshot, expected, is_incomplete=False):
        """What rsync finds different between `expected` and the snapshot restored into a new folder."""
        return self.restored_differences_of(snapshot, self.scene.source, expected, is_incomplete)

    def restored_differences_of(self, snapshot, source, expected, is_incomplete=False):
        with tempfile.TemporaryDirectory(dir=self.path) as folder:
            status, _, errors = self.vault("restore", f"{snapshot}:{source}", "--target", folder + "/t",
                                           "--identity", self.kit())
            if status != 0 and not (is_incomplete and status == 23):
                return [f"status {status}: {errors.strip()}"]
            return differences(expected, folder + "/t")

    def log(self):
        try:
            with open(self.path + "/fault.log") as file:
                return file.read().splitlines()
        except FileNotFoundError:
            return []

    def clear_log(self):
        if os.path.exists(self.path + "/fault.log"):
            os.unlink(self.path + "/fault.log")

    # Checks

    def sound(self, earlier, acknowledged=(), deep=True, runs=1):
        """Sentences about what is wrong after a fault, with the faults gone: earlier and acknowledged snapshots, whatever
        else is listed, and the next run. `earlier` and `acknowledged` are pairs of id and tree."""
        found = self.snapshots()
        if isinstance(found, str):
            return [found]
        wrong = []
        known = [id for id, _ in earlier]
        if found[:len(known)] != known:
            wrong.append(f"earlier snapshots are gone: {known} but {found}")
        expected = dict([*earlier, *acknowledged])
        for id, _ in acknowledged:
            if id not in found:
                wrong.append(f"the acknowledged snapshot {id[:8]} is gone")
        if len(found) > len(known) + runs:
            wrong.append(f"{runs} runs left {len(found) - len(known)} snapshots")
        for id in found if deep else found[len(known):]:
            different = self.restored_differences(id, expected.get(id, self.scene.source))
            if different:
                wrong.append(f"snapshot {id[:8]} restores otherwise: {different[:3]}")
        return wrong + self.next_run(len(found))

    def after_init(self):
        """No repository was promised: either there is one, or another init makes it; then backups work, and nobody had
        to tidy up."""
        if self.vault("backup", self.scene.source)[0] != 0:
            status, _, errors = self.vault(*self.arguments("init"))
            if status != 0:
                return [f"neither a backup nor another init is possible: {errors.strip()}"]
        found = self.snapshots()
        return [found] if isinstance(found, str) else self.next_run(len(found))

    def after_restore(self):
        """The same command with --overwrite completes what was begun."""
        status, _, errors = self.vault(*self.arguments("restore"), "--overwrite", "if-changed", "--verify-existing")
        if status != 0:
            return [f"the restore cannot be completed: {status} {errors.strip()}"]
        return [f"completed otherwise: {line}" for line in differences(self.scene.source, self.target)][:3]

    def next_run(self, count):
        """The next backup and a verification of everything need nobody's help."""
        status, output, errors = self.vault("backup", "--json", self.scene.source)
        if status != 0:
            return [f"the next run ends with {status}: {errors.strip()}"]
        wrong = []
        different = self.restored_differences(json.loads(output)["snapshot"], self.scene.source)
        if different:
            wrong.append(f"the next run's snapshot restores otherwise: {different[:3]}")
        status, output, errors = self.vault(*self.arguments("verify"))
        if status != 0 or errors.strip():
            wrong.append(f"verification afterwards: status {status}: {errors.strip()} {output.strip()[-200:]}")
        found = self.snapshots()
        if isinstance(found, str) or len(found) != count + 1:
            wrong.append(f"the next run was acknowledged but is not listed: {found}")
        left = [name for _, _, names in os.walk(self.disk) for name in names if name.endswith(".tmp")]
        # One of each killed run; a power cut may also bring back those that were removed a moment before.
        if len(left) > 4:
            wrong.append(f"temporary files stay behind: {left}")
        return wrong


def fingerprint(folder):
    """Names, kinds, modes and content of all that is in a folder; not the times, which a copy keeps and no check needs."""
    digest = hashlib.sha256()
    for path, folders, names in os.walk(folder):
        folders.sort()
        for name in sorted(names) + folders:
            place = os.path.join(path, name)
            status = os.lstat(place)
            digest.update(repr((os.path.relpath(place, folder), status.st_mode)).encode())
            if stat.S_ISREG(status.st_mode):
                with open(place, "rb") as file:
                    # Where the repository lies differs between slots, and is no difference.
                    content = re.sub(SLOT, b"/slot/", file.read()) if name == "place" else file.read()
                    digest.update(hashlib.sha256(content).digest())
    return digest.digest()


def differences(expected, restored):
    status, output, errors = run(["rsync", "-nicaHAXS", "--delete", "--numeric-ids", expected + "/", restored + "/"])
    lines = output.split("\n")[:-1]
    return lines if status == 0 else [f"rsync ends with {status}: {errors.strip()}", *lines]


def changed_path(line):
    """The path in a line of rsync, shown as the program shows it."""
    path = line[line.index(" ") + 1:].split(" -> ")[0].split(" => ")[0].removesuffix("/").removeprefix("./")
    return re.sub(r"\\#(\d{3})", lambda octal: f"\\x{int(octal[1], 8):02x}", "" if path == "." else path)


def silent(line, text):
    """Whether a difference is one that nobody was told of: content always, metadata when its path is not named."""
    is_metadata = line.startswith(".") and "c" not in line[1:12] and "s" not in line[1:12]
    return not (is_metadata and (changed_path(line) or "target") in text)


def sentence_faults(command, status, output, errors, also=()):
    """What is wrong with the answer of a command that met a fault. `also`: further statuses that are right here."""
    if status is None:
        return ["no end"]
    if status not in STATUSES[command] and status not in also:
        return [f"status {status}: {errors.strip()[-300:]}"]
    if status in (0, 3, 23):
        # What is missing was named line by line.
        return [] if status == 0 or errors.strip() or "damage" in output.lower() else [f"status {status} without a word"]
    wrong = []
    if command == "backup":
        reports = [json.loads(line) for line in errors.splitlines() if line.startswith("{")]
        failures = [report for report in reports if report["schema"] == "vault/error/v1"]
        if len(failures) != 1:
            return [f"not one error but {len(failures)}: {errors.strip()[-300:]}"]
        text, step = failures[0]["message"] + failures[0]["cause"], failures[0]["nextStep"]
    else:
        lines = errors.splitlines()
        failures = [line for line in lines if line.startswith("error: ")]
        if len(failures) != 1 or not failures[0].endswith("."):
            return [f"not one sentence: {errors.strip()[-300:]}"]
        text, step = failures[0], "\n".join(line for line in lines if line.startswith(" next: "))
    if not step:
        wrong.append(f"no next step: {text}")
    if not re.search(r"[/'0-9]", text.removeprefix("error: ")):
        wrong.append(f"names no object: {text}")
    for dump in ("SystemError(", "StorageError(", "VaultError(", "Optional(", "Swift."):
        if dump in errors:
            wrong.append(f"a dump: {text}")
    return wrong


class Scene:
    """The source in two versions, and what the disk looks like: `new` (before init), `made` (after), `first` (after one
    backup, of version 0; the source is version 1 since), `second` (after another)."""

    def __init__(self, campaign):
        self.campaign, self.work = campaign, campaign.work
        self.source = self.work + "/source"
        self.preload = build_library(self.work)
        self.kit = self.work + "/kit"
        with open(self.work + "/passphrase", "w") as file:
            file.write("correct horse\n")
        os.chmod(self.work + "/passphrase", 0o600)
        self.slots = [Slot(self, f"{self.work}/slot-{number}") for number in range(campaign.parallel)]
        self.build()

    def build(self):
        random = self.campaign.random
        build_tree(self.source, random)
        slot = self.slots[0]
        os.makedirs(slot.disk + "/config")
        os.makedirs(slot.disk + "/cache")
        self.keep("new")
        assert slot.after_init() == [], "an undisturbed init does not pass the checks"
        slot.load("new")
        self.must(slot, "init")
        shutil.copy(slot.kit(), self.kit)
        self.keep("made")
        ids = [json.loads(self.must(slot, "backup"))["snapshot"]]
        self.keep("first")
        self.copies = [self.work + "/copy-0", self.source]
        subprocess.run(["cp", "-a", self.source, self.copies[0]], check=True)
        change_tree(self.source, random)
        # What changed within a second of a backup is read again next time; later runs shall trust the caches.
        subprocess.run(["sleep", "1.2"], check=True)
        ids.append(json.loads(self.must(slot, "backup"))["snapshot"])
        self.keep("second")
        self.earlier = list(zip(ids, self.copies))
        self.control(slot, ids)

    def control(self, slot, ids):
        """The checks find nothing where nothing is wrong, and something where something is."""
        for stage, earlier in [("made", []), ("first", self.earlier[:1]), ("second", self.earlier)]:
            slot.load(stage)
            assert slot.sound(earlier, []) == [], slot.sound(earlier, [])
        self.fingerprints = {stage: fingerprint(f"{self.work}/stage-{stage}") for stage, _ in COMMANDS.values()}
        assert len(set(self.fingerprints.values())) == 4 and not slot.is_as("second"), "the stages look the same"
        slot.load("second")
        assert slot.is_as("second")
        assert slot.restored_differences(ids[0], self.copies[1]), "rsync sees no difference between the versions"
        slot.load("second")
        damaged = next(os.path.join(folder, name) for folder, _, names in os.walk(slot.disk + "/repo/packs")
                       for name in names if os.path.getsize(os.path.join(folder, name)) > 8192)
        with open(damaged, "r+b") as file:
            file.seek(3000)
            byte = file.read(1)
            file.seek(3000)
            file.write(bytes([byte[0] ^ 1]))
        assert slot.sound(self.earlier, []), "a changed byte in a pack goes unnoticed by the checks"

    def must(self, slot, command):
        status, output, errors = slot.vault(*slot.arguments(command))
        assert status == 0, f"{command} without a fault: {status} {errors}"
        return output

    def keep(self, stage):
        subprocess.run(["cp", "-a", self.slots[0].disk, f"{self.work}/stage-{stage}"], check=True)

    def calls(self, stage, command, **faults):
        """The calls of a command that meets no fault: rows of number, name, area, path."""
        slot = self.slots[0]
        slot.load(stage)
        slot.clear_log()
        status, _, errors = slot.vault(*slot.arguments(command), processor=0,
                                       faults={"LOG": slot.path + "/fault.log", "COUNT": 1, **faults})
        assert status == 0, errors
        rows = [line.split(" ", 4)[1:] for line in slot.log() if line.startswith("call ")]
        assert len(rows) > 30, "the library saw no calls"
        return [(int(number), name, area, path) for number, name, area, path in rows]


def build_tree(path, random):
    """A small tree with one of each: sizes, links, a hole, attributes, odd names, an empty directory, a fifo."""
    os.makedirs(path + "/d/empty")
    for number, size in enumerate([0, 1, 700, 4096, 70_000]):
        with open(f"{path}/d/file-{number}", "wb") as file:
            file.write(random.randbytes(size))
    with open(path + "/sparse", "wb") as file:
        file.write(b"begin")
        file.seek(1 << 20)
        file.write(b"end")
    os.symlink("d/file-1", path + "/link")
    os.link(path + "/d/file-2", path + "/hard")
    os.mkfifo(path + "/d/fifo")
    os.setxattr(path + "/d/file-3", "user.colour", b"blue")
    with open(path.encode() + b"/\xff\nodd", "wb") as file:
        file.write(b"odd name")
    os.chmod(path + "/d/file-1", 0o640)


def change_tree(path, random):
    with open(path + "/d/file-4", "r+b") as file:
        file.seek(30_000)
        file.write(random.randbytes(500))
    with open(path + "/d/new", "wb") as file:
        file.write(random.randbytes(9_000))
    os.unlink(path + "/link")
    os.rename(path + "/d/file-0", path + "/moved")
