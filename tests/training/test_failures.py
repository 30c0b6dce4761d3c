"""A run that fails: one line, a record that says so, and no folder that answers for the model."""

import json
import resource
from importlib.util import find_spec

import pytest
import torch
from lightning.pytorch import Callback

from c5snn.cli import main
from c5snn.commands.foreign_errors import foreign_error
from c5snn.errors import ConfigError, OutOfMemoryError
from c5snn.records import load_run
from c5snn.records.run_folder import find_run
from c5snn.training.configuration import class_of
from c5snn.training.failures import is_out_of_memory
from c5snn.training.run import train


class RaiseAfterTwoEpochs(Callback):
    """What a user's own callback may do."""

    def on_train_epoch_end(self, trainer, pl_module):
        del pl_module
        if trainer.current_epoch == 1:
            self.reason = torch.zeros(2).reshape(3)


class TakeAllMemory(Callback):
    """What a batch that is too large does."""

    def on_train_epoch_start(self, trainer, pl_module):
        del trainer, pl_module
        torch.empty(2**60)


@pytest.fixture
def own(monkeypatch):
    """Words that name a callback of this module."""
    monkeypatch.setenv("C5SNN_ALLOWED_IMPORTS", __name__)
    return lambda cls: ["--trainer.callbacks", f"{__name__}.{cls.__name__}"]


def said(capsys):
    return [line for line in capsys.readouterr().err.splitlines() if line.startswith("c5snn ")]


FAILING = {
    "a callback of one's own": (lambda own: own(RaiseAfterTwoEpochs), "RuntimeError: shape '[3]'"),
    "a callback without its package": (lambda _: ["--trainer.callbacks", "DeviceStatsMonitor"], "psutil"),
    "an optimizer of other gradients": (lambda _: ["--optimizer", "SparseAdam"], "SparseAdam does not support"),
    "a strategy for other models": (
        lambda _: ['--trainer.strategy={"class_path":"ModelParallelStrategy"}'], "configure_model",
    ),
}  # fmt: skip


@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")  # Lightning's, of its own options
@pytest.mark.parametrize("case", FAILING)
def test_an_error_of_others_is_one_line_and_the_run_has_failed(case, small, own, workdir, capsys):
    words, reason = FAILING[case]
    if reason == "psutil" and find_spec(reason) is not None:
        pytest.skip(f"{reason} is installed")
    assert main(["fit", *small, *words(own)]) == 1
    (line,) = said(capsys)
    assert reason in line
    assert line.endswith("(C5SNN_DEBUG=1 shows the rest)")
    assert load_run(workdir / "lightning_logs/spike_gru/version_0").status == "failed"


def test_the_rest_is_shown_to_those_who_ask(small, own, capsys, monkeypatch):
    monkeypatch.setenv("C5SNN_DEBUG", "1")
    assert main(["fit", *small, *own(RaiseAfterTwoEpochs)]) == 1
    shown = capsys.readouterr().err
    assert "Traceback (most recent call last)" in shown
    assert shown.splitlines()[-1].startswith("c5snn fit: RuntimeError")
    assert f"in {__name__.rpartition('.')[2]}.py, line " in shown


def test_an_error_of_our_own_code_is_a_bug_and_no_line():
    with pytest.raises(AttributeError) as raised:
        class_of({"class_path": "c5snn.models.Nope"})
    assert foreign_error(raised.value) is None


def test_a_name_that_no_folder_can_have_is_one_line(workdir, capsys):
    assert main(["test", "x" * 300]) == 1
    assert "File name too long" in said(capsys)[0]
    assert list(workdir.iterdir()) == []


@pytest.mark.slow
def test_from_python_the_error_itself_is_raised(small, own):
    with pytest.raises(RuntimeError, match="shape"):
        train([*small, *own(RaiseAfterTwoEpochs)])


@pytest.mark.slow
def test_the_newest_run_with_a_checkpoint_answers(small, small_run, own, workdir):
    models = workdir / "lightning_logs/spike_gru"
    with pytest.raises(RuntimeError):
        train([*small, *own(RaiseAfterTwoEpochs)])
    failed = models / "version_1"
    assert (failed / "best.ckpt").is_file()
    assert find_run(models) == small_run.folder.absolute()
    later = train(small)
    (later.folder / "best.ckpt").unlink()
    assert find_run(models) == small_run.folder.absolute()


