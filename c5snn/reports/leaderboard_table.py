"""A comparison as tables: what each configuration is worth, what it is, and what else was measured."""

from collections.abc import Sequence
from statistics import fmean

from rich.markup import escape

from c5snn.reports.contender import Contender
from c5snn.reports.document import Table
from c5snn.reports.sentences import METRIC, learns, verdict_sentence
from c5snn.reports.terminal import new_console, print_table
from c5snn.reports.words import MISSING, difference, interval, number, p_text, percent, seconds, spread
from c5snn.training.scoring import HEADLINE

__all__ = ["SPREAD_NOTE", "leaderboard_table", "metrics_table", "network_table", "print_leaderboard"]

WORTH = [
    "configuration", f"{METRIC} on test", "95 % interval", "chance", "lift", "p", "family-wise p",
    "fixed list", "over it", "95 % interval of that", "p of that",
]  # fmt: skip
NETWORK = [
    "configuration", "seeds", "captured lift", "distinct rankings", "firing rate", "parameters", "training",
    "on validation",
]  # fmt: skip
SPREAD_NOTE = (
    "± is the standard deviation over seeds; the interval is that of sampling the test windows; p is one-sided, of the "
    "mean over seeds."
)


def leaderboard_table(entries: Sequence[Contender]) -> Table:
    """Return what the configurations are worth."""
    return _without_empty(Table(WORTH, [_worth(entry, entries) for entry in entries]))


def network_table(entries: Sequence[Contender]) -> Table:
    """Return what the configurations are, and what they cost."""
    return _without_empty(Table(NETWORK, [_network(entry) for entry in entries]))


def metrics_table(entries: Sequence[Contender]) -> Table:
    """Return the metrics that nothing is claimed of."""
    metrics = [name for name in entries[0].test if name != HEADLINE]
    rows = [[entry.label, *(spread(entry.test[name]) for name in metrics)] for entry in entries]
    chance = ["chance", *(number(entries[0].chance[name]) for name in metrics)]
    return Table(["other metrics, descriptive", *metrics], [chance, *rows])


def print_leaderboard(entries: Sequence[Contender], *, limit: int | None = None) -> None:
    """Print the comparison, its first sentence on top.

    Args:
        entries: The configurations, in order.
        limit: How many rows to show; None: all.
    """
    console = new_console()
    console.print(f"[bold]{escape(verdict_sentence(entries))}[/bold]")
    print_table(console, leaderboard_table(entries), limit=limit)
    console.print(SPREAD_NOTE)


def _without_empty(table: Table) -> Table:
    """Leave out columns that hold nothing at all."""
    kept = [i for i in range(len(table.columns)) if any(row[i] != MISSING for row in table.rows)]
    return Table([table.columns[i] for i in kept], [[row[i] for i in kept] for row in table.rows], table.n_text)


def _worth(entry: Contender, entries: Sequence[Contender]) -> list[str]:
    mark = " (ignores its input)" if entry.ignores_input else " (learns)" if learns(entry, entries) else ""
    over = entry.over_list
    return [
        f"{entry.label}{mark}",
        spread(entry.test[HEADLINE]),
        interval(entry.interval),
        number(entry.chance[HEADLINE]),
        difference(entry.lift),
        p_text(entry.p_value),
        p_text(entry.p_family),
        number(entry.fixed_list),
        difference(over.mean),
        interval(over.interval, signed=True),
        p_text(over.p_greater),
    ]


def _network(entry: Contender) -> list[str]:
    return [
        entry.label,
        str(len(entry.seeds)),
        number(entry.captured, 2),
        f"{entry.n_distinct:,}",
        percent(entry.firing_rate),
        f"{entry.runs[0].n_parameters:,}",
        seconds(fmean(run.training_time_s for run in entry.runs)),
        spread(entry.val),
    ]
