"""``c5snn sweep`` end to end: screen, confirm, results, resume; and ``c5snn report`` over what it left."""

import csv
import json

import pytest
import yaml

from c5snn.cli import main
from c5snn.records import load_run
from c5snn.sweeps.machine_watch import RESOURCES

SWEEP = {
    "base": "spike_gru.yaml",
    "space": {
        "model.hidden_size": [4, 6],
        "model.encoding": ["direct", "rate_coded"],
        "model.timesteps": 3,
        "data.n_events": 260,
        "data.window": 5,
        "trainer.max_epochs": 1,
    },
    "confirm": {"top_k": 1, "seeds": [42, 7]},
}


@pytest.fixture(scope="module")
def finished(tmp_path_factory):
    """The folder of a finished sweep."""
    folder = tmp_path_factory.mktemp("sweep")
    (folder / "own.yaml").write_text(yaml.safe_dump(SWEEP, sort_keys=False))
    assert main(["sweep", str(folder / "own.yaml"), "--workers", "2", "--output", str(folder / "out")]) == 0
    return folder


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def derived(folder):
    return {
        path.name: path.read_bytes() for path in (folder / "out").iterdir() if path.is_file() and path.name[0] != "."
    }


@pytest.mark.slow
def test_every_point_has_its_row_and_equal_computations_are_run_once(finished):
    screened = rows(finished / "out/screening.csv")
    assert list(screened[0]) == [
        "config_id", "hidden_size", "encoding", "timesteps", "n_events", "window", "max_epochs",
        "val_recall_at_20", "val_hit_at_20", "val_mrr", "training_time_s", "best_epoch",
    ]  # fmt: skip
    assert [(row["config_id"], row["timesteps"]) for row in screened] == [
        ("1", "1"),
        ("2", "3"),
        ("3", "1"),
        ("4", "3"),
    ]
    for direct, rate_coded in (screened[:2], screened[2:]):
        assert [direct[name] for name in list(direct)[7:]] == [rate_coded[name] for name in list(direct)[7:]]
    assert len(list((finished / "out/trials").iterdir())) == 3  # two computations, and one more seed of the best


@pytest.mark.slow
def test_the_best_on_validation_is_confirmed_with_every_seed_and_tested(finished):
    screened = rows(finished / "out/screening.csv")
    best = max(screened, key=lambda row: float(row["val_recall_at_20"]))
    top = json.loads((finished / "out/top1.json").read_text())
    (model,) = top["models"]
    assert model["name"] == "spike_gru_top1"
    assert str(model["config"]["hidden_size"]) == best["hidden_size"]
    assert set(model["seed_metrics"]) == {"42", "7"}
    assert model["n_seeds"] == 2
    values = [metrics["recall_at_20"] for metrics in model["seed_metrics"].values()]
    assert model["metrics_mean"]["recall_at_20"] == pytest.approx(sum(values) / 2)
    assert model["metrics_std"]["recall_at_20"] == pytest.approx(abs(values[0] - values[1]) / 2**0.5)
    assert top["test_split_size"] == 39
    assert 0 < model["p_value"]["recall_at_20"] <= model["p_family"]["recall_at_20"] <= 1


def test_every_trial_is_listed_with_what_it_did(finished):
    listed = rows(finished / "out/trials.csv")
    assert {row["status"] for row in listed} == {"finished"}
    assert {row["same_as"] for row in listed if row["encoding"] == "rate_coded"} <= {"1", "3"}
    assert all("recurrent.layers.0=" in row["firing_rates"] for row in listed)
    assert sum(bool(row["test_recall_at_20"]) for row in listed) == 4  # two seeds, each also under its other name


def test_the_winner_can_be_tested_by_itself(finished, monkeypatch, tmp_path, capsys):
    monkeypatch.chdir(tmp_path)
    best = finished / "out/best"
    assert main(["test", "--config", str(best / "config.yaml"), "--ckpt_path", str(best / "best.ckpt")]) == 0
    assert "recall_at_20" in capsys.readouterr().out


@pytest.mark.slow
def test_the_same_command_again_runs_nothing_and_changes_nothing(finished, capsys):
    before = derived(finished)
    for path in list((finished / "out").iterdir()):
        if path.suffix in {".csv", ".json"} and path.name != RESOURCES:
            path.unlink()  # whatever is derived is rebuilt; what the machine did is not
    assert main(["sweep", str(finished / "own.yaml"), "--output", str(finished / "out")]) == 0
    assert "0 trials run now" in capsys.readouterr().out
    assert derived(finished) == before


@pytest.mark.slow
def test_a_dry_run_starts_nothing(finished, tmp_path, capsys):
    assert main(["sweep", str(finished / "own.yaml"), "--output", str(tmp_path / "out"), "--dry-run"]) == 0
    shown = capsys.readouterr().out
    assert "4 configurations, 2 distinct computations; 2 repeat" in shown
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_a_changed_option_leaves_the_earlier_trials_as_stale(finished, capsys):
    words = ["sweep", str(finished / "own.yaml"), "--output", str(finished / "out"), "--dry-run"]
    assert main([*words, "--data.data_seed", "9"]) == 0
    shown = capsys.readouterr().out
    assert "3 earlier trials" in shown
    assert "2 of 2 trials" in shown


def test_one_invalid_point_stops_everything(finished, tmp_path, capsys):
    words = ["sweep", str(finished / "own.yaml"), "--output", str(tmp_path / "out")]
    assert main([*words, "--model.beta", "7"]) == 2
    assert "beta" in capsys.readouterr().err
    assert not (tmp_path / "out").exists()


def test_a_report_over_the_sweep_says_what_can_be_distinguished(finished, capsys, tmp_path):
    assert main(["report", str(finished / "out"), "--output", str(tmp_path / "report.md")]) == 0
    shown = capsys.readouterr().out
    assert "distinguished from chance" in shown.splitlines()[0]
    written = (tmp_path / "report.md").read_text()
    assert written.splitlines()[0] == shown.splitlines()[0]
    assert "| configuration |" in written


def test_trials_are_runs_like_any_other(finished):
    trial = next((finished / "out/trials").iterdir())
    run = load_run(trial)
    assert run.status == "finished"
    assert list(trial.glob("events.*.hparams"))
