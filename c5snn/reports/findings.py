"""What a reader has to know of the runs before believing the numbers: failures, repeats, blind networks, mixtures."""

from collections import Counter
from collections.abc import Sequence

from c5snn.records.run_folder import RANKINGS
from c5snn.reports.collection import Collection, Failure
from c5snn.reports.comparison import Comparison
from c5snn.reports.configurations import Configuration
from c5snn.reports.contender import Contender
from c5snn.reports.environment import Environment
from c5snn.reports.words import count, listed
from c5snn.training.scoring import HEADLINE

__all__ = ["warnings_of"]


def warnings_of(
    collection: Collection,
    configurations: Sequence[Configuration],
    comparisons: Sequence[Comparison],
    environments: Sequence[Environment],
) -> list[str]:
    """Return every warning as a sentence."""
    entries = [entry for comparison in comparisons for entry in comparison.contenders]
    return [
        *_of_folders(collection),
        *_of_repeats(configurations),
        *_of_networks(comparisons),
        *(_of_equal_seeds(entry) for entry in entries if entry.test[HEADLINE].std == 0),
        *_of_missing_lists(entries),
        *_of_environments(environments),
    ]


def _of_folders(collection: Collection) -> list[str]:
    found = []
    if collection.failures:
        by_status = Counter(failure.status for failure in collection.failures)
        kinds = ", ".join(f"{n} {status}" for status, n in by_status.most_common())
        named = listed([_named(failure) for failure in collection.failures])
        found.append(f"{count(len(collection.failures), 'trial')} left no result ({kinds}): {named}.")
    for folder, n in collection.stale.items():
        found.append(
            f"{count(n, 'trial')} in {folder} stand in no row of its trials.csv: of other data, code or options, or "
            "not finished when it was written. They are left out; `c5snn sweep` again writes it anew."
        )
    if collection.torn:
        damaged = f"The {RANKINGS} of {count(len(collection.torn), 'tested run')} cannot be read"
        found.append(f"{damaged}, so they count as not tested; `c5snn test RUN` mends it: {listed(collection.torn)}.")
    stopped = [str(run.folder) for run in collection.runs if run.status != "finished"]
    if stopped:
        found.append(f"{count(len(stopped), 'tested run')} did not finish the training: {listed(stopped)}.")
    return found


def _of_repeats(configurations: Sequence[Configuration]) -> list[str]:
    found = []
    repeated = [entry for entry in configurations if entry.n_repeats]
    if repeated:
        n = sum(entry.n_repeats for entry in repeated)
        labels = listed([entry.label for entry in repeated])
        found.append(f"{count(n, 'run')} repeat the configuration and seed of another and count once: {labels}.")
    for entry in configurations:
        n_lost = sum(run.test is not None for run in entry.runs) - len(entry.tested)
        if n_lost:
            found.append(f"{entry.label}: {count(n_lost, 'tested run')} left out, because their seed lacks an origin.")
    return found


def _of_networks(comparisons: Sequence[Comparison]) -> list[str]:
    found = []
    networks = [network for comparison in comparisons for network in comparison.networks]
    blind = dict.fromkeys(network.label for network in networks if network.ignores_input)
    blind |= {entry.label: None for comparison in comparisons for entry in comparison.contenders if entry.ignores_input}
    if blind:
        verb = "ignores its" if len(blind) == 1 else "ignore their"
        found.append(
            f"{count(len(blind), 'configuration')} {verb} input, giving (nearly) every window the same ranking: "
            f"{listed(list(blind))}."
        )
    for state in ("dead", "saturated"):
        labels = dict.fromkeys(entry.label for entry in networks for layer in entry.layers if layer.state == state)
        if labels:
            found.append(f"{count(len(labels), 'configuration')} with a {state} layer: {listed(list(labels))}.")
    return found


def _of_equal_seeds(entry: Contender) -> str:
    if entry.runs[0].n_parameters == 0:
        why = "it has nothing to train, so a seed changes nothing"
    elif entry.ignores_input:
        why = "it ignores its input"
    else:
        rankings = count(entry.n_distinct, "distinct ranking")
        why = f"yet it heeds its input ({rankings}); do the seeds reach the training?"
    return f"{entry.label} scores the same with {count(len(entry.seeds), 'seed')}: {why}."


def _of_missing_lists(entries: Sequence[Contender]) -> list[str]:
    labels = [entry.label for entry in entries if entry.over_list.p_greater is None]
    if not labels:
        return []
    lost = f"The tests of {listed(labels)} did not keep the fixed list's windows"
    return [f"{lost}, so the difference to it has no interval; `c5snn test RUN` keeps them."]


def _of_environments(environments: Sequence[Environment]) -> list[str]:
    if len(environments) < 2:  # noqa: PLR2004
        return []
    return [f"The runs come from {len(environments)} environments, listed below; numbers may differ by them."]


def _named(failure: Failure) -> str:
    return f"{failure.folder} ({failure.status}: {failure.message})"
