"""What a workload is, and what it can do while it runs for one contender."""

import json
import os
import time
from dataclasses import dataclass

from . import processes
from .mounting import Mount
from .processes import Failure, in_child, run

SECONDS = "s"
MIB = "MiB"
_CHECK_TIMEOUT = 60


@dataclass(frozen=True)
class Measure:
    """One row of the tables."""

    name: str
    title: str
    unit: str = SECONDS


@dataclass(frozen=True)
class Workload:
    """A function that takes a Step and records its measures.

    changes    top directories of the data that it changes: the native directory works on a copy
    warms      top directories whose names and attributes are in the backing file system's caches
               when it begins, and reads: those whose contents are as well
    copies_up  whether it needs a contender that copies up and hides lower files
    """

    name: str
    group: str
    measures: tuple
    function: object
    changes: tuple = ()
    warms: tuple = ()
    reads: tuple = ()
    copies_up: bool = False
    mounts_only: bool = False  # nothing to measure in a native directory


@dataclass
class Sample:
    value: float
    cpu: float | None  # the daemon's user and system time, s; None where there is no daemon


class Step:
    """One run of a workload for one contender."""

    def __init__(self, workload, contender, environment):
        self.workload = workload
        self.contender = contender
        self.dataset = environment.dataset
        self.sizes = environment.sizes
        self.samples = {}
        self._environment = environment
        self._mount = None

    # Mounts

    def mount(self):
        """A fresh mount with an empty upper, all that was written before on the disk."""
        self._mount = Mount(self.contender, self.dataset, self._environment.mount_point,
                            self._environment.programs)
        self._mount.begin(self.workload.changes)
        self._environment.disk.sync()

    def unmount(self):
        mount, self._mount = self._mount, None
        trouble = mount.end() if mount else None
        if trouble:
            raise Failure(trouble)

    def warm(self):
        """Brings what the workload names, as it lies in the layers, into the kernel's caches."""
        native = self.contender.is_native
        for name in self.workload.warms + self.workload.reads:
            for directory in [self.dataset.native] if native else self.dataset.layers:
                path = os.path.join(directory, name)
                if os.path.isdir(path):
                    run([self._environment.programs.path("walk"), path], 120)
                    if name in self.workload.reads:
                        run(["sh", "-c", 'tar --create --directory "$1" . | cat >/dev/null', "sh", path], 300)

    def forget(self):
        """The backing file system forgets everything. Nothing may be mounted on it."""
        self._environment.disk.forget()

    # Places

    def path(self, *names):
        return os.path.join(self._mount.path(names[0]), *names[1:])

    def written(self, *names):
        return os.path.join(self._mount.written(names[0]), *names[1:])

    def new_directories(self, name, count=1):
        """Makes NAME/p0, NAME/p1, ... through the contender, for the program small_files."""
        run(["mkdir", "-p", *(self.path(name, f"p{number}") for number in range(count))], 30)

    # Work

    def helper(self, measure, program, *arguments):
        """Runs a measuring program and records the time it prints. Returns what it counted."""
        argv = [self._environment.programs.path(program), *map(str, arguments)]
        before = self._cpu()
        numbers = run(argv, self._environment.timeout).split()
        self._record(measure, int(numbers[0]) / 1e9, before)
        return [int(number) for number in numbers[1:]]

    def command(self, measure, argv, **settings):
        """Runs a program and records how long it took. Returns what it printed."""
        before, begun = self._cpu(), time.monotonic()
        output = run(argv, self._environment.timeout, **settings)
        self._record(measure, time.monotonic() - begun, before)
        return output

    def fio(self, measure, path, direction, mib, moved_mib=None, **settings):
        """Runs one fio job on a file of `mib` and records its run time, in ms as fio tells it;
        `moved_mib` is how much is read or written, if not all. No caches are dropped
        (invalidate=0): that would drop the backing file's too, but only for those who hand the
        call on."""
        moved_mib = moved_mib or mib
        options = {"name": measure, "filename": path, "rw": direction, "size": f"{mib}M",
                   "ioengine": "psync", "invalidate": 0, "bs": "1M", "randrepeat": 1,
                   "fadvise_hint": 0, "io_size": f"{moved_mib}M"} | settings
        argv = ["fio", "--output-format=json", *(f"--{name}={value}" for name, value in options.items())]
        before = self._cpu()
        output = run(argv, self._environment.timeout, cwd=self._environment.directory)
        job = json.loads(output[output.index("{"):])["jobs"][0]
        part = job["read" if "read" in direction else "write"]
        expected = moved_mib << 20
        self.check(job["error"] == 0, f"fio: error {job['error']}")
        self.check(part["io_bytes"] == expected, f"fio moved {part['io_bytes']} bytes of {expected}")
        self.check(part["runtime"] > 0, "done in less than a millisecond: too small to measure")
        self._record(measure, part["runtime"] / 1000, before)

    def memory(self, measure):
        if self._mount.daemon:
            self.samples[measure] = Sample(processes.resident_mib(self._mount.daemon), None)

    def start(self, measure):
        """Records how long the mount took."""
        if self._mount.start_seconds is not None:
            self.samples[measure] = Sample(self._mount.start_seconds, self._cpu())

    def _cpu(self):
        return processes.cpu_seconds(self._mount.daemon) if self._mount.daemon else None

    def _record(self, measure, value, cpu_before):
        cpu = None if cpu_before is None else self._cpu() - cpu_before
        self.samples[measure] = Sample(value, cpu)

    # Checks

    def check(self, condition, message):
        if not condition:
            raise Failure(message)

    def look(self, function):
        """Calls a function that looks into the mount."""
        return in_child(function, _CHECK_TIMEOUT)

    def check_files(self, directory, count, size=None):
        """That so many regular files, of this size, lie directly in the directory's subdirectories.
        For a directory outside the mount (written)."""
        found = 0
        # Between them there may be marks, such as fuse-overlayfs's for an opaque directory.
        for subdirectory in (entry.path for entry in os.scandir(directory) if entry.is_dir()):
            for entry in os.scandir(subdirectory):
                if entry.is_file(follow_symlinks=False) and not entry.name.startswith(".wh."):
                    found += 1
                    if size is not None and entry.stat().st_size != size:
                        raise Failure(f"{entry.name} has {entry.stat().st_size} bytes, not {size}")
        self.check(found == count, f"{found} files, not {count}")
