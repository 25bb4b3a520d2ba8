"""Many small new files."""

from ..step import Measure, Workload

_GROUP = "Small files"
_BYTES = 1024


def _create_and_unlink(processes):
    def function(step):
        """Each process in a directory of its own."""
        step.mount()
        each = step.sizes.created_files // processes
        step.new_directories("new", processes)
        arguments = (step.path("new"), processes, each, _BYTES)
        step.helper(f"create-{processes}", "small_files", "create", *arguments)
        step.check_files(step.written("new"), each * processes, _BYTES)
        step.helper(f"unlink-{processes}", "small_files", "unlink", *arguments)
        step.check_files(step.written("new"), 0)

    text = "1 process" if processes == 1 else f"{processes} processes"
    return Workload(f"small-{processes}", _GROUP, (
        Measure(f"create-{processes}", f"create, write, close, {text}"),
        Measure(f"unlink-{processes}", f"unlink, {text}"),
    ), function)


WORKLOADS = (_create_and_unlink(1), _create_and_unlink(4))
