"""Benchmarks that print the performance table of README: ``python -m benchmarks engine | live | classroom``."""
