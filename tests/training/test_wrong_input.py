"""Wrong input: exit 2, one line that names it, nothing written."""

import pytest

from c5snn.cli import main

FIT = ["fit", "--config", "spike_gru.yaml"]
WRONG = {
    "an unknown option": ([*FIT, "--data.windo", "3"], "Did you mean `data.window`?"),
    "an abbreviated option": ([*FIT, "--trainer.max_epoch", "3"], "Did you mean `trainer.max_epochs`?"),
    "an unknown argument of the model": ([*FIT, "--model.hiden_size", "3"], "Did you mean `model.hidden_size`?"),
    "a word for a number": ([*FIT, "--data.window", "x"], "`data.window`: Expected a int"),
    "a word for the model's number": ([*FIT, "--model.hidden_size", "x"], "`model.hidden_size`: Expected a int"),
    "an unknown model": (["fit", "--model", "SpikeGRUU"], "Did you mean `SpikeGRU`?"),
    "no model": (["fit"], "--config spike_gru.yaml"),
    "an unknown configuration": (["fit", "--config", "nope.yaml"], "original/spike_gru.yaml"),
    "a shape stated twice": ([*FIT, "--model.n_parts", "40"], "--data.n_parts"),
    "a value out of range": ([*FIT, "--model.beta", "1.5"], "beta"),
    "a window as long as the history": ([*FIT, "--data.window", "300", "--data.n_events", "300"], "window"),
    "a history that is not there": ([*FIT, "--data.path", "nope.csv"], "nope.csv"),
    "a skill where no signal is known": (
        [*FIT, "--early_stopping.monitor", "val_skill", "--data.strength", "0"],
        "`val_skill` needs a history that was drawn from a signal",
    ),
    "an accelerator that is not there": ([*FIT, "--trainer.accelerator", "tpu"], "devices here: cpu"),
    "no run to go on with": ([*FIT, "--ckpt_path", "last"], "last.ckpt"),
    "a checkpoint that is not there": ([*FIT, "--ckpt_path", "nope.ckpt"], "nope.ckpt"),
    "a run that is not there": (["test", "nope"], "c5snn fit"),
    "an untrained network": (["test", "--config", "spike_gru.yaml"], "untrained"),
    "a class outside the allowed modules": (["fit", "--model", "os.system"], "C5SNN_ALLOWED_IMPORTS"),
    "a callback outside the allowed modules": ([*FIT, "--trainer.callbacks", "subprocess.Popen"], "subprocess.Popen"),
}


@pytest.mark.parametrize("case", WRONG)
def test_is_answered_in_one_line_and_writes_nothing(case, workdir, capsys):
    words, reason = WRONG[case]
    assert main(words) == 2
    lines = [line for line in capsys.readouterr().err.splitlines() if line.startswith("c5snn ")]
    assert len(lines) == 1
    assert reason in lines[0]
    assert list(workdir.iterdir()) == []


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("model: [", "YAML"),
        ("- model", "mapping"),
        ("modell: 3", "modell"),
        ("model: {class_path: SpikeGRU, init_args: {window: 3}}", "--data.window"),
        ("model: {class_path: SpikeGRU, init_args: {bta: 3}}", "model.beta"),
        ("model: {class_path: os.path.join}", "os.path.join"),
    ],
)
def test_a_configuration_file_that_is_wrong_is_named(content, reason, workdir, capsys):
    (workdir / "own.yaml").write_text(content)
    assert main(["fit", "--config", "own.yaml"]) == 2
    assert reason in capsys.readouterr().err
    assert [path.name for path in workdir.iterdir()] == ["own.yaml"]


def test_a_module_outside_the_allowed_ones_is_not_even_imported(workdir, monkeypatch, capsys):
    (workdir / "foreign.py").write_text("raise SystemExit('imported')")
    monkeypatch.syspath_prepend(workdir)
    assert main(["fit", "--model", "foreign.Model"]) == 2
    assert "`foreign.Model` is not among the modules" in capsys.readouterr().err


def test_a_module_of_ones_own_is_allowed_by_name(workdir, monkeypatch):
    (workdir / "own_models.py").write_text(
        "import torch\nfrom c5snn.tasks import NextEventModule\n"
        "class Mine(NextEventModule):\n"
        "    def __init__(self, n_parts: int = 39):\n"
        "        super().__init__()\n        self.save_hyperparameters()\n"
        "        self.readout = torch.nn.Linear(n_parts, n_parts)\n"
        "    def forward(self, windows):\n        return self.readout(windows[:, -1])\n"
    )
    monkeypatch.syspath_prepend(workdir)
    monkeypatch.setenv("C5SNN_ALLOWED_IMPORTS", "own_models")
    words = ["--model", "own_models.Mine", "--data.n_events", "260", "--trainer.max_epochs", "1"]
    assert main(["fit", *words]) == 0
    assert (workdir / "lightning_logs/own_models/version_0/best.ckpt").is_file()
