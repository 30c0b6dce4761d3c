"""``c5snn test``: the best checkpoint, judged once, beside chance, the fixed list and the oracle."""

import csv
import json

import numpy as np
import pytest
import torch

from c5snn.cli import main
from c5snn.data import EventDataModule, Skew
from c5snn.evidence import break_ties, list_recall, p_of_total, recall_of_rankings
from c5snn.files import sha256_of
from c5snn.metrics import RecallAtK
from c5snn.models import GRU, FrequencyBaseline, SpikeGRU
from c5snn.records import load_run
from c5snn.training.checkpoints import read_checkpoint
from c5snn.training.evaluation import test_run as score_run
from c5snn.training.run import train


def judged(scores, data):
    """Return what the task says of these scores."""
    return GRU().judge(torch.from_numpy(scores), data).record


@pytest.fixture
def tested(small_run):
    return score_run([str(small_run.folder)])


def test_the_best_checkpoint_is_scored_and_not_the_last(small, capsys):
    # epoch by epoch until the last epoch is not the best one
    assert main(["fit", *small, "--trainer.max_epochs", "6"]) == 0
    run = load_run("lightning_logs/spike_gru")
    assert run.best_epoch < 5
    assert main(["test", "lightning_logs/spike_gru"]) == 0
    model = SpikeGRU(hidden_size=8, readout="membrane", beta=0.5)
    model.load_state_dict(read_checkpoint(run.folder / "best.ckpt")["state_dict"])
    data = EventDataModule(n_events=260, window=5)
    recall = RecallAtK(20)
    data.setup()
    for windows, targets in data.test_dataloader():
        recall.update(model.eval()(windows), targets)
    assert load_run(run.folder).test.score.value == pytest.approx(float(recall.compute()), abs=1e-6)
    assert "distinct rankings" in capsys.readouterr().out


@pytest.mark.slow
def test_the_test_adds_its_files_to_the_run_and_creates_no_folder(tested, workdir):
    names = {path.name for path in tested.run.folder.iterdir()}
    assert names >= {"test_metrics.json", "test_per_window.csv", "test_items.npz"}
    assert [path.name for path in (workdir / "lightning_logs/spike_gru").iterdir()] == ["version_0"]


def test_the_numbers_are_all_written(tested):
    written = json.loads((tested.run.folder / "test_metrics.json").read_text())
    assert list(written["metrics"]) == ["recall_at_20", "hit_at_20", "mrr", "recall_at_5", "hit_at_5"]
    for entry in written["metrics"].values():
        assert set(entry) == {"value", "interval", "chance", "lift", "p", "is_exact", "no_p"}
        assert entry["interval"][0] <= entry["value"] <= entry["interval"][1]
        assert entry["lift"] == pytest.approx(entry["value"] - entry["chance"])
    assert written["n_items"] == 39
    assert written["checkpoint"] == {"file": "best.ckpt", "sha256": sha256_of(tested.run.folder / "best.ckpt")}
    assert written["data_identity"] == tested.run.data.identity
    assert [entry["label"] for entry in written["references"]] == ["popularity baseline", "counting baseline"]
    for entry in written["references"]:
        assert set(entry) == {
            "name",
            "label",
            "says",
            "beaten",
            "value",
            "difference",
            "interval",
            "p",
            "is_exact",
            "also",
        }
    assert written["verdict"]["sentence"] == tested.test.verdict.sentence


@pytest.mark.slow
def test_the_windows_file_recomputes_the_metrics(tested):
    with (tested.run.folder / "test_per_window.csv").open() as file:
        rows = list(csv.DictReader(file))
    assert rows[0]["date"] == str(np.datetime64(tested.run.data.facts["last_target"]) - len(rows) + 1)
    hits = [len({row[f"m_{i}"] for i in range(1, 6)} & {row[f"top_{i}"] for i in range(1, 21)}) for row in rows]
    assert [float(row["recall_at_20"]) for row in rows] == pytest.approx([hit / 5 for hit in hits])
    means = {name: np.mean([float(row[name]) for row in rows]) for name in tested.test.metrics}
    assert means == pytest.approx({name: entry.value for name, entry in tested.test.metrics.items()}, abs=1e-5)


@pytest.mark.slow
def test_the_items_are_saved_as_the_statistics_need_them(tested):
    items = tested.run.items
    assert items.predictions.dtype == np.float32
    assert items.predictions.shape == (39, 39)
    assert (items.predictions.sum(axis=1) == 20).all()
    assert items.outcomes.shape == (39, 5)
    assert items.scores == pytest.approx(list_recall(items.predictions, items.outcomes))


@pytest.mark.slow
def test_both_baselines_are_saved_beside_the_model(tested):
    popularity, counting = tested.test.references
    for reference in (popularity, counting):
        saved = tested.run.items.references[reference.name]
        assert saved.mean() == pytest.approx(reference.value)
        assert (tested.run.items.scores - saved).mean() == pytest.approx(reference.difference)
    assert set(counting.also) < set(tested.run.items.references)
    assert counting.says.startswith("decayed counts up to the last event, half-life")


