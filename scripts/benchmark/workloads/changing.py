"""Changes of lower files: copy-up and deletion."""

import os

from ..step import Measure, Workload

_GROUP = "Lower files"
_ADDED = 100


def _append_small(step):
    step.mount()
    step.helper("append-small", "small_files", "append", step.path("small"), 1, step.sizes.small_files, _ADDED)
    step.check_files(step.written("small"), step.sizes.small_files, 4096 + _ADDED)


def _append_big(step):
    step.mount()
    step.helper("append-big", "change_file", "append", step.path("big", "data"))
    size = os.stat(step.written("big", "data")).st_size
    step.check(size == (step.sizes.big_mib << 20) + 14, f"{size} bytes after appending")


def _chmod_big(step):
    step.mount()
    step.helper("chmod-big", "change_file", "chmod", step.path("big", "data"))
    status = step.look(lambda: tuple(os.stat(step.path("big", "data"))[i] for i in (0, 6)))
    step.check(status == (0o100604, step.sizes.big_mib << 20), f"mode and size {status}")


def _delete_lower(step):
    step.mount()
    step.helper("delete-lower", "small_files", "unlink", step.path("doomed"), 1, step.sizes.doomed_files, 1)
    left = step.look(lambda: os.listdir(step.path("doomed", "p0")))
    step.check(not left, f"{len(left)} files are still there")


def _copy_and_remove(step):
    """A work tree on a layer: copied within the mount, the copy removed, then the original."""
    step.mount()
    tree = step.path("worktree")
    step.new_directories("new")
    step.command("tree-copy", ["cp", "--archive", tree, step.path("new", "p0")])
    files = step.look(lambda: _files(step.path("new", "p0")))
    step.check(files >= step.sizes.git_files, f"{files} files")
    step.command("tree-remove-copy", ["rm", "-rf", step.path("new", "p0", "worktree")])
    step.command("tree-remove-lower", ["rm", "-rf", tree])
    left = step.look(lambda: (os.listdir(step.path("new", "p0")), os.path.lexists(tree)))
    step.check(left == ([], False), f"left over: {left}")


def _files(directory):
    return sum(len(files) for _, _, files in os.walk(directory))


def _workload(name, title, function, data):
    return Workload(name, _GROUP, (Measure(name, title),), function, changes=(data,), reads=(data,),
                    copies_up=True)


WORKLOADS = (
    _workload("append-small", "append to small files", _append_small, "small"),
    _workload("append-big", "append to a large file", _append_big, "big"),
    _workload("chmod-big", "chmod of a large file", _chmod_big, "big"),
    _workload("delete-lower", "delete", _delete_lower, "doomed"),
    Workload("tree", _GROUP, (
        Measure("tree-copy", "cp -a of a tree, within the mount"),
        Measure("tree-remove-copy", "rm -rf of the copy"),
        Measure("tree-remove-lower", "rm -rf of the lower tree"),
    ), _copy_and_remove, changes=("worktree",), reads=("worktree",), copies_up=True),
)
