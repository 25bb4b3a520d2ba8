"""A run as a file: what it was made on, every sample, what failed."""

import json
from dataclasses import dataclass, field

from .statistics import Results


@dataclass
class Run:
    """Everything that the reports show."""

    machine: dict
    sizes: dict
    repetitions: int
    quick: bool
    contenders: list  # of {"name", "title", "version"}, in the order of the columns
    workloads: list  # of {"name", "group", "measures": [{"name", "title", "unit"}]}
    unavailable: dict  # {contender: reason}
    results: Results = field(default_factory=Results)
    unfinished: str | None = None  # why the run did not get to its end

    def measures(self):
        """(group, measure) of everything that some contender has a value or a failure for."""
        for workload in self.workloads:
            for measure in workload["measures"]:
                if measure["name"] in self.results.cells:
                    yield workload["group"], measure


def write(run, path):
    with open(path, "w", encoding="utf-8") as file:
        json.dump(vars(run) | {"results": run.results.cells}, file, indent=1, ensure_ascii=False)
        file.write("\n")


def read(path):
    with open(path, encoding="utf-8") as file:
        content = json.load(file)
    return Run(**content | {"results": Results(content["results"])})
