"""Prints a tree, one line per name: all that a program can learn about a file but what must differ.

    inventory.py ROOT START

A modification time before START (seconds) is printed exactly: it comes from a layer, or a program has
set it. One after START is only "new".
"""

import hashlib
import os
import stat
import sys

# What the same work does not leave the same, and why.
VOLATILE_CONTENT = {
    b"var/cache/ldconfig/aux-cache": "inode numbers and times of libraries",
    b"var/cache/apt/pkgcache.bin": "times of the package lists",
    b"var/cache/apt/srcpkgcache.bin": "times of the package lists",
    b"var/log/alternatives.log": "times",
    b"var/log/dpkg.log": "times",
    b"var/log/apt/history.log": "times",
    b"var/log/apt/term.log": "times",
    b"srv/work/git/origin/.git/index": "inode numbers and times",
    b"srv/work/git/clone/.git/index": "inode numbers and times",
}
VOLATILE_TREES = {
    b"var/lib/apt/lists": "the mirror may change between two runs",
}


def printable(name):
    """A name's bytes without blanks or line ends, whatever they are."""
    return "".join(chr(b) if 33 <= b < 127 and b != 92 else "\\%03o" % b for b in name)


def content(path, mode):
    if stat.S_ISLNK(mode):
        return "->" + printable(os.readlink(path))
    if not stat.S_ISREG(mode):
        return "-"
    digest = hashlib.sha256()
    with open(path, "rb", buffering=0) as file:
        while chunk := file.read(1 << 20):
            digest.update(chunk)
    return digest.hexdigest()


def xattrs(path):
    names = sorted(os.listxattr(path, follow_symlinks=False))
    return ",".join(
        printable(os.fsencode(name)) + "=" + os.getxattr(path, name, follow_symlinks=False).hex()
        for name in names)


def main(root, start):
    root = os.fsencode(root)
    first_names = {}  # of hard links
    paths = [b""]
    for directory, directories, files in os.walk(root, onerror=raise_error):
        directories.sort()
        relative = os.path.relpath(directory, root)
        relative = b"" if relative == b"." else relative + b"/"
        directories[:] = [d for d in directories if relative + d not in VOLATILE_TREES]
        paths.extend(relative + name for name in directories + files)
    for relative in sorted(paths):
        path = os.path.join(root, relative)
        status = os.lstat(path)
        mode = status.st_mode
        volatile = relative in VOLATILE_CONTENT
        # What a directory's link count is, is up to the file system: overlayfs says 1 where it merges.
        links = "-" if stat.S_ISDIR(mode) else str(status.st_nlink)
        first = relative
        if not stat.S_ISDIR(mode) and status.st_nlink > 1:
            first = first_names.setdefault((status.st_dev, status.st_ino), relative)
        size = status.st_size if stat.S_ISREG(mode) and not volatile else "-"
        device = "%d:%d" % (os.major(status.st_rdev), os.minor(status.st_rdev))
        time = str(status.st_mtime_ns) if status.st_mtime_ns < start * 10**9 else "new"
        print(
            "/" + printable(relative), stat.filemode(mode), f"{status.st_uid}:{status.st_gid}",
            f"links={links}", f"size={size}", f"mtime={time}",
            f"device={device}" if stat.S_ISCHR(mode) or stat.S_ISBLK(mode) else "device=-",
            "same=/" + printable(first) if first != relative else "same=-",
            "xattrs=" + xattrs(path), "volatile" if volatile else content(path, mode))


def raise_error(error):
    raise error


main(sys.argv[1], int(sys.argv[2]))
