"""What a run cannot do is refused before it starts, by the name that the user wrote."""

import difflib
import re
from collections.abc import Iterator, Mapping
from typing import Any

from jsonargparse import Namespace
from lightning.pytorch import Trainer
from lightning.pytorch.callbacks import DeviceStatsMonitor, GradientAccumulationScheduler, LearningRateMonitor

from c5snn.errors import ConfigError
from c5snn.records import Headline
from c5snn.tasks import Task
from c5snn.training.callbacks.stopping_rule import Mode

__all__ = ["check_run_options", "check_validates", "follow_headline", "is_rehearsal"]

LOGGING_CALLBACKS = (DeviceStatsMonitor.__name__, LearningRateMonitor.__name__, "ThroughputMonitor")
PLATEAU = "ReduceLROnPlateau"
# callbacks that set an option, each with the option
FINDERS = {"BatchSizeFinder": "data.batch_size", "LearningRateFinder": "optimizer.lr"}


def is_rehearsal(config: Namespace) -> bool:
    """Say whether a configuration asks for a few batches only, which leave nothing behind."""
    return bool(config["trainer"]["fast_dev_run"])


def check_run_options(config: Namespace, directions: Mapping[str, Mode], model: Task) -> None:
    """Refuse options without which a run keeps no best epoch or is not what it records, and metrics never logged.

    Args:
        config: The parsed configuration.
        directions: The metrics that the task logs, each with its better direction.
        model: The model; one of the user's own may log metrics of its own.

    Raises:
        ConfigError: One is asked for.
    """
    trainer, logs_more = config["trainer"], not type(model).__module__.startswith("c5snn.")
    keeps_best = "a run keeps the best epoch by validation, and the test scores that one"
    if trainer["enable_checkpointing"] is False:
        raise ConfigError(f"`trainer.enable_checkpointing` must not be false: {keeps_best}. Leave it out.")
    if trainer["barebones"]:
        raise ConfigError(f"`trainer.barebones` switches off checkpoints and logs, but {keeps_best}. Leave it out.")
    if trainer["limit_val_batches"] == 0:
        raise ConfigError(f"`trainer.limit_val_batches` must be above 0: {keeps_best}.")
    _check_limits(trainer)
    _check_strategy(trainer["strategy"])
    _check_callbacks(trainer, model)
    if not logs_more:
        for name, arguments in (*_classes(trainer["callbacks"]), *_classes(config.get("lr_scheduler"))):
            _check_monitor(name, arguments.get("monitor"), directions)


def check_validates(trainer: Trainer, n_loaded: int) -> None:
    """Refuse a run whose epochs have no batch, or whose first validation would come after its last epoch.

    Args:
        trainer: The trainer of the run.
        n_loaded: Batches that the data has for one epoch on one device.

    Raises:
        ConfigError: No batch or no validation would be left.
    """
    limit, every = trainer.limit_train_batches, trainer.check_val_every_n_epoch
    interval: object = trainer.val_check_interval  # a duration, too
    n_batches = min(limit, n_loaded) if isinstance(limit, int) else int(n_loaded * limit)
    if n_batches == 0:
        raise ConfigError(
            "`trainer.limit_train_batches` and `overfit_batches` must leave a batch to train on, but "
            f"{limit} of {n_loaded} is none."
        )
    if not isinstance(interval, int | float):
        return
    within = interval if isinstance(interval, int) else max(1, int(n_batches * interval))
    if every is not None and within > n_batches:
        raise ConfigError(
            f"`trainer.val_check_interval` must be at most the batches of an epoch, {n_batches}, but is {interval}. To "
            "count batches over epochs add `--trainer.check_val_every_n_epoch null`."
        )
    n_steps = max(1, within // trainer.accumulate_grad_batches)  # of the first epoch, the least that any has
    is_regular = not any(isinstance(entry, GradientAccumulationScheduler) for entry in trainer.callbacks)  # type: ignore[attr-defined]
    if is_regular and 0 < trainer.max_steps < n_steps:
        raise ConfigError(
            f"A run keeps the best epoch by validation, but the first validation would follow step {n_steps} of "
            f"{trainer.max_steps}; raise `trainer.max_steps`, or validate more often with `trainer.val_check_interval`."
        )
    n_epochs, name = every, "check_val_every_n_epoch"
    if every is None:
        n_epochs, name = -(-within // n_batches), "val_check_interval"
    if n_epochs is not None and trainer.max_epochs is not None and 0 < trainer.max_epochs < n_epochs:
        raise ConfigError(
            f"A run keeps the best epoch by validation, but the first validation would follow epoch {n_epochs} of "
            f"{trainer.max_epochs}; lower `trainer.{name}`."
        )


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


def _check_limits(trainer: Namespace) -> None:
    """Refuse a test of a part of the test split, which would pass as the test."""
    for name, why in (
        ("limit_test_batches", "a test scores every item"),
        ("limit_predict_batches", "nothing reads it"),
    ):
        limit = trainer[name]
        if limit is not None and not (isinstance(limit, float) and limit == 1):
            raise ConfigError(f"`trainer.{name}` must be left out, but is {limit}: {why}.")


def _check_callbacks(trainer: Namespace, model: Task) -> None:
    """Refuse callbacks that have nowhere to write, train otherwise than recorded, or need another kind of model."""
    for name, _ in _classes(trainer["callbacks"]):
        if name in LOGGING_CALLBACKS and trainer["logger"] is False:
            raise ConfigError(f"`{name}` writes to a logger, but `trainer.logger` is false; leave one of them out.")
        if name in FINDERS:
            raise ConfigError(
                f"`{name}` changes `{FINDERS[name]}` after the configuration is recorded; search it with `c5snn sweep`."
            )
        if name == "ModelPruning":
            raise ConfigError(
                f"`{name}` changes the weights between a validation and its checkpoint: the record would be of another "
                "network."
            )
        if name == "BackboneFinetuning" and not hasattr(model, "backbone"):
            raise ConfigError(f"`{name}` needs a model with a `backbone`, but {type(model).__name__} has none.")


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
