"""The files of an analysis: tables, the refined space, the summary, the log, and a manifest with the hash of each."""

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from importlib import metadata
from pathlib import Path
from typing import Any

import yaml
from rich.console import Console

import c5snn
from c5snn.analysis.directions import Direction
from c5snn.analysis.findings import Findings
from c5snn.analysis.next_space import space_lines
from c5snn.analysis.steps import importance_sentences, steps_document
from c5snn.analysis.summary import summary_sentences
from c5snn.evidence import Interval
from c5snn.files import sha256_of, write_json, write_text
from c5snn.records.searched import SearchedTrial
from c5snn.reports.document import Document
from c5snn.reports.page import to_html
from c5snn.reports.searches.importances import importances_section
from c5snn.reports.text import print_sections, to_markdown
from c5snn.sweeps.space import canonical

__all__ = ["LOG", "MANIFEST", "WIDTH", "write_files"]

LOG, MANIFEST = "full_analysis.log", "manifest.json"
WIDTH = 80
PACKAGES = ("numpy", "scipy", "optuna", "matplotlib")

Rows = list[dict[str, object]]


def write_files(findings: Findings, folder: Path, filters: Mapping[str, Any]) -> list[Path]:
    """Write the fifteen files, the log and the manifest.

    Args:
        findings: What the search says.
        folder: Where they go; made where it is missing.
        filters: What the analysis was asked for, for the manifest.

    Returns:
        The files.

    Raises:
        OutputError: One cannot be written.
    """
    document = steps_document(findings)
    content = {
        "study_overview.csv": _csv(_overview(findings)),
        "empirical_ranges.yaml": _yaml(
            _ranges(findings), "What the complete trials have of each option, and the elites."
        ),
        "param_importances.csv": _csv([dict(vars(entry)) for entry in findings.importances]),
        "param_importances.html": to_html(_importances(findings)),
        "directionality_continuous.csv": _csv(_continuous(findings)),
        "directionality_boolean.csv": _csv(_booleans(findings)),
        "directionality_categorical_detail.csv": _csv(_details(findings)),
        "directionality_categorical_summary.csv": _csv(_categories(findings)),
        "elite_convergence.csv": _csv(_elites(findings)),
        "boundary_hits.csv": _csv(_hits(findings)),
        **{_contour_name(entry.first.name, entry.second.name): _csv(rows) for entry, rows in _contours(findings)},
        "refined_search_space.yaml": "\n".join(_refined(findings)) + "\n",
        "ANALYSIS_SUMMARY.md": to_markdown(document),
        LOG: _log(document),
    }
    folder.mkdir(parents=True, exist_ok=True)
    for stale in folder.glob("contour_data_*_vs_*.csv"):  # those of other pairs
        stale.unlink()
    for name, text in content.items():
        write_text(folder / name, text)
    write_json(folder / MANIFEST, _manifest(findings, folder, list(content), filters))
    return [*(folder / name for name in content), folder / MANIFEST]


def _overview(findings: Findings) -> Rows:
    search = findings.search
    elites = {trial.number for trial in findings.elites}
    return [
        {
            "number": trial.number, "state": trial.state, "value": trial.value, "sampled_by": trial.sampled_by,
            "is_duplicate": trial.is_duplicate, "is_elite": trial.number in elites,
            **{option.name: _tried(trial, option.name) for option in search.options},
        }
        for trial in search.trials
    ]  # fmt: skip


def _ranges(findings: Findings) -> dict[str, Any]:
    inside = {entry.option.name: entry for entry in findings.elite_ranges}
    found: dict[str, Any] = {}
    for entry in findings.completed:
        name = entry.option.name
        of: dict[str, Any] = {"n": entry.n}
        if entry.low is not None:
            of |= {"low": entry.low, "high": entry.high, "median": entry.median}
        if entry.counts:
            of["counts"] = [{"value": value, "n": n} for value, n in entry.counts]
        if name in inside:
            of["elites"] = {"n": inside[name].n_elite, "low_5": inside[name].low, "high_95": inside[name].high}
        found[name] = of
    return found


def _importances(findings: Findings) -> Document:
    section = importances_section(findings.importances, importance_sentences(findings))
    return Document(f"What matters in {findings.search.name}", summary_sentences(findings)[:2], [section])


def _shared(entry: Direction) -> dict[str, object]:
    low, high = _ends(entry.interval)
    return {
        "option": entry.option.name, "n": entry.n_tested, "effect": entry.effect, "low": low, "high": high,
        "p": entry.p, "p_corrected": entry.p_corrected, "n_random": entry.random.n, "effect_random": entry.random.value,
        "p_random": entry.random.p, "n_with_pruned": entry.bounded.n, "n_pruned": entry.n_pruned,
        "effect_with_pruned": entry.bounded.value, "p_with_pruned": entry.bounded.p,
    }  # fmt: skip


def _continuous(findings: Findings) -> Rows:
    rows = []
    for entry in findings.directions:
        if entry.option.kind != "number":
            continue
        fields = _shared(entry)
        rho = {"option": fields.pop("option"), "n": fields.pop("n"), "rho": fields.pop("effect")}
        up = None if entry.effect is None else "rising" if entry.effect > 0 else "falling"
        rows.append({**rho, **fields, "trend": up if entry.is_decided else "undecided"})
    return rows


