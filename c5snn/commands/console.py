"""What a command shows while it runs: our own log lines as they are, other libraries' only when they matter."""

import logging

__all__ = ["show_progress"]


def show_progress() -> None:
    """Send our log lines to standard error, one plain line each."""
    logging.basicConfig(format="%(message)s", level=logging.WARNING)
    logging.getLogger("c5snn").setLevel(logging.INFO)
    # which devices are unused, which product to install: not what a researcher asked
    logging.getLogger("lightning.pytorch.utilities.rank_zero").setLevel(logging.WARNING)
    logging.getLogger("lightning.pytorch.trainer.connectors.checkpoint_connector").setLevel(logging.WARNING)
