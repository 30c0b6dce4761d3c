"""``c5snn fit``, ``validate`` and ``test``: Lightning's verbs on a configuration or a run, and what they print."""

from collections.abc import Mapping

from rich.console import Console
from rich.table import Table

from c5snn.commands.console import show_progress
from c5snn.evidence import Interval
from c5snn.records import LayerActivity, MetricScore, NetworkActivity, RunRecord, TestRecord
from c5snn.training.callbacks import StoppedBySignal
from c5snn.training.evaluation import test_run, validate_run
from c5snn.training.run import train

__all__ = ["fit", "test", "validate"]


def fit(argv: list[str]) -> int:
    """Train a model; print where it lies and what to do next."""
    show_progress()
    try:
        run = train(argv)
    except StoppedBySignal as stop:
        print(f"stopped by {stop}; go on with the same command and `--ckpt_path last`")
        return stop.exit_code
    best = ", ".join(f"{name} {value:.4f}" for name, value in run.val.items())
    print(f"{run.n_epochs} epochs in {run.training_time_s:.1f} s; best epoch {run.best_epoch}: {best}")
    for line in _activity_lines(run.activity, run.data.item) if run.activity else ():
        print(line)
    print("validation has chosen the epoch: only the test says what the model is worth")
    print(f"c5snn test {run.folder}")
    return 0


def validate(argv: list[str]) -> int:
    """Score a checkpoint on validation."""
    show_progress()
    _print_validation(validate_run(argv))
    return 0


def test(argv: list[str]) -> int:
    """Score a run on test and print what the result is worth."""
    show_progress()
    tested = test_run(argv)
    _print_test(tested.run, tested.test)
    return 0


def _print_validation(metrics: Mapping[str, float]) -> None:
    table = Table(title="validation")
    table.add_column("metric")
    table.add_column("value", justify="right")
    for name, value in metrics.items():
        table.add_row(name, f"{value:.4f}")
    console = Console(highlight=False, soft_wrap=True)
    console.print(table)
    console.print("Validation has chosen the epoch, so its values carry no p-value and no interval.")


def _print_test(run: RunRecord, test: TestRecord) -> None:
    """Print the table of the test, the references beside it, and the verdict."""
    console, name = Console(highlight=False, soft_wrap=True), test.headline.name
    console.print(f"{run.model} on {test.n_items:,} test {test.words.item}s; data: {run.data.source}", markup=False)
    table = Table()
    for column in ("metric", "value", "95 % interval", "chance", "lift", "p (exact)"):
        table.add_column(column, justify="left" if column == "metric" else "right", no_wrap=True)
    for metric, entry in test.metrics.items():
        table.add_row(metric, *_cells(entry))
    console.print(table)
    console.print(f"{name} was named in advance; the other rows are descriptive and carry no verdict")
    for entry in test.references:
        p = "" if entry.p is None else f", p = {entry.p:.3g}"
        console.print(
            f"{entry.label} ({entry.says}): {name} {entry.value:.4f}; the model is "
            f"{entry.difference:+.4f} {_interval(entry.interval)} from it{p}"
        )
    if test.oracle is not None:
        share = "undefined: the oracle is too close to chance" if test.skill is None else f"{test.skill:.2f}"
        console.print(f"oracle (the best possible {test.words.output}): {name} {test.oracle:.4f}; skill: {share}")
    console.print(f"distinct {test.words.output}s: {test.n_distinct:,} in {test.n_items:,} {test.words.item}s")
    for layer in run.activity.layers if run.activity else ():
        console.print(_layer_line(layer), markup=False)
    console.print(test.verdict.sentence, style="bold", markup=False)
    console.print(f"written to {run.folder}", markup=False)


def _cells(entry: MetricScore) -> list[str]:
    numbers = (f"{entry.value:.4f}", _interval(entry.interval), _number(entry.chance), _number(entry.lift, "+.4f"))
    return [*numbers, _number(entry.p, ".3g")]


def _number(value: float | None, spec: str = ".4f") -> str:
    return "–" if value is None else format(value, spec)


def _interval(interval: Interval | None) -> str:
    return "–" if interval is None else f"\\[{interval.low:.4f}, {interval.high:.4f}]"


def _activity_lines(activity: NetworkActivity, item: str) -> list[str]:
    """Return a line per spiking layer, one for what they cost, and one for how the output depends on the input."""
    lines = [_layer_line(layer) for layer in activity.layers]
    if activity.synaptic_operations is not None:
        lines.append(f"{activity.synaptic_operations:,.0f} synaptic operations per {item}")
    verdict = "the output ignores the input: " if activity.ignores_input else ""
    counted = f"distinct outputs on validation: {activity.distinct_rankings:,}"
    share = f"the commonest for {activity.same_ranking_share:.1%} of the {item}s"
    return [*lines, f"{verdict}{counted}, {share}; standard deviation of an output over them: {activity.logit_std:.3g}"]


def _layer_line(layer: LayerActivity) -> str:
    health = "silent; " if layer.is_silent else "saturated; " if layer.is_saturated else ""
    shares = f"{layer.silent_share:.1%} of its units never fired, {layer.saturated_share:.1%} in every step"
    return f"layer {layer.layer} on validation: {health}firing rate {layer.firing_rate:.1%}, {shares}"
