"""Values that the parser lets pass and that no run can have: not finite, or out of the range that torch takes."""

import math
from collections.abc import Iterator, Mapping, Sequence

from jsonargparse import Namespace

from c5snn.errors import ConfigError, require

__all__ = ["check_values"]

MAX_SEED = 2**32 - 1  # what NumPy's generator takes
MAX_DEVICES = 1024


def check_values(config: Namespace) -> None:
    """Refuse the first value that no run can have.

    Args:
        config: A parsed configuration.

    Raises:
        ConfigError: One is not finite, out of its range, or stands for a whole section.
    """
    for section, option in (("trainer", "max_epochs"), ("early_stopping", "monitor")):
        # the parser takes any value for a whole section, and a class of another kind
        if not isinstance(config[section], Namespace) or option not in config[section]:
            raise ConfigError(f"`{section}` must be a mapping of options, but is {config[section]!r}.")
    if config["optimizer"] is None:
        raise ConfigError("`optimizer` must name a class such as Adam, but is null; leave it out for the default.")
    for name, value in _numbers(config, ""):
        if not math.isfinite(value):
            raise ConfigError(f"`{name}` must be a finite number, but is {value}.")
    seed, trainer = config["seed_everything"], config["trainer"]
    is_seed = seed is None or isinstance(seed, bool) or 0 <= seed <= MAX_SEED
    require("0 <= seed_everything < 2**32", holds=is_seed, seed_everything=seed)
    steps = trainer["accumulate_grad_batches"]
    require("1 <= trainer.accumulate_grad_batches", holds=steps >= 1, accumulate_grad_batches=steps)
    _check_trainer(trainer)
    for name in ("devices", "num_nodes"):
        n = trainer[name]
        is_few = not str(n).isdecimal() or int(n) <= MAX_DEVICES  # a flag's number may be left a word
        require(f"trainer.{name} <= {MAX_DEVICES}", holds=is_few, **{name: n})


def _check_trainer(trainer: Namespace) -> None:
    """Refuse numbers that Lightning takes and fails on later, or takes for something else."""
    clip, every, interval = (trainer[n] for n in ("gradient_clip_val", "check_val_every_n_epoch", "val_check_interval"))
    require("0 <= trainer.gradient_clip_val", holds=clip is None or clip >= 0, gradient_clip_val=clip)
    require("1 <= trainer.check_val_every_n_epoch", holds=every is None or every >= 1, check_val_every_n_epoch=every)
    is_positive = not isinstance(interval, int | float) or interval > 0
    require("0 < trainer.val_check_interval", holds=is_positive, val_check_interval=interval)
    least, most = trainer["min_epochs"], trainer["max_epochs"]
    fits = least is None or most in {None, -1} or least <= most
    require("trainer.min_epochs <= trainer.max_epochs", holds=fits, min_epochs=least, max_epochs=most)


def _numbers(node: object, path: str) -> Iterator[tuple[str, int | float]]:
    """Yield every number with the option that it belongs to."""
    if isinstance(node, int | float):
        yield path, node
    elif isinstance(node, Namespace | Mapping):
        inner = vars(node) if isinstance(node, Namespace) else node
        for name, value in inner.items():
            yield from _numbers(value, f"{path}.{name}".replace(".init_args", "").lstrip("."))
    elif isinstance(node, Sequence) and not isinstance(node, str | bytes):
        for value in node:
            yield from _numbers(value, path)
