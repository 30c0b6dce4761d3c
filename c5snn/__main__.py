"""``python -m c5snn`` is ``c5snn``."""

from c5snn.cli import run

run()
