"""Benchmark tasks, baselines and tables."""
