"""What is compared: how each is mounted, and what it cannot do."""

import os
import shlex
import shutil
from dataclasses import dataclass

from .processes import Failure, run

REFERENCE = "overlayfs"  # ratios are to it
PROJECT = "lamina"  # the one the targets are for
PROJECT_RINGS = "lamina-io_uring"  # the same over io_uring, which a kernel has to be told to offer
_HERE = os.path.dirname(os.path.abspath(__file__))
LAMINA = os.path.join(os.path.dirname(_HERE), "lamina")


@dataclass(frozen=True)
class Layout:
    """The directories of one mount; lower ones topmost first."""

    lower: list
    upper: str
    work: str
    mount_point: str

    def overlay_options(self):
        return f"lowerdir={':'.join(self.lower)},upperdir={self.upper},workdir={self.work}"

    def branches(self):
        """As unionfs-fuse and mergerfs take them."""
        return ":".join([f"{self.upper}=RW"] + [f"{lower}=RO" for lower in self.lower])


@dataclass(frozen=True)
class Contender:
    """One file system.

    command       Layout -> the command that mounts it; None for the native directory
    version       the command whose first line of output tells the version; None where the kernel's
                  says all
    copies_up     whether it changes lower files by copying them up, and hides deleted ones. One that
                  does not is measured only where neither happens
    """

    name: str
    title: str
    command: object
    version: tuple = None
    copies_up: bool = True

    @property
    def is_native(self):
        return self.command is None

    def version_text(self):
        if not self.version:
            return f"Linux {os.uname().release}"
        try:
            lines = run(list(self.version), 30).splitlines()
        except Failure as failure:
            return f"unknown ({failure})"
        # fuse-overlayfs and unionfs tell libfuse's version as well.
        own = [line for line in lines if os.path.basename(self.version[0]) in line.lower()] or lines
        return own[0] if own else "unknown"


def _overlayfs(layout):
    return ["mount", "-t", "overlay", "overlay", "-o", layout.overlay_options(), layout.mount_point]


def _fuse_overlayfs(layout):
    return ["fuse-overlayfs", "-o", layout.overlay_options(), layout.mount_point]


# A root file system needs suid and dev; use_ino, because otherwise hard links are lost.
_LIBFUSE_OPTIONS = "allow_other,use_ino,suid,dev"


def _unionfs(layout):
    options = f"cow,default_permissions,{_LIBFUSE_OPTIONS}"
    return ["unionfs", "-o", options, layout.branches(), layout.mount_point]


def _mergerfs(layout):
    # New files go to the first branch that takes them: the upper one. By default it takes none on
    # a file system with less than 4 GiB free.
    options = f"category.create=ff,category.search=ff,minfreespace=1M,{_LIBFUSE_OPTIONS}"
    return ["mergerfs", "-o", options, layout.branches(), layout.mount_point]


def _lamina(transport, *options):
    def command(layout):
        return [LAMINA, "mount", f"--transport={transport}", "-o", ",".join([layout.overlay_options(), *options]),
                layout.mount_point]

    return command


def all_contenders(peers=()):
    """The known ones, and those of --peer NAME=COMMAND."""
    lamina_version = (LAMINA, "--version")
    known = [
        Contender("native", "native directory", None),
        Contender(REFERENCE, "kernel overlayfs", _overlayfs),
        Contender(PROJECT, "Lamina, kernel", _lamina("kernel", "io_uring=off"), lamina_version),
        Contender(PROJECT_RINGS, "Lamina, io_uring", _lamina("kernel", "io_uring=on"), lamina_version),
        Contender("lamina-libfuse", "Lamina, libfuse", _lamina("libfuse"), lamina_version),
        Contender("fuse-overlayfs", "fuse-overlayfs", _fuse_overlayfs,
                  ("fuse-overlayfs", "--version")),
        Contender("unionfs-fuse", "unionfs-fuse", _unionfs, ("unionfs", "--version")),
        Contender("mergerfs", "mergerfs", _mergerfs, ("mergerfs", "--version"), copies_up=False),
    ]
    contenders = known + [_peer(text) for text in peers]
    names = [contender.name for contender in contenders]
    for name in names:
        if names.count(name) > 1:
            raise Failure(f"two contenders are named {name}")
    return contenders


def _peer(text):
    """NAME=COMMAND, with {lower} (TOP:...:BOTTOM), {upper}, {work}, {mountpoint}, and {options},
    which is the first three as overlayfs takes them."""
    name, equals, template = text.partition("=")
    if not equals or not name or "{mountpoint}" not in template:
        raise Failure(f"--peer needs NAME=COMMAND with {{mountpoint}} in it: {text}")
    words = shlex.split(template)

    def command(layout):
        values = {"{lower}": ":".join(layout.lower), "{upper}": layout.upper, "{work}": layout.work,
                  "{mountpoint}": layout.mount_point, "{options}": layout.overlay_options()}
        result = []
        for word in words:
            for placeholder, value in values.items():
                word = word.replace(placeholder, value)
            result.append(word)
        return result

    return Contender(name, name, command, (shutil.which(words[0]) or words[0], "--version"))
