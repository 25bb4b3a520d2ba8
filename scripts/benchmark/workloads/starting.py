"""A mount's beginning, and what its daemon takes."""

from ..step import MIB, Measure, Workload


def _start(step):
    """From the launch of the mount command until a name in the mount answers a stat."""
    step.mount()
    step.start("start")
    step.memory("memory-mounted")
    found, = step.look(lambda: _walk(step))
    step.check(found == step.dataset.manifest["tree_entries"], f"{found} entries")
    step.memory("memory-walked")


def _walk(step):
    """Not measured: what is measured is the memory afterwards."""
    return step.helper("walk", "walk", step.path("tree"))


WORKLOADS = (
    Workload("start", "Start and memory", (
        Measure("start", "launch until the mount serves"),
        Measure("memory-mounted", "resident memory, mounted", MIB),
        Measure("memory-walked", "resident memory, after the walk", MIB),
    ), _start, warms=("tree",), mounts_only=True),
)
