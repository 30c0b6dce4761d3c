"""Learning curves: how validation and the losses went, epoch by epoch. Validation has chosen, so it stands bare."""

from collections.abc import Sequence
from dataclasses import dataclass

from c5snn.reports.leaderboard import MONITOR
from c5snn.training.result import RunResult

__all__ = ["Curve", "learning_curve", "learning_curves"]


@dataclass(frozen=True)
class Curve:
    """The learning curve of one run.

    Args:
        label: Its configuration.
        seed: Its seed.
        origin: Its origin.
        epochs: The epochs.
        val: Recall@20 on validation after each; None where it was not measured, as below.
        train_loss: The mean loss on train.
        val_loss: The loss on validation.
        best_epoch: The epoch whose checkpoint was kept.
    """

    label: str
    seed: int
    origin: int
    epochs: list[int]
    val: list[float | None]
    train_loss: list[float | None]
    val_loss: list[float | None]
    best_epoch: int | None


def learning_curve(label: str, run: RunResult) -> Curve:
    """Read the learning curve of a run; a torn one counts as none."""
    try:
        rows = run.learning_curve
    except ValueError:
        rows = []

    def column(name: str) -> list[float | None]:
        return [float(row[name]) if name in row else None for row in rows]

    return Curve(
        label=label,
        seed=run.seed,
        origin=run.data.origin,
        epochs=[int(row["epoch"]) for row in rows],
        val=column(MONITOR),
        train_loss=column("train_loss"),
        val_loss=column("val_loss"),
        best_epoch=run.best_epoch,
    )


def learning_curves(label: str, runs: Sequence[RunResult]) -> list[Curve]:
    """Read the learning curves of a configuration's runs; a run of a single row has none."""
    return [curve for run in runs if len((curve := learning_curve(label, run)).epochs) > 1]
