"""Hostile configurations of a run and of a sweep: they run, or they are one line and exit 2; none hangs or grows."""

import json
import resource
import signal
from pathlib import Path

import numpy as np
import pytest

from c5snn.cli import main
from c5snn.errors import ConfigError
from c5snn.sweeps.spec_file import read_spec
from c5snn.training.lightning_cli import C5CLI
from c5snn.training.yaml_file import read_yaml
from tests.mutations import BOMB, mutated

RUN = {
    "seed_everything": 1,
    "model": {
        "class_path": "SpikeGRU",
        "init_args": {"hidden_size": 8, "beta": 0.5, "readout": "membrane", "num_layers": 1, "delay_lines": 0},
    },
    "data": {
        "class_path": "c5snn.data.EventDataModule",
        "init_args": {
            "n_events": 260, "window": 5, "batch_size": 64, "strength": 0.5, "split": [0.7, 0.15, 0.15],
            "signal": {"class_path": "c5snn.data.events.signals.Skew"},
        },
    },
    "trainer": {
        "max_epochs": 1, "accelerator": "cpu", "gradient_clip_val": 1.0, "enable_model_summary": False,
        "callbacks": [{"class_path": "lightning.pytorch.callbacks.LearningRateMonitor",
                       "init_args": {"logging_interval": "epoch"}}],
    },
    "optimizer": {"class_path": "torch.optim.Adam", "init_args": {"lr": 0.001, "betas": [0.9, 0.999]}},
    "lr_scheduler": {"class_path": "torch.optim.lr_scheduler.StepLR", "init_args": {"step_size": 1}},
    "early_stopping": {"monitor": "val_loss", "patience": 3, "min_delta": 0.0},
}  # fmt: skip
SWEEP = {
    "base": ["gru.yaml"],
    "space": {"model.hidden_size": [4, 8], "optimizer.lr": [0.001, 0.01], "data.window": 5},
    "options": {"data.n_events": 260, "trainer.max_epochs": 1},
    "screen": {"seed": 42, "monitor": "val_loss", "mode": "min"},
    "confirm": {"top_k": 1, "seeds": [1, 2]},
    "profiles": {"smoke": {"data.n_events": 300, "confirm": {"top_k": 1, "seeds": [1]}}},
    "timeout_s": 60.0, "max_attempts": 1, "allow_inert": True,
}  # fmt: skip
LIMIT_S, LIMIT_KB = 10, 1_000_000


class TookTooLongError(BaseException):
    """Nothing that a command catches."""


@pytest.fixture(scope="module", autouse=True)
def imported(tmp_path_factory):
    """What a valid configuration imports, whose time no hostile one decides."""
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path_factory.mktemp("valid"))
        Path("own.yaml").write_text(json.dumps(RUN))
        begin_fit()
        Path("own.yaml").write_text(json.dumps(SWEEP))
        assert main(["sweep", "own.yaml", "--dry-run"]) == 0


@pytest.fixture
def in_time():
    """Run a function, and fail where it takes longer or more memory than any configuration may."""

    def stop(*_):
        raise TookTooLongError

    def run(function):
        before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
        signal.alarm(LIMIT_S)
        try:
            result = function()
        finally:
            signal.alarm(0)
        assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < LIMIT_KB
        return result

    previous = signal.signal(signal.SIGALRM, stop)
    yield run
    signal.signal(signal.SIGALRM, previous)


def begin_fit():
    """Do all that ``c5snn fit`` does before the first step."""
    cli = C5CLI(["--config", "own.yaml"])
    cli.datamodule.setup("fit")
    cli.make_trainer([], None)


def expect_one_line(function, in_time):
    error = ""
    try:
        in_time(function)
    except ConfigError as refused:
        error = str(refused)
    assert len(error.splitlines()) <= 1


def fit_of(seeds, workdir, in_time):
    for seed in seeds:
        (workdir / "own.yaml").write_text(mutated(RUN, np.random.default_rng(seed)), errors="surrogatepass")
        expect_one_line(begin_fit, in_time)
        assert [path.name for path in workdir.iterdir()] == ["own.yaml"], seed


