"""``python -m benchmarks``: measures, prints Markdown tables and writes them as JSON."""

import argparse
import json
import logging
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

from benchmarks.epoch import measure_epoch
from benchmarks.ladder import measure_ladder
from benchmarks.libraries import measure_libraries
from benchmarks.peers import measure_peers
from benchmarks.scaling import measure_scaling
from benchmarks.scan import measure_scans
from benchmarks.startup import measure_startup
from benchmarks.study import measure_study
from benchmarks.table import Table, conditions
from benchmarks.timing import Effort
from c5snn.training.allocator import keep_freed_memory

__all__ = ["main"]

SECTIONS = {
    "scan": measure_scans,
    "peers": measure_peers,
    "libraries": measure_libraries,
    "ladder": measure_ladder,
    "epoch": measure_epoch,
    "scaling": measure_scaling,
    "study": measure_study,
    "startup": measure_startup,
}
RESULTS = Path(__file__).parent / "results" / "benchmarks.json"


def main(words: Sequence[str] | None = None) -> None:
    """Run the chosen sections.

    Args:
        words: Of the command line; None: the process's own.
    """
    arguments = _parser().parse_args(words)
    torch.set_num_threads(1)
    keep_freed_memory()  # for everybody, as `c5snn fit` does
    logging.getLogger("lightning.pytorch").setLevel(logging.WARNING)
    facts = conditions()
    print(" · ".join(f"{name} {value}" for name, value in facts.items()), end="\n\n", flush=True)
    effort = Effort(n_rounds=1, turn_s=0.0, n_repeats=0) if arguments.quick else Effort()
    tables: list[Table] = []
    for name in arguments.sections:
        print(f"{name} …", file=sys.stderr, flush=True)
        for table in SECTIONS[name](effort, quick=arguments.quick):
            print(table.to_markdown(), flush=True)
            tables.append(table)
    arguments.output.parent.mkdir(parents=True, exist_ok=True)
    results = {"conditions": facts, "tables": [{"title": table.title, "rows": list(table.rows)} for table in tables]}
    arguments.output.write_text(json.dumps(results, indent=1), encoding="utf-8")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description="Measure speed side by side.")
    parser.add_argument("--sections", nargs="+", choices=SECTIONS, default=list(SECTIONS), help="what to measure")
    parser.add_argument("--quick", action="store_true", help="smallest sizes, few rounds: does it run?")
    parser.add_argument("--output", type=Path, default=RESULTS, help="where the JSON goes")
    return parser


if __name__ == "__main__":
    main()
