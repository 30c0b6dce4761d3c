"""Gives a model the optimizer and the schedule that a configuration names."""

import math
import warnings
from typing import Any

import torch
from jsonargparse import Namespace
from lightning.pytorch.cli import instantiate_class

from c5snn.errors import ConfigError
from c5snn.tasks import Task

__all__ = ["ADAM", "connect_optimizer", "optimizer_path", "without_fused_clipping"]


MAX_TRIED_EPOCHS = 10_000
ROUNDING = 1e-12


ADAM = "torch.optim.Adam"


def optimizer_path(named: str | None) -> str:
    """Return the path of an optimizer of torch; that of Adam where another or none is named."""
    name = (named or "").removeprefix("torch.optim.")
    return f"torch.optim.{name}" if isinstance(getattr(torch.optim, name, None), type) else ADAM


def connect_optimizer(
    model: Task,
    optimizer: Namespace,
    lr_scheduler: Namespace | None,
    monitor: str | None,
    max_epochs: int | None,
    *,
    epochs_between: int = 1,
) -> None:
    """Train a model with another optimizer than its own; weight decay reaches only the groups that the model names.

    Args:
        model: It gets a new ``configure_optimizers``.
        optimizer: ``class_path`` and ``init_args``.
        lr_scheduler: The same of a schedule; None for none.
        monitor: The metric that the schedule follows; None where it follows none.
        max_epochs: Epochs that the schedule must last.
        epochs_between: From one validation to the next, which a schedule that follows a metric waits for.

    Raises:
        ConfigError: The optimizer or the schedule refuses its arguments or the model's weights, or a learning rate is
            below zero or not finite.
    """
    decays = bool(optimizer.get("init_args.weight_decay"))
    # some optimizers take one group only
    weights: Any = model.parameter_groups if decays else model.parameters
    if lr_scheduler is not None:
        _try_schedule(_built(weights(), optimizer), lr_scheduler, max_epochs, takes_metric=monitor is not None)
    built = _built(weights(), optimizer)
    schedule = None if lr_scheduler is None else _built(built, lr_scheduler)
    configured: Any = built
    if schedule is not None:
        follows: dict[str, Any] = {"scheduler": schedule, "interval": getattr(schedule, "interval", "epoch")}
        if monitor is not None:
            follows |= {"monitor": monitor, "frequency": epochs_between}
        configured = {"optimizer": built, "lr_scheduler": follows}
    model.configure_optimizers = lambda: configured  # type: ignore[method-assign]


def without_fused_clipping(config: Namespace) -> bool:
    """Choose the unfused kernel where gradients are clipped under mixed precision, which Lightning cannot do fused.

    Args:
        config: The configuration, changed in its place.

    Returns:
        Whether it was changed.
    """
    trainer, arguments = config["trainer"], config["optimizer"].get("init_args") or {}
    clips_scaled = trainer["gradient_clip_val"] is not None and "mixed" in str(trainer["precision"])
    if not (clips_scaled and arguments.get("fused")):
        return False
    arguments["fused"] = False
    return True


def _try_schedule(optimizer: Any, lr_scheduler: Namespace, max_epochs: int | None, *, takes_metric: bool) -> None:  # noqa: ANN401
    """Step a schedule through the epochs of a run, with an optimizer that never makes a step.

    Raises:
        ConfigError: The schedule fails, or a learning rate is below zero or not finite.
    """
    schedule, name = _built(optimizer, lr_scheduler), str(lr_scheduler["class_path"]).rpartition(".")[2]
    n_epochs = min(max_epochs, MAX_TRIED_EPOCHS) if max_epochs and max_epochs > 0 else 1
    for epoch in range(n_epochs):
        rates = [float(group["lr"]) for group in optimizer.param_groups]
        if not all(math.isfinite(rate) and rate >= -ROUNDING for rate in rates):
            raise ConfigError(
                f"`{name}` gives epoch {epoch + 1} the learning rate {min(rates):g}; it must be finite and >= 0."
            )
        try:
            with warnings.catch_warnings():
                warnings.simplefilter("ignore")  # that no optimizer step came before
                schedule.step(*[0.0] * takes_metric)
        except (ValueError, TypeError, RuntimeError, ArithmeticError) as error:
            reason = " ".join(str(error).split()).rstrip(".")
            raise ConfigError(f"`{name}` fails after epoch {epoch + 1} of {n_epochs}: {reason}.") from error


def _built(first: Any, node: Namespace) -> Any:  # noqa: ANN401  # an optimizer or a schedule
    try:
        return instantiate_class(first, node.as_dict())
    except (ValueError, TypeError, RuntimeError, ArithmeticError) as error:
        name = str(node["class_path"]).rpartition(".")[2]
        raise ConfigError(f"`{name}` refuses this: {' '.join(str(error).split()).rstrip('.')}.") from error
