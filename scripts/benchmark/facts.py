"""What a run was made on and with."""

import datetime
import os
import platform

from .processes import Failure, run

_PROJECT = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))


def machine():
    return {
        "date": datetime.date.today().isoformat(),
        "kernel": platform.release(),
        "architecture": platform.machine(),
        "distribution": _field("/etc/os-release", "PRETTY_NAME", "="),
        "processor": _field("/proc/cpuinfo", "model name", ":") or platform.processor(),
        "processors": len(os.sched_getaffinity(0)),
        "memory_mib": os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") >> 20,
        "load_at_start": os.getloadavg()[0],
        "python": platform.python_version(),
        "fio": _told("fio", "--version"),
        "git": _told("git", "--version"),
        "commit": _commit(),
    }


def _commit():
    commit = _told("git", "-C", _PROJECT, "rev-parse", "HEAD")
    changed = _told("git", "-C", _PROJECT, "status", "--porcelain", "--untracked-files=no")
    return commit + (" with changes" if changed else "")


def _told(*argv):
    try:
        return run(list(argv), 30).strip()
    except Failure as failure:
        return f"unknown ({failure})"


def _field(path, name, separator):
    try:
        with open(path, encoding="utf-8") as file:
            for line in file:
                key, _, value = line.partition(separator)
                if key.strip() == name:
                    return value.strip().strip('"')
    except OSError:
        pass  # a machine without it: the report says "unknown"
    return "unknown"
