"""``python -m calibration``: calibrates, prints Markdown tables and writes them as JSON."""

import argparse
import json
import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

from benchmarks.table import Table, conditions
from calibration.beyond_counts import calibrate_beyond_counts
from calibration.effort import Effort, start_process
from calibration.folds import calibrate_folds
from calibration.forecasts import calibrate_forecasts
from calibration.planted import calibrate_planted
from calibration.procedures import calibrate_procedures
from calibration.sizes import calibrate_sizes
from calibration.trained import calibrate_trained
from calibration.trained_claims import calibrate_trained_claims
from calibration.untrained import calibrate_untrained

__all__ = ["main"]

SECTIONS: dict[str, Callable[[Effort], list[Table]]] = {
    "untrained": calibrate_untrained,
    "sizes": calibrate_sizes,
    "beyond_counts": calibrate_beyond_counts,
    "procedures": calibrate_procedures,
    "folds": calibrate_folds,
    "forecasts": calibrate_forecasts,
    "planted": calibrate_planted,
    "trained": calibrate_trained,
    "trained_claims": calibrate_trained_claims,
}
RESULTS = Path(__file__).parent / "results" / "calibration.json"
QUICK = Effort(
    n_fair=2, n_machines=2, n_pairs=2, n_rolling=2, n_folded=2, n_planted=2, n_trained=1,
    n_trained_pairs=1, n_events=260, n_draws=50, max_epochs=2, n_workers=1,
)  # fmt: skip


def main(words: Sequence[str] | None = None) -> int:
    """Run all sections.

    Args:
        words: Of the command line; None: the process's own.

    Returns:
        The exit code: 1 when something does not hold. A quick run is too small to say, and returns 0.
    """
    arguments = _parser().parse_args(words)
    start_process()
    facts = conditions()
    print(" · ".join(f"{name} {value}" for name, value in facts.items()), end="\n\n", flush=True)
    effort = QUICK if arguments.quick else Effort(n_workers=arguments.workers)
    effort = replace(effort, pieces=arguments.output.parent / "pieces")
    tables: list[Table] = []
    for name in arguments.sections or SECTIONS:
        print(f"{name} …", file=sys.stderr, flush=True)
        for table in SECTIONS[name](effort):
            print(table.to_markdown(), flush=True)
            tables.append(table)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    results = {"conditions": facts, "tables": [{"title": table.title, "rows": list(table.rows)} for table in tables]}
    arguments.output.write_text(json.dumps(results, indent=1, ensure_ascii=False), encoding="utf-8")
    fails = any(row["holds"] == "no" for table in tables for row in table.rows)
    return int(fails and not arguments.quick)


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m calibration", description="Calibrate c5snn's p-values and powers.")
    parser.add_argument("sections", nargs="*", choices=[*SECTIONS, []], help="which sections; all unless named")
    parser.add_argument("--quick", action="store_true", help="smallest sizes, one process: does it run?")
    parser.add_argument("--workers", type=int, default=Effort.n_workers, help="processes of one thread each")
    parser.add_argument("--output", type=Path, default=RESULTS, help="where the JSON goes")
    return parser


if __name__ == "__main__":
    sys.exit(main())