def sweep_of(seeds, workdir, in_time, capsys):
    for seed in seeds:
        (workdir / "own.yaml").write_text(mutated(SWEEP, np.random.default_rng(seed)), errors="surrogatepass")
        words = ["sweep", "own.yaml", "--dry-run", *(["--profile", "smoke"] if seed % 3 == 0 else [])]
        exit_code = in_time(lambda words=words: main(words))
        error = [line for line in capsys.readouterr().err.splitlines() if line.startswith("c5snn ")]
        assert (exit_code, len(error)) in {(0, 0), (2, 1)}, seed
        assert [path.name for path in workdir.iterdir()] == ["own.yaml"], seed


@pytest.mark.slow
def test_a_hostile_configuration_of_a_run_is_one_line(workdir, in_time):
    fit_of(range(40), workdir, in_time)


@pytest.mark.slow
def test_a_hostile_sweep_is_one_line(workdir, in_time, capsys):
    sweep_of(range(40), workdir, in_time, capsys)


@pytest.mark.long
def test_three_hundred_hostile_configurations_of_a_run_are_one_line_each(workdir, in_time):
    fit_of(range(1_000, 1_300), workdir, in_time)


@pytest.mark.long
def test_three_hundred_hostile_sweeps_are_one_line_each(workdir, in_time, capsys):
    sweep_of(range(1_000, 1_300), workdir, in_time, capsys)


@pytest.mark.slow
def test_the_configurations_that_are_changed_are_valid(workdir, capsys):
    for name, config in (("own.yaml", RUN), ("sweep.yaml", SWEEP)):
        (workdir / name).write_text(json.dumps(config))
    begin_fit()
    assert main(["sweep", "sweep.yaml", "--dry-run"]) == 0
    assert "4 of 4 trials" in capsys.readouterr().out


@pytest.mark.slow
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("a: " + "9" * 5_000, "5,000 characters"),
        ("a: 9223372036854775808", "64 bits"),
        ("a: 1\na: 2", "`a` twice"),
        ("1: 2", "no word"),
        ("'': 2", "no word"),
        ("a: " + "[" * 200 + "]" * 200, "levels deep"),
        ("a: &x [*x]", "must follow its anchor"),
        ("a: " + BOMB, "aliases written out"),
        ("a: !!binary aGVsbG8=", "tag"),
        ("a: [" + "1, " * 60_000 + "]", "values"),
        ("a: '" + "x" * 300_000 + "'", "bytes"),
        ("a: \xff", "YAML"),
        ("- a", "mapping"),
    ],
)
def test_what_a_file_may_not_hold_is_named(tmp_path, content, reason):
    (tmp_path / "own.yaml").write_bytes(content.encode("latin-1"))
    with pytest.raises(ConfigError, match=reason):
        read_yaml(tmp_path / "own.yaml")


@pytest.mark.slow
def test_a_date_stays_a_word(tmp_path):
    (tmp_path / "own.yaml").write_text("a: 2024-01-01\nb: {<<: {c: 1}, d: 0x1F}\n")
    assert read_yaml(tmp_path / "own.yaml") == {"a": "2024-01-01", "b": {"c": 1, "d": 31}}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("flag", "value"),
    [
        ("data.n_events", 2**31), ("data.n_parts", 10**6), ("data.order_seed", -1), ("model.num_layers", 2**31),
        ("model.hidden_size", 2**31), ("model.delay_lines", 2**31), ("seed_everything", -1), ("optimizer.lr", ".nan"),
        ("early_stopping.min_delta", ".inf"), ("trainer.devices", 2**31), ("trainer.accumulate_grad_batches", 0),
        ("data.path", "x" * 5_000), ("ckpt_path", "x" * 5_000),
    ],
)  # fmt: skip
def test_a_number_that_no_run_can_have_is_one_line(flag, value, workdir, capsys):
    assert main(["fit", "--config", "spike_gru.yaml", f"--{flag}={value}"]) == 2
    assert len([line for line in capsys.readouterr().err.splitlines() if line.startswith("c5snn fit: ")]) == 1
    assert list(workdir.iterdir()) == []


@pytest.mark.parametrize("content", ["base: gru.yaml\nscreen: 3", "base: [1]", "base: gru.yaml\nspace: {a: [1, 1]}"])
def test_a_sweep_with_a_value_of_another_kind_is_refused(workdir, content):
    (workdir / "own.yaml").write_text(content)
    with pytest.raises(ConfigError):
        read_spec("own.yaml")
