"""``c5snn data``: import, check, convert and synthesize histories of events. It needs no torch."""

import argparse
from pathlib import Path
from typing import Final

from c5snn.commands.data_import import add_import_options, import_file
from c5snn.commands.data_tables import print_summary, print_violations
from c5snn.commands.flags import CommandParser
from c5snn.commands.signal_options import add_signal_options, signal_from, sizes_from
from c5snn.data.events.event_table import read_table
from c5snn.data.events.history import EventHistory, history_of, write_events
from c5snn.data.events.published.diagnosis import explain, warn_of_day_first
from c5snn.data.events.ragged import RaggedHistory, holds_sets, ragged_history_of, read_ragged, write_ragged
from c5snn.data.events.recording import LeakyUnits, oracle_path, record, write_oracle
from c5snn.data.events.shape import EventShape, Layout
from c5snn.data.events.synthetic import synthesize
from c5snn.errors import ConfigError

__all__ = ["main"]

N_EVENTS: Final = 11_700
N_BINS: Final = 36_000


def main(argv: list[str]) -> int:
    """Run ``c5snn data`` with the words after it and return its exit code.

    Raises:
        C5Error: The file, the arguments or the place to write to is wrong.
    """
    arguments = _parser().parse_args(argv)
    return int(arguments.run(arguments))


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="c5snn data",
        description="Import a published file as a history of events, check one, change its layout, or write a synthetic"
        " one.",
        epilog="A history is a CSV file, plain or .gz: date,m_1,...,m_5 (layout `parts`), with or without the 0/1"
        " columns P_1,...,P_39 (layout `matrix`), or date,parts for events of any size (layout `sets`). A second column"
        " n orders events of the same date; n alone orders events without dates.",
    )
    commands = parser.add_subparsers(title="commands", metavar="COMMAND", required=True)
    _add_import(commands.add_parser("import", help="turn a published file into a history"))
    _add_validate(commands.add_parser("validate", help="list every violation of a file, or summarise it"))
    _add_convert(commands.add_parser("convert", help="write a history in the other layout"))
    _add_synthesize(commands.add_parser("synthesize", help="write a history drawn from a planted signal"))
    return parser


def _add_import(parser: argparse.ArgumentParser) -> None:
    add_import_options(parser)
    _add_destination(parser)
    parser.set_defaults(run=_import)


def _add_validate(parser: argparse.ArgumentParser) -> None:
    parser.description = "List every violation of a file and exit with 2, or summarise it. Nothing is repaired."
    parser.add_argument("file", type=Path, metavar="FILE", help="the history")
    _add_shape(parser)
    parser.set_defaults(run=_validate)


def _add_convert(parser: argparse.ArgumentParser) -> None:
    parser.description = "Write a history in another layout; its identity (SHA-256) stays the same."
    parser.add_argument("source", type=Path, metavar="SRC", help="the history")
    _add_destination(parser)
    parser.add_argument("--layout", choices=["parts", "matrix"], help="layout to write (default: the other one)")
    _add_shape(parser)
    parser.set_defaults(run=_convert)


def _add_synthesize(parser: argparse.ArgumentParser) -> None:
    parser.description = "Write a history drawn from a planted signal, or a recording of spiking units with its oracle."
    _add_destination(parser)
    parser.add_argument(
        "--recording",
        action="store_true",
        help=f"of {LeakyUnits.n_units} leaky integrate-and-fire units; one bin is one event; of all other options it"
        " takes --n-events and --data-seed",
    )
    add_signal_options(parser)
    parser.add_argument("--strength", type=float, help="of the signal; 0 is a fair lottery (1)")
    parser.add_argument(
        "--n-events", type=int, help=f"how many events ({N_EVENTS:,}; {N_BINS:,} bins, three minutes of 5 ms)"
    )
    parser.add_argument("--data-seed", type=int, default=1, help="makes the history (%(default)s)")
    parser.add_argument("--layout", choices=["parts", "matrix"], help="to write (parts; sets where sizes vary)")
    _add_shape(parser)
    parser.set_defaults(run=_synthesize)


