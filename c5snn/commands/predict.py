"""``c5snn predict``: a trained model's prediction of an unknown outcome, such as the next event."""

import json
from typing import TYPE_CHECKING

from c5snn.commands.flags import CommandParser, refuse_misspelt

if TYPE_CHECKING:
    from c5snn.training.prediction import JudgedPrediction

__all__ = ["main"]


def main(argv: list[str]) -> int:
    """Print the prediction, the best first."""
    parser = _parser()
    options, flags = parser.parse_known_args(argv)
    refuse_misspelt(parser, flags)
    # torch takes seconds to import; a wrong word above is answered at once
    from c5snn.commands.console import show_progress
    from c5snn.training.prediction import predict_next

    show_progress("quiet" if options.quiet else "verbose" if options.verbose else "usual")
    predicted = predict_next([options.run, *flags], as_of=options.as_of, top_k=options.top_k)
    if options.json:
        print(json.dumps(_as_json(predicted), indent=2))
    else:
        _print(predicted)
    return 0


def _as_json(predicted: "JudgedPrediction") -> dict[str, object]:
    prediction = predicted.prediction
    rows = [dict(zip(prediction.columns, row, strict=True)) for row in prediction.rows]
    memory = {"memory": predicted.memory} if predicted.memory else {}
    return {
        **memory,
        "model": predicted.model,
        **prediction.facts,
        f"{prediction.columns[0]}s": rows,
        "worth": predicted.worth,
    }


def _print(predicted: "JudgedPrediction") -> None:
    from rich.console import Console
    from rich.table import Table

    from c5snn.reports.text import shown

    prediction = predicted.prediction
    table = Table(title=shown(f"{predicted.model}: {prediction.title}"), title_justify="left")
    for column in (*(["rank"] if prediction.is_ranked else []), *prediction.columns):
        table.add_column(shown(column), justify="right", overflow="fold")
    for rank, row in enumerate(prediction.rows, start=1):
        table.add_row(*([str(rank)] if prediction.is_ranked else []), *(shown(_cell(value)) for value in row))
    console = Console(highlight=False, soft_wrap=True)
    if predicted.memory:
        console.print(predicted.memory, style="bold", markup=False)
    console.print(table)
    console.print(shown(predicted.worth))


def _cell(value: object) -> str:
    if value is None:
        return "–"
    return f"{value:.4f}" if isinstance(value, float) else str(value)


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="c5snn predict",
        description="Predict with a trained run: what follows the data, such as the ranked parts of the next event; or,"
        " of items without an order of time, each one's class.",
        epilog="Flags of `c5snn fit`, such as --data.path FILE for newer data, apply as well.",
    )
    parser.add_argument(
        "run",
        metavar="RUN",
        help="a run's folder, such as lightning_logs/spike_gru/version_0, or a name, such as spike_gru: its newest run "
        "with a checkpoint; RUN alone is enough",
    )
    parser.add_argument("--as-of", metavar="DATE", help="use only the data up to this ISO date or time")
    parser.add_argument("--top-k", type=int, help="how many rows (default: the task's, such as 20 parts)")
    parser.add_argument("--quiet", action="store_true", help="show the prediction alone, and warnings")
    parser.add_argument("--verbose", action="store_true", help="show what c5snn and other libraries log, too")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser
