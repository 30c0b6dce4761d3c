"""Windows, splits, scale and labels of a series."""

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
import torch

from c5snn.data import SeenItems, SeriesDataModule
from c5snn.errors import ConfigError, DataError

SMALL = {"n_rows": 700, "n_channels": 2, "context": 24, "horizon": 6}


def ready(**arguments):
    data = SeriesDataModule(**(SMALL | arguments))
    data.setup()
    return data


@pytest.fixture(scope="module")
def data():
    return ready()


def batches(loader):
    inputs, targets = zip(*loader, strict=True)
    return torch.cat(inputs), torch.cat(targets)


def test_a_window_holds_the_rows_before_its_target(data):
    inputs, targets = batches(data.test_dataloader())
    assert inputs.shape == (135, 24, 2)
    assert targets.shape == (135, 6, 2)
    rows = torch.from_numpy(data.scaling.scaled(data.series.values)).float()
    for i in (0, 77, 134):
        start = data.starts.test[i]
        assert torch.equal(torch.cat([inputs[i], targets[i]]), rows[start - 24 : start + 6])


def test_train_is_shuffled_by_seed_and_epoch_and_loses_no_window(data):
    first, second = (batches(data.train_dataloader())[1] for _ in range(2))
    assert torch.equal(first, second)
    assert len(first) == len(data.starts.train) == 391
    assert len(torch.unique(first[:, 0, 0])) == 391
    in_order = batches(ready(shuffle=False).train_dataloader())[1]
    assert not torch.equal(first, in_order)


def test_scale_comes_from_train_alone(data):
    train = data.scaling.scaled(data.series.values[:420])
    np.testing.assert_allclose([train.mean(axis=0), train.std(axis=0)], [[0, 0], [1, 1]], atol=1e-12)
    plain = batches(ready(scale=False).test_dataloader())[1].double().numpy()
    scaled = batches(data.test_dataloader())[1].double().numpy()
    np.testing.assert_allclose(data.scaling.unscaled(scaled), plain, rtol=1e-4)


@pytest.mark.parametrize("targets", ["forecast", "direction"])
def test_another_context_scores_the_same_targets(targets):
    short, long = (ready(targets=targets, context=context) for context in (8, 60))
    for loader in ("val_dataloader", "test_dataloader"):
        assert torch.equal(batches(getattr(short, loader)())[1], batches(getattr(long, loader)())[1])
    assert short.describe().test_identity == long.describe().test_identity
    assert len(short.starts.train) > len(long.starts.train)


@pytest.mark.parametrize(
    "change", [{"horizon": 5}, {"targets": "direction"}, {"scale": False}, {"split": (0.5, 0.3, 0.2)}]
)
def test_other_targets_are_another_test(data, change):
    assert ready(**change).describe().test_identity != data.describe().test_identity


def test_labels_do_not_change_with_the_scale_of_inputs():
    scaled, plain = (ready(targets="direction", scale=scale) for scale in (True, False))
    for split in ("train", "val", "test"):
        np.testing.assert_array_equal(scaled.labels(split), plain.labels(split))


def test_labels_agree_with_their_definition():
    data = ready(targets="direction", target_column="channel_1", threshold=0.3)
    channel = data.series.values[:, 0]
    rise = 0.3 * channel[:420].std()
    expected = [channel[s : s + 6].max() >= channel[s - 1] + rise for s in data.starts.test]
    targets = batches(data.test_dataloader())[1]
    assert targets.shape == (135, 1)
    np.testing.assert_array_equal(targets[:, 0].numpy().astype(bool), expected)
    assert 0.2 < np.mean(expected) < 0.9


def test_a_longer_horizon_has_the_positives_of_a_shorter_one():
    found = {h: ready(targets="direction", horizon=h) for h in (1, 3, 5)}
    starts = found[5].first_rows("train")
    labels = [found[h]._labels_at(starts) for h in (1, 3, 5)]
    for fewer, more in pairwise(labels):
        assert (fewer <= more).all()
        assert fewer.sum() < more.sum()


def test_earlier_origins_test_on_the_region_before():
    first, last = (ready(n_origins=2, origin=origin) for origin in (0, 1))
    assert first.regions.test == last.regions.val
    assert first.regions.test.stop == last.regions.test.start
    assert len(first.regions.test) == len(last.regions.test)
    assert last.regions == ready().regions


def test_windows_are_recognised_in_another_cut_of_the_series(data):
    other = ready(split=(0.4, 0.3, 0.3))
    seen = np.isin(data.identities("train"), other.identities("test"))
    starts = data.first_rows("train")
    np.testing.assert_array_equal(seen, starts >= other.starts.test[0])


def read_from(path, values, **arguments):
    """The data of a file that holds these hourly values."""
    times = np.datetime64("2024-01-01T00:00:00") + np.arange(len(values)) * np.timedelta64(1, "h")
    rows = [f"{str(time).replace('T', ' ')},{value}" for time, value in zip(times, values, strict=True)]
    path.write_text("\n".join(["time,a", *rows]))
    data = SeriesDataModule(str(path), context=24, min_val_windows=5, **arguments)
    data.setup()
    return data


