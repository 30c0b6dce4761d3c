"""The optimizer and the schedule that a configuration names, put in the place of those that a model brings."""

from typing import Any

from jsonargparse import Namespace
from lightning.pytorch.cli import LightningCLI, instantiate_class

from c5snn.errors import ConfigError
from c5snn.tasks import Task

__all__ = ["connect_optimizer"]


def connect_optimizer(model: Task, optimizer: Namespace, lr_scheduler: Namespace | None) -> None:
    """Let a model be trained by another optimizer than its own; weight decay reaches only what the model says.

    Args:
        model: It gets a new ``configure_optimizers``.
        optimizer: ``class_path`` and ``init_args``.
        lr_scheduler: The same of a schedule; None for none.

    Raises:
        ConfigError: The class refuses its arguments.
    """
    decays = bool(optimizer.get("init_args.weight_decay"))
    # some optimizers take one group only
    parameters = model.parameter_groups() if decays else model.parameters()
    built = _built(parameters, optimizer)
    schedule = _built(built, lr_scheduler) if lr_scheduler else None
    model.configure_optimizers = lambda: LightningCLI.configure_optimizers(model, built, schedule)  # type: ignore[method-assign]


def _built(argument: object, node: Namespace) -> Any:  # noqa: ANN401  # an optimizer or a schedule of any library
    try:
        return instantiate_class(argument, node.as_dict())
    except (TypeError, ValueError, ArithmeticError) as error:
        name = str(node["class_path"]).rpartition(".")[2]
        raise ConfigError(f"`{name}` cannot be built from its arguments: {' '.join(str(error).split())}") from error
