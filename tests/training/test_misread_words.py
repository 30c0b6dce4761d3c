"""A word in the wrong place: one line that says what to write instead."""

import pytest

from c5snn.cli import main

FIT = ["fit", "--config", "gru.yaml"]
SPLIT = ["0.8", "0.1", "0.1"]
MISREAD = {
    "a configuration without its flag": (["fit", "gru.yaml"], "write `--config gru.yaml`"),
    "a configuration after another flag": ([*FIT, "own.yaml"], "write `--config own.yaml`"),
    "a model in place of its flag": (["fit", "GRU"], "`GRU` follows no flag; a configuration is given as"),
    "a file's name as a model": (["fit", "--model", "gru"], "Did you mean `GRU`?"),
    "a module's name as a model": (["fit", "--model", "spiking_cnn1d"], "Did you mean `SpikingCNN1D`?"),
    "a file as a model": (["fit", "--model", "gru.yaml"], "write `--config gru.yaml`"),
    "a list as words": ([*FIT, "--data.split", *SPLIT], "write `--data.split [0.8,0.1,0.1]`"),
    "a list of the model as words": (
        ["fit", "--model", "SpikeGRU", "--model.beta", "0.5", "0.9"], "write `--model.beta [0.5,0.9]`",
    ),
    "two values": ([*FIT, "--data.window=3", "4"], "`4` follows no flag; `--data.window=3` has its value"),
    "a sweep's file": (["fit", "--config", "phase_b.yaml"], "c5snn sweep phase_b.yaml"),
    "a run's file": (["sweep", "own.yaml"], "c5snn fit --config own.yaml"),
    "an optimizer": ([*FIT, "--optimizer", "adamw"], "Did you mean `AdamW`?"),
    "a callback": ([*FIT, "--trainer.callbacks", "EarlyStoping"], "Did you mean `EarlyStopping`?"),
    "a signal": ([*FIT, "--data.signal", "repeat"], "Did you mean `Repeat`?"),
    "an argument that is missing": ([*FIT, "--lr_scheduler", "StepLR"], "`StepLR` needs `step_size`"),
}  # fmt: skip


@pytest.mark.parametrize("case", MISREAD)
def test_says_what_to_write_instead(case, workdir, capsys):
    (workdir / "own.yaml").write_text("model: GRU\n")
    (workdir / "phase_b.yaml").write_text("base: gru.yaml\nspace: {model.hidden_size: [4, 8]}\n")
    words, instead = MISREAD[case]
    assert main(words) == 2
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("c5snn ")]
    assert instead in line
    assert sorted(path.name for path in workdir.iterdir()) == ["own.yaml", "phase_b.yaml"]
