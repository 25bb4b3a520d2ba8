"""Programs at their daily work: git, dpkg, and many short ones."""

import os

from ..processes import run
from ..step import Measure, Workload

_GROUP = "Programs"
_PACKAGE = "bench-package"


def _environment(home):
    """Nobody's settings."""
    return {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin", "HOME": home, "LC_ALL": "C",
            "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null", "GIT_OPTIONAL_LOCKS": "0",
            "DEBIAN_FRONTEND": "noninteractive"}


def _git_clone(step):
    """From a repository outside the mount, without its objects being linked."""
    step.mount()
    step.new_directories("new")
    clone = step.path("new", "p0", "clone")
    settings = {"env": _environment("/")}
    step.command("git-clone", ["git", "clone", "--quiet", "--no-hardlinks", step.dataset.source("origin.git"),
                               clone], **settings)
    step.look(lambda: _check_clean(step, clone))


def _check_clean(step, tree):
    head = run(["git", "-C", tree, "rev-parse", "HEAD"], 30, env=_environment("/")).strip()
    step.check(head == step.dataset.manifest["commit"], f"HEAD is {head}")
    files = run(["git", "-C", tree, "ls-files"], 30, env=_environment("/")).count("\n")
    step.check(files == step.sizes.git_files, f"{files} files")


def _git_status(step):
    """Of a clean work tree on a layer, on a fresh mount."""
    step.mount()
    told = step.command("git-status", ["git", "-C", step.path("worktree"), "status", "--porcelain"],
                        env=_environment("/"))
    step.check(told == "", f"the work tree is not clean: {told.splitlines()[:1]}")
    step.look(lambda: _check_clean(step, step.path("worktree")))


def _dpkg(step):
    """In a chroot. Without the fsync of every unpacked file, as in images of containers; dpkg's own
    database is still written out."""
    step.mount()
    root = step.path("root")
    run_in = ["chroot", root]
    run(["cp", step.dataset.source("package.deb"), os.path.join(root, "tmp")], 60)
    step.command("dpkg", [*run_in, "dpkg", "--force-unsafe-io", "--install", "/tmp/package.deb"],
                 env=_environment("/root"))
    status = run([*run_in, "dpkg-query", "--show", "--showformat=${db:Status-Status}", _PACKAGE], 60,
                 env=_environment("/root"))
    step.check(status == "installed", f"dpkg says {status}")
    step.check_files(step.written("root", "usr", "share", _PACKAGE), step.sizes.package_files, 2000)


def _exec_storm(step):
    """/bin/true in a chroot: its loader and C library come through the mount as well."""
    step.mount()
    count, = step.helper("exec", "exec_storm", step.path("root"), step.sizes.execs, "/bin/true")
    step.check(count == step.sizes.execs, f"{count} programs")


WORKLOADS = (
    Workload("git-clone", _GROUP, (Measure("git-clone", "git clone"),), _git_clone),
    Workload("git-status", _GROUP, (Measure("git-status", "git status"),), _git_status, reads=("worktree",)),
    Workload("dpkg", _GROUP, (Measure("dpkg", "dpkg install in a chroot"),), _dpkg, changes=("root",),
             reads=("root",), copies_up=True),
    Workload("exec", _GROUP, (Measure("exec", "exec storm"),), _exec_storm, reads=("root",)),
)
