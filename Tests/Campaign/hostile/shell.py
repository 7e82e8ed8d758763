"""Running other programs, and places on disk that can hold what the trees need."""

import os
import subprocess


class Failed(Exception):
    """A program that a check needs did not do its part."""


def run(*command, ok=(0,), **options):
    """Runs a program and returns its standard output as bytes; any status but those in `ok` is a failure."""
    options.setdefault("stdout", subprocess.PIPE)
    options.setdefault("stderr", subprocess.PIPE)
    done = subprocess.run(command, **options)
    if ok is not None and done.returncode not in ok:
        text = (done.stderr or b"")[-400:].decode("utf-8", "backslashreplace").strip()
        raise Failed(f"{command[0]} {command[1] if len(command) > 1 else ''} ended with {done.returncode}: {text}")
    return done.stdout


def remove(path):
    """Removes a tree, whatever flags and depth it has."""
    if not os.path.lexists(path):
        return
    subprocess.run(["chattr", "-R", "-f", "-ia", path], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    run("rm", "-rf", "--", path)


class LoopDisk:
    """A file system of its own in a file: ext4 with attributes of 64 KiB, which `/` need not have."""

    def __init__(self, image, mount_point, size, inodes, kind="ext4"):
        self.image, self.mount_point = image, mount_point
        with open(image, "wb") as file:
            file.truncate(size)
        if kind == "ext4":
            run("mkfs.ext4", "-q", "-F", "-N", str(inodes), "-m", "0", "-O", "ea_inode,^has_journal",
                "-E", "lazy_itable_init=1,nodiscard", image)
        else:
            run(f"mkfs.{kind}", "-q", image)
        os.makedirs(mount_point, exist_ok=True)
        run("mount", "-o", "loop", image, mount_point)

    def close(self):
        """Unmounts it, with what may be mounted in it, and removes the image."""
        with open("/proc/self/mounts", "rb") as file:
            points = [line.split()[1].decode("unicode_escape") for line in file]
        inside = [point for point in points if point.startswith(self.mount_point + "/")]
        for point in sorted(inside, key=len, reverse=True):
            subprocess.run(["umount", "-l", point], stderr=subprocess.DEVNULL)
        subprocess.run(["umount", "-l", self.mount_point], check=False)
        os.unlink(self.image)
