"""What a command shows while it runs: our own log lines, and warnings of other libraries."""

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
    # unused devices and advertisements
    logging.getLogger("lightning.pytorch.utilities.rank_zero").setLevel(logging.WARNING)
    logging.getLogger("lightning.pytorch.trainer.connectors.checkpoint_connector").setLevel(logging.WARNING)


@final
class _PrintableFormatter(logging.Formatter):
    """Escapes what would act on a terminal, such as a path's control characters."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        return printable(super().format(record))
