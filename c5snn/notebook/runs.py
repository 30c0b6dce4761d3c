"""A run in a notebook: its record, its model with the weights of the best epoch, its data, predictions and figures."""

from functools import cached_property, partial
from pathlib import Path
from typing import TYPE_CHECKING, Literal, final

from c5snn.notebook.display import Picture, html_table, html_text
from c5snn.records import RunRecord, load_run
from c5snn.records.run_folder import find_run
from c5snn.reports.curves import draw_curves, learning_curves
from c5snn.reports.document import Table
from c5snn.reports.words import count, number, seconds

if TYPE_CHECKING:
    from c5snn.data import TaskData
    from c5snn.records import Inspection
    from c5snn.tasks import Task
    from c5snn.training.opening import OpenRun
    from c5snn.training.prediction import JudgedPrediction

__all__ = ["LoadedPrediction", "LoadedRun", "load"]

Plotted = Literal["curves", "inside"]


def load(run: str | Path) -> "LoadedRun":
    """Return a run; its model and its data are read when they are asked for.

    Args:
        run: A run's folder, or a model's folder for its newest run, such as ``lightning_logs/spike_gru``.

    Raises:
        ConfigError: There is no such run.
    """
    return LoadedRun(find_run(run))


@final
class LoadedRun:
    """A run.

    Args:
        folder: Its folder.
    """

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @property
    def record(self) -> RunRecord:
        """What is recorded of the run now; ``record.test`` is None before its test."""
        return load_run(self.folder)

    @property
    def model(self) -> "Task":
        """The model with the weights of the best epoch, in evaluation mode."""
        return self._opened.cli.model.eval()

    @property
    def data(self) -> "TaskData":
        """The data, set up."""
        return self._opened.cli.datamodule

    def predict(self, as_of: str | None = None, top_k: int | None = None) -> "LoadedPrediction":
        """Predict what follows the data, or what follows a point in it.

        Args:
            as_of: What comes after it is not seen, such as an ISO date. None: all is seen.
            top_k: How many rows; None: the task's default.

        Raises:
            ConfigError: An argument is wrong, or the task predicts nothing beyond its test items.
        """
        from c5snn.training.prediction import predict_next

        return LoadedPrediction(predict_next([str(self.folder)], as_of=as_of, top_k=top_k))

    def inspect(self, as_of: str | None = None, item: int = -1, n_items: int = 64) -> "Inspection":
        """Return what the network does on test items up to a chosen one, as ``c5snn inspect`` does.

        Args:
            as_of: A point in time that the last item ends at; None: ``item`` says it.
            item: The place of the last item in test; from -1 on backwards, from the end.
            n_items: How many items to inspect.

        Raises:
            ConfigError: An argument is wrong.
        """
        from c5snn.training.inspection import inspect_run

        return inspect_run([str(self.folder)], as_of=as_of, item=item, n_items=n_items).inspection

    def plot(self, what: Plotted = "curves") -> Picture:
        """Return a figure.

        Args:
            what: The learning curves, or what is found inside the network.
        """
        if what == "inside":
            from c5snn.reports.figures.inspection import draw_inspection

            return Picture(f"Inside {self.record.model}.", partial(draw_inspection, self.inspect()))
        run = self.record
        chance = run.test.metrics[run.headline.name].chance if run.test else None
        return Picture(
            f"Learning curve of {run.model}.",
            partial(draw_curves, learning_curves(run.model, [run]), run.headline.label, chance),
        )

    @cached_property
    def _opened(self) -> "OpenRun":
        from c5snn.training.opening import open_run

        return open_run([str(self.folder)], "c5snn.load")

    def __repr__(self) -> str:
        return f"c5snn.load({str(self.folder)!r})"

    def _repr_html_(self) -> str:
        return "\n".join([html_table(_summary(self.record)), html_text(_verdict(self.record))])


@final
class LoadedPrediction:
    """A prediction with what the run's test says of such predictions.

    Args:
        predicted: The prediction.
    """

    def __init__(self, predicted: "JudgedPrediction") -> None:
        self.title = predicted.prediction.title
        self.columns = predicted.prediction.columns
        self.rows = [tuple(row) for row in predicted.prediction.rows]
        self.worth = predicted.worth
        self.memory = predicted.memory

    def __repr__(self) -> str:
        lines = [self.title, " ".join(self.columns), *(" ".join(map(_cell, row)) for row in self.rows), self.worth]
        return "\n".join([*([self.memory] if self.memory else []), *lines])

    def _repr_html_(self) -> str:
        table = Table(list(self.columns), [list(map(_cell, row)) for row in self.rows])
        above = [text for text in (self.memory, self.title) if text]
        return "\n".join([html_text(above), html_table(table), html_text([self.worth])])


def _summary(run: RunRecord) -> Table:
    best = "" if run.best_epoch is None else f", best epoch {run.best_epoch + 1}"
    rows = [
        ["data", run.data.source],
        ["status", run.status],
        ["trained", f"{count(run.n_epochs, 'epoch')} in {seconds(run.training_time_s)}{best}"],
        ["parameters", f"{run.n_parameters:,}"],
        *([name, number(value)] for name, value in run.val.items()),
    ]
    if run.test:
        rows += [[f"test_{name}", number(entry.value)] for name, entry in run.test.metrics.items()]
    return Table([run.model, f"{run.folder.parent.name}/{run.folder.name}"], rows, n_text=2)


def _verdict(run: RunRecord) -> list[str]:
    return [run.test.verdict.sentence if run.test else "Not tested: only the test says what the model is worth."]


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.4f}" if isinstance(value, float) else str(value)
