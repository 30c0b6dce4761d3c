"""Gives a model the optimizer and the schedule that a configuration names."""

from jsonargparse import Namespace
from lightning.pytorch.cli import LightningCLI, instantiate_class

from c5snn.tasks import Task

__all__ = ["connect_optimizer"]


def connect_optimizer(model: Task, optimizer: Namespace, lr_scheduler: Namespace | None) -> None:
    """Train a model with another optimizer than its own; weight decay reaches only the groups that the model names.

    Args:
        model: It gets a new ``configure_optimizers``.
        optimizer: ``class_path`` and ``init_args``.
        lr_scheduler: The same of a schedule; None for none.
    """
    decays = bool(optimizer.get("init_args.weight_decay"))
    # some optimizers take one group only
    parameters = model.parameter_groups() if decays else model.parameters()
    built = instantiate_class(parameters, optimizer.as_dict())
    schedule = instantiate_class(built, lr_scheduler.as_dict()) if lr_scheduler else None
    model.configure_optimizers = lambda: LightningCLI.configure_optimizers(model, built, schedule)  # type: ignore[method-assign]
