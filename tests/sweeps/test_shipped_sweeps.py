"""The rehearsal of every shipped sweep, end to end: what its file promises is there when it ends."""

import csv
import json
import math
from pathlib import Path

import pytest
import yaml

import c5snn
from c5snn.cli import main
from c5snn.files import sha256_of
from c5snn.sweeps.ledger import Ledger
from c5snn.sweeps.plan import make_plan
from c5snn.sweeps.spec_file import read_spec

FILES = sorted((Path(c5snn.__file__).parent.parent / "sweeps").glob("*.yaml"))
STUDIES = [path.stem for path in FILES if "search" in yaml.safe_load(path.read_text())]
SHIPPED = [path.stem for path in FILES if path.stem not in STUDIES]
BY_HAND = (  # they take the ways of others, which are rehearsed among the slow tests
    "ablation", "arc_baselines", "arc_confirm", "arc_v2", "arc_v3", "gru_study", "ladder", "phase_a", "phase_b_live",
    "phase_c", "spike_gru_study", "window",
)  # fmt: skip


def each(names):
    return pytest.mark.parametrize(
        "name", [pytest.param(name, marks=pytest.mark.long) if name in BY_HAND else name for name in names]
    )


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.mark.slow
@each(SHIPPED)
def test_the_rehearsal_of_a_shipped_sweep_leaves_all_its_results(name, workdir, capsys):
    assert main(["sweep", f"{name}.yaml", "--profile", "smoke", "--workers", "2"]) == 0
    output = workdir / "sweeps" / f"{name}_smoke"
    shown = capsys.readouterr().out
    plan = make_plan(read_spec(f"{name}.yaml", "smoke")[1], [])
    confirm = plan.spec.confirm
    listed = rows(output / "trials.csv")
    assert {row["status"] for row in listed} == {"finished"}
    assert {row["config_id"] for row in listed} == {str(point.config_id) for point in plan.points}
    assert (output / "screening.csv").exists() == (confirm is not None)
    if confirm is not None:
        assert all(row["val_recall_at_20"] for row in rows(output / "screening.csv"))
    n_origins = len({point.values.get("data.fold") for point in plan.points})
    top_k = confirm.top_k if confirm else len(plan.distinct) // n_origins
    n_models = min(top_k, len(plan.distinct) // n_origins)
    assert len(list((output / "trials").iterdir())) == len({row["key"] for row in listed})
    if len({row["data_sha256"] for row in listed}) > 1:
        assert f"never ranked together; see: c5snn report sweeps/{name}_smoke" in shown
        assert not list(output.glob("top*.json"))
        return
    models = json.loads((output / f"top{top_k}.json").read_text())["models"]
    seeds = {str(seed) for seed in (confirm.seeds if confirm else plan.spec.seeds)}
    assert [model["name"].rpartition("_")[2] for model in models] == [f"top{n + 1}" for n in range(n_models)]
    assert all(set(model["seed_metrics"]) == seeds for model in models)
    assert sha256_of(output / "best/best.ckpt") in (output / "best/best.ckpt.sha256").read_text()
    assert "distinguished from chance" in shown or "better than chance" in shown or "Weak" in shown


@pytest.mark.slow
@each(STUDIES)
def test_the_rehearsal_of_a_shipped_study_leaves_all_its_results(name, workdir, capsys):
    assert main(["sweep", f"{name}.yaml", "--profile", "smoke", "--dry-run"]) == 0
    assert main(["sweep", f"{name}.yaml", "--profile", "smoke", "--workers", "2"]) == 0
    shown, output = capsys.readouterr().out, workdir / "sweeps" / f"{name}_smoke"
    spec = read_spec(f"{name}.yaml", "smoke")[1]
    folders = sorted(path.parent for path in output.glob("**/study.json"))
    assert len(folders) == math.prod(len(values) for values in spec.each.values())
    assert f"results in sweeps/{name}_smoke" in shown
    n_averaged = math.prod(len(values) for values in (spec.confirm.average_over or {}).values())
    n_branches = len(spec.space[spec.confirm.per]["weights"]) if spec.confirm.per else 1
    n_confirmed = spec.confirm.top_k * n_branches * len(spec.confirm.seeds) * n_averaged
    for folder in folders:
        listed = rows(folder / "trials.csv")
        assert {row["status"] for row in listed} <= {"finished", ""}
        searched = [row for row in listed if row["state"] != "confirmed"]
        assert {row["duplicates"] != "" for row in searched if row["status"] == ""} <= {True}
        assert len(searched) == spec.search["n_trials"]
        assert len(listed) - len(searched) == n_confirmed
        assert len(rows(folder / "experiments.csv")) == sum(row["key"] != "" for row in listed)
        assert main(["status", str(folder)]) == 0
        assert main(["report", str(folder), "--output", "report.md"]) == 0


@pytest.mark.slow
def test_the_winner_of_a_loss_is_the_lowest(workdir):
    (workdir / "own.yaml").write_text(
        "base: gru.yaml\n"
        "space: {optimizer.init_args.lr: [1.0e-5, 0.1]}\n"
        "options: {optimizer: Adam, data.n_events: 260, data.window: 5, trainer.max_epochs: 1}\n"
        "screen: {monitor: val_loss, mode: min}\n"
        "confirm: {top_k: 2, seeds: [1]}\n"
    )
    assert main(["sweep", "own.yaml", "--workers", "2"]) == 0
    listed = [row for row in rows(Path("sweeps/own/trials.csv")) if row["seed"] == "1"]
    best = min(listed, key=lambda row: float(row["val_loss"]))
    winner = json.loads(Path("sweeps/own/top2.json").read_text())["models"][0]
    assert str(winner["seed_metrics"]["1"]["recall_at_20"]) == best["test_recall_at_20"]
    checkpoint = Ledger(Path("sweeps/own")).folder(best["key"]) / "best.ckpt"
    assert Path("sweeps/own/best/best.ckpt").read_bytes() == checkpoint.read_bytes()
