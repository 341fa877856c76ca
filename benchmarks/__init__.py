"""What the performance table of README is printed by: ``python -m benchmarks engine | live | classroom``."""
