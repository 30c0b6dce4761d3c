"""``c5snn data import``: a published file becomes a history, and what was done with it is said."""

import argparse
import re
import shlex
from pathlib import Path

import numpy as np
from rich.console import Console
from rich.table import Table
from rich.text import Text

from c5snn.data.events.history import write_events
from c5snn.data.events.published.conversion import Imported, import_events
from c5snn.data.events.published.dates import parse_dates
from c5snn.data.events.published.long_files import BinWidth, LongImported, bin_width, import_long
from c5snn.data.events.published.mapping import Wishes
from c5snn.data.events.published.numbers import number_ranges
from c5snn.data.events.published.table import DELIMITERS, TableFormat
from c5snn.data.events.ragged import PARTS_FILE, write_ragged
from c5snn.data.events.times import coarsest, spell_times
from c5snn.errors import ConfigError

__all__ = ["add_import_options", "import_file"]

_URL = re.compile(r"[a-z][a-z0-9+.-]*://", re.IGNORECASE)
_MOST_LISTED = 8

_DESCRIPTION = """Turn a published file into a history. The mapping is found as far as the file tells, and printed as a
table and as the command line that repeats it; what the file leaves open is asked for. Columns are said by name, or by
number from 1."""


def add_import_options(parser: argparse.ArgumentParser) -> None:
    """Add the source and the options of ``c5snn data import``."""
    parser.description = _DESCRIPTION
    parser.add_argument("source", metavar="SRC", help="a .csv, .tsv, .txt or .json file, each also in .gz")
    parser.add_argument("--layout", choices=["wide", "long"], default="wide", help="a row an event, or a row an active"
                        " part: baskets, alarms, spikes (%(default)s)")  # fmt: skip
    parser.add_argument(
        "--bin", metavar="WIDTH", help="of a long file: the time of one event, such as 20ms, 1h, 1d, 1w"
    )
    written = parser.add_argument_group("how the file is written")
    written.add_argument("--encoding", help="such as utf-8, cp1252, latin-1 (found)")
    written.add_argument("--delimiter", help=f"{' '.join(DELIMITERS)}, or another character (found)")
    header = written.add_mutually_exclusive_group()
    header.add_argument("--header", action="store_true", default=None, help="the first row names the columns (found)")
    header.add_argument("--no-header", dest="header", action="store_false", help="the first row is an event")
    columns = parser.add_argument_group("what its columns mean")
    columns.add_argument("--date", metavar="COL|Y,M,D", help="column of the date, or those of year, month and day")
    columns.add_argument("--date-format", metavar="FORMAT", help="such as %%d/%%m/%%Y; unix, unix-ms, excel")
    columns.add_argument("--order", choices=["oldest-first", "newest-first", "by-date"], help="of the rows (found)")
    columns.add_argument("--numbers", metavar="COL,COL,...|COL", help="columns of the numbers, or that of all of them")
    columns.add_argument("--bonus", choices=["drop", "include"], help="whether bonus numbers are parts (drop)")
    columns.add_argument("--key", metavar="COL", help="orders the events of one date; `row`: as the rows stand")
    columns.add_argument("--n-parts", type=int, metavar="N", help="how many parts there are (the highest number)")
    columns.add_argument("--since", metavar="DATE", help="leave out earlier events")


def import_file(arguments: argparse.Namespace) -> int:
    """Import the source that the options name, write the history, and print what was done.

    Raises:
        C5Error: Something must be said, the file breaks rules, or the history cannot be written.
    """
    if _URL.match(arguments.source):
        raise ConfigError(f"SRC must be a file on this machine, but got the URL {arguments.source}. Download it first.")
    if arguments.layout == "long":
        return _import_long(arguments)
    if arguments.bin is not None:
        raise ConfigError("`--bin` is for long files: say --layout long, or leave it out.")
    imported = import_events(Path(arguments.source), _wishes(arguments))
    write_events(imported.history, arguments.destination)
    _print(arguments.source, str(arguments.destination), imported)
    return 0


