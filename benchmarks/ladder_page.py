"""``python -m benchmarks.ladder_page``: writes ``docs/ladder.md`` and its figures from the results of sweeps alone."""

import argparse
import re
import sys
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from string import Template
from typing import final

from benchmarks.ladder_rates import chosen_rates, rates_text
from c5snn.analysis.sections import searches_of
from c5snn.errors import ConfigError
from c5snn.reports.collection import Collection, collect
from c5snn.reports.document import Document, Section
from c5snn.reports.findings import environments_of
from c5snn.reports.ladder.contrasts import contrast_sentence
from c5snn.reports.ladder.ladder import Ladder, ladder_sections
from c5snn.reports.output import write_report
from c5snn.reports.report import Report, document_of, make_report
from c5snn.reports.searches.two_searches import two_searches_sections
from c5snn.reports.text import to_markdown
from c5snn.reports.words import count, joined

__all__ = ["main"]

TEMPLATE = Path(__file__).with_suffix(".md")
PAGE = Path(__file__).parents[1] / "docs" / "ladder.md"
SPIKING = "spike_gru"
N_DRAWS = 100  # of luck, for p-values of which the page shows none
# what of a report stands on the page
OVERVIEW, CONTRASTS, REFERENCE = "Signal ladder", "Against the baselines and each other", "against each other model"
MEMORY, COST, SEARCHES = "Memory span", "Cost", "Searches side by side"


@final
@dataclass(frozen=True)
class Sweep:
    """A sweep of the page, or several that make one report.

    Args:
        runs: What ``c5snn sweep`` is given, by the folder of the results.
        titles: The sections of its report that the page shows, each by its title or the end of it.
        figure: The title of its figure and the figure's file; None without one.
        reference: The model that all others are held against; None for each pair.
    """

    runs: Mapping[str, str]
    titles: tuple[str, ...]
    figure: tuple[str, str] | None = None
    reference: str | None = None


SWEEPS = {
    "paired": Sweep(
        {"ladder_paired": "ladder.yaml --profile paired"},
        (OVERVIEW, CONTRASTS, COST),
        (OVERVIEW, "ladder.svg"),
    ),
    "weak": Sweep({"ladder_weak": "ladder.yaml --profile weak"}, (OVERVIEW, CONTRASTS)),
    "memory": Sweep({"ladder_memory": "ladder.yaml --profile memory"}, (MEMORY, OVERVIEW), (MEMORY, "memory_span.svg")),
    "ablation": Sweep({"ablation": "ablation.yaml"}, (REFERENCE,), reference=SPIKING),
    "ablation_weak": Sweep({"ablation_weak": "ablation.yaml --profile weak"}, (REFERENCE,), reference=SPIKING),
    "studies": Sweep(
        {"gru_study": "gru_study.yaml", "spike_gru_study": "spike_gru_study.yaml"}, (OVERVIEW, CONTRASTS, SEARCHES)
    ),
}


@final
class Results:
    """What a sweep has left behind.

    Args:
        sweep: The sweep.
        root: Where the folders of all sweeps lie.
    """

    def __init__(self, sweep: Sweep, root: Path) -> None:
        self.sweep = sweep
        self.folders = [root / folder for folder in sweep.runs]

    @cached_property
    def collection(self) -> Collection | None:
        """Its runs; None where there are none."""
        try:
            return collect(self.folders)
        except ConfigError:
            return None

    @cached_property
    def report(self) -> Report | None:
        """Its report; None where it holds too little for one."""
        if self.collection is None:
            return None
        try:
            return make_report(self.collection, reference=self.sweep.reference, n_draws=N_DRAWS)
        except ConfigError:
            return None

    @property
    def ladder(self) -> Ladder | None:
        """The ladder of its report."""
        return self.report.ladder if self.report else None

    def state(self) -> str:
        """Return how many of its trials there are, and how long they took."""
        folders = " ".join(f"sweeps/{folder}" for folder in self.sweep.runs)
        report = f"`c5snn report {folders}{self._reference()}`"
        if self.collection is None:
            return f"{joined([f'`c5snn sweep {words}`' for words in self.sweep.runs.values()])} left no result yet."
        seeds = sorted({int(str(run.data.facts["data_seed"])) for run in self.collection.runs})
        minutes = sum(run.training_time_s for run in self.collection.runs) / 60
        trials = f"{count(len(self.collection.runs), 'trial')} on data seeds {joined([str(seed) for seed in seeds])}"
        failed = f"; {count(len(self.collection.failures), 'trial')} failed" if self.collection.failures else ""
        return f"{trials}, {count(round(minutes), 'minute')} of training{failed}. From {report}:"

    def text(self) -> str:
        """Return the sections of its report that the page shows; empty without a result, which its state says."""
        if self.collection is None:
            return ""
        if self.ladder is None:
            return "There are too few results for a ladder."
        searches = searches_of([str(folder) for folder in self.folders])
        sections = [*ladder_sections(self.ladder), *(two_searches_sections(searches) if len(searches) > 1 else [])]
        shown = [section for title in self.sweep.titles for section in sections if section.title.endswith(title)]
        return "\n\n".join(_section_text(section) for section in shown)

    def draw(self, folder: Path) -> list[Path]:
        """Write its figure; nothing where it has none."""
        if self.report is None or self.sweep.figure is None:
            return []
        title, name = self.sweep.figure
        document = document_of(self.report)
        if title not in {section.title for section in document.sections if section.drawing}:
            return []
        return write_report(self.report, document, folder / name, title)

    def _reference(self) -> str:
        return f" --reference {self.sweep.reference}" if self.sweep.reference else ""


