"""The data: two lower layers, and the same content as one native directory. Made once, then reused.

  layers/base, layers/top   the lower layers. The top one replaces every 50th file of the tree, and adds
                            to one directory in twenty, which is then merged
  native                    what a union of the two shows
  sources                   a git repository, a .deb, a tar, the names in the tree

Names, sizes and contents come from counters and fixed seeds. `manifest.json` says what is there, and
the fingerprint of the layers, which no run may change.
"""

import hashlib
import json
import os
import random
import shutil
import struct
import subprocess
import tempfile

from .processes import Failure, run

VERSION = 1  # of this file's ways: another number makes the data again
LAYERS = ("top", "base")  # topmost first
_TIME = 1_600_000_000  # of every file that is made here
_FILES_PER_DIRECTORY = 25


class Dataset:
    """The data on a mounted disk."""

    def __init__(self, disk):
        self.disk = disk
        self.layers = [os.path.join(disk.path, "layers", name) for name in LAYERS]
        self.native = os.path.join(disk.path, "native")
        self.sources = os.path.join(disk.path, "sources")
        self.scratch = os.path.join(disk.path, "scratch")
        with open(os.path.join(disk.path, "manifest.json"), encoding="ascii") as file:
            self.manifest = json.load(file)

    def source(self, name):
        return os.path.join(self.sources, name)

    def fingerprint(self, names=None):
        """Of the layers, whole, or only these of their top directories."""
        return fingerprint(self.layers, names)


def fingerprint(layers, names=None):
    """One number from the names, types, owners, modes, sizes and modification times in the layers."""
    digest = hashlib.sha256()
    for layer in layers:
        for name in sorted(os.listdir(layer)) if names is None else sorted(names):
            if os.path.lexists(os.path.join(layer, name)):
                _add_to_fingerprint(digest, os.path.join(layer, name), name)
    return digest.hexdigest()


def _add_to_fingerprint(digest, path, name):
    status = os.lstat(path)
    fields = (name, status.st_mode, status.st_uid, status.st_gid, status.st_mtime_ns,
              0 if os.path.isdir(path) else status.st_size, status.st_rdev)
    digest.update(repr(fields).encode("utf-8", "surrogateescape"))
    if os.path.isdir(path) and not os.path.islink(path):
        for child in sorted(os.listdir(path)):
            _add_to_fingerprint(digest, os.path.join(path, child), child)


def prepare(disk, sizes, root_tar, say):
    """Mounts the disk with the data for these sizes on it, making it if it is not there. An
    interrupted making leaves no image under the final name."""
    key = sizes.data_key() | {"version": VERSION, "root": os.path.basename(root_tar)}
    directory, final = os.path.dirname(disk.image), disk.image
    marker = f"{final}.json"
    if os.path.exists(final) and os.path.exists(marker):
        with open(marker, encoding="ascii") as file:
            if json.load(file) == key:
                disk.mount()
                _clear_scratch(disk)
                return Dataset(disk)
    say("making the data, once")
    for stale in (final, marker):
        if os.path.exists(stale):
            os.remove(stale)
    room = shutil.disk_usage(directory).free
    if room < sizes.image_mib() << 20:
        raise Failure(f"{directory} has {room >> 20} MiB free, {sizes.image_mib()} are needed")
    disk.make(sizes.image_mib())
    disk.mount()
    _fill(disk.path, sizes, root_tar)
    disk.forget()
    with open(f"{marker}.part", "w", encoding="ascii") as file:
        json.dump(key, file)
    os.rename(f"{marker}.part", marker)
    return Dataset(disk)


def discard(disk):
    """The next run makes the data again."""
    os.remove(f"{disk.image}.json")


def _clear_scratch(disk):
    shutil.rmtree(os.path.join(disk.path, "scratch"), ignore_errors=True)
    os.mkdir(os.path.join(disk.path, "scratch"))