def _import_long(arguments: argparse.Namespace) -> int:
    foreign = [name for name in ("order", "bonus", "key") if getattr(arguments, name) is not None]
    if foreign or arguments.bin is None:
        fault = f"got --{foreign[0]}" if foreign else "there is none"
        raise ConfigError(
            f"--layout long takes --bin WIDTH, such as 1d, and no --order, --bonus or --key, but {fault}."
        )
    wishes, width = _wishes(arguments), bin_width(arguments.bin)
    imported = import_long(Path(arguments.source), wishes, width)
    names_file = arguments.destination.parent / PARTS_FILE
    if names_file.exists() and not (arguments.force and imported.history.names):
        way = "or replace it with --force" if imported.history.names else "or remove it"
        raise ConfigError(f"`{names_file}` must not exist, but does: choose another folder, {way}.")
    write_ragged(imported.history, arguments.destination)
    _print_table(arguments.source, _long_facts(imported, width))
    destination = str(arguments.destination)
    print(f"\nThe same again:\n{imported.command(arguments.source, destination, wishes, width)}")
    print(f"\n{destination}: {len(imported.history):,} events, SHA-256 {imported.history.sha256}")
    shape = f"--data.n_parts {imported.history.n_parts} --data.n_active varies"
    print(f"Train on it: c5snn fit --config spike_gru.yaml --data.path {shlex.quote(destination)} {shape}")
    return 0


def _long_facts(imported: LongImported, width: BinWidth) -> list[tuple[str, str]]:
    history, written = imported.history, imported.table.written
    names = imported.table.names
    spelling = "plain numbers; a bin's number is its time divided by its width"
    if imported.date_format is not None:
        spelling = imported.date_format + _zone_fact(imported.date_format)
    sizes = history.sizes
    parts = f"named in {PARTS_FILE}" if history.names else "numbers of the file"
    return [
        ("file", f"{written.encoding}, delimiter {written.delimiter or 'none: JSON'}"),
        ("time", f"{names[imported.time] or f'column {imported.time + 1}'}, read as {spelling}"),
        ("parts", f"{names[imported.part] or f'column {imported.part + 1}'}: {history.n_parts} ({parts})"),
        ("bins", f"{len(history):,} of {width.said}, {history.dates[0]} to {history.dates[-1]}"),
        (
            "sizes",
            f"{sizes.min()} to {sizes.max()} parts, mean {sizes.mean():.2f}; {int((sizes == 0).sum()):,} bins empty",
        ),
        ("rows", f"{imported.n_rows:,}; {imported.n_repeats:,} of a part that its bin has already"),
        ("dropped", f"{imported.n_earlier:,} earlier; {len(imported.table.dropped):,} lines that are no rows"),
    ]


def _wishes(arguments: argparse.Namespace) -> Wishes:
    delimiter = {"\\t": "tab", "\t": "tab", " ": "space", "comma": ",", "semicolon": ";", "pipe": "|"}.get(
        arguments.delimiter, arguments.delimiter
    )
    is_character = delimiter is not None and len(delimiter) == 1 and delimiter.isascii() and delimiter not in '"\n\r'
    if delimiter is not None and delimiter not in DELIMITERS and not is_character:
        raise ConfigError(
            f"`--delimiter` must be one ASCII character or of {', '.join(DELIMITERS)}, got {delimiter!r}."
        )
    if arguments.n_parts is not None and arguments.n_parts < 2:  # noqa: PLR2004  # one part alone is no choice
        raise ConfigError(f"`2 <= n_parts` must hold, but got n_parts={arguments.n_parts}.")
    return Wishes(
        written=TableFormat(arguments.encoding, delimiter, arguments.header),
        date=arguments.date,
        date_format=arguments.date_format,
        order=arguments.order,
        numbers=arguments.numbers,
        bonus=arguments.bonus,
        key=arguments.key,
        n_parts=arguments.n_parts,
        since=arguments.since,
    )


def _print(source: str, destination: str, imported: Imported) -> None:
    _print_table(source, _facts(imported))
    console = Console()
    for warning in _warnings(imported):
        console.print(Text(f"Warning: {warning}"))
    history = imported.history
    print(f"\nThe same again:\n{imported.mapping.command(source, destination, imported.table)}")
    shape = f"--data.n_parts {history.n_parts} --data.n_active {history.n_active}"
    print(f"\n{destination}: {len(history):,} events, SHA-256 {history.sha256}")
    print(f"Train on it: c5snn fit --config spike_gru.yaml --data.path {shlex.quote(destination)} {shape}")


def _print_table(title: str, facts: list[tuple[str, str]]) -> None:
    console, table = Console(), Table.grid(padding=(0, 2))
    for name, fact in facts:
        table.add_row(name, Text(fact, overflow="fold"))
    console.print(Text(title, style="bold"))
    console.print(table)


