"""Where a report is written: a file of its suffix, or a folder for the page, Markdown and JSON."""

import dataclasses
import math
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

from c5snn.errors import ConfigError, OutputError
from c5snn.evidence import Words
from c5snn.files import json_text, write_bytes, write_text
from c5snn.records import Draws, Headline, Inspection, OriginChoice, RunRecord, ScoredConfiguration
from c5snn.reports.configurations import options_of
from c5snn.reports.document import Document
from c5snn.reports.figures.canvas import png
from c5snn.reports.figures.inspection import draw_inspection
from c5snn.reports.inspected import InspectedRun, inspection_sections
from c5snn.reports.page import to_html, to_svg
from c5snn.reports.report import Report
from c5snn.reports.text import to_markdown

__all__ = ["SUFFIXES", "check_output", "to_json", "write_document", "write_inspection", "write_report"]

SUFFIXES = (".html", ".md", ".json", ".svg")
IN_FOLDER = SUFFIXES[:3]  # the page holds every figure
STEM = "report"
PICTURE_WIDTH = 720


def check_output(path: Path | None, figure: str | None = None) -> None:
    """Refuse a name that no report can have, before anything is computed.

    Args:
        path: Where the report goes; None for nowhere but the terminal.
        figure: The title of the figure that is asked for.

    Raises:
        ConfigError: The name has another suffix, or a figure is asked for and the output is no picture.
    """
    if figure is not None and (path is None or path.suffix != ".svg"):
        raise ConfigError(f"A figure needs an output that ends in .svg, but the output is {path or 'missing'}.")
    if path is None:
        return
    if path.suffix and path.suffix not in SUFFIXES and not path.is_dir():
        raise ConfigError(
            f"The output must end in {', '.join(SUFFIXES)} or be a folder for the first three, but is `{path}`."
        )


def write_report(report: Report, document: Document, path: Path, figure: str | None = None) -> list[Path]:
    """Write a report.

    Args:
        report: What is known.
        document: The same in words.
        path: A file whose suffix says as what; a folder, made when it is missing, takes a page, Markdown and JSON.
        figure: The title of the figure that a picture shows; None for the first.

    Returns:
        The files.

    Raises:
        ConfigError: There is no such figure.
        OutputError: A file cannot be written; what stood there is unchanged.
    """
    if path.suffix in SUFFIXES and not path.is_dir():
        files = [path]
    else:
        _make(path)
        files = [path / f"{STEM}{suffix}" for suffix in IN_FOLDER]
    for file in files:
        write_text(file, _content(report, document, file, figure))
    return files


def write_document(document: Document, path: Path, figure: str | None = None) -> list[Path]:
    """Write a document that no runs stand behind: a page, Markdown, one figure, or a folder with the first two.

    Args:
        document: The document.
        path: A file whose suffix says as what, or a folder.
        figure: The title of the figure that a picture shows; None for the first.

    Returns:
        The files.

    Raises:
        ConfigError: There is no such figure.
        OutputError: A file cannot be written.
    """
    texts: dict[str, Callable[[Document], str]] = {
        ".html": partial(to_html, folder=path.parent if path.suffix == ".html" else path),
        ".md": to_markdown,
        ".svg": partial(to_svg, figure=figure),
    }
    if path.suffix in texts and not path.is_dir():
        files = [path]
    else:
        _make(path)
        files = [path / f"{STEM}{suffix}" for suffix in (".html", ".md")]
    for file in files:
        write_text(file, texts[file.suffix](document))
    return files


def write_inspection(inspection: Inspection, path: Path) -> None:
    """Write the figure of an inspection.

    Args:
        inspection: What was found.
        path: A file that ends in ``.png`` or ``.svg``.

    Raises:
        OutputError: The file cannot be written.
    """
    if path.suffix == ".png":
        write_bytes(path, png(draw_inspection(inspection, PICTURE_WIDTH)))
    else:
        sections = inspection_sections([InspectedRun(inspection.model, 0, inspection)])
        write_text(path, to_svg(Document("", [], sections)))


def to_json(report: Report) -> dict[str, Any]:
    """Return every number of a report, unrounded: NaN becomes None, a run the place of its record."""
    plain: dict[str, Any] = _plain(report)
    return plain


def _content(report: Report, document: Document, file: Path, figure: str | None) -> str:
    if file.suffix == ".html":
        return to_html(document, file.parent)
    if file.suffix == ".md":
        return to_markdown(document)
    if file.suffix == ".svg":
        return to_svg(document, figure)
    return json_text(to_json(report))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise OutputError(f"`{folder}` could not be made: {error.strerror or error}. Nothing was changed.") from error


def _plain(value: Any) -> Any:  # noqa: ANN401, PLR0911  # a field may be anything
    if isinstance(value, RunRecord):
        return {"folder": str(value.folder), "seed": value.seed, "origin": value.data.origin}
    if isinstance(value, ScoredConfiguration):
        return _fields(value) | {"lift": value.lift, "options": _plain(options_of(value.runs[0]))}
    if isinstance(value, Draws | Headline | OriginChoice | Words):
        return _plain(value._asdict())
    if dataclasses.is_dataclass(value):
        return _fields(value)
    if isinstance(value, Path):
        return str(value)
    if isinstance(value, dict):
        return {str(key): _plain(entry) for key, entry in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(entry) for entry in value]
    return None if isinstance(value, float) and not math.isfinite(value) else value


def _fields(value: Any) -> dict[str, Any]:  # noqa: ANN401
    return {field.name: _plain(getattr(value, field.name)) for field in dataclasses.fields(value)}
