"""What a trained model is said to do: a linear one on machines, and networks that differ in nothing but their seeds."""

import tempfile
from functools import partial
from pathlib import Path
from typing import NamedTuple

import numpy as np
from jaxtyping import Float
from scipy import stats

from benchmarks.table import Row, Table
from c5snn.data import EventHistory, write_events
from c5snn.evidence import compare_configurations, compare_paired, wilson
from c5snn.training.evaluation import Tested, test_run
from c5snn.training.run import train
from calibration.beyond_counts import FOLLOWS, MACHINES, TOLERATED, USES, Events, machine_events
from calibration.effort import Effort
from calibration.pieces import for_each_kept
from calibration.procedures import N_SEEDS, Pair, pair_row
from calibration.words import SURPRISE, percent, percent_interval, yes_or_no

__all__ = ["calibrate_trained_claims"]

FIRST_SEED = 60_000
HIDDEN_SIZE = 16
FIRST_DATE = np.datetime64("2000-01-01")

CLAIMS_NOTE = """A LagKernel of `lag_kernel.yaml`, trained, stopped and tested by `c5snn fit` and `c5snn test` with
their defaults, on machines as above whose next event does not depend on the past. `follows` and `beyond counts`: how
often the verdict of its test says so. `holds`: `beyond counts` is no surprise at 5 % (one-sided binomial p above 0.01).
"""
PAIRS_NOTE = f"""Two configurations are the same GRU with {HIDDEN_SIZE} units, trained by `c5snn fit` with its defaults
on Repeat(1) × 1 with two seeds each, so whatever stands ahead does so by its seeds. The columns are those of the table
of untrained pairs. `holds`: `with seeds` is no surprise at 1 % (one-sided binomial p above 0.01)."""


class _Claim(NamedTuple):
    """What the verdict on one history claims; empty where nothing."""

    claim: str


def calibrate_trained_claims(effort: Effort) -> list[Table]:
    """Return the tables of trained linear models on machines and of trained pairs."""
    rows = []
    for machine in MACHINES:
        task = partial(_claim_on, effort, machine)
        found = for_each_kept(effort, f"lag_kernel_{machine}", task, effort.n_trained, kind=_Claim)
        rows.append(_claims_row(machine, [entry.claim for entry in found]))
    pairs = for_each_kept(
        effort, f"gru_{HIDDEN_SIZE}_pairs", partial(_compare_seeds, effort), effort.n_trained_pairs, kind=Pair
    )
    facts = f"{effort.n_events:,} events"
    return [
        Table(f"A LagKernel trained on each of {effort.n_trained} machines of {facts}", rows, CLAIMS_NOTE),
        Table(
            f"{effort.n_trained_pairs} pairs of trained configurations that differ in nothing but seeds, {facts}",
            [pair_row("Repeat(1) × 1", pairs)],
            PAIRS_NOTE,
        ),
    ]


def _claim_on(effort: Effort, machine: str, number: int) -> _Claim:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "events.csv"
        write_events(_history(machine_events(machine, effort.n_events, FIRST_SEED + number)), path)
        run = Path(folder) / "run"
        run.mkdir()
        options = {"config": "lag_kernel.yaml", "data.path": path, "seed_everything": number}
        return _Claim(_trained_and_tested(options, effort, run).test.verdict.claim)


def _compare_seeds(effort: Effort, number: int) -> Pair:
    options = {
        "config": "gru.yaml",
        "model.hidden_size": HIDDEN_SIZE,
        "data.n_events": effort.n_events,
        "data.data_seed": FIRST_SEED + number,
    }
    scores = []
    for seed in range(2 * N_SEEDS):
        with tempfile.TemporaryDirectory() as folder:
            seeded = {**options, "seed_everything": 2 * N_SEEDS * number + seed}
            scores.append(_trained_and_tested(seeded, effort, Path(folder)).items.scores)
    recall: Float[np.ndarray, "trainings windows"] = np.stack(scores)
    first, second = recall[:N_SEEDS], recall[N_SEEDS:]
    paired = compare_paired(first.mean(axis=0), second.mean(axis=0))
    return Pair(paired.p_two_sided, compare_configurations(first, second).p)


def _trained_and_tested(options: dict[str, object], effort: Effort, folder: Path) -> Tested:
    quiet = {"trainer.accelerator": "cpu", "trainer.enable_progress_bar": "false"}
    quiet |= {"trainer.enable_model_summary": "false", "trainer.max_epochs": str(effort.max_epochs)}
    train([f"--{name}={value}" for name, value in (options | quiet).items()], folder=folder)
    return test_run([str(folder)])


def _history(events: Events) -> EventHistory:
    """Return 0/1 rows as a history of one event a day."""
    parts = np.nonzero(events)[1].reshape(len(events), -1) + 1
    return EventHistory(FIRST_DATE + np.arange(len(events)), parts, events.shape[1])


def _claims_row(machine: str, claims: list[str]) -> Row:
    n_beyond = claims.count(USES)
    surprise = stats.binomtest(n_beyond, len(claims), TOLERATED, "greater").pvalue
    return {
        "machine": machine,
        "model": "LagKernel, trained",
        "follows": percent(claims.count(FOLLOWS) / len(claims)),
        "beyond counts": percent(n_beyond / len(claims)),
        "95 % interval": percent_interval(wilson(n_beyond, len(claims))),
        "holds": yes_or_no(holds=bool(surprise > SURPRISE)),
    }
