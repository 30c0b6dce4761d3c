"""What a command shows while it runs: our log lines, warnings of other libraries; ``--quiet`` and ``--verbose``."""

import logging
import os
import sys
from collections.abc import Sequence
from typing import Literal, NamedTuple, final

from c5snn.printable import printable

__all__ = ["Loudness", "loudness_of", "show_progress"]

Loudness = Literal["quiet", "usual", "verbose"]

YELLOW, PLAIN = "\x1b[33m", "\x1b[0m"
# what other libraries say of every run: unused devices, advertisements, the seed that the configuration states
CHATTER = (
    "lightning.pytorch.utilities.rank_zero",
    "lightning.pytorch.trainer.connectors.checkpoint_connector",
    "lightning.fabric.utilities.seed",
)


class ReadWords(NamedTuple):
    """The words of a command without its flags about loudness.

    Attributes:
        words: The other words.
        loudness: How much the command says.
    """

    words: list[str]
    loudness: Loudness


def loudness_of(words: Sequence[str]) -> ReadWords:
    """Take ``--quiet`` and ``--verbose`` out of the words of a command; the last one counts.

    >>> loudness_of(["--quiet", "--config", "gru.yaml"])
    ReadWords(words=['--config', 'gru.yaml'], loudness='quiet')
    """
    flags: dict[str, Loudness] = {"--quiet": "quiet", "--verbose": "verbose"}
    given = [flags[word] for word in words if word in flags]
    return ReadWords([word for word in words if word not in flags], given[-1] if given else "usual")


def show_progress(loudness: Loudness = "usual") -> None:
    """Send log lines to standard error, one plain line each, a warning marked as one.

    Args:
        loudness: ``quiet`` shows warnings alone, ``verbose`` every epoch and what other libraries say.
    """
    lines = _Lines()
    lines.setFormatter(_PrintableFormatter("%(message)s"))
    logging.basicConfig(handlers=[lines], level=logging.WARNING)
    levels: dict[Loudness, int] = {"quiet": logging.WARNING, "usual": logging.INFO, "verbose": logging.DEBUG}
    logging.getLogger("c5snn").setLevel(levels[loudness])
    for name in ("lightning.pytorch", "lightning.fabric"):  # their handlers know no bar that stands below a line
        library = logging.getLogger(name)
        library.handlers.clear()
        library.propagate = True
    for name in CHATTER:
        logging.getLogger(name).setLevel(logging.INFO if loudness == "verbose" else logging.WARNING)


@final
class _Lines(logging.Handler):
    """Writes to the standard error of the moment: while a progress bar stands, that is what keeps lines above it."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write the line of a record."""
        line = self.format(record)
        if record.levelno >= logging.WARNING and sys.stderr.isatty() and not os.environ.get("NO_COLOR"):
            line = f"{YELLOW}{line}{PLAIN}"
        sys.stderr.write(f"{line}\n")
        sys.stderr.flush()


@final
class _PrintableFormatter(logging.Formatter):
    """Escapes what would act on a terminal, such as a path's control characters, and says what a warning is."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line of a record."""
        line = printable(super().format(record))
        return f"warning: {line}" if record.levelno >= logging.WARNING else line
