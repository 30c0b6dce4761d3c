"""A search as sections of a report: what its trials came to, what matters, and how it went; searches side by side."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from c5snn.analysis.findings import FEWEST_COMPLETE, Findings, analyze_search
from c5snn.analysis.interactions import pairs_of
from c5snn.analysis.own_sweeps import is_sweep, read_sweep
from c5snn.analysis.reading import ReadSearch, is_table, read_search
from c5snn.analysis.steps import importance_sentences
from c5snn.analysis.summary import summary_sentences
from c5snn.errors import C5Error
from c5snn.records.searched import SearchRecord
from c5snn.reports.document import Document, Section
from c5snn.reports.searches.history import history_section
from c5snn.reports.searches.importances import importances_section
from c5snn.reports.searches.pair_maps import pair_maps_section
from c5snn.reports.searches.parallel import parallel_section
from c5snn.reports.searches.slices import slices_section
from c5snn.reports.searches.timeline import timeline_section
from c5snn.reports.searches.two_searches import two_searches_sections
from c5snn.sweeps.study_reading import SUMMARY

__all__ = ["document_of_tables", "search_sections", "searches_of"]

MIN_GRID = 10  # configurations from which a grid is worth these sections


def searches_of(paths: Sequence[str]) -> list[SearchRecord]:
    """Return the searches among the paths of a report: studies, grids of enough configurations, foreign tables.

    A sweep that cannot be analysed, such as one on several histories, is left to the rest of the report.
    """
    found: list[SearchRecord] = []
    for name in paths:
        if is_table(name):
            found.append(read_search(name).search)
            continue
        for folder in _sweeps(Path(name)):
            try:
                search = read_sweep(folder)
            except C5Error:
                continue
            is_study = (folder / SUMMARY).is_file()
            if len(search.complete) >= (1 if is_study else MIN_GRID) and search.options and search.is_on_one_test:
                found.append(search)
    return found


def search_sections(searches: Sequence[SearchRecord]) -> list[Section]:
    """Return the sections of all searches, and those that compare them where there are several."""
    with_trials = [search for search in searches if search.complete]
    sections = two_searches_sections(with_trials) if len(with_trials) > 1 else []
    for search in searches:
        sections += _of_search(search)
    return sections


def document_of_tables(searches: Sequence[SearchRecord]) -> Document:
    """Return a document on searches alone, of which there are no runs to report."""
    verdict = []
    for search in searches:
        findings = _findings(search)
        verdict += [f"{search.name}: {sentence}" for sentence in summary_sentences(findings)[:2]] if findings else []
    return Document(
        "What the searches say", verdict or ["No search has enough complete trials."], search_sections(searches)
    )


def _of_search(search: SearchRecord) -> list[Section]:
    findings = _findings(search)
    best = history_section(search)
    if findings is None:
        return [section for section in (_heading(search, []), best) if section is not None]
    names = findings.ordered_options
    ranges = [name for name in names if (option := search.option(name)) and option.is_range]
    pairs = [(entry.first.name, entry.second.name) for entry in findings.interactions]
    pairs += [pair for pair in pairs_of(ranges[:3]) if pair not in pairs]
    optional = [
        best,
        importances_section(findings.importances, importance_sentences(findings)),
        slices_section(search, names),
        pair_maps_section(search, pairs),
        parallel_section(search, names, findings.elites),
        timeline_section(search),
    ]
    return [_heading(search, summary_sentences(findings)), *(replace(s, level=3) for s in optional if s is not None)]


def _heading(search: SearchRecord, sentences: Sequence[str]) -> Section:
    return Section(f"The search {search.name}", 2, [*sentences, *search.notes], is_short=True)


def _findings(search: SearchRecord) -> Findings | None:
    if len(search.complete) < FEWEST_COMPLETE or not search.options:
        return None
    return analyze_search(ReadSearch(search, search))


def _sweeps(path: Path) -> list[Path]:
    """Return the sweep of a folder, or the studies of its folders."""
    if not path.is_dir() or not is_sweep(path):
        return []
    inner = sorted(file.parent for file in path.glob(f"*/{SUMMARY}"))
    return inner if inner and not (path / "trials").is_dir() else [path]