def _booleans(findings: Findings) -> Rows:
    rows = []
    for entry in findings.directions:
        if entry.option.kind == "boolean":
            means = {bool(choice.value): choice for choice in entry.choices}
            of: dict[str, object] = {f"n_{str(v).lower()}": means[v].n if v in means else 0 for v in (True, False)}
            of |= {f"mean_{str(v).lower()}": means[v].mean if v in means else None for v in (True, False)}
            fields = _shared(entry)
            rows.append({"option": fields.pop("option"), **of, "difference": fields.pop("effect"), **fields})
    return rows


def _details(findings: Findings) -> Rows:
    rows: Rows = []
    for entry in findings.directions:
        for choice in entry.choices if entry.option.kind == "choice" else ():
            low, high = _ends(choice.interval)
            rows.append(
                {"option": entry.option.name, "value": _cell(choice.value), "n": choice.n, "mean": choice.mean,
                 "sd": choice.sd, "low_less_others": low, "high_less_others": high}
            )  # fmt: skip
    return rows


def _categories(findings: Findings) -> Rows:
    rows = []
    for entry in findings.directions:
        if entry.option.kind == "choice" and entry.choices:
            fields, ends = _shared(entry), dict[str, object](best=None, worst=None, best_less_worst=None)
            if entry.extremes is not None:
                best, worst = entry.extremes
                ends = {"best": _cell(best.value), "worst": _cell(worst.value)}
                ends["best_less_worst"] = best.mean - worst.mean
            rows.append({"option": fields.pop("option"), **ends, **fields})
    return rows


def _elites(findings: Findings) -> Rows:
    ranges: Rows = [
        {"option": e.option.name, "value": "", "n": e.n, "n_elite": e.n_elite, "low_5": e.low, "high_95": e.high,
         "mean": e.mean, "sd": e.sd, "share_of_range": e.span}
        for e in findings.elite_ranges
    ]  # fmt: skip
    choices: Rows = [
        {"option": e.option.name, "value": _cell(e.value), "n": e.n, "n_all": e.n_all, "n_elite": e.n_elite,
         "n_all_elite": e.n_all_elite, "p_more": e.p_more, "p_fewer": e.p_fewer,
         "p_fewer_corrected": e.p_fewer_corrected}
        for e in findings.elite_choices
    ]  # fmt: skip
    return [*ranges, *choices]


def _hits(findings: Findings) -> Rows:
    return [{**vars(entry), "option": entry.option.name} for entry in findings.hits]


def _contours(findings: Findings) -> list[tuple[Any, Rows]]:
    return [
        (
            entry,
            [
                {entry.first.name: cell.first, entry.second.name: cell.second, "n": cell.n, "mean": cell.mean,
                 "sd": cell.sd, "best": cell.best}
                for cell in entry.cells
            ],
        )
        for entry in findings.interactions
    ]  # fmt: skip


def _contour_name(first: str, second: str) -> str:
    return f"contour_data_{_file_word(first)}_vs_{_file_word(second)}.csv"


def _file_word(name: str) -> str:
    return re.sub(r"[^\w.-]", "_", name)[:80]


def _refined(findings: Findings) -> list[str]:
    head = f"# The next space after {findings.search.name}: each option with its decision and the evidence."
    if all(entry.is_dropped for entry in findings.decisions):
        return [head, "# No option is left.", *space_lines(findings.decisions), "space: {}"]
    return [head, "space:", *(f"  {line}" if line else "" for line in space_lines(findings.decisions))]


def _log(document: Document) -> str:
    file = io.StringIO()
    print_sections(document, Console(file=file, width=WIDTH, highlight=False))
    return file.getvalue()


def _manifest(findings: Findings, folder: Path, names: Sequence[str], filters: Mapping[str, Any]) -> dict[str, Any]:
    search = findings.search
    source = {"name": search.name, "path": str(search.source)}
    if search.source.is_file():
        source["sha256"] = sha256_of(search.source)
    return {
        "source": source,
        "filters": dict(filters),
        "metric": {"name": search.metric, "mode": search.mode, "recorded": findings.recorded.metric,
                   "check": findings.check.status},
        "n_trials": len(search.trials),
        "n_complete": len(search.complete),
        "n_pruned": len(search.pruned),
        "versions": {"c5snn": c5snn.__version__, **_versions(PACKAGES)},
        "sha256": {name: sha256_of(folder / name) for name in names},
    }  # fmt: skip


def _versions(names: Iterable[str]) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for name in names:
        try:
            found[name] = metadata.version(name)
        except metadata.PackageNotFoundError:
            found[name] = None
    return found


def _csv(rows: Rows) -> str:
    """Return rows as CSV; what a row lacks is an empty cell."""
    text = io.StringIO()
    columns = list(dict.fromkeys(name for row in rows for name in row)) or ["option"]
    writer = csv.DictWriter(text, fieldnames=columns, lineterminator="\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()


def _yaml(content: Mapping[str, Any], comment: str) -> str:
    return f"# {comment}\n{yaml.safe_dump(dict(content), sort_keys=False, allow_unicode=True)}"


def _cell(value: object) -> object:
    """Return a value as a cell: numbers and words as they are, all else as JSON."""
    is_plain = isinstance(value, str | int | float) and not isinstance(value, bool)
    return value if is_plain else canonical(value)


def _tried(trial: SearchedTrial, name: str) -> object:
    """Return an option's value of a trial as a cell, empty where it was not sampled."""
    return _cell(trial.params[name]) if name in trial.params else None


def _ends(ends: Interval | None) -> tuple[float | None, float | None]:
    return (None, None) if ends is None else (ends.low, ends.high)
