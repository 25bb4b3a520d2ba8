"""One mount of one contender: begun, looked at, ended."""

import itertools
import os
import shutil
import subprocess
import tempfile
import time

from . import processes
from .contenders import Layout
from .processes import Failure, run

_START_TIMEOUT = 30
_END_PATIENCE = 15
_numbers = itertools.count(1)


class Mount:
    """A contender's mount over the layers, with an empty upper. For the native directory nothing is
    mounted: it is the native copy, and a scratch directory for what changes.

    Whoever makes one calls end(), whatever happened.
    """

    def __init__(self, contender, dataset, mount_point, programs):
        self.contender = contender
        self._dataset = dataset
        self._programs = programs
        self._mark = f"{os.getpid()}-{next(_numbers)}"
        self._process = None
        self._scratch = os.path.join(dataset.scratch, "own")
        self._layout = Layout(dataset.layers, os.path.join(dataset.scratch, "upper"),
                              os.path.join(dataset.scratch, "work"), mount_point)
        self._copied = ()
        self.daemon = []
        self.start_seconds = None

    def begin(self, changes):
        """Mounts, and returns when it serves. `changes` names the top directories of the data that
        will be changed: the native directory gets a copy of them."""
        if self.contender.is_native:
            os.mkdir(self._scratch)
            self._copied = changes
            for name in changes:
                run(["cp", "--archive", os.path.join(self._dataset.native, name), self._scratch], 300)
        else:
            os.mkdir(self._layout.upper)
            os.mkdir(self._layout.work)
            self._mount()
            self.daemon = processes.marked(self._mark)

    def path(self, name):
        """A top directory as users of the contender see it."""
        if not self.contender.is_native:
            return os.path.join(self._layout.mount_point, name)
        inside = name in self._copied or not os.path.lexists(os.path.join(self._dataset.native, name))
        return os.path.join(self._scratch if inside else self._dataset.native, name)

    def written(self, name):
        """Where what was written below a top directory lies, to be looked at without the mount."""
        directory = self._scratch if self.contender.is_native else self._layout.upper
        return os.path.join(directory, name)

    def _mount(self):
        environment = os.environ | {processes.MARK: self._mark}
        command = self.contender.command(self._layout)
        probe = os.path.join(self._layout.mount_point, "tree")
        with tempfile.TemporaryFile() as errors:
            waiter = processes.start([self._programs.path("await_mount"), probe], subprocess.PIPE,
                                     subprocess.DEVNULL)
            try:
                waiter.stdout.readline()  # it looks from now on
                begun = time.monotonic_ns()
                self._process = processes.start(command, errors, errors, env=environment)
                self._await(waiter, errors)
                self.start_seconds = (int(waiter.stdout.readline()) - begun) / 1e9
            finally:
                processes.end_group(waiter)
                waiter.stdout.close()

    def _await(self, waiter, errors):
        """Until the mount serves, or the command has failed. The command may stay (-f) or end."""
        deadline = time.monotonic() + _START_TIMEOUT
        while waiter.poll() is None:
            if self._process.poll():
                raise Failure(f"{self._told(errors)} (status {self._process.returncode})")
            if self._process.returncode == 0 and not self._is_mounted() \
                    and not processes.marked(self._mark):
                raise Failure(f"ended with status 0 without a mount: {self._told(errors)}")
            if time.monotonic() > deadline:
                raise Failure(f"not mounted within {_START_TIMEOUT} s: {self._told(errors)}")
            time.sleep(0.002)

    @staticmethod
    def _told(errors):
        errors.seek(0)
        lines = errors.read().decode("utf-8", "replace").strip().splitlines()
        return lines[-1][:200] if lines else "no message"

    def end(self):
        """Unmounts, ends the daemon and deletes what was written. Returns None, or what did not end
        as it should."""
        trouble = None
        if not self.contender.is_native:
            try:
                run(["umount", "--no-canonicalize", self._layout.mount_point], _END_PATIENCE)
            except Failure as failure:
                if self._is_mounted():
                    trouble = f"umount: {failure}"
                    self._detach()
            if not processes.end_marked(self._mark, _END_PATIENCE):
                trouble = trouble or "the daemon did not end after the umount"
            if self._process is not None:
                processes.end_group(self._process)
        for directory in (self._scratch, self._layout.upper, self._layout.work):
            shutil.rmtree(directory, ignore_errors=True)
            if os.path.lexists(directory):
                # A file may be open in a process that is just ending.
                run(["rm", "-rf", directory], 120)
        return trouble

    def _detach(self):
        """A hung daemon is killed first: its mount answers errors then, and what waits for it ends."""
        processes.end_marked(self._mark, 0)
        while self._is_mounted():
            run(["umount", "--no-canonicalize", "--lazy", self._layout.mount_point], _END_PATIENCE)

    def _is_mounted(self):
        """Without a look at the mount itself, which may hang."""
        with open("/proc/self/mountinfo", encoding="utf-8", errors="surrogateescape") as file:
            point = self._layout.mount_point.replace(" ", "\\040")
            return any(line.split()[4] == point for line in file)
