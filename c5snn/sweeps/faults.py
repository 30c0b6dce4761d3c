"""What is wrong with a definition, collected: its author mends all of it at once."""

from typing import final

from c5snn.errors import ConfigError

__all__ = ["Faults"]

MAX_LENGTH = 1_000  # of a fault: a value may be as long as its author likes


@final
class Faults:
    """Collects faults, each with the option that it is about.

    Args:
        where: What the definition is called.
    """

    def __init__(self, where: str) -> None:
        self.where = where
        self.found: list[str] = []

    def add(self, option: str, fault: str) -> None:
        """Note a fault; the same one counts once.

        Args:
            option: The option, by the keys that lead to it.
            fault: The rule, the values that break it and, where it is not obvious, the way out.
        """
        line = f"{option}: {fault if len(fault) <= MAX_LENGTH else fault[:MAX_LENGTH] + '…'}"
        if line not in self.found:
            self.found.append(line)

    def check(self, option: str, rule: str, /, *, holds: bool, fix: str = "", **values: object) -> bool:
        """Note a fault unless a rule holds, and return whether it does.

        Args:
            option: The option, by the keys that lead to it.
            rule: The rule as code.
            holds: Whether it does.
            fix: What to do instead, as a sentence.
            values: The values that the rule speaks of.
        """
        if not holds:
            got = ", ".join(f"{name}={value!r}" for name, value in values.items())
            self.add(option, f"`{rule}` must hold, but got {got}.{' ' if fix else ''}{fix}")
        return holds

    def raise_any(self) -> None:
        """Raise all faults as one error, if there are any.

        Raises:
            ConfigError: There are.
        """
        if self.found:
            n = len(self.found)
            raise ConfigError("\n  ".join([f"{self.where} has {n} fault{'s' * (n > 1)}:", *self.found]))
