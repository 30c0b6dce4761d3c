"""What a command shows while it runs: our own log lines, and warnings of other libraries."""

import logging

__all__ = ["show_progress"]


def show_progress() -> None:
    """Send our log lines to standard error, one plain line each."""
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    logging.getLogger("c5snn").setLevel(logging.INFO)
    # unused devices and advertisements
    logging.getLogger("lightning.pytorch.utilities.rank_zero").setLevel(logging.WARNING)
    logging.getLogger("lightning.pytorch.trainer.connectors.checkpoint_connector").setLevel(logging.WARNING)
