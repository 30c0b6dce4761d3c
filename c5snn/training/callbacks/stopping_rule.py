"""When a run stops early: Lightning's rule, on the headline unless the configuration names another metric."""

import difflib
from collections.abc import Mapping
from typing import Any, Literal

from lightning.pytorch.callbacks import EarlyStopping

from c5snn.data import TaskData
from c5snn.errors import ConfigError
from c5snn.tasks import Task

__all__ = ["Mode", "StoppingRule", "better_direction", "logged_directions"]

Mode = Literal["min", "max"]


class StoppingRule(EarlyStopping):
    """Stops when the monitored metric has not improved for some validations. Final.

    Args:
        monitor: The logged metric; None: the headline of the task.
        mode: Whether lower (``min``) or higher (``max``) is better; None: as the metric has it.
        patience: Validations without improvement after which the run stops.
        min_delta: What counts as an improvement.
        strict: Whether a missing metric is an error.
        check_finite: Whether the run stops when the metric is NaN or infinite.
        stopping_threshold: The run stops once the metric reaches this value.
        divergence_threshold: The run stops once the metric is worse than this value.
        verbose: Whether each improvement is logged.
        check_on_train_epoch_end: Whether to check at the end of the training epoch instead of the validation.
        log_rank_zero_only: Whether only the first device logs.
    """

    def __init__(  # Lightning's own options
        self,
        monitor: str | None = None,
        mode: Mode | None = None,
        patience: int = 10,
        min_delta: float = 0.0,
        *,
        strict: bool = True,
        check_finite: bool = True,
        stopping_threshold: float | None = None,
        divergence_threshold: float | None = None,
        verbose: bool = False,
        check_on_train_epoch_end: bool | None = None,
        log_rank_zero_only: bool = False,
    ) -> None:
        super().__init__(
            monitor or "",
            min_delta=min_delta,
            patience=patience,
            verbose=verbose,
            mode=mode or "min",
            strict=strict,
            check_finite=check_finite,
            stopping_threshold=stopping_threshold,
            divergence_threshold=divergence_threshold,
            check_on_train_epoch_end=check_on_train_epoch_end,
            log_rank_zero_only=log_rank_zero_only,
        )

    def load_state_dict(self, state_dict: dict[str, Any]) -> None:
        """Go on counting from a checkpoint; the patience is that of the configuration."""
        super().load_state_dict({**state_dict, "patience": self.patience})


def logged_directions(model: Task, data: TaskData) -> dict[str, Mode]:
    """Return the metrics that may be monitored, as they are logged, each with its better direction.

    Args:
        model: The model, whose task logs the metrics.
        data: The data, which need not be set up.
    """
    metrics = model.build_validation_metrics(data)
    directions: dict[str, Mode] = {"val_loss": "min", "train_loss": "min"}
    return directions | {f"val_{name}": "max" if entry.higher_is_better else "min" for name, entry in metrics.items()}


def better_direction(
    monitor: str, mode: Mode | None, directions: Mapping[str, Mode], missing: Mapping[str, str] | None = None
) -> Mode:
    """Return which direction of a logged metric is better.

    Args:
        monitor: The metric, as it is logged.
        mode: The configured mode; None where none is given.
        directions: The metrics that are logged.
        missing: The metrics that other data has, each with what it needs.

    Raises:
        ConfigError: No such metric is logged, or the mode contradicts it.
    """
    if missing and monitor in missing:
        raise ConfigError(f"`{monitor}` needs {missing[monitor]}.")
    if monitor not in directions:
        close = difflib.get_close_matches(monitor, directions, n=1)
        hint = f" Did you mean `{close[0]}`?" if close else ""
        raise ConfigError(f"`monitor` must be one of {', '.join(sorted(directions))}, but is {monitor}.{hint}")
    found = directions[monitor]
    if mode not in {None, found}:
        better = "lower" if found == "min" else "higher"
        raise ConfigError(f"`{monitor}` is better when it is {better}, but `mode` is {mode}; leave `mode` out.")
    return found
