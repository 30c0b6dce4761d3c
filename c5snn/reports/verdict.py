"""A run's scores as tables in a terminal: validation bare, test beside chance and with its verdict."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from c5snn.reports.activity import layer_lines
from c5snn.training.evaluation import Tested
from c5snn.training.scoring import HEADLINE, MetricScore

__all__ = ["print_test", "print_validation"]


def print_validation(metrics: Mapping[str, float]) -> None:
    """Print validation metrics, without any p-value."""
    table = Table(title="validation")
    table.add_column("metric")
    table.add_column("value", justify="right")
    for name, value in metrics.items():
        table.add_row(name, f"{value:.4f}")
    console = Console(highlight=False, soft_wrap=True)
    console.print(table)
    console.print("Validation has chosen the epoch, so its values carry no p-value and no interval.")


def print_test(tested: Tested) -> None:
    """Print the table of the test, the references beside it, and the verdict."""
    run, score = tested
    console = Console(highlight=False, soft_wrap=True)
    n_windows = len(score.rankings)
    console.print(f"{run.model} on {n_windows:,} test windows; data: {run.data.source}")
    table = Table()
    for column in ("metric", "value", "95 % interval", "chance", "lift", "p (exact)"):
        table.add_column(column, justify="left" if column == "metric" else "right", no_wrap=True)
    for name, entry in score.metrics.items():
        table.add_row(name, *_cells(entry))
    console.print(table)
    console.print(f"{HEADLINE} was named in advance; the other rows are descriptive and carry no verdict")
    difference = score.over_list
    console.print(
        f"fixed list (parts by their frequency in train): {HEADLINE} {score.fixed_list:.4f}; the model is "
        f"{difference.mean:+.4f} {_interval(difference.interval)} from it, p = {difference.p_greater:.3g}"
    )
    if score.oracle is not None:
        share = "undefined: it stands too close to chance" if score.captured is None else f"{score.captured:.2f}"
        console.print(f"oracle (the planted signal itself): {HEADLINE} {score.oracle:.4f}; captured lift: {share}")
    console.print(f"distinct rankings: {score.n_distinct:,} in {n_windows:,} windows")
    for line in layer_lines(run.activity) if run.activity else ():
        console.print(line)
    console.print(f"[bold]{score.verdict.sentence}[/bold]")
    console.print(f"written to {run.folder}")


def _cells(entry: MetricScore) -> list[str]:
    value, chance = f"{entry.value:.4f}", f"{entry.chance:.4f}"
    return [value, _interval(entry.interval), chance, f"{entry.lift:+.4f}", f"{entry.p_value:.3g}"]


def _interval(interval: tuple[float, float] | None) -> str:
    return "–" if interval is None else f"\\[{interval[0]:.4f}, {interval[1]:.4f}]"
