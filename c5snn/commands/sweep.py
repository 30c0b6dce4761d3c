"""``c5snn sweep``: a grid of configurations, screened, confirmed and compared; the same command resumes it."""

import argparse
import signal
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext, redirect_stdout
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

from c5snn.commands.executors import add_executor_options, check_executor_options, opened_backend, planned_workers
from c5snn.commands.flags import CommandParser, refuse_misspelt
from c5snn.commands.machine import check_room_here, exit_code, watched

if TYPE_CHECKING:
    from c5snn.sweeps.driver import SweepResult
    from c5snn.sweeps.ledger import Ledger
    from c5snn.sweeps.machine_watch import MachineWatch
    from c5snn.sweeps.micro_batch_choices import MicroBatchChoices
    from c5snn.sweeps.other_code import OtherCode
    from c5snn.sweeps.plan import SweepPlan

__all__ = ["main"]

LISTED = 10


def main(argv: list[str]) -> int:
    """Run or resume a sweep."""
    parser = _parser()
    options, flags = parser.parse_known_args(argv)
    refuse_misspelt(parser, flags)
    check_executor_options(options)
    with redirect_stdout(StringIO()) if options.quiet else nullcontext():
        ended, watch = _run(options, flags)
    for result, folder in ended:
        _conclude(result, folder, options)
    return exit_code(watch, any_failed=any(result.failed for result, _ in ended))


def _run(options: argparse.Namespace, flags: list[str]) -> "tuple[list[tuple[SweepResult, Path]], MachineWatch]":
    """Run what is left of a sweep, or of several studies; return what each has come to, none after a dry run."""
    # torch takes seconds to import; a wrong word above is answered at once
    from c5snn.commands.console import show_progress
    from c5snn.commands.sweep_tables import print_screened
    from c5snn.sweeps.definition_file import write_definition
    from c5snn.sweeps.driver import run_sweep
    from c5snn.sweeps.executor import Executor
    from c5snn.sweeps.experiments import write_experiments
    from c5snn.sweeps.ledger import Ledger
    from c5snn.sweeps.other_code import OtherCode
    from c5snn.sweeps.plan import make_plan
    from c5snn.sweeps.room import Need
    from c5snn.sweeps.spec import override
    from c5snn.sweeps.spec_file import read_spec
    from c5snn.sweeps.stop_files import StopFiles

    show_progress("verbose" if options.verbose else "quiet")  # every trial keeps its own record
    path, spec = read_spec(options.spec, options.profile)
    spec = override(spec, top_k=options.top_k, seeds=options.seeds)
    output = Path(options.output) if options.output else _default_output(path, options.profile)
    watch = watched(output, options)
    if spec.search is not None:
        from c5snn.commands.study import run_studies

        _refuse_keeping_code(kept=options.keep_code)
        guard = _stopping_trials_first()
        results = run_studies(spec, options, flags, where=f"`{path}`", output=output, guard=guard, watch=watch) or []
        for folder, ended in results:
            write_experiments(ended.outcomes, folder, script=path)
        return [(ended, folder) for folder, ended in results], watch
    _refuse_study_options(options)
    plan = make_plan(spec, flags)
    ledger = Ledger(output)
    if plan.chooses_micro_batch:
        plan = make_plan(spec, flags, _choices(ledger, options))
    other = OtherCode(plan, ledger)
    _describe(plan, ledger, other, kept=options.keep_code)
    plan = other.kept() if options.keep_code else plan
    n_left = max(plan.n_trials - len(ledger.keys() & plan.trials.keys()), 0)
    check_room_here([Need(plan.largest, n_left)], output, options, where=f"`{path}`")
    if options.dry_run:
        _say_left(plan, ledger)
        return [], watch
    with ledger.lock(), opened_backend(options) as backend, _stopping_trials_first():
        ledger.clear_scratch()
        other.record()
        write_definition(plan.spec, output)
        executor = Executor(ledger, backend, timeout_s=spec.timeout_s, max_attempts=spec.max_attempts, watch=watch)
        stop = StopFiles(output)
        try:
            result = run_sweep(
                plan, output, executor=executor, ledger=ledger, max_trials=options.max_trials, stop=stop,
                on_screened=lambda outcomes: print_screened(plan, outcomes, None if options.all else LISTED),
            )  # fmt: skip
        finally:
            stop.remove()
    write_experiments(result.outcomes, output, script=path)
    return [(result, output)], watch


