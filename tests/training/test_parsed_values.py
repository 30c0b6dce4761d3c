"""The same words mean the same everywhere: in words, in a file, from Python, whatever was imported before."""

import json
import subprocess
import sys
from typing import Union, get_args

import numpy as np
import pytest
import yaml

from c5snn.cli import main
from c5snn.errors import ConfigError
from c5snn.training.lightning_cli import C5CLI
from c5snn.training.parser import whole_numbers_first
from c5snn.training.run import train

NUMBERS = [
    "limit_train_batches", "limit_val_batches", "overfit_batches", "val_check_interval", "gradient_clip_val",
]  # fmt: skip

# with this order of imports, Python hands out `Union[float, int]` where Lightning writes `Union[int, float]`
READ_BY_THE_COMMAND = f"""
import c5snn.commands.lightning, json
from c5snn.training.lightning_cli import C5CLI
words = lambda name, text: ["--config", "gru.yaml", f"--trainer.{{name}}", text]
read = lambda name, text: C5CLI(words(name, text)).config["trainer"][name]
print(json.dumps({{name: [read(name, "1"), read(name, "1.0")] for name in {NUMBERS}}}))
"""


@pytest.mark.slow
def test_one_is_a_whole_number_in_every_option_of_the_trainer_that_takes_both():
    found = subprocess.run([sys.executable, "-c", READ_BY_THE_COMMAND], check=True, capture_output=True, text=True)
    read = {name: [type(value).__name__ for value in values] for name, values in json.loads(found.stdout).items()}
    assert read == {name: ["int", "float"] for name in NUMBERS}


@pytest.mark.parametrize("hint", [float | int, Union[float, int, None], float | str | int])  # noqa: UP007  # both forms
def test_a_union_reads_whole_numbers_first_and_keeps_its_members(hint):
    assert get_args(whole_numbers_first(hint))[:2] == (int, float)
    assert set(get_args(whole_numbers_first(hint))) == set(get_args(hint))


@pytest.mark.parametrize("hint", [int | str, float, None, float | None, list[float | int]])
def test_every_other_annotation_stays_as_it_is(hint):
    assert whole_numbers_first(hint) is hint


@pytest.mark.slow
def test_one_batch_is_one_step_from_words_and_from_python(small):
    words = train([*small, "--trainer.limit_train_batches", "1"])
    mapping = yaml.safe_load((words.folder / "config.yaml").read_text())
    assert (words.n_steps, train(mapping).n_steps) == (2, 2)
    assert train([*small, "--trainer.limit_train_batches", "1.0"]).n_steps == 6


@pytest.mark.slow
def test_numbers_of_numpy_are_numbers(small):
    mapping = yaml.safe_load((train(small).folder / "config.yaml").read_text())
    mapping["model"]["init_args"] |= {"hidden_size": np.int64(8), "beta": np.float64(0.5)}
    mapping["data"]["init_args"]["split"] = np.array([0.7, 0.15, 0.15])
    assert train(mapping).arguments == train(small).arguments


@pytest.mark.parametrize(
    ("args", "instead"),
    [
        ({"config": "gru.yaml"}, "['--config', 'gru.yaml', …]"),
        ("--config gru.yaml", "['--config', 'gru.yaml']"),
    ],
)
def test_from_python_anything_else_says_what_to_write(args, instead):
    with pytest.raises(ConfigError) as error:
        train(args)
    assert instead in str(error.value)


EMPTY = {
    "data": "data:\n",
    "trainer": "trainer:\n",
    "optimizer": "optimizer:\n",
    "early_stopping": "early_stopping:\n",
    "seed_everything": "seed_everything:\n",
    "the optimizer's arguments": "optimizer:\n  class_path: Adam\n  init_args:\n",
    "the data's arguments": "data:\n  class_path: EventDataModule\n  init_args:\n",
}


@pytest.mark.slow
@pytest.mark.parametrize("empty", EMPTY)
def test_an_empty_section_means_the_defaults(empty, workdir):
    (workdir / "own.yaml").write_text(f"model:\n  class_path: GRU\n  init_args:\n{EMPTY[empty]}")
    assert C5CLI(["--config", "own.yaml"]).dump() == C5CLI(["--model", "GRU"]).dump() | {"name": "own"}
    mapping = yaml.safe_load((workdir / "own.yaml").read_text())
    assert C5CLI(mapping).dump() == C5CLI(["--model", "GRU"]).dump()


def test_an_empty_schedule_takes_away_that_of_an_earlier_file(workdir):
    (workdir / "step.yaml").write_text("lr_scheduler: {class_path: StepLR, init_args: {step_size: 1}}")
    (workdir / "none.yaml").write_text("lr_scheduler:\ndata:\n")
    words = ["--config", "gru.yaml", "--config", "step.yaml"]
    assert C5CLI(words).config["lr_scheduler"] is not None
    assert C5CLI([*words, "--config", "none.yaml"]).config["lr_scheduler"] is None


def test_an_empty_model_is_no_model(workdir, capsys):
    (workdir / "own.yaml").write_text("model:\n")
    assert main(["fit", "--config", "own.yaml"]) == 2
    assert "A model must be given" in capsys.readouterr().err


def test_one_device_is_used_unless_more_are_asked_for():
    assert C5CLI(["--config", "gru.yaml"]).config["trainer"]["devices"] == 1
    assert C5CLI(["--config", "gru.yaml", "--trainer.devices", "2"]).config["trainer"]["devices"] in {2, "2"}


def test_the_home_folder_is_found_in_a_file_and_in_a_flag(workdir, monkeypatch):
    monkeypatch.setenv("HOME", str(workdir))
    (workdir / "own.yaml").write_text("data: {path: ~/a.csv}\ntrainer: {default_root_dir: ~/logs}\nmodel: GRU\n")
    config = C5CLI(["--config", "own.yaml"]).dump()
    assert config["data"]["init_args"]["path"] == str(workdir / "a.csv")
    assert config["trainer"]["default_root_dir"] == str(workdir / "logs")
    assert C5CLI(["--model", "GRU", "--data.path=~/b.csv"]).dump()["data"]["init_args"]["path"] == str(
        workdir / "b.csv"
    )