def main(words: Sequence[str] | None = None) -> int:
    """Write the page and its figures.

    Args:
        words: Of the command line; None: the process's own.
    """
    arguments = _parser().parse_args(words)
    results = {name: Results(sweep, arguments.sweeps) for name, sweep in SWEEPS.items()}
    written = [file for found in results.values() for file in found.draw(arguments.output.parent)]
    parts = {name: found.text() for name, found in results.items()}
    parts |= {f"{name}_runs": found.state() for name, found in results.items()}
    ladders = {name: found.ladder for name, found in results.items() if name in ("paired", "weak") and found.ladder}
    searched = [ladder] if (ladder := results["studies"].ladder) else []
    parts |= {"losses": _losses(list(ladders.values())), "standings": _claims(ladders), "environment": _ran(results)}
    parts["searched"] = _losses(searched)
    parts["rates"] = rates_text(arguments.sweeps / "ladder_rates", chosen_rates())
    page = Template(TEMPLATE.read_text(encoding="utf-8")).substitute(parts)
    arguments.output.write_text(re.sub(r"\n{3,}", "\n\n", page), encoding="utf-8")
    for file in [*written, arguments.output]:
        print(f"written to {file}")
    return 0


def _losses(ladders: Sequence[Ladder]) -> str:
    """Return what each spiking network loses and wins against each conventional one, losses first."""
    found = [
        (not contrast.at("below"), f"* {sentence}")
        for ladder in ladders
        for contrast in ladder.contrasts
        if _is_spiking(contrast.first) and not _is_spiking(contrast.second)
        if (sentence := contrast_sentence(contrast))
    ]
    if not found:
        return "Nothing can be said yet of the spiking network beside a GRU."
    rule = "Above and below: two-sided p < 0.05 after Holm's correction for the rows of all pairs of its table."
    return "\n".join([*(text for _, text in sorted(found, key=lambda entry: entry[0])), "", rule])


def _is_spiking(label: str) -> bool:
    """Return whether a label, a model with the options that tell it apart, is of a spiking network."""
    return label.partition(" ")[0] == SPIKING


def _claims(ladders: dict[str, Ladder]) -> str:
    """Return on how many rows each network is above the baselines."""
    overviews = [section for ladder in ladders.values() for section in ladder_sections(ladder)[:1]]
    return "\n".join(f"* {sentence}" for section in overviews for sentence in section.sentences)


def _section_text(section: Section) -> str:
    """Return a section's sentences, tables and note, without its title."""
    text = to_markdown(Document("", [], [replace(section, drawing=None)]))
    return text.partition("\n")[2].strip()


def _ran(results: dict[str, Results]) -> str:
    """Return what the trials were made with, and their hours."""
    runs = [run for found in results.values() if found.collection for run in found.collection.runs]
    if not runs:
        return "Nothing has been run yet."
    hours = sum(run.training_time_s for run in runs) / 3600
    lines = [
        f"* {count(entry.n_runs, 'trial')}: c5snn {entry.c5snn}, commit {(entry.git_commit or 'unknown')[:10]}, Python "
        f"{entry.python}, torch {entry.packages['torch']}, {entry.device}, {entry.platform}"
        for entry in environments_of(runs)
    ]
    total = f"{count(len(runs), 'trial')} in all, {hours:.1f} hours of training on one thread each"
    shared = "trials that profiles share were trained once and copied, and count in each of them"
    return "\n".join([f"{total}; {shared}.", "", *lines])


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.ladder_page", description="Write the page of the ladder from its sweeps' results."
    )
    parser.add_argument("--sweeps", type=Path, default=Path("sweeps"), help="where the sweeps' results lie")
    parser.add_argument("--output", type=Path, default=PAGE, help="the page; its figures are written beside it")
    return parser


if __name__ == "__main__":
    sys.exit(main())
