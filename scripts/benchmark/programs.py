"""The measuring programs, compiled when a run starts."""

import os

from .processes import run

_SOURCES = os.path.join(os.path.dirname(os.path.abspath(__file__)), "programs")


class Programs:
    def __init__(self, directory):
        self._directory = directory
        for source in sorted(os.listdir(_SOURCES)):
            name, extension = os.path.splitext(source)
            if extension == ".c":
                run(["gcc", "-O2", "-Wall", "-Wextra", "-Werror", "-o", self.path(name),
                     os.path.join(_SOURCES, source)], 120)

    def path(self, name):
        return os.path.join(self._directory, name)
