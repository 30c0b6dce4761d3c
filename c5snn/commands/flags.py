"""The parser of a command's own flags, which says what was probably meant by one that it does not have."""

import argparse
import difflib
import re
from collections.abc import Iterable, Sequence
from typing import NoReturn, final

from c5snn.errors import ConfigError

__all__ = ["CommandParser", "refuse_misspelt"]

# options of `c5snn fit` without a dot, which commands on many runs pass on
OF_FIT = ("--config", "--model", "--data", "--name", "--seed_everything", "--optimizer", "--lr_scheduler",
          "--ckpt_path", "--init_from")  # fmt: skip


@final
class CommandParser(argparse.ArgumentParser):
    """Python's parser, whose errors name the nearest flag."""

    @property
    def flags(self) -> list[str]:
        """The long flags."""
        return [flag for action in self._actions for flag in action.option_strings if flag.startswith("--")]

    def error(self, message: str) -> NoReturn:
        """End with the usage and the mistake."""
        unknown = re.match(r"unrecognized arguments: (--[\w-]+)", message)
        super().error(f"{message}{_nearest(unknown[1], self.flags)}" if unknown else message)


def refuse_misspelt(parser: CommandParser, flags: Sequence[str]) -> None:
    """Refuse a flag that neither the command nor ``c5snn fit`` has, before it is passed on.

    Args:
        parser: The command's own flags.
        flags: The words that the parser has left.

    Raises:
        ConfigError: There is one; the message names the nearest.
    """
    for word in flags:
        flag = word.partition("=")[0]
        if flag.startswith("--") and "." not in flag and flag not in OF_FIT:
            nearest = _nearest(flag, [*parser.flags, *OF_FIT]) or f" There are: {', '.join(parser.flags)}."
            raise ConfigError(f"There is no flag `{flag}`.{nearest}")


def _nearest(flag: str, known: Iterable[str]) -> str:
    close = difflib.get_close_matches(flag, list(known), n=1)
    return f" Did you mean `{close[0]}`?" if close else ""