def _say_left(plan: "SweepPlan", ledger: "Ledger") -> None:
    from c5snn.sweeps.names import counted

    jobs = plan.first_jobs()
    left = sum(not ledger.is_done(job) for job in jobs)
    print(f"dry run: {left} of {counted(len(jobs), 'trial')} of the first stage left to run; nothing was started")


def _choices(ledger: "Ledger", options: argparse.Namespace) -> "MicroBatchChoices":
    from c5snn.sweeps.micro_batch_choices import MicroBatchChoices

    may_try = not options.dry_run
    return MicroBatchChoices(ledger.root, n_workers=planned_workers(options) or 1, may_try=may_try, lock=ledger.lock)


def _refuse_keeping_code(*, kept: bool) -> None:
    from c5snn.errors import ConfigError

    if kept:
        raise ConfigError(
            "`--keep-code` needs a grid: each trial of a study follows from the results of those before it, and other "
            "code has other results. Leave it out; trials of other code are kept and not counted."
        )


def _refuse_study_options(options: argparse.Namespace) -> None:
    from c5snn.errors import ConfigError

    given = {"--enqueue": options.enqueue, "--only": options.only, "--start-from": options.start_from}
    given["--retry-failed"] = options.retry_failed
    for flag, value in given.items():
        if value:
            raise ConfigError(f"`{flag}` needs a sweep with `search`, but this one is a grid.")


@contextmanager
def _stopping_trials_first() -> Iterator[None]:
    """Let SIGTERM end the sweep as Ctrl-C does, its trials before itself, and print how to resume it."""

    def stop(number: int, _: object) -> None:
        raise SystemExit(128 + number)

    previous = signal.signal(signal.SIGTERM, stop)
    try:
        yield
    except (KeyboardInterrupt, SystemExit):
        print("stopped; finished trials are kept, and the same command resumes the sweep")
        raise
    finally:
        signal.signal(signal.SIGTERM, previous)


def _describe(plan: "SweepPlan", ledger: "Ledger", other: "OtherCode", *, kept: bool) -> None:
    from c5snn.sweeps.names import counted

    n_points, n_same = len(plan.points), len(plan.points) - len(plan.distinct)
    verb = "repeats the computation of another and is" if n_same == 1 else "repeat the computation of another and are"
    same = f"; {n_same} {verb} not run again" if n_same else ""
    print(f"{counted(n_points, 'configuration')}, {counted(len(plan.distinct), 'distinct computation')}{same}")
    print(f"results: {ledger.root}")
    if other.keys:
        print(other.describe(kept=kept))
    stale = ledger.keys() - plan.trials.keys() - plan.fallback_keys - other.keys
    if stale:
        verb = "belongs" if len(stale) == 1 else "belong"
        print(
            f"{counted(len(stale), 'earlier trial')} there {verb} to other data, options or versions "
            "and will not be used"
        )


def _conclude(result: "SweepResult", output: Path, options: argparse.Namespace) -> None:
    from c5snn.commands.sweep_tables import confirmed_table
    from c5snn.printable import printable
    from c5snn.reports.leaderboard import print_leaderboard
    from c5snn.reports.text import new_console, print_table
    from c5snn.sweeps.names import counted

    limit = None if options.all else LISTED
    if result.entries:
        print_leaderboard(result.entries, limit=limit)
        if result.options:
            print_table(new_console(), confirmed_table(result.entries, result.options), limit=limit)
    elif result.n_comparisons > 1:
        print(
            f"{result.n_comparisons} histories or splits, which are never ranked together; see: c5snn report {output}"
        )
    for outcome in result.failed:
        ended = f"{outcome.status} after {counted(outcome.attempts, 'attempt')}: {outcome.message}"
        print(printable(f"{outcome.key}: {ended}"))
    left = f"; {result.n_left} left, which the same command runs" if result.n_left else ""
    print(printable(f"{counted(result.n_run, 'trial')} run now{left}; results in {output}"))


