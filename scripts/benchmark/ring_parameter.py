"""The kernel's switch for FUSE over io_uring, which Lamina turns on where it is told to use that."""

import contextlib

_FILE = "/sys/module/fuse/parameters/enable_uring"


def _read():
    try:
        with open(_FILE, encoding="ascii") as file:
            return file.read().strip()
    except OSError:
        return None  # a kernel without


@contextlib.contextmanager
def restored():
    """Leaves the switch as it was."""
    before = _read()
    try:
        yield
    finally:
        if before is not None and _read() != before:
            with open(_FILE, "w", encoding="ascii") as file:
                file.write(before)