def test_windows_whose_first_target_row_was_trained_on_are_seen_in_a_longer_file(tmp_path):
    values = np.random.default_rng(0).normal(size=1_000).cumsum()
    old = read_from(tmp_path / "old.csv", values[:800], horizon=96)
    new = read_from(tmp_path / "new.csv", values[200:], horizon=96, split=(0.2, 0.14, 0.66))
    is_trained = 200 + new.first_rows("test") < old.regions.val.stop
    assert 0 < is_trained.sum() < len(is_trained)
    np.testing.assert_array_equal(SeenItems.of(old).in_test(new), is_trained)


def test_a_value_that_stands_still_does_not_make_a_window_seen(tmp_path):
    random = np.random.default_rng(0)
    day = np.maximum(0, np.sin((np.arange(2_000) % 24 - 6) / 12 * np.pi))
    first, other = (
        read_from(tmp_path / f"{year}.csv", (day * random.uniform(0.5, 1, 2_000)).round(4), horizon=6)
        for year in (2023, 2024)
    )
    assert not SeenItems.of(first).in_test(other).any()


def test_windows_that_are_left_out_are_neither_served_nor_named():
    data = ready()
    whole = data.describe()
    data.leave_out_of_test(np.arange(135) < 35)
    assert len(batches(data.test_dataloader())[0]) == data.describe().n_items["test"] == 100
    assert data.describe().test_identity != whole.test_identity


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        ({"context": 420}, "context=420"),
        ({"horizon": 141, "min_val_windows": 1}, "horizon=141"),
        ({"horizon": 50}, "--data.min_val_windows"),
        ({"split": "months"}, "regions"),
        ({"n_origins": 4}, "(n_origins - 1) * n_test < n_train"),
        ({"target_column": "channel_1"}, "target_column needs targets == 'direction'"),
        ({"target_column": "OT", "targets": "direction"}, "target_column in columns"),
        ({"columns": ["a"]}, "columns needs path"),
        ({"threshold": -1.0}, "0 <= threshold < inf"),
    ],
)
def test_what_does_not_fit_is_refused_with_the_rule(arguments, words):
    with pytest.raises(ConfigError) as caught:
        ready(**arguments)
    assert words in str(caught.value)


def test_labels_that_are_all_the_same_are_refused():
    with pytest.raises(ConfigError, match="choose another threshold"):
        ready(targets="direction", threshold=50.0)


@pytest.mark.parametrize("still", ["0", "0.1"])  # 120 times 0.1 has the standard deviation 1.4e-17
def test_a_channel_that_stands_still_in_train_is_refused(tmp_path, still):
    rows = [f"2020-01-01 {i // 60:02}:{i % 60:02}:00,{i % 7},{still if i < 700 else i}" for i in range(1_000)]
    path = tmp_path / "still.csv"
    path.write_text("\n".join(["time,a,b", *rows]))
    with pytest.raises(DataError, match="must change in train, but b"):
        ready(path=str(path))


@pytest.fixture(scope="session")
def etth1():
    """The hourly series of Zhou et al. (2021), which is not ours to ship."""
    path = Path(__file__).parents[4] / "shared" / "data" / "ett" / "ETTh1.csv"
    if not path.is_file():
        pytest.skip("ETTh1.csv is not beside this checkout")
    return str(path)


@pytest.mark.slow
@pytest.mark.real_data
def test_the_published_split_of_etth1(etth1):
    data = SeriesDataModule(etth1, split="months")
    data.setup()
    assert data.n_channels == 7
    assert data.scaling.mean[-1] == pytest.approx(17.128, abs=5e-4)
    assert data.scaling.sd[-1] == pytest.approx(9.176, abs=5e-4)
    assert len(data.starts.train) == 8_209
    for horizon, n_test in {96: 2_785, 192: 2_689, 336: 2_545, 720: 2_161}.items():
        data = SeriesDataModule(etth1, split="months", horizon=horizon)
        data.setup()
        assert data.describe().n_items["test"] == n_test


@pytest.mark.slow
@pytest.mark.real_data
@pytest.mark.parametrize(
    ("threshold", "horizon", "rates"),
    [
        (0.05, 1, (0.275, 0.235, 0.170)),
        (0.05, 3, (0.477, 0.442, 0.373)),
        (0.05, 5, (0.566, 0.529, 0.470)),
        (0.10, 1, (0.139, 0.098, 0.050)),
        (0.10, 3, (0.343, 0.288, 0.185)),
        (0.10, 5, (0.444, 0.389, 0.276)),
    ],
)
def test_the_base_rates_of_etth1(etth1, threshold, horizon, rates):
    data = SeriesDataModule(etth1, "direction", split="months", context=1, horizon=horizon, threshold=threshold)
    data.setup()
    found = [data.labels(split).mean() for split in ("train", "val", "test")]
    assert found == pytest.approx(rates, abs=6e-4)
    assert data.train_base_rate() == found[0]
