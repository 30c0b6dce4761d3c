"""``c5snn predict``: the next event's parts, and never more than the run's test allows."""

import json

import pytest
import torch

from c5snn.cli import main
from c5snn.data import EventDataModule
from c5snn.errors import CheckpointError, ConfigError
from c5snn.models import SpikeGRU
from c5snn.training.checkpoints import SafeCheckpointIO, read_checkpoint
from c5snn.training.evaluation import test_run as score_run
from c5snn.training.prediction import predict_next
from c5snn.training.run import train


def test_the_ranking_is_the_models_own_on_the_last_window(small_run):
    prediction = predict_next([str(small_run.folder)], top_k=39).prediction
    parts, _, probabilities = zip(*prediction.rows, strict=True)
    model = SpikeGRU(hidden_size=8, readout="membrane", beta=0.5).eval()
    model.load_state_dict(read_checkpoint(small_run.folder / "best.ckpt")["state_dict"])
    data = EventDataModule(n_events=260, window=5)
    data.setup()
    logits = model(torch.from_numpy(data.history.multi_hot()[-5:])[None])[0].detach()
    assert list(parts) == (logits.argsort(descending=True) + 1).tolist()
    assert list(probabilities) == pytest.approx(logits.sort(descending=True)[0].sigmoid().tolist())
    assert prediction.facts == {"after": str(data.history.dates[-1])}


@pytest.mark.slow
def test_as_of_hides_what_came_later(small_run):
    words = [str(small_run.folder)]
    shown = predict_next(words, as_of="2000-03-01").prediction
    cut_off = predict_next([*words, "--data.n_events", "61"]).prediction
    assert shown.rows == cut_off.rows
    assert shown.facts == {"after": "2000-03-01"}


def test_a_history_shorter_than_the_window_is_refused(small_run):
    with pytest.raises(ConfigError, match="window=5, n_events=4"):
        predict_next([str(small_run.folder)], as_of="2000-01-04")


@pytest.mark.slow
@pytest.mark.parametrize(("option", "value"), [("as_of", "yesterday"), ("top_k", 0), ("top_k", 40)])
def test_wrong_options_are_named(option, value, small_run):
    with pytest.raises(ConfigError, match=option.replace("_", "[-_]")):
        predict_next([str(small_run.folder)], **{option: value})


@pytest.mark.slow
@pytest.mark.parametrize("name", ["test_items.npz", "test_metrics.json", "test_per_window.csv"])
def test_a_damaged_test_is_named_and_says_nothing_of_predictions(name, small_run):
    score_run([str(small_run.folder)])
    content = (small_run.folder / name).read_bytes()
    (small_run.folder / name).write_bytes(content[: len(content) // 2])
    worth = predict_next([str(small_run.folder)]).worth
    assert f"({name}) and is not used; `c5snn test RUN` repeats it" in worth
    (small_run.folder / name).write_bytes(content)
    assert "differs" not in predict_next([str(small_run.folder)]).worth


def test_a_removed_record_is_named_and_not_taken_for_a_missing_test(small_run):
    (small_run.folder / "result.json").unlink()
    with pytest.raises(ConfigError, match=r"`result\.json` differs"):
        predict_next([str(small_run.folder)])


@pytest.mark.slow
def test_an_untrained_model_is_refused(small):
    run = train([*small, "--trainer.max_epochs", "0"])
    with pytest.raises(CheckpointError, match=r"no `best\.ckpt`"):
        predict_next([str(run.folder)])
    trained = train(small)
    untrained = read_checkpoint(trained.folder / "best.ckpt") | {"global_step": 0}
    SafeCheckpointIO().save_checkpoint(untrained, trained.folder / "best.ckpt")
    with pytest.raises(CheckpointError, match="untrained"):
        predict_next([str(trained.folder)])


@pytest.mark.slow
def test_what_the_ranking_is_worth_is_said(small_run, capsys):
    assert main(["predict", str(small_run.folder)]) == 0
    assert "has not been tested" in capsys.readouterr().out
    tested = score_run([str(small_run.folder)])
    assert tested.test.verdict.level == "not distinguishable from chance"
    assert main(["predict", str(small_run.folder)]) == 0
    assert "did not beat chance" in capsys.readouterr().out


def test_json_holds_the_same(small_run, capsys):
    assert main(["predict", str(small_run.folder), "--json", "--top-k", "3"]) == 0
    shown = json.loads(capsys.readouterr().out)
    assert set(shown) == {"model", "after", "parts", "worth"}
    assert [set(entry) for entry in shown["parts"]] == [{"part", "score", "probability"}] * 3


@pytest.mark.usefixtures("workdir")
def test_counts_are_no_probabilities(capsys):
    assert main(["fit", "--config", "frequency.yaml", "--data.n_events", "400"]) == 0
    capsys.readouterr()
    assert main(["predict", "lightning_logs/frequency", "--json"]) == 0
    assert {entry["probability"] for entry in json.loads(capsys.readouterr().out)["parts"]} == {None}


class TestAPointInThePast:
    """The small run's history begins on 2000-01-01: 5 events, then 178 of train, 38 of val and 39 of test."""

    @pytest.mark.slow
    @pytest.mark.parametrize(
        ("as_of", "how"),
        [
            ("2000-01-10", "The model was trained on the event after 2000-01-10"),
            ("2000-06-30", "The model was trained on the event after 2000-06-30"),
            ("2000-07-01", "The model was validated on the event after 2000-07-01"),
            ("2000-08-07", "The model was validated on the event after 2000-08-07"),
        ],
    )
    def test_that_the_model_has_seen_is_named_first_of_all(self, as_of, how, small_run, capsys):
        assert main(["predict", str(small_run.folder), "--as-of", as_of]) == 0
        assert capsys.readouterr().out.startswith(how)
        assert main(["predict", str(small_run.folder), "--as-of", as_of, "--json"]) == 0
        assert next(iter(json.loads(capsys.readouterr().out).values())).startswith(how)

    @pytest.mark.slow
    @pytest.mark.parametrize("as_of", ["2000-08-08", "2000-09-01", "2000-09-16", "2030-01-01"])
    def test_after_validation_is_a_prediction(self, as_of, small_run, capsys):
        assert main(["predict", str(small_run.folder), "--as-of", as_of]) == 0
        assert "The model was" not in capsys.readouterr().out

    @pytest.mark.slow
    def test_is_recognised_in_another_file(self, small_run, capsys):
        shorter = [str(small_run.folder), "--data.n_events", "200"]
        assert main(["predict", *shorter, "--as-of", "2000-07-01"]) == 0
        assert capsys.readouterr().out.startswith("The model was trained or validated on the event after 2000-07-01")
        assert main(["predict", *shorter]) == 0
        assert "The model was" not in capsys.readouterr().out
        assert main(["predict", str(small_run.folder), "--data.data_seed", "2", "--as-of", "2000-03-01"]) == 0
        assert "The model was" not in capsys.readouterr().out

    @pytest.mark.slow
    def test_a_warm_started_model_remembers_the_first_run(self, small, small_run, capsys):
        run = train([*small, "--init_from", str(small_run.folder), "--data.data_seed", "2"])
        assert main(["predict", str(run.folder), "--data.data_seed", "1", "--as-of", "2000-03-01"]) == 0
        assert capsys.readouterr().out.startswith("The model was trained or validated on")
