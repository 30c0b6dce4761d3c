"""The models that an encoder has to beat, each against its formula."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from c5snn.cli import main
from c5snn.data import ArcDataModule, GridPairs
from c5snn.data.arc.features import FEATURES, item_features
from c5snn.data.arc.grids import PADDING, Pair, pad_pairs
from c5snn.data.arc.rules import FAMILIES
from c5snn.errors import ConfigError
from c5snn.models import GridFeatures, MajorityClass


@pytest.fixture(scope="module")
def data():
    found = ArcDataModule(n_per_category=12)
    found.setup()
    return found


@pytest.fixture(scope="module")
def fitted(data):
    model = GridFeatures()
    model.fit_directly(data)
    return model


def features_of(first, second):
    pair = Pair(np.array(first, np.uint8), np.array(second, np.uint8))
    return dict(zip(FEATURES, item_features(pad_pairs([[pair]]))[0].tolist(), strict=True))


def test_the_majority_class_is_the_commonest_of_train_and_its_loss_that_of_the_frequencies(data):
    model = MajorityClass()
    model.fit_directly(data)
    model.fit_directly(data)  # counts anew
    counts = np.bincount(data.targets("train"), minlength=9)
    pairs, _ = next(iter(data.val_dataloader()))
    logits = model(pairs)
    expected = np.log((counts + 1) / (counts.sum() + 9))
    np.testing.assert_allclose(logits.numpy(), np.tile(expected, (len(pairs.inputs), 1)), rtol=1e-5)
    assert not model.is_trainable


def test_there_are_24_features_and_padding_changes_none(data):
    assert len(FEATURES) == len(set(FEATURES)) == 24
    pairs, _ = next(iter(data.val_dataloader()))
    padded = GridPairs(*(torch.nn.functional.pad(tokens, (0, 10, 0, 10), value=PADDING) for tokens in pairs))
    np.testing.assert_array_equal(item_features(pairs), item_features(padded))
    assert np.isfinite(item_features(pairs)).all()


def test_features_say_what_they_are_named_after():
    turned = features_of([[1, 0], [2, 0]], [[0, 0], [1, 2]])
    assert (turned["same_shape"], turned["is_turned_input"], turned["same_counts_of_colors"]) == (1, 1, 1)
    larger = features_of([[1, 0], [2, 0]], [[1, 0, 1, 0], [2, 0, 2, 0]])
    assert (larger["grows_by_whole_factor"], larger["repeats_input"], larger["is_part_of_input"]) == (1, 1, 0)
    assert larger["log_growth"] == pytest.approx(np.log(2))
    part = features_of([[1, 0, 5], [2, 0, 5], [5, 5, 5]], [[1, 0], [2, 0]])
    assert (part["is_part_of_input"], part["n_lost_colors"], part["n_new_colors"]) == (1, 1, 0)
    recoloured = features_of([[1, 0], [0, 1]], [[3, 0], [0, 3]])
    assert recoloured["changed_share"] == 0.5
    assert recoloured["changed_from_background"] == recoloured["changed_to_background"] == 0
    striped = features_of([[1, 4, 1], [0, 4, 1]], [[1, 0, 1, 0, 1], [2, 0, 2, 0, 2]])
    assert (striped["is_periodic_out"], striped["is_symmetric_out"]) == (1, 1)
    plain = features_of([[1, 4, 1], [0, 4, 1]], [[1, 0, 1, 0, 5], [2, 0, 2, 0, 2]])
    assert (plain["is_periodic_out"], plain["is_symmetric_out"]) == (0, 0)
    objects = features_of([[1, 0, 1], [0, 0, 0], [1, 0, 1]], [[1, 1, 1], [1, 1, 1], [1, 1, 1]])
    assert objects["log_objects_in"] == pytest.approx(np.log(5))
    assert objects["log_objects_out"] == pytest.approx(np.log(2))


def test_the_regression_stands_where_the_penalised_loss_has_no_slope(data, fitted):
    rows = np.concatenate([item_features(pairs) for pairs in data.pairs_of(data.items("train"))])
    x = (torch.from_numpy(rows) - fitted.mean.double()) / fitted.spread.double()
    weights = fitted.weights.double().requires_grad_()
    bias = fitted.bias.double().requires_grad_()
    labels = torch.from_numpy(data.targets("train"))
    loss = torch.nn.functional.cross_entropy(x @ weights.T + bias, labels) + fitted.l2 / 2 * weights.square().sum()
    loss.backward()
    assert weights.grad.abs().max() < 1e-4
    assert bias.grad.abs().max() < 1e-4


def test_the_features_find_most_categories_of_rules_that_stand_alone(tmp_path):
    random, labels = np.random.default_rng(0), {}
    for category, rules in FAMILIES.items():
        for number in range(15):
            draw, name = rules[number % len(rules)](random), f"{category}{number}"
            pairs = [draw(random) for _ in range(3)]
            demos = [{"input": pair.input.tolist(), "output": pair.output.tolist()} for pair in pairs]
            (tmp_path / f"{name}.json").write_text(json.dumps({"train": demos, "test": []}))
            labels[name] = category
    (tmp_path / "labels.json").write_text(json.dumps(labels))
    plain = ArcDataModule(str(tmp_path), str(tmp_path / "labels.json"))
    plain.setup("fit")
    features = GridFeatures()
    features.fit_directly(plain)
    found = torch.cat([features(pairs).argmax(dim=1) for pairs in plain.pairs_of(plain.items("test"))]).numpy()
    assert (found == plain.targets("test")).mean() > 0.6


def test_every_argument_has_an_effect(data, fitted):
    other = GridFeatures(l2=1.0)
    other.fit_directly(data)
    assert other.weights.square().sum() < fitted.weights.square().sum() / 2
    assert GridFeatures(n_categories=4).bias.shape == MajorityClass(n_categories=4).counts.shape == (4,)


@pytest.mark.parametrize(
    ("model_class", "change"),
    [(MajorityClass, {"n_categories": 0}), (GridFeatures, {"n_categories": 0}), (GridFeatures, {"l2": 0.0})],
)
def test_an_argument_out_of_its_range_is_named(model_class, change):
    (name,) = change
    with pytest.raises(ConfigError, match=rf"{name}.* must hold, but got {name}="):
        model_class(**change)


@pytest.mark.slow
@pytest.mark.usefixtures("workdir")
def test_a_run_is_fitted_tested_and_predicts_and_its_folds_are_pooled(capsys):
    small = ["--data.n_per_category", "6", "--data.folds", "2"]
    for model in ("features", "majority"):
        for fold in ("0", "1"):
            assert main(["fit", "--config", f"arc_{model}.yaml", *small, "--data.fold", fold]) == 0
    for model in ("features", "majority"):
        for version in range(2):
            assert main(["test", f"lightning_logs/arc_{model}/version_{version}"]) == 0
    capsys.readouterr()
    assert main(["predict", "lightning_logs/arc_features", "--top-k", "3"]) == 0
    shown = capsys.readouterr().out
    assert "GridFeatures: 3 of 27 test tasks with their labels" in shown
    assert "rank" not in shown
    assert main(["report", "lightning_logs", "--output", "report.md"]) == 0
    page = Path("report.md").read_text(encoding="utf-8")
    assert "2 configurations (4 runs) tested on 54 tasks." in page
    assert "validation of an origin holds test tasks of another" in page
    assert "### Accuracy by category" in page
    assert "### Confusion of arc_features" in page
    assert "| S1 | 6 |" in page
