"""The files that are derived from a sweep's trials; any of them can be deleted, the same command rebuilds it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from c5snn.files import csv_text, write_bytes, write_text
from c5snn.records import RunRecord, write_commit
from c5snn.records.run_folder import BEST, CONFIG
from c5snn.sweeps.job import Outcome
from c5snn.sweeps.names import named_values, short_names
from c5snn.sweeps.plan import SweepPlan
from c5snn.sweeps.points import Point, training_seed, trial_key

__all__ = ["measured", "retried", "shown_values", "write_best", "write_screening", "write_trials"]

OTHER_CODE = "other_code"
PEAK = "peak_memory_mb"
MB = 1e6
N_SCREENED_METRICS = 3  # the headline and the two next


def shown_values(point: Point) -> dict[str, object]:
    """Return a configuration's options by their short names; direct encoding has one time step, whatever is given."""
    values = dict(named_values(point.values))
    if "timesteps" in values and point.config["model"].get("init_args", {}).get("encoding") == "direct":
        values["timesteps"] = 1
    return values


def write_screening(plan: SweepPlan, outcomes: Mapping[str, Outcome], path: Path) -> None:
    """Write one row per configuration; one that computes the same as an earlier one repeats its numbers."""
    names = short_names(list(plan.spec.space))
    line_up = ["base"] if len(plan.spec.starts) > 1 else []
    metrics = [f"val_{name}" for name in plan.metrics[:N_SCREENED_METRICS]]
    other_code = [OTHER_CODE] if any(point.kept for point in plan.points) else []
    columns = ["config_id", *line_up, *names, *metrics, "training_time_s", "best_epoch", *other_code]
    rows = []
    for point in plan.points:
        original = plan.points[plan.same_as[point.config_id] - 1]
        outcome = outcomes.get(trial_key(original, plan.spec.screen.seed))
        result = outcome.result if outcome else None
        row: dict[str, object] = {"config_id": point.config_id, "base": point.base, **shown_values(point)}
        row |= {OTHER_CODE: "yes"} if plan.spec.screen.seed in original.kept else {}
        if result is not None:
            row |= {name: result.val.get(name) for name in metrics}
            row |= {"training_time_s": round(result.training_time_s, 3), "best_epoch": result.best_epoch}
        rows.append(row)
    write_text(path, csv_text(columns, rows))


def write_trials(plan: SweepPlan, outcomes: Mapping[str, Outcome], path: Path) -> None:
    """Write one row per configuration and seed, with everything that was recorded."""
    confirmed = plan.spec.confirm.seeds if plan.spec.confirm else plan.spec.seeds
    seeds = list(dict.fromkeys([plan.spec.screen.seed, *confirmed] if plan.spec.confirm else confirmed))
    rows = []
    for point in plan.points:
        original = plan.points[plan.same_as[point.config_id] - 1]
        for seed in seeds:
            outcome = outcomes.get(trial_key(original, seed))
            if outcome is not None:
                same_as = "" if original is point else original.config_id
                rows.append(
                    {"config_id": point.config_id, "same_as": same_as, "base": point.base, "model": point.model,
                     **shown_values(point), "seed": training_seed(point, seed), "key": outcome.ran_key,
                     "status": outcome.status, "message": outcome.message, "n_parameters": point.n_parameters,
                     **retried(outcome), **measured(outcome.result),
                     **({OTHER_CODE: "yes"} if seed in original.kept else {})}
                )  # fmt: skip
    write_text(path, csv_text(list(dict.fromkeys(name for row in rows for name in row)), rows))
    write_commit(path.parent, [path.name])


def write_best(best: RunRecord, folder: Path) -> None:
    """Copy the best run's configuration and checkpoint, with its hash."""
    folder.mkdir(exist_ok=True)
    for name in (f"{BEST}.sha256", BEST, CONFIG):
        write_bytes(folder / name, (best.folder / name).read_bytes())
    write_commit(folder, [BEST, CONFIG])


def retried(outcome: Outcome) -> dict[str, object]:
    """Return how often a trial's memory ran out before it ended as it did; empty where it never did."""
    return {"out_of_memory_retries": outcome.n_out_of_memory} if outcome.n_out_of_memory else {}


def measured(result: RunRecord | None) -> dict[str, object]:
    """Return what a run has measured, by column; empty where it has not finished."""
    if result is None:
        return {}
    activity, test = result.activity, result.test
    columns: dict[str, object] = {"n_epochs": result.n_epochs, "best_epoch": result.best_epoch, **result.val}
    columns |= {f"test_{name}": entry.value for name, entry in test.metrics.items()} if test else {}
    columns["test_p_value"] = test.score.p if test else None
    columns["test_distinct_rankings"] = test.n_distinct if test else None
    if activity is not None:
        rates = " ".join(f"{layer.layer}={layer.firing_rate:.4f}" for layer in activity.layers)
        columns |= {"firing_rates": rates, "val_distinct_rankings": activity.n_distinct}
        columns |= {"synaptic_operations": activity.synaptic_operations}
    if result.n_multiply_accumulates is not None:
        columns["multiply_accumulates"] = result.n_multiply_accumulates
    columns |= _memory(result)
    versions: dict[str, Any] = result.provenance
    return columns | {
        "training_time_s": round(result.training_time_s, 3),
        "device": result.device,
        "c5snn": versions.get("c5snn"),
        "torch": versions.get("packages", {}).get("torch"),
        "data_sha256": result.data.identity,
    }


def _memory(result: RunRecord) -> dict[str, object]:
    """Return what a model saw at once and what that took; empty where it was not measured."""
    micro_batch, columns = result.chosen.get("data.micro_batch"), dict[str, object]()
    if micro_batch is not None:
        columns["micro_batch"] = micro_batch
    if result.peak_memory_bytes is not None:
        columns[PEAK] = round(result.peak_memory_bytes / MB)
    return columns
