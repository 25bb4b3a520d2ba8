"""The file system that all layers, uppers and native directories lie on: ext4 in a file.

Because it is ours alone it can be unmounted, which forgets its own dentries, inodes and pages and
nobody else's. The file itself stays in the host's page cache: its "disk" is as fast as memory, and
without barriers, so that file systems are compared and not disks.
"""

import os
import time

from .processes import Failure, run

_SYNC_TIMEOUT = 120


class Disk:
    def __init__(self, image, mount_point):
        self.image = image
        self.path = mount_point

    def make(self, size_mib):
        """Makes an empty file system of this size in the image, replacing what was there."""
        with open(self.image, "wb") as file:
            file.truncate(size_mib << 20)
        # All tables are written now: no thread of the kernel does it during the measurements.
        run(["mkfs.ext4", "-q", "-F", "-m", "0", "-i", "8192",
             "-E", "lazy_itable_init=0,lazy_journal_init=0", self.image], 300)

    def mount(self):
        run(["mount", "-t", "ext4", "-o", "loop,noatime,barrier=0", self.image, self.path], 60)

    def unmount(self):
        """The daemon of a mount on it may need a moment to let go."""
        deadline = time.monotonic() + 20
        while True:
            try:
                run(["umount", self.path], _SYNC_TIMEOUT)
                return
            except Failure:
                if time.monotonic() > deadline:
                    raise
                time.sleep(0.05)

    def forget(self):
        """Takes everything of this file system out of the kernel's caches."""
        self.unmount()
        self.mount()

    def sync(self):
        """Nothing of an earlier step is left to be written during the next."""
        run(["sync", "--file-system", self.path], _SYNC_TIMEOUT)

    def is_mounted(self):
        return os.path.ismount(self.path)
