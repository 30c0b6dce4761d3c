"""``c5snn fit``, ``validate`` and ``test``: Lightning's commands on a configuration or a run, and what they print."""

from collections.abc import Mapping

from c5snn.commands.console import Loudness, loudness_of, show_progress
from c5snn.evidence import Interval, PValue
from c5snn.printable import printable
from c5snn.records import LayerActivity, MetricScore, NetworkActivity, Reference, RunRecord, TestRecord
from c5snn.records.pooled import test_of
from c5snn.reports.document import Table
from c5snn.reports.text import new_console, print_table, shown, verdict_style
from c5snn.reports.words import count, joined, of_all, plural, without_rounding
from c5snn.training.callbacks import StoppedBySignal
from c5snn.training.evaluation import test_run, validate_run
from c5snn.training.run import train

__all__ = ["activity_lines", "fit", "print_test", "print_validation", "test", "validate"]

# which displays of the trainer a loudness switches
DISPLAYS: dict[Loudness, list[str]] = {
    "quiet": ["--trainer.enable_progress_bar", "false"],
    "usual": [],
    "verbose": ["--trainer.enable_model_summary", "true"],
}


def fit(argv: list[str]) -> int:
    """Train a model; print where its files are and the next command."""
    words, loudness = loudness_of(argv)
    show_progress(loudness)
    try:
        run = train([*words, *DISPLAYS[loudness]])
    except StoppedBySignal as stop:
        print(f"stopped by {stop}; the same command with `--ckpt_path last` resumes the run")
        return stop.exit_code
    for line in _end_lines(run, is_quiet=loudness == "quiet"):
        print(printable(line))
    return 0


def validate(argv: list[str]) -> int:
    """Score a checkpoint on validation."""
    words, loudness = loudness_of(argv)
    show_progress(loudness)
    print_validation(validate_run(words))
    return 0


def test(argv: list[str]) -> int:
    """Score a run on test and print its metrics, references and verdict."""
    words, loudness = loudness_of(argv)
    show_progress(loudness)
    print_test(test_run(words).run, is_quiet=loudness == "quiet")
    return 0


def _end_lines(run: RunRecord, *, is_quiet: bool) -> list[str]:
    """Return what a run that has ended says: how it went, and the next command."""
    if not run.folder.is_dir():
        return [f"rehearsed {run.n_steps} training steps and their validation; nothing was kept"]
    if not run.val:
        steps = count(run.n_steps, "training step")
        return [f"{steps} without a validation: there is no best epoch and nothing to test"]
    following = f"c5snn test {run.folder}"
    if is_quiet:
        return [following]
    best = ", ".join(f"{name} {value:.4f}" for name, value in run.val.items())
    epoch = "" if run.best_epoch is None else f" {run.best_epoch + 1}"
    trained = f"{count(run.n_epochs, 'epoch')} in {run.training_time_s:.1f} s; best epoch{epoch}: {best}"
    return [
        trained if run.n_steps else f"no optimizer step was made; on validation: {best}",
        *(activity_lines(run.activity, run.data.item, _n_validated(run)) if run.activity else ()),
        "Validation serves to choose; only the test says what the model is worth:",
        following,
    ]


def print_validation(metrics: Mapping[str, float]) -> None:
    """Print validation metrics, without any p-value."""
    console = new_console()
    rows = [[name, f"{value:.4f}"] for name, value in metrics.items()]
    print_table(console, Table(["metric", "value on validation"], rows))
    console.print("Validation serves to choose, so its values have no p-value and no interval.")


def print_test(run: RunRecord, *, is_quiet: bool = False) -> None:
    """Print the table of a run's test, the references beside it, and the verdict.

    Args:
        run: The run.
        is_quiet: Whether the verdict alone is printed.
    """
    record, console = test_of(run), new_console()
    if is_quiet:
        console.print(shown(record.verdict.sentence, verdict_style(record.verdict)))
        return
    items = count(record.n_items, f"test {run.data.item}")
    console.print(shown(f"{run.name} on {items}; data: {run.data.source}"))
    columns = ["metric", "value", "95 % interval", "chance", "lift", "p"]
    print_table(console, Table(columns, [[name, *_cells(entry)] for name, entry in record.metrics.items()]))
    headline = record.headline.label
    if record.by_class:
        columns = [record.words.output, headline, *columns[2:-1]]
        print_table(console, Table(columns, [[name, *_cells(entry)[:-1]] for name, entry in record.by_class.items()]))
    if len(record.metrics) > 1:
        console.print(shown(f"The verdict is on {headline}; the other metrics are descriptive and have none."))
    for line in _missing_p_lines(record):
        console.print(shown(line))
    for reference in record.references:
        console.print(shown(_reference_line(reference, headline)))
    if record.oracle is not None:
        console.print(shown(_oracle_line(record)))
    n_items = count(record.n_items, run.data.item)
    console.print(shown(f"distinct {plural(record.words.output)}: {record.n_distinct:,} in {n_items}"))
    for line in layer_lines(run.activity) if run.activity else ():
        console.print(shown(line))
    console.print(shown(record.verdict.sentence, verdict_style(record.verdict)))
    console.print(shown(f"written to {run.folder}"))