def _fill(path, sizes, root_tar):
    top, base = (os.path.join(path, "layers", name) for name in LAYERS)
    native, sources = os.path.join(path, "native"), os.path.join(path, "sources")
    for directory in (top, base, native, sources, os.path.join(path, "scratch")):
        os.makedirs(directory)
    names = _make_tree(os.path.join(base, "tree"), os.path.join(top, "tree"), sizes.tree_files)
    with open(os.path.join(sources, "names"), "w", encoding="ascii") as file:
        file.writelines(f"{name}\n" for name in names)
    _make_flat(os.path.join(base, "small"), sizes.small_files, 4096)
    _make_flat(os.path.join(base, "doomed"), sizes.doomed_files, 100)
    os.mkdir(os.path.join(base, "big"))
    words = _make_big(os.path.join(base, "big", "data"), sizes.big_mib)
    root = os.path.join(base, "root")
    os.mkdir(root)
    run(["tar", "--extract", f"--file={root_tar}", f"--directory={root}", "--numeric-owner",
         "--xattrs", "--xattrs-include=*"], 600)
    _make_repository(sources, os.path.join(base, "worktree"), sizes.git_files)
    _make_package(sources, sizes.package_files)
    run(["tar", "--create", f"--file={sources}/part.tar", f"--directory={root}", "--numeric-owner",
         "--sort=name", "usr/share", "usr/lib/python3", "usr/lib/python3.11", "etc", "var"], 300)
    # The copy of the layers' union, in the order of a union: the top one last.
    for layer in (base, top):
        run(["cp", "--archive", f"{layer}/.", native], 900)
    manifest = {
        "tree_entries": len(names) + _directories(os.path.join(native, "tree")),
        "tree_lines": _lines(["ls", "-lR", os.path.join(native, "tree")]),
        "big_sum": words,
        "root_tar_bytes": _bytes(["tar", "--create", "--directory", os.path.join(native, "root"), "."]),
        "part_names": _lines(["tar", "--list", "--file", os.path.join(sources, "part.tar")]),
        "commit": run(["git", "-C", os.path.join(sources, "origin.git"), "rev-parse", "main"], 60).strip(),
        "fingerprint": fingerprint([top, base]),
    }
    with open(os.path.join(path, "manifest.json"), "w", encoding="ascii") as file:
        json.dump(manifest, file)


def _write(path, data):
    with open(path, "wb") as file:
        file.write(data)
    os.utime(path, (_TIME, _TIME))


