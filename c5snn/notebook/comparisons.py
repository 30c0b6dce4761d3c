"""Two runs compared in a notebook, with the paired evidence that ``c5snn report`` prints."""

from functools import partial
from pathlib import Path
from typing import final

from c5snn.errors import ConfigError
from c5snn.notebook.display import Picture, html_table, html_text
from c5snn.notebook.runs import LoadedRun
from c5snn.records import RunRecord
from c5snn.reports.collection import collect
from c5snn.reports.comparison import Comparison
from c5snn.reports.pairs import Pair, draw_pairs, pairs_section
from c5snn.reports.report import make_report

__all__ = ["ComparedRuns", "compare"]

Run = LoadedRun | RunRecord | str | Path


def compare(first: Run, second: Run) -> "ComparedRuns":
    """Compare what two runs, or the runs of two folders, have reached on the same test items.

    Args:
        first: A run: loaded, its record, or a folder with one run or several, such as all seeds of a model.
        second: Another one.

    Raises:
        ConfigError: One is not tested, they are one configuration, or their data, splits or headline differ.
    """
    folders = [_folder(run) for run in (first, second)]
    report = make_report(collect(folders))
    tested = [entry for entry in report.comparisons if entry.configurations]
    if len(tested) != 1:
        what = "neither has been tested" if not tested else "their data, splits or headlines differ"
        raise ConfigError(f"Two runs are compared on the same test items, but {what}: `{folders[0]}`, `{folders[1]}`.")
    (comparison,) = tested
    if not comparison.pairs:
        n = len(comparison.configurations)
        why = f"there is {n} tested configuration" if n == 1 else "their tests have no p"
        raise ConfigError(f"A comparison is of two tested configurations, but {why}: `{folders[0]}`, `{folders[1]}`.")
    return ComparedRuns(comparison)


@final
class ComparedRuns:
    """A comparison.

    Args:
        comparison: As a report has it, with at least one pair.
    """

    def __init__(self, comparison: Comparison) -> None:
        self.comparison = comparison
        self._section = pairs_section(comparison.pairs, comparison.headline.label, comparison.data.item)

    @property
    def pairs(self) -> list[Pair]:
        """The configuration that validation ranks first against each other one."""
        return self.comparison.pairs

    @property
    def sentence(self) -> str:
        """Who is ahead, by how much, or that it is undecided."""
        return self._section.sentences[0]

    def plot(self) -> Picture:
        """Return the differences with their intervals."""
        return Picture(self.sentence, partial(draw_pairs, self.pairs, self.comparison.headline.label))

    def __repr__(self) -> str:
        return self.sentence

    def _repr_html_(self) -> str:
        return "\n".join([html_text([self.sentence]), *map(html_table, self._section.tables)])


def _folder(run: Run) -> Path:
    return Path(run) if isinstance(run, str | Path) else run.folder
