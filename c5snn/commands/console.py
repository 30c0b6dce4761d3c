"""What a command shows while it runs: our own log lines as they are, other libraries' only when they matter."""

import logging
from typing import final

from c5snn.printable import printable

__all__ = ["show_progress"]


def show_progress() -> None:
    """Send our log lines to standard error, one plain line each."""
    lines = logging.StreamHandler()
    lines.setFormatter(_PrintableFormatter("%(message)s"))
    logging.basicConfig(handlers=[lines], level=logging.WARNING)
    logging.getLogger("c5snn").setLevel(logging.INFO)
    # which devices are unused, which product to install: not what a researcher asked
    logging.getLogger("lightning.pytorch.utilities.rank_zero").setLevel(logging.WARNING)
    logging.getLogger("lightning.pytorch.trainer.connectors.checkpoint_connector").setLevel(logging.WARNING)


@final
class _PrintableFormatter(logging.Formatter):
    """Escapes what would act on a terminal, such as a path's control characters."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        return printable(super().format(record))
