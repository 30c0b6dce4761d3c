"""A configuration's data class is the one that it names, with its own defaults."""

import inspect

import pytest

from c5snn.data import ArcDataModule, EventDataModule, SeriesDataModule
from c5snn.training.data_classes import data_class_path, linked_shapes
from c5snn.training.lightning_cli import C5CLI

EVENTS, ARC = "c5snn.data.EventDataModule", "c5snn.data.ArcDataModule"


@pytest.mark.parametrize(
    ("named", "path"),
    [
        (None, EVENTS), ("EventDataModule", EVENTS), (EVENTS, EVENTS), ("ArcDataModule", ARC), (ARC, ARC),
        ("c5snn.data.arc.datamodule.ArcDataModule", ARC), ("Nonsense", EVENTS),
    ],
)  # fmt: skip
def test_a_class_is_known_by_its_name_and_its_paths(named, path):
    assert data_class_path(named) == path


@pytest.mark.parametrize(
    ("words", "data_class"),
    [
        (["--config", "arc_majority.yaml"], ArcDataModule),
        (["--model", "MajorityClass", "--data", "ArcDataModule"], ArcDataModule),
        (["--model", "MajorityClass", "--data.class_path", ARC], ArcDataModule),
        (["--config", "seasonal_naive.yaml"], SeriesDataModule),
        (["--model", "GRU"], EventDataModule),
        (["--model", "GRU", "--data", "EventDataModule"], EventDataModule),
    ],
)
@pytest.mark.usefixtures("workdir")
def test_a_class_takes_no_defaults_of_another_one(words, data_class):
    cli = C5CLI(words)
    recorded = cli.dump()["data"]["init_args"]
    expected = {name: parameter.default for name, parameter in inspect.signature(data_class).parameters.items()}
    expected = {name: list(value) if isinstance(value, tuple) else value for name, value in expected.items()}
    assert recorded == expected
    assert cli.chosen().keys() == {"model"}


@pytest.mark.usefixtures("workdir")
def test_a_mapping_names_its_class_as_words_do():
    cli = C5CLI({"model": {"class_path": "MajorityClass"}, "data": {"class_path": ARC, "init_args": {"folds": 4}}})
    assert (cli.datamodule.batch_size, cli.datamodule.folds) == (16, 4)


@pytest.mark.parametrize("data_class", [EventDataModule, ArcDataModule, SeriesDataModule])
def test_shapes_that_are_linked_are_those_of_the_named_class(data_class):
    assert linked_shapes(data_class_path(data_class.__name__)) == list(data_class.links)