def _add_shape(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--n-parts", type=int, help=f"how many parts there are ({EventShape.n_parts})")
    parser.add_argument("--n-active", type=int, help=f"how many are active in every event ({EventShape.n_active})")


def _add_destination(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("destination", type=Path, metavar="DST", help="the file to write; .gz is compressed")
    parser.add_argument("--force", action="store_true", help="replace DST when it exists")


def _import(arguments: argparse.Namespace) -> int:
    _refuse_to_replace(arguments.destination, force=arguments.force)
    return import_file(arguments)


def _validate(arguments: argparse.Namespace) -> int:
    path: Path = arguments.file
    if holds_sets(path):
        return _validate_sets(path, arguments)
    shape = _shape(arguments)
    table = read_table(path, shape)
    if table.violations:
        print_violations(path, table.violations)
        print(explain(path, shape))
        return 2
    history = history_of(table, path, shape)
    print_summary(path, table.layout, history)
    if warning := warn_of_day_first(path, history):
        print(warning)
    return 0


def _validate_sets(path: Path, arguments: argparse.Namespace) -> int:
    if arguments.n_active is not None:
        raise ConfigError("Events of any size have no --n-active; leave it out.")
    ragged = read_ragged(path, arguments.n_parts)
    if ragged.violations:
        print_violations(path, ragged.violations)
        return 2
    print_summary(path, "sets", ragged_history_of(ragged, path))
    return 0


def _shape(arguments: argparse.Namespace) -> EventShape:
    said = {"n_parts": arguments.n_parts, "n_active": arguments.n_active}
    return EventShape(**{name: value for name, value in said.items() if value is not None})


def _convert(arguments: argparse.Namespace) -> int:
    _refuse_to_replace(arguments.destination, force=arguments.force)
    if holds_sets(arguments.source):
        raise ConfigError(f"`{arguments.source}` holds events of any size, which have one layout: nothing to convert.")
    shape = _shape(arguments)
    table = read_table(arguments.source, shape)
    history = history_of(table, arguments.source, shape)
    other: Layout = "matrix" if table.layout == "parts" else "parts"
    return _write(history, arguments.destination, arguments.layout or other)


def _synthesize(arguments: argparse.Namespace) -> int:
    _refuse_to_replace(arguments.destination, force=arguments.force)
    if arguments.recording:
        return _record(arguments)
    shape, sizes = _shape(arguments), sizes_from(arguments)
    foreign = [name for name in ("n_active", "layout") if getattr(arguments, name) is not None]
    if sizes is not None and foreign:
        raise ConfigError(f"--sizes takes no --{foreign[0].replace('_', '-')}: it says how large each event is.")
    drawn = synthesize(
        signal_from(arguments),
        strength=1.0 if arguments.strength is None else arguments.strength,
        n_events=N_EVENTS if arguments.n_events is None else arguments.n_events,
        data_seed=arguments.data_seed,
        n_parts=shape.n_parts,
        n_active=shape.n_active,
        sizes=sizes,
    )
    if isinstance(drawn.history, RaggedHistory):
        write_ragged(drawn.history, arguments.destination)
        return _say_written(arguments.destination, drawn.history, "sets")
    return _write(drawn.history, arguments.destination, arguments.layout or "parts")


def _record(arguments: argparse.Namespace) -> int:
    taken = {"destination", "force", "recording", "n_events", "data_seed", "run"}
    foreign = sorted(name for name, value in vars(arguments).items() if value is not None and name not in taken)
    if foreign:
        option = f"--{foreign[0].replace('_', '-')}"
        raise ConfigError(f"--recording takes --n-events and --data-seed, but got {option}. Leave one of them out.")
    path: Path = arguments.destination
    _refuse_to_replace(oracle_path(path), force=arguments.force)
    n_bins = N_BINS if arguments.n_events is None else arguments.n_events
    recording = record(LeakyUnits(), n_bins=n_bins, data_seed=arguments.data_seed)
    write_ragged(recording.history, path)
    write_oracle(recording, path)
    _say_written(path, recording.history, "sets")
    print(f"{oracle_path(path)}: the log-odds of every spike, and the connections")
    flags = f"--data.path {path} --data.n_parts {recording.history.n_parts} --data.n_active varies"
    print(f"Train on it: c5snn fit --config spike_trains.yaml {flags}")
    return 0


def _refuse_to_replace(path: Path, *, force: bool) -> None:
    try:
        is_taken = path.exists()
    except OSError:  # a name that no file can have: writing will say so
        is_taken = False
    if is_taken and not force:
        raise ConfigError(f"DST must not exist, but `{path}` does. Choose another name, or replace it with --force.")


def _write(history: EventHistory, path: Path, layout: Layout) -> int:
    write_events(history, path, layout)
    return _say_written(path, history, layout)


def _say_written(path: Path, history: EventHistory | RaggedHistory, layout: Layout) -> int:
    print(f"{path}: {len(history):,} events, layout {layout}, SHA-256 {history.sha256}")
    return 0