def activity_lines(activity: NetworkActivity, item: str, n_items: int | None = None) -> list[str]:
    """Return a line per spiking layer, one for what they cost, and one for how the output depends on the input.

    Args:
        activity: What the network did on validation.
        item: What one item is called.
        n_items: How many items that were; None where it is unknown.
    """
    lines = layer_lines(activity)
    if activity.synaptic_operations is not None:
        lines.append(f"{activity.synaptic_operations:,.0f} synaptic operations per {item}")
    warning = "the output ignores the input: " if activity.ignores_input else ""
    share = activity.same_share
    same = f"{share:.1%} of the {plural(item)}" if n_items is None else of_all(round(share * n_items), n_items, item)
    counted = f"distinct outputs on validation: {activity.n_distinct:,}; the most common one is that of {same}"
    return [
        *lines,
        f"{warning}{counted}; standard deviation of an output over the {plural(item)}: {activity.output_std:.3g}",
    ]


def _n_validated(run: RunRecord) -> int | None:
    """Return how many items a validation has; None where it was limited."""
    return None if "trainer.limit_val_batches" in run.chosen else run.data.n_items["val"]


def layer_lines(activity: NetworkActivity) -> list[str]:
    """Return a line per spiking layer."""
    return [_layer_line(entry) for entry in activity.layers]


def _layer_line(entry: LayerActivity) -> str:
    state = "silent; " if entry.is_silent else "saturated; " if entry.is_saturated else ""
    shares = f"{entry.silent_share:.1%} of its units never fired, {entry.saturated_share:.1%} fired in every step"
    return f"layer {entry.layer} on validation: {state}firing rate {entry.firing_rate:.1%}, {shares}"


def _missing_p_lines(record: TestRecord) -> list[str]:
    """Return why metrics have no p, one line for each reason."""
    of_reason: dict[str, list[str]] = {}
    for name, entry in record.metrics.items():
        if entry.no_p:
            of_reason.setdefault(entry.no_p, []).append(name)
    return [f"no p for {joined(names)}: {reason}" for reason, names in of_reason.items()]


def _reference_line(reference: Reference, headline: str) -> str:
    p = "" if reference.p is None else f", {PValue(reference.p, reference.is_exact).equation}"
    ends = "" if reference.interval is None else f" {_interval(reference.interval)}"
    gain = f"the model gains {_signed(reference.difference)}{ends} over it{p}"
    return f"{reference.label} ({reference.says}): {headline} {reference.value:.4f}; {gain}"


def _oracle_line(record: TestRecord) -> str:
    skill = (
        f"undefined, because the oracle is too close to {record.words.rival}"
        if record.skill is None
        else f"{record.skill:.2f}"
    )
    realized = "" if record.realized_skill is None else f" in expectation, {record.realized_skill:.2f} realised"
    return f"oracle (the planted signal itself): {record.headline.label} {record.oracle:.4f}; skill: {skill}{realized}"


def _cells(entry: MetricScore) -> list[str]:
    chance = "–" if entry.chance is None else f"{entry.chance:.4f}"
    lift = "–" if entry.lift is None else _signed(entry.lift)
    p = "–" if entry.p is None else PValue(entry.p, entry.is_exact).text
    return [f"{entry.value:.4f}", _interval(entry.interval), chance, lift, p]


def _signed(value: float) -> str:
    return f"{without_rounding(value):+.4f}"


def _interval(interval: Interval | None) -> str:
    return "–" if interval is None else f"[{interval[0]:.4f}, {interval[1]:.4f}]"
