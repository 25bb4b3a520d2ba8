"""Reading and writing the contents of files."""

from ..step import Measure, Workload

_GROUP = "Data"


def _read_sequential(step):
    """The first read of a fresh mount, its own page cache empty and the backing file's full; then
    the same again, with both full."""
    step.mount()
    for measure in ("read-sequential", "read-sequential-again"):
        step.fio(measure, step.path("big", "data"), "read", step.sizes.big_mib)


def _read_random(step):
    """Blocks of 4 KiB all over the file, on a fresh mount, the backing file's page cache full."""
    step.mount()
    step.fio("read-random", step.path("big", "data"), "randread", step.sizes.big_mib,
             min(step.sizes.random_read_mib, step.sizes.big_mib), bs="4k")


def _read_mmap(step):
    step.mount()
    length, words = step.helper("read-mmap", "mmap_read", step.path("big", "data"))
    step.check(length == step.sizes.big_mib << 20, f"{length} bytes")
    step.check(words == step.dataset.manifest["big_sum"], "the data is not the file's")


def _write(step):
    """A new file written in sequence, then rewritten at random; nothing waits for the disk."""
    step.mount()
    mib = step.sizes.write_mib
    step.new_directories("new")
    path = step.path("new", "p0", "data")
    step.fio("write-sequential", path, "write", mib)
    step.fio("write-random", path, "randwrite", mib, min(step.sizes.random_write_mib, mib), bs="4k")
    step.check_files(step.written("new"), 1, mib << 20)


WORKLOADS = (
    Workload("read-sequential", _GROUP, (
        Measure("read-sequential", "sequential read, first"),
        Measure("read-sequential-again", "sequential read, again"),
    ), _read_sequential, reads=("big",)),
    Workload("read-random", _GROUP, (Measure("read-random", "random read, 4 KiB"),), _read_random,
             reads=("big",)),
    Workload("read-mmap", _GROUP, (Measure("read-mmap", "mmap read"),), _read_mmap, reads=("big",)),
    Workload("write", _GROUP, (
        Measure("write-sequential", "sequential write"),
        Measure("write-random", "random write, 4 KiB"),
    ), _write),
)
