"""Ranges of arguments: the rule as code, the values, in one line."""

from c5snn.errors import ConfigError

__all__ = ["require", "require_positive"]


def require(rule: str, *, holds: bool, **values: object) -> None:
    """Raise unless the rule holds.

    Args:
        rule: The condition as the reader would write it, such as ``"0 <= decay <= 1"``.
        holds: Whether it does.
        values: The arguments that it speaks of.

    Raises:
        ConfigError: It does not.
    """
    if not holds:
        got = ", ".join(f"{name}={value!r}" for name, value in values.items())
        raise ConfigError(f"`{rule}` must hold, but got {got}.")


def require_positive(**counts: int) -> None:
    """Raise unless every count is at least 1.

    Raises:
        ConfigError: One is not.
    """
    for name, count in counts.items():
        require(f"{name} >= 1", holds=count >= 1, **{name: count})
