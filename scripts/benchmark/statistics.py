"""From samples to the figures that are shown."""

import math


def median(values):
    ordered = sorted(values)
    middle = len(ordered) // 2
    return ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


class Results:
    """The samples of a run: {measure: {contender: {"values": [...], "cpu": [...], "failure": text}}}.

    Values are in the measure's unit, cpu in seconds; a list has one entry for each repetition that
    went well. The plain dictionary is what the JSON holds.
    """

    def __init__(self, cells=None):
        self.cells = cells if cells is not None else {}

    def add(self, measure, contender, sample):
        cell = self._cell(measure, contender)
        cell["values"].append(sample.value)
        if sample.cpu is not None:
            cell["cpu"].append(sample.cpu)

    def fail(self, measure, contender, why):
        self._cell(measure, contender)["failure"] = why

    def _cell(self, measure, contender):
        return self.cells.setdefault(measure, {}).setdefault(
            contender, {"values": [], "cpu": [], "failure": None})

    def cell(self, measure, contender):
        return self.cells.get(measure, {}).get(contender)

    def failure(self, measure, contender):
        cell = self.cell(measure, contender)
        return cell["failure"] if cell else None

    def values(self, measure, contender):
        """Empty when it was not measured, or failed once: half a result is none."""
        cell = self.cell(measure, contender)
        return cell["values"] if cell and not cell["failure"] else []

    def median(self, measure, contender):
        """None without values."""
        values = self.values(measure, contender)
        return median(values) if values else None

    def spread(self, measure, contender):
        values = self.values(measure, contender)
        return (min(values), max(values)) if values else None

    def cpu(self, measure, contender):
        cell = self.cell(measure, contender)
        return median(cell["cpu"]) if cell and cell["cpu"] and not cell["failure"] else None

    def ratio(self, measure, contender, reference):
        """The ratio of the medians; None where one is missing."""
        value, base = self.median(measure, contender), self.median(measure, reference)
        return value / base if value is not None and base else None


def short(number):
    """Three significant digits, without an exponent: 0.0123, 1.23, 12.3, 123, 1,234."""
    if number == 0:
        return "0"
    digits = max(0, 2 - math.floor(math.log10(abs(number))))
    return f"{number:,.{digits}f}"
