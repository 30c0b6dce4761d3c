"""The names that exist, for saying what was probably meant by one that does not."""

import inspect

import lightning.pytorch.callbacks
import torch
from lightning.pytorch.cli import LightningArgumentParser

import c5snn.data
import c5snn.models
import c5snn.training.schedules
from c5snn.training.data_classes import data_classes

__all__ = ["known_classes", "known_options"]


def known_options(parser: LightningArgumentParser) -> list[str]:
    """Return the options of a run, those of every shipped model and kind of data included."""
    models = [getattr(c5snn.models, name) for name in c5snn.models.__all__]
    of_models = {f"model.{name}" for model in models for name in inspect.signature(model).parameters}
    of_data = {f"data.{name}" for data in data_classes() for name in inspect.signature(data).parameters}
    return [*parser.get_defaults(skip_validation=True).keys(), *sorted(of_models | of_data)]


def known_classes() -> list[str]:
    """Return the names that a configuration may give to a class."""
    modules = (
        c5snn.models, c5snn.data, torch.optim, torch.optim.lr_scheduler, c5snn.training.schedules,
        lightning.pytorch.callbacks,
    )  # fmt: skip
    return [name for module in modules for name in module.__all__ if name[0].isupper()]