def test_a_failed_run_alone_answers_for_nothing(small, own, workdir):
    with pytest.raises(RuntimeError):
        train([*small, *own(RaiseAfterTwoEpochs)])
    with pytest.raises(ConfigError, match="c5snn fit"):
        find_run(workdir / "lightning_logs/spike_gru")


@pytest.mark.slow
@pytest.mark.parametrize("rehearsal", ["true", "2"])
def test_a_rehearsal_leaves_nothing(rehearsal, small, workdir, capsys):
    assert main(["fit", *small, "--trainer.fast_dev_run", rehearsal]) == 0
    assert "nothing was kept" in capsys.readouterr().out
    assert list(workdir.iterdir()) == []


def test_a_sweep_is_not_rehearsed_by_batches(workdir, capsys):
    (workdir / "own.yaml").write_text("base: gru.yaml\nspace: {model.hidden_size: [4, 8]}\n")
    assert main(["sweep", "own.yaml", "--trainer.fast_dev_run", "true"]) == 2
    assert "trainer.fast_dev_run" in said(capsys)[0]
    assert [path.name for path in workdir.iterdir()] == ["own.yaml"]


def test_the_batch_size_that_might_fit_is_named(small, own, workdir, capsys):
    assert main(["fit", *small, *own(TakeAllMemory)]) == 1
    expected = "data.batch_size=64; `--data.micro_batch 32` makes the same steps with less memory and might fit."
    assert said(capsys) == [f"c5snn fit: Memory ran out with {expected}"]
    assert load_run(workdir / "lightning_logs/spike_gru/version_0").status == "failed"


def test_a_single_window_that_does_not_fit_needs_another_network(small, own):
    with pytest.raises(OutOfMemoryError, match="smaller network"):
        train([*small, "--data.batch_size", "1", *own(TakeAllMemory)])


@pytest.mark.parametrize(
    ("error", "expected"),
    [(MemoryError(), True), (OSError(12, "no memory"), True), (RuntimeError("std::bad_alloc"), True),
     (OSError(13, "no access"), False), (RuntimeError("shape"), False), (OutOfMemoryError("told"), True)],
)  # fmt: skip
def test_what_means_that_memory_ran_out(error, expected):
    assert is_out_of_memory(error) is expected


@pytest.mark.slow
def test_a_relative_path_of_data_is_found_from_another_folder(small, workdir, monkeypatch, capsys):
    assert main(["data", "synthesize", "history.csv", "--n-events", "260"]) == 0
    run = train([*small, "--data.path", "history.csv"])
    (workdir / "elsewhere").mkdir()
    monkeypatch.chdir(workdir / "elsewhere")
    capsys.readouterr()
    assert main(["test", str(workdir / run.folder)]) == 0
    assert main(["validate", str(workdir / run.folder)]) == 0
    assert list((workdir / "elsewhere").iterdir()) == []


def test_a_folder_that_cannot_be_written_is_not_left_empty(small, workdir, capsys):
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (0, hard))  # every file is too large, as on a full disk
    try:
        assert main(["fit", *small]) == 1
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert "could not be written" in said(capsys)[0]
    assert list(workdir.iterdir()) == []


def test_a_misspelt_metric_of_a_model_of_ones_own_is_one_line(workdir, monkeypatch, capsys):
    (workdir / "logging_models.py").write_text(
        "from typing import ClassVar\nimport torch\nfrom c5snn.tasks import NextEventModule\n"
        "class Mine(NextEventModule):\n"
        "    def __init__(self, n_parts: int = 39):\n"
        "        super().__init__()\n        self.save_hyperparameters()\n"
        "        self.readout = torch.nn.Linear(n_parts, n_parts)\n"
        "    def forward(self, windows):\n        return self.readout(windows[:, -1])\n"
    )
    monkeypatch.syspath_prepend(workdir)
    monkeypatch.setenv("C5SNN_ALLOWED_IMPORTS", "logging_models")
    words = ["--model", "logging_models.Mine", "--data.n_events", "260", "--trainer.max_epochs", "1"]
    checkpoint = ["--trainer.callbacks", "ModelCheckpoint", "--trainer.callbacks.monitor", "val_own"]
    assert main(["fit", *words, *checkpoint]) == 1
    assert "ModelCheckpoint(monitor='val_own')" in said(capsys)[0]
    record = json.loads((workdir / "lightning_logs/logging_models/version_0/result.json").read_text())
    assert record["status"] == "failed"
