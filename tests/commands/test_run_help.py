"""Help that leads with what a user of c5snn needs, at once; and what was probably meant by a wrong word."""

import subprocess
import sys

import pytest

from c5snn.cli import main


def help_of(capsys, *words):
    assert main([*words]) == 0
    return capsys.readouterr().out


def test_the_help_of_fit_has_an_example_the_configurations_and_the_options_of_model_and_data(capsys):
    shown = help_of(capsys, "fit", "--help")
    for text in ("c5snn fit --config spike_gru.yaml", "original/spike_gru.yaml", "--name NAME", "--help-trainer"):
        assert text in shown
    for option in ("--model.hidden_size", "--model.delay_lines", "--data.path", "--data.signal"):
        assert f"  {option} " in shown
    assert "--trainer.accelerator" not in shown
    assert "--model.n_parts" not in shown  # it follows the data
    assert max(map(len, shown.splitlines())) <= 80


def test_help_is_about_the_model_and_the_data_that_are_named(capsys):
    assert "options of the model GRU " in help_of(capsys, "fit", "--model", "gru", "--help")
    shown = help_of(capsys, "fit", "--help", "--config", "arc_cnn.yaml")
    assert "options of the model ArcCNN " in shown
    assert "options of the data ArcDataModule " in shown
    assert "--data.labels" in shown


def test_the_trainers_options_have_our_defaults(capsys):
    shown = help_of(capsys, "fit", "--help-trainer")
    assert "--trainer.accelerator" in shown
    assert "--model." not in shown
    entry = shown.partition("--trainer.devices")[2].partition("--trainer")[0]
    assert "(default: 1)" in entry


def test_all_is_what_lightning_lists(capsys):
    shown = help_of(capsys, "fit", "--help", "all")
    assert "--trainer.accelerator" in shown
    assert "--optimizer" in shown


@pytest.mark.parametrize("command", ["validate", "test", "predict"])
def test_the_commands_on_a_run_say_what_run_is(command, capsys):
    shown = help_of(capsys, command, "--help")
    assert shown.startswith(f"usage: c5snn {command} ")
    assert "lightning_logs/spike_gru/version_0" in shown
    assert "RUN alone is" in shown


@pytest.mark.parametrize("words", [["fit", "--help"], ["test", "--help"], ["list"], ["completion", "bash"]])
def test_help_and_lists_import_no_torch(words, workdir):
    code = f"import sys; from c5snn.cli import main; main({words}); print({{'torch', 'lightning'}} & {{*sys.modules}})"
    shown = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=workdir).stdout
    assert shown.splitlines()[-1] == "set()"


@pytest.mark.parametrize(
    ("words", "meant"),
    [
        (["sweep", "phase_b.yaml", "--worker", "2"], "--workers"),
        (["sweep", "phase_b.yam"], "phase_b.yaml"),
        (["predict", "run", "--topk=3"], "--top-k"),
        (["report", "run", "--outptu", "x"], "--output"),
        (["list", "modls"], "models"),
        (["fit", "--config", "spike_gr.yaml"], "spike_gru.yaml"),
        (["fit", "--model", "spike_gr"], "SpikeGRU"),
        (["fit", "--model", "GRU", "--model.hiden_size", "3"], "model.hidden_size"),
        (["fit", "--config", "gru.yaml", "--optimizer", "Adm"], "Adam"),
        (["fit", "--config", "gru.yaml", "--data.signal", "Repaet"], "Repeat"),
        (["fit", "--config", "gru.yaml", "--lr_scheduler", "HoldThenDekay"], "HoldThenDecay"),
        (["fit", "--config", "gru.yaml", "--early_stopping.monitor", "val_mr"], "val_mrr"),
    ],
)
def test_a_wrong_word_is_answered_with_the_nearest(words, meant, workdir, capsys):
    assert main(words) == 2
    assert f"Did you mean `{meant}`?" in capsys.readouterr().err
    assert list(workdir.iterdir()) == []
