"""Compares union file systems on one machine, in one run. See docs/BENCHMARKS.md."""
