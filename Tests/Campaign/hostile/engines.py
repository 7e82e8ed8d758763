"""The backup programs, behind one small interface: prepare, back up, restore; each says where the tree is then."""

import json
import os
import subprocess

from .shell import Failed


class Engine:
    """One program with a repository of its own."""

    name = ""
    options = ""

    def __init__(self, work):
        self.work = work + self.name if work.endswith("-") else os.path.join(work, self.name)
        os.makedirs(self.work)
        self.environment = dict(os.environ, HOME=self.work, XDG_CACHE_HOME=self.work + "/cache", LC_ALL="C.UTF-8")
        for name in list(self.environment):
            if name.startswith(("VAULT_", "RESTIC_", "BORG_")) or name in ("XDG_CONFIG_HOME", "XDG_DATA_HOME"):
                del self.environment[name]

    def call(self, *command, ok=(0,), **options):
        done = subprocess.run(command, env=self.environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **options)
        if ok is not None and done.returncode not in ok:
            raise Failed(f"{self.name} ended with {done.returncode}: "
                         + (done.stderr[-500:] or done.stdout[-500:]).decode("utf-8", "backslashreplace"))
        return done


class Vault(Engine):
    name = "vault"

    def __init__(self, work, binary):
        super().__init__(work)
        self.binary = os.path.abspath(binary)
        passphrase = self.work + "/passphrase"
        with open(passphrase, "w", opener=lambda path, flags: os.open(path, flags, 0o600)) as file:
            file.write("hostile trees\n")
        self.repository = self.work + "/repository"
        made = self.call(self.binary, "init", self.repository, "--name", "tester", "--json", "--passphrase-file",
                         passphrase)
        self.kit = json.loads(made.stdout)["kitFile"]

    def version(self):
        return self.call(self.binary, "--version").stdout.decode().strip()

    def command(self, *arguments, ok=(0,), **options):
        """Runs a command that reads."""
        return self.call(self.binary, arguments[0], "--identity", self.kit, *arguments[1:], ok=ok, **options)

    def backup(self, source, *options, ok=(0,)):
        done = self.call(self.binary, "backup", "--json", "-q", "--no-exclude-caches", *options, source, ok=ok)
        self.last = json.loads(done.stdout.splitlines()[-1])
        return self.last["snapshot"]

    def restore(self, snapshot, source, target, *options, ok=(0,)):
        done = self.command("restore", "--json", "-q", snapshot.encode() + b":" + source, "--target", target, *options,
                            ok=ok)
        self.result = json.loads(done.stdout.splitlines()[-1])
        return target


class Restic(Engine):
    name = "restic"
    options = "--with-atime"

    def __init__(self, work):
        super().__init__(work)
        self.environment |= {"RESTIC_PASSWORD": "x", "RESTIC_REPOSITORY": self.work + "/repository"}
        self.call("restic", "init")

    def version(self):
        return self.call("restic", "version").stdout.decode().split()[1]

    def backup(self, source, *options, ok=(0, 3)):
        done = self.call("restic", "backup", "--json", *(options or ("--with-atime",)), source, ok=ok)
        return json.loads(done.stdout.splitlines()[-1])["snapshot_id"]

    def restore(self, snapshot, source, target, ok=(0, 1)):
        self.call("restic", "restore", snapshot, "--target", target, ok=ok)
        return target + source


class Borg(Engine):
    name = "borg"
    options = "--atime, --sparse --numeric-ids"

    def __init__(self, work):
        super().__init__(work)
        self.environment |= {"BORG_UNKNOWN_UNENCRYPTED_REPO_ACCESS_IS_OK": "yes", "BORG_BASE_DIR": self.work}
        self.repository = self.work + "/repository"
        self.call("borg", "init", "-e", "none", self.repository)
        self.count = 0

    def version(self):
        return self.call("borg", "--version").stdout.decode().split()[1]

    def backup(self, source, *options, ok=(0, 1)):
        self.count += 1
        self.call("borg", "create", "--atime", *options, f"{self.repository}::a{self.count}", source, ok=ok)
        return f"a{self.count}"

    def restore(self, snapshot, source, target, ok=(0, 1)):
        os.makedirs(target, exist_ok=True)
        self.call("borg", "extract", "--sparse", "--numeric-ids", f"{self.repository}::{snapshot}", ok=ok, cwd=target)
        return target + source
