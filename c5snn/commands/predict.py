"""``c5snn predict``: the ranked parts of the next event."""

import argparse
import json
from dataclasses import asdict

__all__ = ["main"]


def main(argv: list[str]) -> int:
    """Print the next event's parts, best first."""
    options, flags = _parser().parse_known_args(argv)
    # torch takes seconds to import; a wrong word above is answered at once
    from c5snn.commands.console import show_progress
    from c5snn.reports.prediction import print_prediction
    from c5snn.training.prediction import predict_next

    show_progress()
    prediction = predict_next([options.run, *flags], as_of=options.as_of, top_k=options.top_k)
    if options.json:
        print(json.dumps(asdict(prediction), indent=2))
    else:
        print_prediction(prediction)
    return 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="c5snn predict",
        description="Rank the parts of the next event with a trained run.",
        epilog="Flags of `c5snn fit`, such as --data.path FILE for newer events, apply as well.",
    )
    parser.add_argument("run", metavar="RUN", help="a run's folder, or a model's folder for its newest run")
    parser.add_argument("--as-of", metavar="DATE", help="see only the events up to this ISO date or time")
    parser.add_argument("--top-k", type=int, default=20, help="how many parts (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print JSON")
    return parser