def _text(number, length):
    """Text that is different for every number."""
    return (f"line of {number}\n".encode() * (length // 8 + 1))[:length]


def _make_tree(base, top, count):
    """Files of 1 to 2,000 bytes in directories three levels deep. Returns the union's file names."""
    names = []
    for number in range(0, count, _FILES_PER_DIRECTORY):
        leaf = number // _FILES_PER_DIRECTORY
        directory = f"d{leaf // 100:02d}/e{leaf // 10 % 10}/f{leaf % 10}"
        os.makedirs(os.path.join(base, directory))
        merged = leaf % 20 == 0
        if merged:
            os.makedirs(os.path.join(top, directory))
            _write(os.path.join(top, directory, "added"), _text(leaf, 100))
            names.append(f"{directory}/added")
        for file in range(number, min(number + _FILES_PER_DIRECTORY, count)):
            name = f"{directory}/file-{file:06d}"
            _write(os.path.join(base, name), _text(file, 1 + file * 7 % 2000))
            if merged and file % _FILES_PER_DIRECTORY == 0:
                _write(os.path.join(top, name), _text(file + 1, 500))
            names.append(name)
    for layer in (base, top):
        for directory, _, _ in os.walk(layer):
            os.utime(directory, (_TIME, _TIME))
    return names


def _make_flat(directory, count, size):
    """What the program small_files works on: p0/f0, p0/f1, ..."""
    os.makedirs(os.path.join(directory, "p0"))
    for number in range(count):
        _write(os.path.join(directory, "p0", f"f{number}"), _text(number, size))


def _make_big(path, mib):
    """Blocks that differ. Returns the sum of the file's 64-bit words, modulo 2^64."""
    block = bytearray(random.Random(1).randbytes(1 << 20))
    base_sum = sum(struct.unpack(f"<{len(block) // 8}Q", block))
    first = struct.unpack_from("<Q", block)[0]
    total = 0
    with open(path, "wb") as file:
        for number in range(mib):
            struct.pack_into("<Q", block, 0, number)
            total += base_sum - first + number
            file.write(block)
    os.utime(path, (_TIME, _TIME))
    return total % (1 << 64)


def _git_environment():
    """The same commit, whoever makes it."""
    return {"GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "HOME": "/nowhere",
                "PATH": os.environ["PATH"], "LC_ALL": "C"}


def _make_repository(sources, worktree, count):
    """A bare repository of ten commits, and a work tree on a layer. Its index has no inode numbers
    and change times, which differ between contenders (core.checkStat)."""
    origin, environment = os.path.join(sources, "origin.git"), _git_environment()
    run(["git", "init", "--quiet", "--bare", "--initial-branch=main", origin], 60, env=environment)
    with tempfile.TemporaryFile() as stream:
        for commit in range(10):
            stream.write(b"commit refs/heads/main\n"
                         b"committer A <a@example.org> %d +0000\ndata 7\nchange\n" % (_TIME + commit))
            for number in range(commit, count, 10 if commit else 1):
                text = _text(number + commit, 200 + number * 13 % 4000)
                stream.write(b"M 644 inline src/m%02d/file%05d.c\ndata %d\n%s\n"
                             % (number % 97, number, len(text), text))
        stream.seek(0)
        run(["git", "-C", origin, "fast-import", "--quiet"], 300, env=environment, stdin=stream)
    run(["git", "-C", origin, "repack", "-adq"], 300, env=environment)
    run(["git", "clone", "--quiet", "--no-hardlinks", origin, worktree], 300, env=environment)
    for setting in ("core.checkStat=minimal", "core.trustctime=false"):
        run(["git", "-C", worktree, "config", *setting.split("=")], 60, env=environment)
    # An index as new as the files makes git read them all again, each time.
    for directory, _, files in os.walk(worktree):
        for name in files:
            os.utime(os.path.join(directory, name), (_TIME, _TIME), follow_symlinks=False)
    os.remove(os.path.join(worktree, ".git", "index"))
    run(["git", "-C", worktree, "reset", "--quiet"], 300, env=environment)


def _make_package(sources, count):
    with tempfile.TemporaryDirectory(dir=sources) as tree:
        os.chmod(tree, 0o755)
        os.mkdir(os.path.join(tree, "DEBIAN"))
        with open(os.path.join(tree, "DEBIAN", "control"), "w", encoding="ascii") as file:
            file.write("Package: bench-package\nVersion: 1\nArchitecture: all\n"
                       "Maintainer: A <a@example.org>\nDescription: files for a benchmark\n")
        for number in range(count):
            directory = os.path.join(tree, "usr", "share", "bench-package", f"d{number % 40}")
            os.makedirs(directory, exist_ok=True)
            _write(os.path.join(directory, f"file{number}"), _text(number, 2000))
        run(["dpkg-deb", "--build", "--root-owner-group", "-Znone", tree,
             os.path.join(sources, "package.deb")], 300)


def _directories(tree):
    return sum(len(directories) for _, directories, _ in os.walk(tree))


def _lines(argv):
    return _count(argv, lambda part: part.count(b"\n"))


def _bytes(argv):
    return _count(argv, len)


def _count(argv, measure):
    """The sum of a measure over what a program prints."""
    with subprocess.Popen(argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
                          env=os.environ | {"LC_ALL": "C"}) as process:
        total = sum(map(measure, iter(lambda: process.stdout.read(1 << 20), b"")))
    if process.returncode != 0:
        raise Failure(f"{argv[0]} ended with status {process.returncode}")
    return total
