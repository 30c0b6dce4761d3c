"""A word in the wrong place: one line that says what to write instead."""

import pytest

from c5snn.cli import main

FIT = ["fit", "--config", "gru.yaml"]
SPLIT = ["0.8", "0.1", "0.1"]
MISREAD = {
    "a configuration without its flag": (["fit", "gru.yaml"], "write `--config gru.yaml`"),
    "a configuration after another flag": ([*FIT, "own.yaml"], "write `--config own.yaml`"),
    "a model in place of its flag": (["fit", "GRU"], "`GRU` follows no flag; a configuration is given as"),
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
    "a rate that is no number": ([*FIT, "--optimizer.lr", "x"], "`optimizer.lr` must be a number, but is x"),
    "a rate with a comma": ([*FIT, "--optimizer.lr", "0,01"], "`optimizer.lr` must be a number, but is 0,01"),
    "a size that is no number": ([*FIT, "--model.hidden_size", "x"], "`model.hidden_size` must be a whole number"),
    "a limit that is no number": ([*FIT, "--trainer.limit_train_batches", "x"], "_batches` must be a number, but is x"),
    "a seed that is none": ([*FIT, "--seed_everything", "x"], "must be a whole number or true or false, but is x"),
    "a word of none of these": ([*FIT, "--trainer.precision", "12"], "must be one of 64, 32, 16, transformer-engine"),
    "a callback's number": (
        [*FIT, "--trainer.callbacks", "EarlyStopping", "--trainer.callbacks.patience", "x"],
        "`trainer.callbacks.patience` must be a whole number, but is x",
    ),
    "an argument of another library": ([*FIT, "--optimizer.learning_rate", "0.1"], "`Adam` takes lr, betas, eps"),
    "a misspelt argument": ([*FIT, "--optimizer.lrr", "0.1"], "Did you mean `optimizer.lr`?"),
    "a class that is none": ([*FIT, "--optimizer", "NoSuch"], "there is no class `NoSuch`"),
    "an abstract callback": ([*FIT, "--trainer.callbacks", "Callback"], "`lightning.Callback` is not among"),
    "an argument that is missing": ([*FIT, "--lr_scheduler", "StepLR"], "`StepLR` needs `step_size`"),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.parametrize("case", MISREAD)
def test_says_what_to_write_instead(case, workdir, capsys):
    (workdir / "own.yaml").write_text("model: GRU\n")
    (workdir / "phase_b.yaml").write_text("base: gru.yaml\nspace: {model.hidden_size: [4, 8]}\n")
    words, instead = MISREAD[case]
    assert main(words) == 2
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("c5snn ")]
    assert instead in line
    assert sorted(path.name for path in workdir.iterdir()) == ["own.yaml", "phase_b.yaml"]
