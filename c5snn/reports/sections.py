"""A report as a document: the order of its sections, and those that belong to no single comparison."""

from c5snn.reports.comparison import Comparison
from c5snn.reports.comparison_sections import comparison_sections
from c5snn.reports.document import Document, Section, Table
from c5snn.reports.environment import PACKAGES, Environment
from c5snn.reports.ladder import Ladder
from c5snn.reports.report import Report
from c5snn.reports.training_sections import training_sections
from c5snn.reports.words import MISSING, count, number

__all__ = ["document_of"]

HOW_TO_READ = """
Chance is exact: whoever ranks the parts without knowing the next event scores this on average, whatever the ranking. p
says how often chance scores as high or higher.

Whoever looks at many configurations finds a good one by luck. The family-wise p is how often the best of all of them
scores so high on histories without any signal; it alone supports a claim.

Beating chance is not learning. The fixed list always names the parts most frequent in train, and beats chance on any
history with unequal parts. Learning from the history is to beat that list with rankings that change.

Validation has chosen epochs and configurations, so its values are too high and carry no p. Test was looked at once,
after the choice.

A spread over seeds is no sampling error: a small one says that trainings agree, not that the result is sure.

That nothing was found means that a lift above the smallest detectable one is unlikely, not that there is none.
"""


def document_of(report: Report) -> Document:
    """Put a report into its order: the verdict, each comparison, and what concerns them all."""
    sections = [section for comparison in report.comparisons for section in _of_comparison(comparison, report)]
    return Document(
        title="What can be told from chance",
        verdict=report.verdict,
        sections=[
            *sections,
            *([_ladder(report.ladder)] if report.ladder else []),
            _environments(report.environments),
            _data(report.comparisons),
            *([_list("Notes", report.notes)] if report.notes else []),
            *([_list("Warnings", report.warnings, is_short=True)] if report.warnings else []),
            _list("How to read this", [" ".join(text.split()) for text in HOW_TO_READ.split("\n\n")]),
        ],
    )


def _of_comparison(comparison: Comparison, report: Report) -> list[Section]:
    tested, screened = len(comparison.contenders), len(comparison.screened)
    apart = (
        f" It is one of {len(report.comparisons)} comparisons whose events, windows or splits differ; none is ranked "
        "with another, and each family-wise p is corrected within its own comparison alone."
        if len(report.comparisons) > 1
        else ""
    )
    counted = f"{count(tested, 'configuration')} tested on {count(comparison.n_test, 'window')}"
    heading = Section(
        comparison.title,
        level=2,
        sentences=[f"{counted}, {screened} screened on validation only.{apart}"],
        is_short=len(report.comparisons) > 1,
    )
    return [heading, *comparison_sections(comparison), *training_sections(comparison)]


def _ladder(ladder: Ladder) -> Section:
    rungs = {(rung.label, rung.signal): rung for rung in ladder.rungs}

    def cell(label: str, signal: str) -> str:
        rung = rungs.get((label, signal))
        if rung is None or rung.captured is None:
            return MISSING
        ends = f" ({number(rung.low, 2)} to {number(rung.high, 2)})" if rung.n_histories > 1 else ""
        return f"{number(rung.captured, 2)}{ends}"

    rows = [[label, *(cell(label, signal) for signal in ladder.signals)] for label in ladder.labels]
    return Section(
        "Signal ladder",
        level=2,
        sentences=[f"Share of the oracle's lift that each model captures on {len(ladder.signals)} planted signals."],
        tables=[Table(["captured lift", *ladder.signals], rows)],
        note=(
            "1 is all that ranking by the signal itself gains over chance, 0 is chance. In brackets the range over "
            "histories with different data seeds. A dash: not tested, or the signal is too weak for a share."
        ),
    )


def _environments(environments: list[Environment]) -> Section:
    rows = [
        [str(entry.n_runs), entry.c5snn, (entry.git_commit or MISSING)[:10], entry.python, entry.platform, entry.device,
         *(entry.packages[name] for name in PACKAGES)]
        for entry in environments
    ]  # fmt: skip
    columns = ["runs", "c5snn", "commit", "Python", "platform", "device", *PACKAGES]
    return Section("Environment", level=2, tables=[Table(columns, rows, n_text=len(columns))])


def _data(comparisons: list[Comparison]) -> Section:
    rows = []
    for entry in comparisons:
        data = entry.data
        windows = ", ".join(map(str, entry.windows))
        splits = " / ".join(f"{data.n_windows[split]:,}" for split in ("train", "val", "test"))
        shape = f"{data.n_active} of {data.n_parts}"
        rows.append(
            [data.source, shape, windows, str(data.n_origins), splits, data.first_target, data.last_target, data.sha256]
        )
    columns = ["history", "active parts", "window", "origins", "train / val / test", "first", "last", "SHA-256"]
    return Section("Data", level=2, tables=[Table(columns, rows, n_text=len(columns))])


def _list(title: str, lines: list[str], *, is_short: bool = False) -> Section:
    return Section(title, level=2, sentences=lines, is_short=is_short)
