"""``c5snn sweep``: a grid of configurations, screened, confirmed and compared; the same command resumes it."""

import argparse
import logging
import os
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from c5snn.sweeps.driver import SweepResult
    from c5snn.sweeps.ledger import Ledger
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
    from c5snn.sweeps.executor import Executor
    from c5snn.sweeps.ledger import Ledger
    from c5snn.sweeps.local import LocalBackend
    from c5snn.sweeps.plan import make_plan
    from c5snn.sweeps.spec import override
    from c5snn.sweeps.spec_file import read_spec

    show_progress()
    for library in ("c5snn", "lightning.fabric"):  # every trial keeps its own record
        logging.getLogger(library).setLevel(logging.WARNING)
    path, spec = read_spec(options.spec, options.profile)
    spec = override(spec, top_k=options.top_k, seeds=options.seeds)
    plan = make_plan(spec, flags)
    output = Path(options.output) if options.output else _default_output(path, options.profile)
    ledger = Ledger(output)
    _describe(plan, ledger)
    if options.dry_run:
        jobs = plan.first_jobs()
        left = sum(not ledger.is_done(job) for job in jobs)
        print(f"dry run: {left} of {len(jobs)} trials of the first stage are left; nothing was started")
        return 0
    with ledger.lock(), _stopping_trials_first():
        ledger.clear_scratch()
        backend = LocalBackend(options.workers)
        executor = Executor(ledger, backend, timeout_s=spec.timeout_s, max_attempts=spec.max_attempts)
        result = run_sweep(plan, output, executor=executor, ledger=ledger, max_trials=options.max_trials)
    _conclude(result, output, show_all=options.all)
    return FAILED_TRIALS if result.failed else 0


@contextmanager
def _stopping_trials_first() -> Iterator[None]:
    """Let SIGTERM end the sweep as Ctrl-C does, its trials before itself, and say how it goes on."""

    def stop(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    previous = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        print("stopped; what has ended is kept, the same command goes on")
        raise
    finally:
        signal.signal(signal.SIGTERM, previous)


def _describe(plan: "SweepPlan", ledger: "Ledger") -> None:
    n_points, n_distinct = len(plan.points), len(plan.distinct)
    same = (
        "" if n_points == n_distinct else f": {n_points - n_distinct} compute the same as another and are not run twice"
    )
    print(f"{n_points} points, {n_distinct} distinct computations{same}")
    print(f"results: {ledger.root}")
    stale = ledger.keys() - set(plan.trials)
    if stale:
        print(f"{len(stale)} earlier trials there are of other data, code or options; they are not used")


def _conclude(result: "SweepResult", output: Path, *, show_all: bool) -> None:
    from c5snn.printable import printable
    from c5snn.reports.leaderboard import print_leaderboard

    if result.entries:
        print_leaderboard(result.entries, limit=None if show_all else LISTED)
    elif result.n_comparisons > 1:
        print(f"{result.n_comparisons} histories or splits, which are never ranked together: c5snn report {output}")
    for outcome in result.failed:
        ended = f"{outcome.status} after {outcome.attempts} attempts: {outcome.message}"
        print(printable(f"{outcome.key}: {ended}"))
    left = f"; {result.n_left} are left: the same command goes on" if result.n_left else ""
    print(f"{result.n_run} trials run now{left}; results in {output}")


def _default_output(path: Path, profile: str | None) -> Path:
    return Path("sweeps") / (path.stem if profile is None else f"{path.stem}_{profile}")


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="c5snn sweep",
        description="Screen a grid of configurations, confirm the best with several seeds, compare them with chance.",
        epilog="Flags of `c5snn fit`, such as --data.path FILE, apply to every trial. The same command again resumes. "
        "Exit codes: 2 wrong input, nothing was started; 3 another sweep writes there; 4 finished, with failed trials.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "spec", metavar="SPEC", help="a sweep's file, looked up as given, in ./sweeps/, among the shipped"
    )
    parser.add_argument(
        "--workers",
        type=_positive,
        default=os.cpu_count() or 1,
        metavar="N",
        help="trials at once (default: one per core)",
    )
    parser.add_argument("--top-k", type=_positive, metavar="K", help="how many configurations to confirm")
    parser.add_argument(
        "--seeds",
        type=_seeds,
        metavar="A,B,C",
        help="the seeds that confirm, or of every point where none is confirmed",
    )
    parser.add_argument("--profile", metavar="NAME", help="a named variant in the sweep's file, such as smoke")
    parser.add_argument("--max-trials", type=_positive, metavar="N", help="run at most N trials now")
    parser.add_argument("--all", action="store_true", help=f"show the whole leaderboard, not the first {LISTED}")
    parser.add_argument(
        "--output", metavar="DIR", help="the results' folder (default: sweeps/NAME, or sweeps/NAME_PROFILE)"
    )
    parser.add_argument("--dry-run", action="store_true", help="check every point, say what is left, start nothing")
    return parser


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"it must be a whole number above 0, but is {text!r}")
    return int(text)


def _seeds(text: str) -> list[int]:
    words = text.split(",")
    if not all(word.isdecimal() for word in words):
        raise argparse.ArgumentTypeError(f"they must be whole numbers such as 42,123,7, but are {text!r}")
    return [int(word) for word in words]
