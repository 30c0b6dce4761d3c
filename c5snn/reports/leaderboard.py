"""Configurations side by side: the mean over seeds, beside chance and the p-values that survive the comparison."""

from collections.abc import Mapping, Sequence

from c5snn.errors import ConfigError
from c5snn.evidence import family_p
from c5snn.reports.contender import Contender, contender
from c5snn.reports.windows import WindowScores, score_windows
from c5snn.training.result import RunResult
from c5snn.training.scoring import HEADLINE

__all__ = ["MONITOR", "Contender", "contenders", "rank"]

MONITOR = f"val_{HEADLINE}"


def contenders(
    groups: Mapping[str, Sequence[RunResult]], monitor: str = MONITOR, *, n_draws: int = 10_000
) -> list[Contender]:
    """Compare configurations on the same test windows, the best mean on validation first.

    Args:
        groups: The tested runs of each configuration, by label.
        monitor: The validation metric that orders them.
        n_draws: Fair histories drawn for the p-values.

    Raises:
        ConfigError: The runs have seen different events, windows or splits.
    """
    return rank({label: score_windows(runs) for label, runs in groups.items()}, monitor, n_draws=n_draws)


def rank(scored: Mapping[str, WindowScores], monitor: str = MONITOR, *, n_draws: int = 10_000) -> list[Contender]:
    """Compare configurations whose windows have been read; arguments and errors as in :func:`contenders`."""
    tests = [scores.test for scores in scored.values()]
    _check_comparable(scored)
    values = family_p([test.rankings for test in tests], tests[0].events, n_draws=n_draws)
    entries = [contender(label, scored[label], monitor, p) for label, p in zip(scored, values, strict=True)]
    return sorted(entries, key=lambda entry: -entry.val.mean if entry.val.mean == entry.val.mean else 0.0)


def _check_comparable(scored: Mapping[str, WindowScores]) -> None:
    seen = {tuple(scores.test.blocks) for scores in scored.values()}
    if len(seen) > 1:
        raise ConfigError(
            "Only runs on the same events and test windows can be ranked together, but these have "
            f"{len(seen)} different test sets; compare them apart, or give all the same `--data.first_target`."
        )
