"""The command line of scripts/bench, which sees to the packages and the build."""

import argparse
import fcntl
import os
import signal
import sys
import tempfile

from . import dataset, facts, report_json, report_markdown, report_svg, ring_parameter, runner, sandbox, sizes
from .contenders import PROJECT, REFERENCE, all_contenders
from .disk import Disk
from .processes import Failure, run
from .programs import Programs
from .workloads import ALL

_PROJECT_DIRECTORY = os.path.dirname(os.path.dirname(os.path.dirname(os.path.abspath(__file__))))
_DOCUMENT = os.path.join(_PROJECT_DIRECTORY, "docs", "BENCHMARKS.md")
_PICTURE = os.path.join(_PROJECT_DIRECTORY, "docs", "benchmarks.svg")
_BEGIN = "<!-- begin: written by scripts/bench --write-docs -->"
_END = "<!-- end -->"


def _say(text):
    print(text, file=sys.stderr, flush=True)


def _parse(arguments):
    parser = argparse.ArgumentParser(
        prog="scripts/bench", description="Compares Lamina with other union file systems. docs/BENCHMARKS.md "
        "says what is measured and how.")
    parser.add_argument("--quick", action="store_true", help="a smoke run: small data, 1 repetition")
    parser.add_argument("--repetitions", type=int, metavar="N", help="of each workload (5, quick 1)")
    parser.add_argument("--only", metavar="NAMES", type=_names, help="these workloads, separated by commas")
    parser.add_argument("--skip", metavar="NAMES", type=_names, default=[], help="not these workloads")
    parser.add_argument("--contenders", metavar="NAMES", type=_names,
                        help="only these (and kernel overlayfs, which ratios need)")
    parser.add_argument("--peer", metavar="NAME=COMMAND", action="append", default=[],
                        help="one more contender; COMMAND has {mountpoint}, and {options} or {lower}, {upper}, {work}")
    parser.add_argument("--list", action="store_true", help="show the workloads and contenders, and end")
    parser.add_argument("--render", metavar="FILE", help="write the reports of an earlier run's JSON; run nothing")
    parser.add_argument("--output", metavar="DIR", help="for results.json, results.md, results.svg "
                        "(target/benchmark/results)")
    parser.add_argument("--markdown", metavar="FILE", help="write the Markdown here as well")
    parser.add_argument("--write-docs", action="store_true", help="put the tables into docs/BENCHMARKS.md and the "
                        "picture beside it")
    parser.add_argument("--data", metavar="DIR", help="for the data, up to 6 GiB (target/benchmark)")
    parser.add_argument("--timeout", type=float, default=180, metavar="SECONDS", help="of each measured program (180)")
    sizes.add_options(parser.add_argument_group("sizes"))
    options = parser.parse_args(arguments)
    if options.repetitions is None:
        options.repetitions = 1 if options.quick else 5
    if options.repetitions < 1:
        parser.error("--repetitions: at least 1")
    target = os.path.join(_PROJECT_DIRECTORY, "target", "benchmark")
    options.data = os.path.abspath(options.data or target)
    options.output = os.path.abspath(options.output or os.path.join(target, "results"))
    return options


def _names(text):
    return [name for name in text.split(",") if name]


def _choose(what, known, only, skip=()):
    """Those chosen by name, in their own order."""
    names = [each.name for each in known]
    for name in [*(only or ()), *skip]:
        if name not in names:
            raise Failure(f"there is no {what} {name}; there are {', '.join(names)}")
    return [each for each in known if (only is None or each.name in only) and each.name not in skip]


def main(arguments):
    options = _parse(arguments)
    if options.list:
        for workload in ALL:
            print(f"{workload.name:16} {workload.group}: "
                  + "; ".join(measure.title for measure in workload.measures))
        print("contenders: " + ", ".join(each.name for each in all_contenders(options.peer)))
        return 0
    if options.render:
        _write_reports(report_json.read(options.render), options)
        return 0
    workloads = _choose("workload", ALL, options.only, options.skip)
    only = options.contenders and {*options.contenders, REFERENCE}
    contenders = _choose("contender", all_contenders(options.peer), only)
    os.makedirs(options.data, exist_ok=True)
    os.makedirs(options.output, exist_ok=True)
    root_tar = run([os.path.join(_PROJECT_DIRECTORY, "scripts", "debian-root")], 900).strip()
    with open(os.path.join(options.data, "lock"), "w", encoding="ascii") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Failure(f"another run uses {options.data}") from None
        with ring_parameter.restored():
            return sandbox.run(lambda: _measure(options, workloads, contenders, root_tar))


