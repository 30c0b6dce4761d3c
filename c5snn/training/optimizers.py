"""Gives a model the optimizer and the schedule that a configuration names."""

from typing import Any

from jsonargparse import Namespace
from lightning.pytorch.cli import instantiate_class

from c5snn.errors import ConfigError
from c5snn.tasks import Task

__all__ = ["connect_optimizer", "without_fused_clipping"]


def connect_optimizer(
    model: Task, optimizer: Namespace, lr_scheduler: Namespace | None, monitor: str | None = None
) -> None:
    """Train a model with another optimizer than its own; weight decay reaches only the groups that the model names.

    Args:
        model: It gets a new ``configure_optimizers``.
        optimizer: ``class_path`` and ``init_args``.
        lr_scheduler: The same of a schedule; None for none.
        monitor: The metric that the schedule follows; None where it follows none.

    Raises:
        ConfigError: The optimizer or the schedule refuses its arguments or the model's weights.
    """
    decays = bool(optimizer.get("init_args.weight_decay"))
    # some optimizers take one group only
    parameters = model.parameter_groups() if decays else model.parameters()
    built = _built(parameters, optimizer)
    schedule = None if lr_scheduler is None else _built(built, lr_scheduler)
    configured: Any = built
    if schedule is not None:
        follows: dict[str, Any] = {"scheduler": schedule, "interval": getattr(schedule, "interval", "epoch")}
        if monitor is not None:
            follows["monitor"] = monitor
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


def _built(first: Any, node: Namespace) -> Any:  # noqa: ANN401  # an optimizer or a schedule
    try:
        return instantiate_class(first, node.as_dict())
    except (ValueError, TypeError, RuntimeError, ArithmeticError) as error:
        name = str(node["class_path"]).rpartition(".")[2]
        raise ConfigError(f"`{name}` refuses this: {' '.join(str(error).split())}.") from error
