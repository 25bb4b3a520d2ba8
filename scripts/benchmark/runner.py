"""The order of a run, and what happens when something goes wrong in it."""

import time
from dataclasses import dataclass

from .processes import Failure
from .step import Measure, Step, Workload


class LayersChanged(Exception):
    """A contender wrote to a lower layer: nothing measured after that would be worth anything."""


@dataclass
class Environment:
    """What steps share. Times are seconds."""

    disk: object
    dataset: object
    programs: object
    sizes: object
    mount_point: str
    directory: str  # for what programs leave
    timeout: float  # of each measured program


def available(contenders, environment, say):
    """Mounts each once. Returns those that serve, and {name: reason} of the others."""
    good, reasons = [], {}
    probe = Workload("probe", "", (), None)
    for contender in contenders:
        step = Step(probe, contender, environment)
        try:
            try:
                step.mount()
            finally:
                step.unmount()
        except Failure as failure:
            reasons[contender.name] = str(failure)
            say(f"{contender.name}: not available: {failure}")
        else:
            good.append(contender)
    return good, reasons


def takes_part(contender, workload):
    if workload.mounts_only and contender.is_native:
        return False
    return contender.copies_up or not workload.copies_up


def run(contenders, workloads, repetitions, environment, results, say):
    """Every repetition goes through the workloads, and for each through the contenders, which change
    their order: whatever else the machine does meets all of them. Results are added as they come."""
    begun = time.monotonic()
    for repetition in range(repetitions):
        for number, workload in enumerate(workloads):
            first = (repetition + number) % len(contenders)
            told = []
            for contender in contenders[first:] + contenders[:first]:
                if takes_part(contender, workload):
                    told.append(_run_one(contender, workload, environment, results))
            minutes = (time.monotonic() - begun) / 60
            say(f"{repetition + 1}/{repetitions} {minutes:5.1f} min  {workload.name:16}"
                + "  ".join(text for text in told if text))
        _check_layers(environment, None, "one of the contenders")


def _run_one(contender, workload, environment, results):
    """Returns what to show. A contender that failed once does not try this workload again."""
    measures = workload.measures
    if any(results.failure(measure.name, contender.name) for measure in measures):
        return ""
    step = Step(workload, contender, environment)
    try:
        step.warm()
        try:
            workload.function(step)
        except (Failure, OSError) as failure:
            _unmount_after(step, failure)
            raise
        except BaseException:
            _unmount_after(step, None)
            raise
        step.unmount()
    except (Failure, OSError) as failure:
        # An OSError comes from a check: what should have been written is not there.
        for measure in measures:
            results.fail(measure.name, contender.name, str(failure))
        return f"{contender.name} FAILED: {failure}"
    finally:
        if workload.changes and not contender.is_native:
            _check_layers(environment, workload.changes, contender.name)
    for measure in measures:
        if measure.name in step.samples:
            results.add(measure.name, contender.name, step.samples[measure.name])
    return f"{contender.name} {_first(measures, step)}"


def _unmount_after(step, failure):
    """What went wrong first is what counts: trouble with the unmount is added to it."""
    try:
        step.unmount()
    except Failure as trouble:
        if failure:
            failure.args = (f"{failure}; then {trouble}",)


def _first(measures: tuple[Measure, ...], step):
    sample = step.samples.get(measures[0].name)
    return f"{sample.value * 1000:.0f}" if sample else "-"


def _check_layers(environment, names, who):
    dataset = environment.dataset
    key = ",".join(names or ("",))
    now = dataset.fingerprint(names)
    expected = dataset.manifest["fingerprint"] if names is None else _known.setdefault(key, now)
    if now != expected:
        raise LayersChanged(f"the lower layers have changed: by {who}")


# Fingerprints of parts of the layers, taken before the first run (learn).
_known = {}


def learn(workloads, environment):
    """Takes the fingerprints of what workloads change, after checking that of the whole."""
    _check_layers(environment, None, "an earlier run, or by hand")
    for workload in workloads:
        if workload.changes:
            _known[",".join(workload.changes)] = environment.dataset.fingerprint(workload.changes)