def _measure(options, workloads, contenders, root_tar):
    """In the sandbox: mounts, measures, reports. Returns the exit status."""
    _interrupt_on_signals()
    chosen = sizes.from_options(options)
    try:
        with tempfile.TemporaryDirectory(prefix="run.", dir=options.data) as directory:
            paths = {name: os.path.join(directory, name) for name in ("disk", "merged", "programs", "files")}
            for path in paths.values():
                os.mkdir(path)
            disk = Disk(os.path.join(options.data, "quick.img" if options.quick else "full.img"), paths["disk"])
            try:
                data = dataset.prepare(disk, chosen, root_tar, _say)
                environment = runner.Environment(
                    disk, data, Programs(paths["programs"]), chosen, paths["merged"], paths["files"],
                    options.timeout)
                return _run(options, workloads, contenders, environment)
            finally:
                if disk.is_mounted():
                    disk.unmount()
    except Failure as failure:
        _say(f"bench: {failure}")
        return 1
    except KeyboardInterrupt:
        _say("bench: interrupted")
        return 130


def _run(options, workloads, contenders, environment):
    runner.learn(workloads, environment)
    good, unavailable = runner.available(contenders, environment, _say)
    outcome = report_json.Run(
        machine=facts.machine(), sizes=environment.sizes.as_dict(), repetitions=options.repetitions,
        quick=options.quick, unavailable=unavailable,
        contenders=[{"name": c.name, "title": c.title, "version": c.version_text()} for c in good],
        workloads=[{"name": w.name, "group": w.group, "measures": [vars(m) for m in w.measures]}
                   for w in workloads])
    if REFERENCE in unavailable:
        raise Failure(f"no reference: {unavailable[REFERENCE]}")
    try:
        runner.run(good, workloads, options.repetitions, environment, outcome.results, _say)
    except runner.LayersChanged as change:
        dataset.discard(environment.disk)
        outcome.unfinished = str(change)
    _write_reports(outcome, options)
    failed = any(cell["failure"] for name in outcome.results.cells.values()
                 for contender, cell in name.items() if contender.startswith((PROJECT, REFERENCE)))
    return 1 if failed or outcome.unfinished else 0


def _interrupt_on_signals():
    """The first signal ends the run, and what is mounted goes; later ones do not disturb that."""
    numbers = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)

    def interrupt(_number, _frame):
        for number in numbers:
            signal.signal(number, signal.SIG_IGN)
        raise KeyboardInterrupt

    for number in numbers:
        signal.signal(number, interrupt)


def _write_reports(outcome, options):
    text, picture = report_markdown.report(outcome), report_svg.picture(outcome)
    os.makedirs(options.output, exist_ok=True)
    if not options.render:
        report_json.write(outcome, os.path.join(options.output, "results.json"))
    files = {os.path.join(options.output, "results.md"): text,
             os.path.join(options.output, "results.svg"): picture}
    if options.markdown:
        files[options.markdown] = text
    if options.write_docs:
        with open(_DOCUMENT, encoding="utf-8") as file:
            before, begin, rest = file.read().partition(_BEGIN)
        _, end, after = rest.partition(_END)
        if not begin or not end:
            raise Failure(f"{_DOCUMENT} has lost its markers")
        shown = "![Times in units of kernel overlayfs's](benchmarks.svg)"
        files[_DOCUMENT] = f"{before}{begin}\n\n{shown}\n\n{text}\n{end}{after}"
        files[_PICTURE] = picture
    for path, content in files.items():
        with open(path, "w", encoding="utf-8") as file:
            file.write(content)
        _say(f"written: {path}")


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except Failure as problem:
        _say(f"bench: {problem}")
        sys.exit(1)