def _default_output(path: Path, profile: str | None) -> Path:
    return Path("sweeps") / (path.stem if profile is None else f"{path.stem}_{profile}")


def _parser() -> CommandParser:
    parser = CommandParser(
        prog="c5snn sweep",
        description="Screen a grid of configurations, confirm the best with several seeds, compare them with chance.",
        epilog="Flags of `c5snn fit`, such as --data.path FILE, apply to every trial. The same command again resumes. "
        "Exit codes: 2 wrong input, nothing was started; 3 another sweep writes there; 4 finished with failed trials.",
        allow_abbrev=False,
    )
    parser.add_argument(
        "spec", metavar="SPEC", help="a sweep's file: a path, or a name in ./sweeps/ or among the shipped sweeps"
    )
    parser.add_argument(
        "--workers",
        type=_positive,
        metavar="N",
        help="trials at once (default: one per core; with --address, as many as the cluster has room for)",
    )
    add_executor_options(parser)
    parser.add_argument("--top-k", type=_positive, metavar="K", help="how many configurations to confirm")
    parser.add_argument(
        "--seeds",
        type=_seeds,
        metavar="A,B,C",
        help="the seeds of the confirmation, or of every configuration in a sweep without one",
    )
    parser.add_argument("--profile", metavar="NAME", help="a profile of the sweep's file, such as smoke")
    parser.add_argument("--max-trials", type=_positive, metavar="N", help="run at most N trials now")
    parser.add_argument("--all", action="store_true", help=f"show whole leaderboards, not the first {LISTED}")
    parser.add_argument("--quiet", action="store_true", help="show the result alone, and warnings")
    parser.add_argument("--verbose", action="store_true", help="show what c5snn and other libraries log, too")
    parser.add_argument(
        "--output", metavar="DIR", help="the results' folder (default: sweeps/NAME, or sweeps/NAME_PROFILE)"
    )
    parser.add_argument(
        "--max-temperature",
        type=_degrees,
        metavar="C",
        help="in °C, such as 95: trials pause from 10 degrees below it until 20 degrees below it, and the sweep stops "
        "at it (default: the temperature is recorded, and nothing waits)",
    )
    parser.add_argument("--retry-failed", action="store_true", help="of a study: run failed trials again")
    parser.add_argument("--enqueue", metavar="FILE", help="of a study: a YAML list of configurations to try first")
    parser.add_argument("--only", metavar="LABEL", help="of a study with `each`: run this one alone")
    parser.add_argument("--start-from", metavar="LABEL", help="of a study with `each`: begin with this one")
    parser.add_argument(
        "--keep-code", action="store_true", help="use trials that other code of the model has made; tables mark them"
    )
    parser.add_argument(
        "--dry-run",
        action="store_true",
        help="check every configuration, print how many trials are left, start nothing",
    )
    return parser


def _degrees(text: str) -> float:
    if not text.isdecimal() or not 40 < int(text) <= 150:  # noqa: PLR2004  # as said
        raise argparse.ArgumentTypeError(f"it must be a whole number of °C from 41 to 150, but is {text!r}")
    return float(text)


def _positive(text: str) -> int:
    if not text.isdecimal() or int(text) == 0:
        raise argparse.ArgumentTypeError(f"it must be a whole number above 0, but is {text!r}")
    return int(text)


def _seeds(text: str) -> list[int]:
    words = text.split(",")
    if not all(word.isdecimal() for word in words):
        raise argparse.ArgumentTypeError(f"they must be whole numbers such as 42,123,7, but are {text!r}")
    return [int(word) for word in words]
