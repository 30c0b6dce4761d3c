"""What ``c5snn sweep`` does with a study: check it whole, run or resume it; several studies where ``each`` says so."""

import argparse
import csv
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from c5snn.commands.executors import opened_backend, planned_workers
from c5snn.commands.machine import check_room_here
from c5snn.errors import ConfigError
from c5snn.printable import printable
from c5snn.records.run_folder import CONFIG
from c5snn.sweeps.architectures import ARCHITECTURE
from c5snn.sweeps.machine_watch import MachineWatch
from c5snn.sweeps.spec import SweepSpec
from c5snn.sweeps.stop_files import StopFiles
from c5snn.sweeps.study_each import Combination, chosen_combinations

if TYPE_CHECKING:
    from c5snn.sweeps.backend import Backend
    from c5snn.sweeps.driver import SweepResult
    from c5snn.sweeps.study_driver import Recorded
    from c5snn.sweeps.study_plan import StudyPlan

__all__ = ["run_studies"]

BEST = "best"


def run_studies(
    spec: SweepSpec,
    options: argparse.Namespace,
    flags: Sequence[str],
    *,
    where: str,
    output: Path,
    guard: AbstractContextManager[None],
    watch: MachineWatch,
) -> "list[tuple[Path, SweepResult]] | None":
    """Check, then run or resume, each study of a definition.

    Args:
        spec: The definition.
        options: The words of the command.
        flags: Flags of ``fit``, which apply to every trial.
        where: What the definition is called in an error.
        output: The folder of the results.
        guard: Entered while trials run.
        watch: Watches the machine meanwhile.

    Returns:
        The results of each study with its folder; None after a dry run.

    Raises:
        ConfigError: Something is wrong with the definition; every fault is named, nothing was started.
    """
    from c5snn.sweeps.kept_checkpoints import n_kept
    from c5snn.sweeps.ledger import Ledger
    from c5snn.sweeps.micro_batch_choices import MicroBatchChoices
    from c5snn.sweeps.point_builder import PointBuilder
    from c5snn.sweeps.room import Need
    from c5snn.sweeps.study_planning import make_study_plan

    spec = _with_enqueued(spec, options.enqueue)
    combinations = chosen_combinations(spec, only=options.only, start_from=options.start_from, flags=flags)
    # studies of budgets build the same models to check what is searched beside them
    shared = PointBuilder(on_meta=True) if ARCHITECTURE in spec.space else None
    plans = [(entry, make_study_plan(entry.spec, flags, f"{where}{_named(entry)}", shared)) for entry in combinations]
    needs = [Need(plan.largest, n_kept(plan, len(Ledger(output / entry.label).keys()))) for entry, plan in plans]
    if options.dry_run:
        for entry, plan in plans:
            plan.builder.choices = MicroBatchChoices(
                output / entry.label, n_workers=planned_workers(options) or 1, may_try=False
            )
            _describe(plan, output / entry.label, n_workers=planned_workers(options))
    check_room_here(needs, output, options, where=where)
    if options.dry_run:
        print("dry run: nothing was started")
        return None
    results = []
    with opened_backend(options) as backend, guard:
        for entry, plan in plans:
            stop = StopFiles(output / entry.label, output)
            results.append((output / entry.label, _run(plan, output / entry.label, options, backend, stop, watch)))
            if stop.were_honoured:
                print("stopped as its stop file asked; the same command goes on")
                break
            if watch.is_too_hot:
                break
    return results


def _run(
    plan: "StudyPlan",
    output: Path,
    options: argparse.Namespace,
    backend: "Backend",
    stop: StopFiles,
    watch: MachineWatch,
) -> "SweepResult":
    from c5snn.sweeps.definition_file import write_definition
    from c5snn.sweeps.executor import Executor
    from c5snn.sweeps.ledger import Ledger
    from c5snn.sweeps.micro_batch_choices import MicroBatchChoices
    from c5snn.sweeps.names import counted
    from c5snn.sweeps.study_driver import run_study
    from c5snn.sweeps.study_summary import write_summary

    ledger = Ledger(output)
    with ledger.lock():
        ledger.clear_scratch()
        if options.retry_failed:
            print(f"{counted(ledger.forget_failed(), 'failed trial')} to run again")
        plan.builder.choices = MicroBatchChoices(output, n_workers=backend.n_workers)
        recorded = _describe(plan, output, n_workers=backend.n_workers)
        write_summary(plan, output, n_workers=backend.n_workers)
        write_definition(plan.spec, output)
        executor = Executor(
            ledger, backend, timeout_s=plan.spec.timeout_s, max_attempts=plan.spec.max_attempts, watch=watch
        )
        try:
            ended = run_study(
                plan, recorded, executor=executor, ledger=ledger, max_trials=options.max_trials, stop=stop
            )
        finally:
            stop.remove()
        if plan.architectures is not None:
            for line in plan.architectures.coverage(_tried(output / "trials.csv")):
                print(line)
        if (output / BEST / CONFIG).is_file():
            print(printable(f"the winner as one run: c5snn fit --config {output / BEST / CONFIG}"))
        return ended


def _tried(path: Path) -> set[str]:
    """Return the names of the architectures in a study's table."""
    if not path.is_file():
        return set()
    with path.open(newline="", encoding="utf-8") as file:
        return {row["architecture"] for row in csv.DictReader(file) if row.get("architecture")}


def _describe(plan: "StudyPlan", output: Path, *, n_workers: int | None) -> "Recorded":
    """Say what there is to do and what of it is done; return that."""
    from c5snn.sweeps.ledger import Ledger
    from c5snn.sweeps.names import counted
    from c5snn.sweeps.study_driver import read_recorded
    from c5snn.sweeps.study_summary import described

    for line in described(plan):
        print(line)
    for warning in plan.warnings:
        print(f"warning: {warning}")
    if n_workers is not None and plan.settings.prunes and 2 * n_workers > plan.settings.lag:
        lag = plan.settings.lag
        waiting = f"{counted(n_workers, 'worker')} at lag {lag} mostly wait for one another"
        print(f"note: {waiting}; up to {max(lag // 2, 1)} are kept busy")
    ledger = Ledger(output)
    recorded = read_recorded(plan, ledger)
    print(f"results: {ledger.root}")
    stale = f"; {recorded.n_stale} recorded trials are stale: kept, not counted" if recorded.n_stale else ""
    equal = f", {recorded.n_duplicates} of them equal to earlier ones" if recorded.n_duplicates else ""
    print(f"{recorded.n_ended} of {counted(plan.settings.n_trials, 'trial')} have ended{equal}{stale}")
    return recorded


def _with_enqueued(spec: SweepSpec, path: str | None) -> SweepSpec:
    """Return the study with the configurations of a file tried first, after those of its own."""
    if path is None:
        return spec
    try:
        more = yaml.safe_load(Path(path).read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"`--enqueue {path}` must be a YAML file: {' '.join(str(error).split())}") from error
    if not isinstance(more, list):
        raise ConfigError(f"`--enqueue {path}` must hold a list of configurations, but holds {type(more).__name__}.")
    search = spec.search or {}
    return replace(spec, search={**search, "enqueue": [*(search.get("enqueue") or []), *more]})


def _named(entry: Combination) -> str:
    return f" ({entry.label})" if entry.label else ""
