"""Benchmarks: like against like in one run, with their spread; `results/` keeps what was measured."""
