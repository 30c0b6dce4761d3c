"""The schemas take every shipped file, and refuse what the parser would refuse."""

import json
from pathlib import Path

import pytest
import yaml

import c5snn
from c5snn.cli import main

jsonschema = pytest.importorskip("jsonschema", reason="the package jsonschema checks files by a schema")

CHECKOUT = Path(c5snn.__file__).parent.parent
CONFIGS = sorted((CHECKOUT / "configs").rglob("*.yaml"))
SWEEPS = sorted((CHECKOUT / "sweeps").glob("*.yaml"))


@pytest.fixture(scope="module")
def checkers():
    """Return what checks a configuration, and what checks a sweep's file."""
    found = {}
    for name, words in (("config", []), ("sweep", ["--sweep"])):
        with pytest.MonkeyPatch.context() as patch:
            printed = []
            patch.setattr("builtins.print", printed.append)
            assert main(["schema", *words]) == 0
        schema = json.loads(printed[0])
        jsonschema.Draft202012Validator.check_schema(schema)
        found[name] = jsonschema.Draft202012Validator(schema)
    return found


@pytest.mark.parametrize("path", CONFIGS, ids=lambda path: path.stem)
def test_every_shipped_configuration_is_valid(path, checkers):
    checkers["config"].validate(yaml.safe_load(path.read_text()))


@pytest.mark.parametrize("path", SWEEPS, ids=lambda path: path.stem)
def test_every_shipped_sweep_is_valid(path, checkers):
    checkers["sweep"].validate(yaml.safe_load(path.read_text()))


@pytest.mark.parametrize(
    "text",
    [
        "model: spike_gru",
        "model: my_models.Mine",
        "model: {class_path: c5snn.models.GRU, init_args: {hidden_size: 8}}",
        "data: {signal: {class_path: Parity}, n_events: 300}",
        "{optimizer: {class_path: torch.optim.SGD, init_args: {lr: 1e-3}}, trainer: {max_epochs: 3}}",
        "lr_scheduler: {class_path: StepLR, init_args: {step_size: 2}}",
        "seed_everything: true",
    ],
)
def test_what_the_parser_takes_is_valid(text, checkers):
    checkers["config"].validate(yaml.safe_load(text))


@pytest.mark.parametrize(
    "text",
    [
        "model: SpikGRU",
        "model: {class_path: GRU, init_args: {hiden_size: 8}}",
        "model: {class_path: GRU, init_args: {hidden_size: wide}}",
        "model: {class_path: SpikeGRU, init_args: {encoding: loud}}",
        "data: {n_event: 300}",
        "data: {signal: {class_path: Repaet}}",
        "trainer: {max_epoch: 3}",
        "optimiser: Adam",
    ],
)
def test_what_the_parser_refuses_is_invalid(text, checkers):
    assert not checkers["config"].is_valid(yaml.safe_load(text))


@pytest.mark.parametrize("text", ["base: 3", "space: [1]", "{base: a, seed: 3}", "{base: a, confirm: {topk: 3}}"])
def test_a_wrong_sweep_is_invalid(text, checkers):
    assert not checkers["sweep"].is_valid(yaml.safe_load(text))
