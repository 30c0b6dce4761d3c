"""``c5snn sweep``: a grid of configurations, screened, confirmed and compared; the same command resumes it."""

import argparse
import logging
import os
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from c5snn.sweeps.driver import SweepResult
    from c5snn.sweeps.plan import SweepPlan

__all__ = ["main"]

FAILED_TRIALS = 4
LISTED = 10


def main(argv: list[str]) -> int:
    """Run or resume a sweep."""
    options, flags = _parser().parse_known_args(argv)
    # torch takes seconds to import; a wrong word above is answered at once
    from c5snn.commands.console import show_progress
    from c5snn.sweeps.driver import run_sweep
    from c5snn.sweeps.executors import LocalExecutor
    from c5snn.sweeps.ledger import Ledger
    from c5snn.sweeps.plan import make_plan
    from c5snn.sweeps.spec import override, read_spec

    show_progress()
    logging.getLogger("c5snn").setLevel(logging.WARNING)  # every trial keeps its own record
    path, spec = read_spec(options.spec, options.profile)
    spec = override(spec, top_k=options.top_k, seeds=options.seeds)
    plan = make_plan(spec, flags)
    output = Path(options.output) if options.output else _default_output(path, options.profile)
    _describe(plan, output)
    ledger = Ledger(output)
    stale = set(ledger.keys()) - set(plan.trials)
    if stale:
        print(f"{len(stale)} earlier trials in {output} are of other data, code or options; they are not used")
    if options.dry_run:
        left = [job for job in plan.first_jobs() if not ledger.is_done(job)]
        print(
            f"dry run: {len(left)} of {len(plan.first_jobs())} trials of the first stage are left; nothing was started"
        )
        return 0
    with ledger.lock():
        ledger.clear_scratch()
        executor = LocalExecutor(
            ledger, n_workers=options.workers, timeout_s=spec.timeout_s, max_attempts=spec.max_attempts
        )
        result = run_sweep(plan, output, executor=executor, ledger=ledger, max_trials=options.max_trials)
    _conclude(result, output, show_all=options.all)
    return FAILED_TRIALS if result.failed else 0


def _describe(plan: "SweepPlan", output: Path) -> None:
    n_points, n_distinct = len(plan.points), len(plan.distinct)
    same = (
        "" if n_points == n_distinct else f": {n_points - n_distinct} compute the same as another and are not run twice"
    )
    print(f"{n_points} points, {n_distinct} distinct computations{same}")
    print(f"results: {output}")


def _conclude(result: "SweepResult", output: Path, *, show_all: bool) -> None:
    from c5snn.reports.leaderboard_table import print_leaderboard

    if result.entries:
        print_leaderboard(result.entries, limit=None if show_all else LISTED)
    for outcome in result.failed:
        print(f"{outcome.key}: {outcome.status} after {outcome.attempts} attempts: {outcome.message}")
    left = f"; {result.n_left} are left: the same command goes on" if result.n_left else ""
    print(f"{result.n_run} trials run now{left}; results in {output}")


def _default_output(path: Path, profile: str | None) -> Path:
    return Path("sweeps") / (path.stem if profile is None else f"{path.stem}_{profile}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="c5snn sweep",
        description="Screen a grid of configurations, confirm the best with several seeds, compare them with chance.",
        epilog="Flags of `c5snn fit`, such as --data.path FILE, apply to every trial. The same command again resumes.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "spec", metavar="SPEC", help="a sweep's file, looked up as given, in ./sweeps/, among the shipped"
    )
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="trials at once (default: one per core)")
    parser.add_argument("--top-k", type=int, help="how many configurations to confirm")
    parser.add_argument("--seeds", type=_seeds, metavar="A,B,C", help="the seeds of the confirmation")
    parser.add_argument("--profile", metavar="NAME", help="a named variant in the sweep's file, such as smoke")
    parser.add_argument("--max-trials", type=int, metavar="N", help="run at most N trials now")
    parser.add_argument("--all", action="store_true", help=f"show the whole leaderboard, not the first {LISTED}")
    parser.add_argument("--output", metavar="DIR", help="the results' folder (default: sweeps/NAME)")
    parser.add_argument("--dry-run", action="store_true", help="check every point, say what is left, start nothing")
    return parser


def _seeds(text: str) -> list[int]:
    return [int(word) for word in text.split(",")]
