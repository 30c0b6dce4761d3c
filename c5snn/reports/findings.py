"""What a reader has to know of the runs before believing the numbers: warnings, environments and data."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass

from c5snn.records import RunRecord, ScoredConfiguration
from c5snn.reports.collection import Collection, Damage, Failure
from c5snn.reports.comparison import Comparison
from c5snn.reports.configurations import Configuration
from c5snn.reports.document import Section, Table
from c5snn.reports.words import MISSING, count, fact_text, listed, nearly_all

__all__ = ["Environment", "data_section", "environments_of", "environments_section", "notes_of", "warnings_of"]

PACKAGES = ("torch", "lightning", "snntorch", "numpy")


@dataclass(frozen=True)
class Environment:
    """What some of the runs were made with.

    Args:
        n_runs: How many.
        c5snn: The package's version; ``unknown`` where it was not recorded, as below.
        git_commit: Its commit; None outside a checkout.
        python: Python's version.
        platform: The machine.
        device: What the networks ran on.
        packages: Versions of the libraries that numbers depend on.
    """

    n_runs: int
    c5snn: str
    git_commit: str | None
    python: str
    platform: str
    device: str
    packages: dict[str, str]


def environments_of(runs: Sequence[RunRecord]) -> list[Environment]:
    """Return the different environments, the commonest first."""
    counts = Counter(map(_recorded, runs))
    return [
        Environment(n, c5snn, commit, python, platform, device, dict(zip(PACKAGES, packages, strict=True)))
        for (c5snn, commit, python, platform, device, packages), n in counts.most_common()
    ]


def environments_section(environments: Sequence[Environment]) -> Section:
    """Return the table of the environments."""
    rows = [
        [str(entry.n_runs), entry.c5snn, (entry.git_commit or MISSING)[:10], entry.python, entry.platform, entry.device,
         *(entry.packages[name] for name in PACKAGES)]
        for entry in environments
    ]  # fmt: skip
    columns = ["runs", "c5snn", "commit", "Python", "platform", "device", *PACKAGES]
    return Section("Environment", level=2, tables=[Table(columns, rows, n_text=len(columns))])


def data_section(comparisons: Sequence[Comparison]) -> Section:
    """Return the table of the data with every recorded fact."""
    facts = list(dict.fromkeys(name for entry in comparisons for name in entry.facts))
    rows = []
    for entry in comparisons:
        sizes = " / ".join(f"{n:,}" for n in entry.data.n_items.values())
        values = [listed([fact_text(value) for value in entry.facts.get(name, [])]) or MISSING for name in facts]
        rows.append([entry.data.source, sizes, str(entry.data.n_origins), *values, entry.data.identity])
    splits = " / ".join(comparisons[0].data.n_items) if comparisons else ""
    columns = ["data", splits, "origins", *(name.replace("_", " ") for name in facts), "SHA-256"]
    return Section("Data", level=2, tables=[Table(columns, rows, n_text=len(columns))])


def notes_of(collection: Collection) -> list[str]:
    """Return what is worth knowing besides."""
    same = [
        f"{count(n, 'configuration')} of {folder} {'computes' if n == 1 else 'compute'} what another one computes and "
        f"{'is' if n == 1 else 'are'} reported under its name (same_as in trials.csv)."
        for folder, n in collection.same_as.items()
    ]
    n_open = sum(not run.is_committed for run in collection.runs)
    if not n_open:
        return same
    has = "has" if n_open == 1 else "have"
    open_runs = f"{count(n_open, 'run')} {has} no commit record of all files, as runs of 0.1.0 have none"
    return [*same, f"{open_runs}: damage to {'it' if n_open == 1 else 'them'} may stay unnoticed."]


def warnings_of(
    collection: Collection,
    configurations: Sequence[Configuration],
    comparisons: Sequence[Comparison],
    environments: Sequence[Environment],
) -> list[str]:
    """Return every warning as a sentence."""
    entries = [entry for comparison in comparisons for entry in comparison.configurations]
    return [
        *_of_folders(collection),
        *_of_other_code(collection),
        *_of_repeats(configurations),
        *_of_seen_items(configurations),
        *_of_networks(comparisons),
        *(_of_equal_seeds(entry) for entry in entries if entry.score.std == 0),
        *_of_missing_items(entries),
        *_of_environments(environments),
    ]


def _recorded(run: RunRecord) -> tuple[str, str | None, str, str, str, tuple[str, ...]]:
    recorded = run.provenance
    c5snn, python, platform = (str(recorded.get(name, "unknown")) for name in ("c5snn", "python", "platform"))
    packages = recorded.get("packages", {})
    versions = tuple(str(packages.get(name, "unknown")) for name in PACKAGES)
    return c5snn, recorded.get("git_commit"), python, platform, run.device, versions


def _of_folders(collection: Collection) -> list[str]:
    found = []
    if collection.failures:
        by_status = Counter(failure.status for failure in collection.failures)
        kinds = ", ".join(f"{n} {status}" for status, n in by_status.most_common())
        named = listed([_named(failure) for failure in collection.failures])
        found.append(f"{count(len(collection.failures), 'run')} left no result ({kinds}): {named}.")
    for folder, n in collection.stale.items():
        is_or_are = "is" if n == 1 else "are"
        found.append(
            f"{count(n, 'trial')} in {folder} {is_or_are} not listed in its trials.csv and left out: of other data, "
            "code or options, or not finished when the table was written. `c5snn sweep` writes it again."
        )
    found += _of_damage(collection.damaged)
    stopped = [str(run.folder) for run in collection.runs if run.status != "finished"]
    if stopped:
        found.append(f"{count(len(stopped), 'tested run')} did not finish the training: {listed(stopped)}.")
    return found


def _of_damage(damaged: Sequence[Damage]) -> list[str]:
    """Return a sentence for each kind of damage: what is left out, and which command repairs it."""
    repairs = {
        "run": ("run", "left out", "`c5snn sweep` runs a damaged trial again, `c5snn fit` any other run"),
        "test": ("test", "counted as not done", "`c5snn test RUN` or the sweep's command repeats it"),
        "table": ("table of trials", "not used, so stale trials count too", "`c5snn sweep` writes it again"),
    }
    found = []
    for part, (noun, effect, repair) in repairs.items():
        entries = [f"{entry.folder} ({', '.join(entry.files)})" for entry in damaged if entry.part == part]
        if entries:
            verb, are = ("differs", "is") if len(entries) == 1 else ("differ", "are")
            found.append(
                f"{count(len(entries), noun)} {verb} from the commit record, by damage or by hand, and {are} {effect}; "
                f"{repair}: {listed(entries)}."
            )
    return found


def _of_other_code(collection: Collection) -> list[str]:
    n = len(collection.other_code)
    if not n:
        return []
    verb, marks = ("was", "its label says") if n == 1 else ("were", "their labels say")
    return [f"{count(n, 'trial')} {verb} made by other code and kept, as `--keep-code` asked; {marks} (other code)."]


def _of_seen_items(configurations: Sequence[Configuration]) -> list[str]:
    """Say of each configuration which test items do not count, because its checkpoint knew them."""
    found = []
    for entry in configurations:
        n = max((run.test.n_excluded for run in entry.runs if run.test is not None), default=0)
        if n:
            item = count(n, f"test {entry.data.item}")
            were, them = ("was", "it") if n == 1 else ("were", "them")
            why = f"the checkpoint was trained or validated on {them}"
            found.append(f"{entry.label}: {item} {were} left out, because {why}.")
    return found


def _of_repeats(configurations: Sequence[Configuration]) -> list[str]:
    found = []
    repeated = [entry for entry in configurations if entry.n_repeats]
    if repeated:
        n = sum(entry.n_repeats for entry in repeated)
        labels = listed([entry.label for entry in repeated])
        verb, left_out = ("repeats", "is left out") if n == 1 else ("repeat", "are left out")
        found.append(f"{count(n, 'run')} {verb} the configuration and seed of another run and {left_out}: {labels}.")
    for entry in configurations:
        n_lost = sum(run.test is not None for run in entry.runs) - len(entry.tested)
        if n_lost:
            lost = f"{count(n_lost, 'tested run')} {'is' if n_lost == 1 else 'are'} left out"
            found.append(f"{entry.label}: {lost}, because an origin of the seed was not tested.")
    return found


def _of_networks(comparisons: Sequence[Comparison]) -> list[str]:
    found = []
    networks = [network for comparison in comparisons for network in comparison.networks]
    ignoring = dict.fromkeys(network.label for network in networks if network.ignores_input)
    tested = [entry for comparison in comparisons for entry in comparison.configurations]
    ignoring |= {entry.label: None for entry in tested if entry.ignores_input and not entry.runs[0].is_baseline}
    if ignoring:
        most = max(max(entry.n_test, entry.data.n_items.get("val", 0)) for entry in comparisons)
        nearly, output = nearly_all(most, comparisons[0].data.item), tested[0].words.output if tested else "output"
        verb = "ignores its" if len(ignoring) == 1 else "ignore their"
        found.append(
            f"{count(len(ignoring), 'configuration')} {verb} input, with one {output} for {nearly} in a run: "
            f"{listed(list(ignoring))}."
        )
    for state in ("dead", "saturated"):
        labels = dict.fromkeys(entry.label for entry in networks for layer in entry.layers if layer.state == state)
        if labels:
            verb = "has" if len(labels) == 1 else "have"
            found.append(f"{count(len(labels), 'configuration')} {verb} a {state} layer: {listed(list(labels))}.")
    return found


def _of_equal_seeds(entry: ScoredConfiguration) -> str:
    if entry.runs[0].n_parameters == 0:
        why = "it has nothing to train, so a seed changes nothing"
    elif entry.ignores_input:
        why = "it ignores its input"
    else:
        outputs = count(entry.n_distinct, f"distinct {entry.words.output}")
        why = f"although it uses its input ({outputs}); it is not known that the seed reaches the training"
    return f"{entry.label} scores the same with {count(len(entry.seeds), 'seed')}: {why}."


def _of_missing_items(entries: Sequence[ScoredConfiguration]) -> list[str]:
    judged = [entry for entry in entries if entry.p_value is not None]
    labels = [entry.label for entry in judged if any(reference.p is None for reference in entry.references)]
    if not labels:
        return []
    lost = f"The {'test' if len(labels) == 1 else 'tests'} of {listed(labels)} did not keep the reference's scores"
    return [f"{lost}, so the gain over it has no interval and no p; `c5snn test RUN` keeps them."]


def _of_environments(environments: Sequence[Environment]) -> list[str]:
    if len(environments) < 2:  # noqa: PLR2004
        return []
    return [f"The runs come from {len(environments)} environments, listed below; numbers may differ between them."]


def _named(failure: Failure) -> str:
    return f"{failure.folder} ({failure.status}: {failure.message})"
