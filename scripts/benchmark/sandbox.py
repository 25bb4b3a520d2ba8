"""A mount and process namespace of the benchmark's own.

Nothing that is mounted in it is seen outside, and when its first process ends, the kernel kills all
others and takes the mounts away: nothing is left, also when the benchmark is killed.
"""

import ctypes
import os
import signal
import sys

_CLONE_NEWNS = 0x00020000
_CLONE_NEWPID = 0x20000000
_MS_REC = 0x4000
_MS_PRIVATE = 1 << 18
_PR_SET_PDEATHSIG = 1
_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

_libc = ctypes.CDLL(None, use_errno=True)


def run(main):
    """Calls main() as process 2 of new namespaces and returns its exit status (main's result)."""
    _call("unshare", _CLONE_NEWNS | _CLONE_NEWPID)
    _call("mount", b"none", b"/", None, _MS_REC | _MS_PRIVATE, None)
    return _supervise(_fork(lambda: _first_process(main)))


def _first_process(main):
    # Orphans, such as daemons, become children of this process, which must reap them.
    _call("mount", b"proc", b"/proc", b"proc", 0, None)
    return _supervise(_fork(main))


def _fork(function):
    """Forks; the child dies with its parent and exits with function's result."""
    parent = os.getpid()
    child = os.fork()
    if child:
        return child
    status = 1
    try:
        _call("prctl", _PR_SET_PDEATHSIG, signal.SIGKILL, 0, 0, 0)
        # In the new process namespace the parent's id is 0.
        if os.getppid() in (parent, 0):
            status = function()
    except KeyboardInterrupt:
        status = 130
    except BaseException as error:  # the process must not go on as a copy of its parent
        print(f"bench: {type(error).__name__}: {error}", file=sys.stderr)
    finally:
        sys.stdout.flush()
        sys.stderr.flush()
        os._exit(status)


def _supervise(child):
    """Passes signals on, reaps whatever ends, and returns the child's exit status."""
    for number in _SIGNALS:
        signal.signal(number, lambda number, _frame: os.kill(child, number))
    while True:
        process, status = os.waitpid(-1, 0)
        if process == child:
            code = os.waitstatus_to_exitcode(status)
            return 128 - code if code < 0 else code


def _call(name, *arguments):
    if getattr(_libc, name)(*arguments) < 0:
        error = ctypes.get_errno()
        raise OSError(error, f"{name}: {os.strerror(error)}")
