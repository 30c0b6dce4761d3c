"""No word of a configuration reaches the network or calls a function."""

import pytest

from c5snn.cli import main
from c5snn.errors import ConfigError
from c5snn.training.lightning_cli import C5CLI

FIT = ["fit", "--config", "gru.yaml", "--data.n_events", "160", "--data.window", "3", "--trainer.max_epochs", "1"]
ADDRESSES = {
    "a logger's folder": ["--trainer.logger", "TensorBoardLogger", "--trainer.logger.save_dir", "memory://logs"],
    "a checkpoint's folder": ["--trainer.callbacks", "ModelCheckpoint", "--trainer.callbacks.dirpath=s3://bucket/x"],
    "a profiler's folder": ["--trainer.profiler", "SimpleProfiler", "--trainer.profiler.dirpath", "ftp://host/x"],
    "the runs' folder": ["--trainer.default_root_dir", "http://host/x"],
    "a chain of protocols": ["--trainer.default_root_dir", "simplecache::host/x"],
    "data in a word": ["--trainer.default_root_dir", "data:text/plain,x"],
    "a history": ["--data.path", "https://host/history.csv"],
    "a configuration": ["--config", "https://host/gru.yaml"],
    "a section": ["--trainer", "http://host/trainer.yaml"],
    "a checkpoint": ["--ckpt_path", "https://host/best.ckpt"],
    "a value inside JSON": ['--trainer.logger={"class_path":"CSVLogger","init_args":{"save_dir":"gs://x"}}'],
}
FUNCTIONS = {
    "a callback's": ["--trainer.callbacks=LambdaCallback", "--trainer.callbacks.on_fit_start=c5snn.files.write_text"],
    "a schedule's": ["--lr_scheduler", "LambdaLR", "--lr_scheduler.lr_lambda", "c5snn.files.write_text"],
    "a pruner's": ["--trainer.callbacks", "ModelPruning", "--trainer.callbacks.pruning_fn", "c5snn.files.write_text"],
    "a class in its place": ["--lr_scheduler", "LambdaLR", "--lr_scheduler.lr_lambda", "c5snn.models.GRU"],
}  # fmt: skip


def said(capsys):
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("c5snn ")]
    return line


@pytest.mark.parametrize("case", ADDRESSES)
def test_an_address_is_refused_before_anything_is_opened(case, workdir, capsys):
    assert main([*FIT, *ADDRESSES[case]]) == 2
    assert "is an address" in said(capsys)
    assert list(workdir.iterdir()) == []


def test_an_address_in_a_file_is_refused(workdir, capsys):
    (workdir / "own.yaml").write_text("model: GRU\ntrainer: {default_root_dir: 's3://bucket'}\n")
    assert main(["fit", "--config", "own.yaml"]) == 2
    assert "`trainer.default_root_dir`" in said(capsys)


def test_an_address_from_python_is_refused():
    with pytest.raises(ConfigError, match="is an address"):
        C5CLI({"model": {"class_path": "GRU"}, "data": {"init_args": {"path": "http://host/x.csv"}}})


def test_the_environment_gives_no_options(workdir, monkeypatch, capsys):
    monkeypatch.setenv("JSONARGPARSE_DEFAULT_ENV", "true")
    monkeypatch.setenv("C5SNN_CONFIG", "http://host/gru.yaml")
    assert main(FIT) == 2
    assert "JSONARGPARSE_DEFAULT_ENV" in said(capsys)
    assert list(workdir.iterdir()) == []


@pytest.mark.parametrize("case", FUNCTIONS)
def test_a_function_is_no_value_and_is_not_called(case, workdir, capsys):
    assert main([*FIT, *FUNCTIONS[case]]) == 2
    assert "unctions are no values of a configuration" in said(capsys)
    assert list(workdir.iterdir()) == []


def test_a_function_in_the_place_of_a_class_is_not_called(workdir, capsys):
    assert main(["fit", "--model", "c5snn.training.configuration.build_model"]) == 2
    assert "unctions are no values of a configuration" in said(capsys)
    assert list(workdir.iterdir()) == []