def _facts(imported: Imported) -> list[tuple[str, str]]:
    mapping, table, history = imported.mapping, imported.table, imported.history
    used = {*mapping.date, *mapping.numbers, *mapping.bonus, *({mapping.key} - {None})}
    ignored = [_named(imported, place) for place in range(len(table.names)) if place not in used]
    said = "said" if int(history.parts.max()) != history.n_parts else "the highest number"
    header = "none" if not mapping.written.has_header else "the names of the columns"
    written = f"{mapping.written.encoding}, delimiter {mapping.written.delimiter or 'none: JSON'}, header: {header}"
    return [
        ("file", written),
        ("date", _date_fact(imported)),
        ("order", mapping.order + _order_fact(imported)),
        ("numbers", f"{_listed([_named(imported, place) for place in mapping.numbers])}: {history.n_active} a row"),
        ("bonus", _bonus_fact(imported)),
        *([("same date", _key_fact(imported))] if mapping.key is not None and mapping.date else []),
        ("parts", f"{history.n_parts} ({said})"),
        ("ignored", _listed(ignored) or "nothing"),
        ("kept", f"{len(history):,} events, {history.dates[0]} to {history.dates[-1]}"),
        ("dropped", _dropped_fact(imported)),
    ]


def _named(imported: Imported, place: int) -> str:
    return imported.table.names[place].strip() or f"column {place + 1}"


def _listed(names: list[str]) -> str:
    more = f" and {len(names) - _MOST_LISTED} more" if len(names) > _MOST_LISTED else ""
    return ", ".join(names[:_MOST_LISTED]) + more


def _date_fact(imported: Imported) -> str:
    mapping, table = imported.mapping, imported.table
    if mapping.date_format is None:
        key = "the rows' order" if mapping.key is None or mapping.key < 0 else _named(imported, mapping.key)
        return f"none; events are numbered by {key}"
    text = " ".join(filter(None, (table.column(place)[-1] for place in mapping.date)))
    read = spell_times(coarsest(parse_dates([text], mapping.date_format)))[0]
    years = "; two-digit years are 1969 to 2068" if "%y" in mapping.date_format else ""
    names = _listed([_named(imported, place) for place in mapping.date])
    return f"{names}, read as {mapping.date_format}: {text} is {read}{years}{_zone_fact(mapping.date_format)}"


def _zone_fact(date_format: str) -> str:
    return "; the zone is dropped, the clock stays" if "%z" in date_format else ""


def _order_fact(imported: Imported) -> str:
    steps = np.diff(imported.lines)
    if (steps > 0).all():
        return ": the rows stay as they stand"
    return (
        ": reversed" if (steps < 0).all() else f": sorted, {int((steps < 0).sum()):,} rows stood before an earlier one"
    )


def _bonus_fact(imported: Imported) -> str:
    mapping, bonus = imported.mapping, imported.bonus
    if not bonus.shape[1]:
        return "none found"
    where = "the last of each cell" if mapping.n_cell_bonus else _listed([_named(imported, p) for p in mapping.bonus])
    there = bonus[bonus > 0]
    span = f"{there.min()} to {there.max()}" if len(there) else "empty"
    verb = "included" if mapping.bonus_use == "include" else "dropped; --bonus include makes parts of them"
    return f"{where} ({span}): {verb}"


def _key_fact(imported: Imported) -> str:
    key = imported.mapping.key
    by = "the order of the rows" if key is None or key < 0 else _named(imported, key)
    return f"by {by}, written as n = 1, 2, ... within a date"


def _dropped_fact(imported: Imported) -> str:
    kinds: dict[str, list[int]] = {}
    for dropped in imported.table.dropped:
        kinds.setdefault(dropped.what, []).append(dropped.line)
    if imported.without_numbers:
        kinds["without numbers"] = imported.without_numbers
    facts = [f"{len(lines)} {what} (line {_listed([str(line) for line in lines])})" for what, lines in kinds.items()]
    facts += [f"{imported.n_earlier:,} before {imported.mapping.since}"] if imported.n_earlier else []
    return "; ".join(facts) or "no row"


def _warnings(imported: Imported) -> list[str]:
    history = imported.history
    ranges = number_ranges(history.parts)
    warnings = []
    if len(ranges) > 1:
        spans = [
            f"1 to {part.highest} from {history.dates[part.start]} to {history.dates[part.stop - 1]}"
            f" ({part.stop - part.start:,} events)"
            for part in ranges
        ]
        last = str(history.dates[ranges[-1].start])[: len("2000-01-01")]
        warnings.append(f"the range of the numbers changes: {'; '.join(spans)}. --since {last} keeps the last of them.")
    if imported.n_wrong_weekdays:
        warnings.append(f"{imported.n_wrong_weekdays:,} dates name another weekday than theirs.")
    return warnings