@pytest.mark.slow
def test_a_run_tested_twice_says_the_same(tested):
    again = score_run([str(tested.run.folder)])
    assert again.test.to_json() == tested.test.to_json()
    assert again.run == tested.run


@pytest.mark.slow
def test_a_run_that_goes_on_has_to_be_tested_again(tested, small):
    resumed = train([*small, "--trainer.max_epochs", "3", "--ckpt_path", "last"])
    assert resumed.folder == tested.run.folder
    assert load_run(resumed.folder).test is None


@pytest.mark.slow
def test_a_configuration_and_its_checkpoint_are_as_good_as_the_run(tested):
    folder = tested.run.folder
    again = score_run(["--config", str(folder / "config.yaml"), "--ckpt_path", str(folder / "best.ckpt")])
    assert again.run.folder == folder
    assert again.test.to_json() == tested.test.to_json()


@pytest.mark.slow
def test_other_events_get_a_folder_of_their_own(tested):
    other = score_run([str(tested.run.folder), "--data.data_seed", "2"])
    assert other.run.folder != tested.run.folder
    assert other.run.data.identity != tested.run.data.identity
    assert load_run(tested.run.folder).test.data_identity == tested.run.data.identity


@pytest.mark.usefixtures("workdir")
def test_a_model_without_weights_is_tested_directly_in_a_new_folder(capsys):
    assert main(["test", "--config", "frequency.yaml", "--data.n_events", "400"]) == 0
    run = load_run("lightning_logs/frequency")
    assert run.test.checkpoint is None
    assert run.test.verdict.sentence in capsys.readouterr().out.replace("\n", " ")


def test_scores_that_ignore_the_input_are_named_so():
    data = EventDataModule(n_events=400)
    data.setup()
    scores = np.tile(np.arange(39.0), (len(data.targets("test")), 1))
    assert "ignores its input" in judged(scores, data).verdict.sentence


def test_equal_scores_are_exactly_chance():
    data = EventDataModule(n_events=400)
    data.setup()
    test = judged(np.zeros((len(data.targets("test")), 39)), data)
    for entry in test.metrics.values():
        assert entry.lift == pytest.approx(0, abs=1e-6)
        assert entry.interval == pytest.approx((entry.chance, entry.chance))
        assert (entry.p is None) == bool(entry.no_p)  # a dash has its reason
    assert test.score.p == 1


def test_ten_thousand_kinds_of_ties_have_a_p_that_says_it_is_simulated():
    data = EventDataModule(n_events=900)
    data.setup()
    random = np.random.default_rng(1)
    scores = random.integers(0, random.integers(2, 12, (len(data.targets("test")), 1)), (len(data.targets("test")), 39))
    test = judged(scores.astype(float), data)
    assert not test.score.is_exact
    assert type(test).from_json(test.to_json()).score == test.score
    assert test.verdict.sentence.startswith("Recall@20 is ")


def test_the_oracle_captures_all_of_its_lift_and_learns():
    data = EventDataModule(n_events=6_000, strength=2.0)
    data.setup()
    test = judged(data.oracle_scores("test"), data)
    assert test.skill == pytest.approx(1)
    assert test.verdict.learns


def test_a_list_that_beats_chance_has_not_learnt_from_the_history():
    data = EventDataModule(n_events=6_000, signal=Skew())
    data.setup()
    test = judged(np.tile(data.train_part_counts().astype(float), (len(data.targets("test")), 1)), data)
    assert test.verdict.level == "better than chance"
    assert not test.verdict.learns
    assert test.references[0].difference == 0


def test_p_values_on_fair_histories_are_uniform():
    from scipy import stats

    p_values = []
    for data_seed in range(40):
        data = EventDataModule(n_events=1_200, strength=0.0, data_seed=data_seed)
        data.setup()
        with torch.inference_mode():
            scores = torch.cat([FrequencyBaseline()(windows) for windows, _ in data.test_dataloader()])
        hits = recall_of_rankings(break_ties(scores.double().numpy(), seed=data_seed), data.targets("test"), 20)
        p_values.append(p_of_total(hits, RecallAtK(20).null).p)
    assert stats.kstest(p_values, "uniform").pvalue > 0.01


@pytest.mark.real_data
@pytest.mark.usefixtures("workdir")
def test_frequency_on_the_real_history_is_weak_evidence(real_history):
    tested = score_run(["--config", "frequency.yaml", "--data.path", str(real_history)])
    assert tested.run.data.n_items == {"train": 8169, "val": 1750, "test": 1752}
    assert tested.test.verdict.level == "weak"
    assert "one fair history in 35" in tested.test.verdict.sentence
    assert tested.test.oracle is None
