"""LightningCLI's parser, but a number is read as it is written, whatever was imported before."""

import warnings
from copy import deepcopy
from functools import reduce
from operator import or_
from typing import Any, Union, final, get_args, get_origin

import yaml
from jsonargparse import ActionParser, Namespace
from lightning.pytorch.cli import LightningArgumentParser, ReduceLROnPlateau
from lightning.pytorch.loggers import CSVLogger, TensorBoardLogger

from c5snn.training.plain_values import rewrite_leaves

__all__ = ["C5Parser", "whole_numbers_first"]

UNWRITTEN = "Unable to serialize instance "  # what jsonargparse writes in front of such a value


@final
class C5Parser(LightningArgumentParser):
    """Reads ``1`` as a whole number and ``1.0`` as a fraction wherever an option takes both.

    Python keeps one object for ``Union[int, float]`` and ``Union[float, int]``: the one that was asked for first, by
    any library. Its first member would read the number, and ``limit_train_batches: 1`` would be all batches or one.
    """

    _last: tuple[str, dict[str, Any]] = ("", {})

    def plain(self, config: Namespace) -> dict[str, Any]:
        """Return a configuration as plain values; what the parser cannot write, such as a device, as its text."""
        content = repr(config)
        if self._last[0] != content:  # a run asks several times for what takes longer than its parsing
            self._last = (content, self._written(config))
        return deepcopy(self._last[1])

    def _written(self, config: Namespace) -> dict[str, Any]:
        with warnings.catch_warnings():
            warnings.filterwarnings("ignore", message=rf"\s*{UNWRITTEN}")
            values: dict[str, Any] = yaml.safe_load(self.dump(config, skip_unset=False, format="yaml"))
        rewrite_leaves(values, lambda _, value: value.removeprefix(UNWRITTEN) if isinstance(value, str) else value)
        return values

    def add_class_arguments(self, *args: Any, **kwargs: Any) -> Any:  # noqa: ANN401  # as overridden
        """Add the arguments of a class, whole numbers first.

        A schedule needs no metric, it may follow the headline; a logger needs no folder, it may write into the run's.
        """
        added = super().add_class_arguments(*args, **kwargs)
        for action in self._actions:
            hint = getattr(action, "_typehint", None)
            if hint is not None and not isinstance(action, ActionParser):
                vars(action)["_typehint"] = whole_numbers_first(hint)  # the parser has no other place for it
            if args[:1] == (ReduceLROnPlateau,) and action.dest == "monitor":
                action.required, action.default = False, ""
            if args[:1] in ((CSVLogger,), (TensorBoardLogger,)) and action.dest == "save_dir":
                action.required, action.default = False, ""
        return added


def whole_numbers_first(hint: Any) -> Any:  # noqa: ANN401  # any annotation
    """Return a union with ``int`` before ``float``; any other annotation as it is.

    >>> whole_numbers_first(float | int | None)
    int | float | None
    """
    choices = get_args(hint)
    if get_origin(hint) not in {Union, type(int | str)} or not {int, float} <= set(choices):
        return hint
    rest = [choice for choice in choices if choice not in {int, float}]
    # `|` makes a new object every time; Union[…] would return the one that it has seen first
    return reduce(or_, [int, float, *rest])
