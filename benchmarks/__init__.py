"""How fast c5snn is, measured side by side in one process: ``python -m benchmarks``, or ``make bench``."""
