"""Everything of Lightning that a configuration may name, three epochs each: it works, or one line says why not."""

from typing import Literal, get_args, get_origin

import lightning.pytorch.callbacks
import lightning.pytorch.loggers
import lightning.pytorch.profilers
import lightning.pytorch.strategies
import pytest
from lightning.fabric.connector import _PRECISION_INPUT
from lightning.pytorch.strategies import StrategyRegistry

from c5snn.cli import main
from c5snn.records import load_run

RUN = ["fit", "--config", "gru.yaml", "--model.hidden_size", "4", "--data.n_events", "120", "--data.window", "3",
       "--trainer.max_epochs", "3", "--trainer.enable_model_summary", "false"]  # fmt: skip
ARGUMENTS = {
    "StochasticWeightAveraging": {"swa_lrs": "0.01"},
    "ModelPruning": {"pruning_fn": "l1_unstructured"},
    "OnExceptionCheckpoint": {"dirpath": "own"},
    "GradientAccumulationScheduler": {"scheduling": '{"1":2}'},
    "CSVLogger": {"save_dir": "own"},
    "TensorBoardLogger": {"save_dir": "own"},
}


def literals(hint):
    return (
        list(get_args(hint)) if get_origin(hint) is Literal else [v for part in get_args(hint) for v in literals(part)]
    )


def named(option, name):
    words = [f"--trainer.{option}", name]
    return [*words, *(f"--trainer.{option}.{key}={value}" for key, value in ARGUMENTS.get(name, {}).items())]


CASES = {
    **{name: named("callbacks", name) for name in lightning.pytorch.callbacks.__all__},
    **{name: named("logger", name) for name in lightning.pytorch.loggers.__all__},
    **{name: named("profiler", name) for name in lightning.pytorch.profilers.__all__},
    **{name: ["--trainer.profiler", name] for name in ("simple", "advanced", "pytorch", "xla")},
    **{name: [f'--trainer.strategy={{"class_path":"{name}"}}'] for name in lightning.pytorch.strategies.__all__},
    **{name: ["--trainer.strategy", name] for name in StrategyRegistry.available_strategies()},
    **{f"precision {value}": [f"--trainer.precision={value}"] for value in literals(_PRECISION_INPUT)},
}


# what Lightning warns of is between it and the option; that our own runs warn of nothing, every other test holds
@pytest.mark.filterwarnings("ignore")
@pytest.mark.slow
@pytest.mark.parametrize("case", CASES)
def test_it_works_or_is_one_line(case, workdir, capsys):
    code = main([*RUN, *CASES[case]])
    said = capsys.readouterr().err
    lines = [line for line in said.splitlines() if line.startswith("c5snn fit: ")]
    folders = list(workdir.glob("lightning_logs/*/*"))
    assert "Traceback" not in said
    if code == 0:
        assert lines == []
        assert [load_run(folder).n_epochs for folder in folders] == [3]
    else:
        assert len(lines) == 1
        assert [load_run(folder).status for folder in folders] in ([], ["failed"])


def test_the_list_holds_what_users_ask_for():
    assert {
        "ModelCheckpoint",
        "CSVLogger",
        "SimpleProfiler",
        "DDPStrategy",
        "ddp",
        "precision bf16-mixed",
    } <= CASES.keys()
