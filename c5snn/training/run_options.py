"""What a run cannot do is refused before it starts, by the name that the user wrote."""

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from jsonargparse import Namespace
from lightning.pytorch.callbacks import DeviceStatsMonitor, LearningRateMonitor

from c5snn.errors import ConfigError
from c5snn.records import Headline
from c5snn.training.callbacks.stopping_rule import Mode

__all__ = ["check_run_options", "follow_headline", "is_rehearsal"]

LOGGING_CALLBACKS = (DeviceStatsMonitor.__name__, LearningRateMonitor.__name__, "ThroughputMonitor")
PLATEAU = "ReduceLROnPlateau"


def is_rehearsal(config: Namespace) -> bool:
    """Say whether a configuration asks for a few batches only, which leave nothing behind."""
    return bool(config["trainer"]["fast_dev_run"])


def check_run_options(config: Namespace, directions: Mapping[str, Mode], *, logs_more: bool) -> None:
    """Refuse options without which a run keeps no best epoch, and metrics that are never logged.

    Args:
        config: The parsed configuration.
        directions: The metrics that the task logs, each with its better direction.
        logs_more: Whether the model may log metrics of its own.

    Raises:
        ConfigError: One is asked for.
    """
    trainer = config["trainer"]
    keeps_best = "a run keeps the best epoch by validation, and the test scores that one"
    if trainer["enable_checkpointing"] is False:
        raise ConfigError(f"`trainer.enable_checkpointing` must not be false: {keeps_best}. Leave it out.")
    if trainer["barebones"]:
        raise ConfigError(f"`trainer.barebones` switches off checkpoints and logs, but {keeps_best}. Leave it out.")
    if trainer["limit_val_batches"] == 0:
        raise ConfigError(f"`trainer.limit_val_batches` must be above 0: {keeps_best}.")
    _check_strategy(trainer["strategy"])
    for name, arguments in _classes(trainer["callbacks"]):
        if name in LOGGING_CALLBACKS and trainer["logger"] is False:
            raise ConfigError(f"`{name}` writes to a logger, but `trainer.logger` is false; leave one of them out.")
        if not logs_more:
            _check_monitor(name, arguments.get("monitor"), directions)
    if not logs_more:
        for name, arguments in _classes(config.get("lr_scheduler")):
            _check_monitor(name, arguments.get("monitor"), directions)


def follow_headline(schedule: Namespace | None, headline: Headline, directions: Mapping[str, Mode]) -> str | None:
    """Give a schedule that waits for a plateau its metric and the metric's direction.

    Args:
        schedule: The schedule of a configuration, changed in its place; None for none.
        headline: The metric that it follows unless it names another.
        directions: The metrics that are logged, each with its better direction.

    Returns:
        The metric; None for a schedule that follows none.

    Raises:
        ConfigError: Its mode contradicts its metric.
    """
    if schedule is None or not schedule["class_path"].endswith(f".{PLATEAU}"):
        return None
    arguments = schedule["init_args"]
    monitor = arguments.get("monitor") or headline.monitor
    if "monitor" in arguments:
        arguments["monitor"] = monitor
    better = directions.get(monitor, "min")
    if arguments["mode"] == "max" and better == "min":
        raise ConfigError(f"`{monitor}` is better when it is lower, but `{PLATEAU}` has mode=max; leave `mode` out.")
    arguments["mode"] = better  # its default is no statement
    return monitor


def _check_strategy(strategy: object) -> None:
    """Refuse strategies whose processes are copies of this one: what they learn and record ends with them."""
    named = str(strategy)
    method = next((str(arguments.get("start_method")) for _, arguments in _classes(strategy)), "popen")
    if re.search("spawn|fork|notebook", named if isinstance(strategy, str) else method):
        raise ConfigError(
            f"`trainer.strategy` {named if isinstance(strategy, str) else method} trains in copies of this process, "
            "whose record is lost; take `ddp`."
        )


def _classes(node: object) -> Iterator[tuple[str, Any]]:
    """Yield the name and the arguments of each class below a node."""
    for entry in node if isinstance(node, list) else [node]:
        if isinstance(entry, Namespace) and "class_path" in entry:
            yield entry["class_path"].rpartition(".")[2], entry.get("init_args") or {}


def _check_monitor(name: str, monitor: str | None, directions: Mapping[str, Mode]) -> None:
    logged_for_split = monitor is not None and monitor.startswith(("val_", "train_"))
    if logged_for_split and monitor not in directions:
        close = difflib.get_close_matches(str(monitor), directions, n=1)
        hint = f"Did you mean `{close[0]}`?" if close else f"There are: {', '.join(sorted(directions))}."
        raise ConfigError(f"`{name}` monitors `{monitor}`, which is not logged. {hint}")
