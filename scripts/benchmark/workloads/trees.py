"""Names and attributes of many files."""

import os

from ..step import Measure, Workload

_GROUP = "Trees"
_PROCESSES = 4


def _walk(step):
    """Every entry's stat: with nothing in the caches, on a fresh mount with the names of the backing
    file system in its caches, and once more."""
    step.forget()
    step.mount()
    _walk_once(step, "walk-cold")
    step.unmount()
    step.warm()
    step.mount()
    _walk_once(step, "walk-warm")
    _walk_once(step, "walk-again")


def _walk_once(step, measure):
    entries, = step.helper(measure, "walk", step.path("tree"))
    expected = step.dataset.manifest["tree_entries"]
    step.check(entries == expected, f"{entries} entries, not {expected}")


def _list(step):
    """ls -lR asks for ACLs and security contexts as well."""
    step.mount()
    lines = step.command("list", ["sh", "-c", 'LC_ALL=C ls -lR "$1" | wc -l', "sh", step.path("tree")])
    expected = step.dataset.manifest["tree_lines"]
    step.check(int(lines) == expected, f"{lines.strip()} lines, not {expected}")


def _stat_random(step):
    step.mount()
    calls, = step.helper("stat-random", "stat_random", step.path("tree"), step.dataset.source("names"),
                         _PROCESSES, step.sizes.stats)
    step.check(calls == _PROCESSES * step.sizes.stats, f"{calls} calls")


def _tar_out(step):
    """tar does not read what it writes to /dev/null."""
    step.mount()
    size = step.command("tar-out", [
        "bash", "-c", 'set -o pipefail; tar --create --directory "$1" . | wc -c', "bash", step.path("root")])
    # Where hard links have different inode numbers, their contents come twice.
    expected = step.dataset.manifest["root_tar_bytes"]
    step.check(expected <= int(size) < expected * 1.1, f"{size.strip()} bytes, not {expected}")


def _tar_in(step):
    step.mount()
    step.new_directories("new")
    step.command("tar-in", ["tar", "--extract", "--numeric-owner", "--file", step.dataset.source("part.tar"),
                            "--directory", step.path("new", "p0")])
    found = step.look(lambda: _names(step.path("new", "p0")))
    expected = step.dataset.manifest["part_names"]
    # The directories between the root and the packed ones are in no tar.
    step.check(expected <= found <= expected + 3, f"{found} names, not {expected}")


def _names(directory):
    return sum(len(directories) + len(files) for _, directories, files in os.walk(directory))


WORKLOADS = (
    Workload("walk", _GROUP, (
        Measure("walk-cold", "walk with stat, caches empty"),
        Measure("walk-warm", "walk with stat, backing caches full"),
        Measure("walk-again", "walk with stat, second time"),
    ), _walk, warms=("tree",)),
    Workload("list", _GROUP, (Measure("list", "ls -lR"),), _list, warms=("tree",)),
    Workload("stat-random", _GROUP, (Measure("stat-random", "stat at random, 4 processes"),), _stat_random,
             warms=("tree",)),
    Workload("tar-out", _GROUP, (Measure("tar-out", "tar out of a root file system"),), _tar_out,
             reads=("root",)),
    Workload("tar-in", _GROUP, (Measure("tar-in", "tar into the mount"),), _tar_in),
)
