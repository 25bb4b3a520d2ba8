"""The workloads, one module for each kind of work."""

from . import changing, data, programs, small_files, starting, trees

ALL = (*starting.WORKLOADS, *data.WORKLOADS, *trees.WORKLOADS, *small_files.WORKLOADS,
       *changing.WORKLOADS, *programs.WORKLOADS)
