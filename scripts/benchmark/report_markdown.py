"""A run as Markdown: targets, ratios, medians with their spread, the daemons' processor time."""

import json
import os

from .contenders import PROJECT, PROJECT_RINGS, REFERENCE
from .statistics import short

_TARGETS = os.path.join(os.path.dirname(os.path.abspath(__file__)), "targets.json")
_PEER = "fuse-overlayfs"


def report(run):
    """The whole text."""
    parts = [_facts(run)]
    if any(contender["name"] == PROJECT for contender in run.contenders):
        parts.append("### Targets\n\nTime by Lamina's kernel transport in units of kernel overlayfs's; below 1 is "
                     f"faster. Ahead: {_PEER} takes more time than Lamina. The last column: over io_uring, where the "
                     "kernel offers that.\n\n" + _target_table(run))
    parts += [
        "### Ratios to kernel overlayfs\n\nBelow 1 is faster. Memory has no ratio.\n\n" + _ratio_table(run),
        "### Medians, with the smallest and the largest of the samples\n\nTimes in ms, memory in MiB.\n\n"
        + _value_table(run),
        "### Processor time of the daemon\n\nUser and system time while the work ran, median, in ms "
        "(resolution 10 ms).\n\n" + _cpu_table(run),
    ]
    failures = _failures(run)
    if failures:
        parts.append("### What failed or was not there\n\n" + failures)
    return "\n\n".join(parts) + "\n"


def _facts(run):
    machine = run.machine
    lines = []
    if run.quick:
        lines.append("**A smoke run with small data: the figures mean nothing.**\n")
    if run.unfinished:
        lines.append(f"**The run did not get to its end: {run.unfinished}**\n")
    lines.append(
        f"{machine['date']}, {machine['distribution']}, Linux {machine['kernel']} ({machine['architecture']}), "
        f"{machine['processors']} processors ({machine['processor']}), {machine['memory_mib']} MiB of memory; "
        f"load {machine['load_at_start']:.2f} at the start. Lamina at {machine['commit'][:12]}"
        f"{machine['commit'][40:]}, {machine['fio']}, {machine['git']}. Medians of {run.repetitions} repetitions.\n")
    for contender in run.contenders:
        lines.append(f"- {contender['title']}: {contender['version']}")
    sizes = ", ".join(f"{name.replace('_', ' ')} {value:,}" for name, value in run.sizes.items())
    lines.append(f"\nSizes: {sizes}.")
    return "\n".join(lines)


def _table(head, rows):
    """The first column to the left, the others to the right."""
    lines = ["| " + " | ".join(head) + " |", "| --- |" + " ---: |" * (len(head) - 1)]
    lines += ["| " + " | ".join(row) + " |" for row in rows]
    return "\n".join(lines)


def _by_contender(run, contenders, cell, keep=lambda measure: True):
    """A row for each measure, the group's name before the first of its rows."""
    rows, last = [], None
    for group, measure in run.measures():
        if not keep(measure):
            continue
        if group != last:
            rows.append([f"**{group}**"] + [""] * len(contenders))
            last = group
        rows.append([measure["title"]] + [cell(measure, contender["name"]) for contender in contenders])
    return _table(["", *(contender["title"] for contender in contenders)], rows)


def _missing(run, measure, contender):
    return "failed" if run.results.failure(measure["name"], contender) else "–"


def _ratio_table(run):
    def cell(measure, contender):
        ratio = run.results.ratio(measure["name"], contender, REFERENCE)
        return _missing(run, measure, contender) if ratio is None else f"{ratio:.2f}"

    return _by_contender(run, run.contenders, cell, lambda measure: measure["unit"] == "s")


def _value_table(run):
    def cell(measure, contender):
        middle = run.results.median(measure["name"], contender)
        if middle is None:
            return _missing(run, measure, contender)
        scale = 1000 if measure["unit"] == "s" else 1
        low, high = run.results.spread(measure["name"], contender)
        return f"{short(middle * scale)} ({short(low * scale)}–{short(high * scale)})"

    return _by_contender(run, run.contenders, cell)


def _cpu_table(run):
    def cell(measure, contender):
        cpu = run.results.cpu(measure["name"], contender)
        return _missing(run, measure, contender) if cpu is None else f"{cpu * 1000:,.0f}"

    with_daemon = [contender for contender in run.contenders
                   if any("cpu" in cells.get(contender["name"], {}) and cells[contender["name"]]["cpu"]
                          for cells in run.results.cells.values())]
    return _by_contender(run, with_daemon, cell, lambda measure: measure["unit"] == "s")


def _target_table(run):
    with open(_TARGETS, encoding="utf-8") as file:
        targets = json.load(file)
    return _table(["work", "target", "Lamina", "met", f"ahead of {_PEER}", "over io_uring"],
                  [_target_row(run, target) for target in targets])


def _target_row(run, target):
    values, rings, met, ahead = [], [], [], []
    absolute = target.get("absolute")
    for measure, limit in target["measures"]:
        value = _target_value(run, measure, absolute, PROJECT)
        values.append(_target_text(value, limit, absolute))
        rings.append(_target_text(_target_value(run, measure, absolute, PROJECT_RINGS), limit, absolute))
        met.append(value is not None and value <= limit)
        own, peer = (run.results.median(measure, name) for name in (PROJECT, _PEER))
        ahead.append("–" if own is None or peer is None else "yes" if own < peer else "**no**")
    answers = ["yes" if good else "**no**" if value != "–" else "–" for good, value in zip(met, values)]
    return [target["work"], target["target"], _join(values), _join(answers, same=True),
            "" if absolute else _join(ahead, same=True), _join(rings)]


def _target_value(run, measure, absolute, contender):
    results = run.results
    return results.median(measure, contender) if absolute else results.ratio(measure, contender, REFERENCE)


def _target_text(value, limit, absolute):
    if value is None:
        return "–"
    if not absolute:
        return f"{value:.2f}"
    return f"{value * (1000 if limit < 1 else 1):.0f}"


def _join(words, same=False):
    return words[0] if same and len(set(words)) == 1 else ", ".join(words)


def _failures(run):
    lines = [f"- {name}: not available: {reason}" for name, reason in run.unavailable.items()]
    for _, measure in run.measures():
        for contender in run.contenders:
            failure = run.results.failure(measure["name"], contender["name"])
            if failure:
                lines.append(f"- {measure['title']}, {contender['title']}: {failure}")
    return "\n".join(lines)
