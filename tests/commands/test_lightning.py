"""What ``c5snn fit`` and ``c5snn test`` print was computed: no epoch that nobody chose, no claim about others."""

from pathlib import Path

from c5snn.cli import main
from c5snn.records import load_run

SMALL = ["--data.n_events", "600", "--data.window", "3", "--data.strength", "3"]


def test_a_model_without_weights_is_not_said_to_have_been_trained_or_chosen_by_epoch(workdir, capsys):
    assert main(["fit", "--config", "frequency.yaml", *SMALL]) == 0
    shown = capsys.readouterr().out
    assert "no optimizer step was made; on validation: val_" in shown
    assert "epoch" not in shown
    assert any(workdir.rglob("result.json"))


def test_a_simulated_p_is_not_printed_below_its_floor(workdir, capsys):
    words = ["--data.strength", "3", "--data.n_events", "3000", "--data.n_active", "varies"]
    assert main(["test", "--config", "frequency.yaml", *words]) == 0
    shown = capsys.readouterr().out
    (record,) = Path(workdir).rglob("test_metrics.json")
    test = load_run(record.parent).test
    simulated = [*test.metrics.values(), *test.references]
    assert any(entry.p == 1 / 100_001 and not entry.is_exact for entry in simulated)
    assert "over it, p < 0.0001" in shown
    assert "1e-05" not in shown


def test_a_test_prints_the_expected_skill_and_the_realised_one_and_which_metric_the_verdict_is_on(workdir, capsys):
    assert main(["test", "--config", "frequency.yaml", *SMALL]) == 0
    shown = capsys.readouterr().out
    (record,) = Path(workdir).rglob("test_metrics.json")
    test = load_run(record.parent).test
    assert test.skill != test.realized_skill
    assert f"skill: {test.skill:.2f} in expectation, {test.realized_skill:.2f} realised" in shown
    assert "The verdict is on Recall@20; the other metrics are descriptive and have none." in shown
    assert "before training" not in shown
