"""How a study searches, as `search` of its file says it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any

from c5snn.sweeps.faults import Faults
from c5snn.sweeps.optuna_classes import OptunaClass, check_pruner, check_sampler
from c5snn.sweeps.space_file import as_number

__all__ = ["SearchSettings", "read_search"]

TPE = "optuna.samplers.TPESampler"
NOP = "optuna.pruners.NopPruner"


@dataclass(frozen=True)
class SearchSettings:
    """The settings of a study.

    Args:
        sampler: Proposes configurations.
        pruner: Ends trials early.
        n_trials: Trials of the whole study.
        n_random: How many of each branch are drawn at random first.
        seed: From which the seed of every proposal follows.
        lag: Trial n knows the results of the trials up to n - lag; so many run at once at most.
        enqueue: Configurations that are tried first; options that one leaves out are drawn at random.
        observed: Earlier trials, as their table's rows: told first as results and never run.
    """

    sampler: OptunaClass
    pruner: OptunaClass
    n_trials: int
    n_random: int = 0
    seed: int = 0
    lag: int = 8
    enqueue: tuple[Mapping[str, Any], ...] = ()
    observed: tuple[Mapping[str, str], ...] = ()

    @property
    def prunes(self) -> bool:
        """Whether trials can end early."""
        return self.pruner.name != "NopPruner"


def read_search(
    written: Mapping[str, Any],
    max_epochs: int | None,
    faults: Faults,
    *,
    observed: Sequence[Mapping[str, str]] = (),
) -> SearchSettings | None:
    """Return the settings as they are written, checked; None where something is wrong with them.

    Args:
        written: As they are written.
        max_epochs: The epochs of a trial; None where they are not known.
        faults: Takes what is wrong.
        observed: The rows of the table that ``observed`` names.
    """
    known = [item.name for item in fields(SearchSettings)]
    for key in written.keys() - set(known):
        faults.check("search", f"fields are {', '.join(known)}", holds=False, field=key)
    sampler = check_sampler(written.get("sampler", TPE), faults)
    pruner = check_pruner(NOP if written.get("pruner") is None else written["pruner"], max_epochs, faults)
    counts = {}
    for key, low, default in (("n_trials", 1, None), ("n_random", 0, 0), ("seed", 0, 0), ("lag", 1, 8)):
        value = written.get(key, default)
        is_count = isinstance(value, int) and not isinstance(value, bool) and value >= low
        if faults.check(f"search.{key}", f"{low} <= {key}, a whole number", holds=is_count, **{key: value}):
            counts[key] = int(value or 0)
    enqueue = [] if written.get("enqueue") is None else written["enqueue"]
    are_mappings = isinstance(enqueue, list) and all(isinstance(entry, Mapping) for entry in enqueue)
    rule = "enqueue is a list of configurations, each from options to values"
    if not faults.check("search.enqueue", rule, holds=are_mappings, enqueue=enqueue):
        return None
    n_trials = counts.get("n_trials", len(enqueue))
    faults.check(
        "search.enqueue",
        "n_enqueued <= n_trials",
        holds=len(enqueue) <= n_trials,
        n_enqueued=len(enqueue),
        n_trials=n_trials,
    )
    if sampler is None or pruner is None or len(counts) < 4:  # noqa: PLR2004  # each of the four above
        return None
    configurations = tuple({name: as_number(value) for name, value in entry.items()} for entry in enqueue)
    return SearchSettings(sampler, pruner, **counts, enqueue=configurations, observed=tuple(observed))
