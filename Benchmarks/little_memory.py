"""Commands that must do with little memory: in a memory cgroup, or where there is none with a bounded address space."""
import contextlib, os

# With less than that nothing can be read: the key is made from the passphrase in 128 MiB. In bytes.
LEAST = 256 << 20


@contextlib.contextmanager
def bounded(byte_count):
    """What comes before a command so that it has so much memory, and what that is called."""
    group = f"/sys/fs/cgroup/memory/vault-bench-{os.getpid()}"
    try:
        os.mkdir(group)
    except OSError:
        yield f"exec prlimit --as={byte_count}", "an address space"
        return
    try:
        with open(group + "/memory.limit_in_bytes", "w") as out:
            out.write(str(byte_count))
        yield f"echo $$ > {group}/cgroup.procs; exec", "a memory cgroup"
    finally:
        os.rmdir(group)
