"""Batches of tasks: what is padding, what changes from epoch to epoch, and what never does."""

import json

import numpy as np
import pytest
import torch

from c5snn.data import ArcDataModule
from c5snn.data.arc.arc_task import ArcTask
from c5snn.data.arc.grids import PADDING, Pair, pad_pairs
from c5snn.data.arc.loader import SizedBatches, TaskLoader, TaskOrder
from c5snn.errors import ConfigError, DataError
from c5snn.metrics.classes import class_metrics

GRID = [[0, 1], [2, 3]]


def ready(**arguments):
    data = ArcDataModule(**({"n_per_category": 10} | arguments))
    data.setup()
    return data


def epoch_of(data, epoch):
    loader = data.train_dataloader()
    loader.order.set_epoch(epoch)
    return list(loader)


def same(first, second):
    pairs = zip(first, second, strict=True)
    return all(all(map(torch.equal, a, b)) and torch.equal(m, n) for (a, m), (b, n) in pairs)


@pytest.fixture(scope="module")
def data():
    return ready()


@pytest.mark.slow
def test_each_split_serves_its_tasks_once_with_their_categories(data):
    for split, loader in (("val", data.val_dataloader()), ("test", data.test_dataloader())):
        assert torch.cat([labels for _, labels in loader]).tolist() == data.targets(split).tolist()
    labels = torch.cat([labels for _, labels in data.train_dataloader()])
    assert labels.sort().values.tolist() == sorted(data.targets("train").tolist())
    assert {name: len(data.items(name)) for name in ("train", "val", "test")} == data.describe().n_items


def test_val_and_test_are_served_category_by_category(data):
    for split in ("val", "test"):
        assert (np.diff(data.targets(split)) >= 0).all()


def test_a_batch_is_as_large_as_its_largest_grid_and_the_rest_is_padding(data):
    for (inputs, outputs), labels in data.test_dataloader():
        assert inputs.shape == outputs.shape == (len(labels), 3, *inputs.shape[2:])
        assert inputs.dtype == torch.int64
        for tokens in (inputs, outputs):
            assert ((tokens >= 0) & (tokens <= PADDING)).all()
        cells = torch.cat([inputs, outputs]) != PADDING
        assert cells[..., -1].any()
        assert cells[..., -1, :].any()


def test_grids_lie_at_the_top_left_corner_without_augmentation(data):
    (inputs, outputs), _ = next(iter(data.test_dataloader()))
    for item, task in enumerate(data.items("test")[: len(inputs)]):
        for demo, (a, b) in enumerate(task.pairs[:3]):
            for tokens, grid in ((inputs, a), (outputs, b)):
                found = tokens[item, demo]
                assert found[: grid.shape[0], : grid.shape[1]].tolist() == grid.tolist()
                assert (found != PADDING).sum() == grid.size


@pytest.mark.slow
@pytest.mark.parametrize("batch_size", [1, 7, 16, 1_000])
def test_batches_hold_what_they_should_whatever_is_left(batch_size):
    data = ready(batch_size=batch_size)
    sizes = sorted(len(labels) for _, labels in data.train_dataloader())
    assert sum(sizes) == len(data.splits.train)
    assert len(sizes) == len(data.train_dataloader())
    assert set(sizes[1:]) <= {min(batch_size, sum(sizes))}


@pytest.mark.slow
def test_train_follows_from_seed_and_epoch_and_nothing_else(data):
    first = epoch_of(data, 3)
    torch.manual_seed(99)
    np.random.seed(99)  # noqa: NPY002  # what must not matter
    assert same(first, epoch_of(ready(), 3))
    assert not same(first, epoch_of(data, 4))
    other = ready(order_seed=7)
    assert not same(first, epoch_of(other, 3))


def test_batches_of_train_hold_tasks_of_similar_size():
    tasks = [ArcTask(f"t{i}", (Pair(*[np.zeros((1 + i % 20, 1 + i % 20), np.uint8)] * 2),), 0) for i in range(100)]
    sizes = np.array([task.height**2 for task in tasks])
    n_cells = {}
    for seed in (None, 1):
        loader = TaskLoader(tasks, SizedBatches(TaskOrder(range(100)), 10, sizes, seed), 1)
        n_cells[seed] = sum(pairs.inputs.numel() for pairs, _ in loader)
    assert n_cells[1] < 1.4 * sizes.sum() < n_cells[None]


@pytest.mark.slow
def test_one_permutation_of_colours_is_used_for_all_grids_of_a_task():
    plain = ready(augment_colors=False, random_demos=False, shuffle=False)
    permuted = ready(random_demos=False, shuffle=False)
    n_changed = 0
    for (one, _), (other, _) in zip(epoch_of(plain, 0), epoch_of(permuted, 0), strict=True):
        for item in range(len(one.inputs)):
            before = torch.cat([tokens[item].flatten() for tokens in one])
            after = torch.cat([tokens[item].flatten() for tokens in other])
            mapped = {(a, b) for a, b in zip(before.tolist(), after.tolist(), strict=True)}
            assert len({a for a, _ in mapped}) == len({b for _, b in mapped}) == len(mapped)
            assert {(0, 0)} <= mapped
            assert all(b == PADDING for a, b in mapped if a == PADDING)
            n_changed += any(a != b for a, b in mapped)
    assert n_changed > 40


@pytest.mark.slow
def test_the_background_is_permuted_only_where_that_is_asked_for():
    free = ready(keep_background=False, random_demos=False, shuffle=False)
    plain = ready(augment_colors=False, random_demos=False, shuffle=False)
    pairs = zip(epoch_of(plain, 0), epoch_of(free, 0), strict=True)
    moved = [(one.inputs == 0).logical_and(other.inputs != 0).any() for (one, _), (other, _) in pairs]
    assert any(moved)


def test_random_demonstrations_are_different_ones_of_the_task():
    data = ready(augment_colors=False)
    loader = data.train_dataloader()
    task = data.splits.train[0]
    seen = set()
    for epoch in range(20):
        loader.order.set_epoch(epoch)
        (inputs, outputs), _ = loader.gather([task])
        drawn = [(a.tobytes(), b.tobytes()) for a, b in data.tasks[task].pairs]
        found = [drawn.index((_cropped(inputs[0, i]).tobytes(), _cropped(outputs[0, i]).tobytes())) for i in range(3)]
        assert len(set(found)) == 3
        seen |= set(found)
    assert seen == set(range(len(data.tasks[task].pairs)))


def _cropped(tokens):
    is_cell = tokens != PADDING
    return tokens[: int(is_cell[:, 0].sum()), : int(is_cell[0].sum())].numpy().astype(np.uint8)


def test_the_last_demonstration_repeats_where_there_are_too_few():
    pair, other = (Pair(np.full((2, 2), i, np.uint8), np.full((1, 1), i, np.uint8)) for i in (1, 2))
    task = ArcTask("a", (pair, other), 0)
    assert pad_pairs([task.chosen(4)]).inputs[0, :, 0, 0].tolist() == [1, 2, 2, 2]


def test_a_run_that_goes_on_sees_the_rest_of_its_epoch(data):
    loader = data.train_dataloader()
    loader.order.set_epoch(2)
    batches = iter(loader)
    next(batches)
    state = loader.state_dict()
    rest = list(batches)
    resumed = data.train_dataloader()
    resumed.order.set_epoch(2)
    resumed.load_state_dict(state)
    assert same(rest, list(resumed))


def test_devices_share_a_batch(data):
    sizes = np.ones(len(data.tasks), dtype=np.int64)
    order = TaskOrder(data.splits.train)
    found = []
    for device in range(2):
        loader = TaskLoader(data.tasks, SizedBatches(order, 10, sizes, 5), 3, share=(device, 2))
        found += [label for _, labels in loader for label in labels.tolist()]
    assert sorted(found) == sorted(data.targets("train").tolist())


def test_a_task_is_recognised_by_its_grids_whatever_its_name(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        for i, grid in enumerate(([[0, 1]], [[2, 2]], [[3, 3]])):
            text = json.dumps({"train": [{"input": grid, "output": GRID}]})
            (tmp_path / name / f"{name}{i}.json").write_text(text)
        (tmp_path / f"{name}.json").write_text(json.dumps({f"{name}{i}": "S1" for i in range(3)}))
    one, other = (
        ready(path=str(tmp_path / n), labels=str(tmp_path / f"{n}.json"), split=(0.2, 0.4, 0.4)) for n in "ab"
    )
    assert one.describe().identity == other.describe().identity
    everything = [np.sort(np.concatenate([d.identities(s) for s in ("train", "val", "test")])) for d in (one, other)]
    assert everything[0].tolist() == everything[1].tolist()
    assert len(set(everything[0].tolist())) == 3


def test_left_out_tasks_leave_the_test(data):
    other = ready()
    is_out = np.arange(len(other.items("test"))) % 2 == 0
    other.leave_out_of_test(is_out)
    assert [task.name for task in other.items("test")] == [task.name for task in data.items("test")[1::2]]
    assert other.describe().test_identity != data.describe().test_identity
    assert other.describe().identity == data.describe().identity


@pytest.mark.slow
def test_folds_are_origins_and_their_tests_are_disjoint():
    folds = [ready(folds=3, fold=fold) for fold in range(3)]
    assert [(d.describe().n_origins, d.describe().origin) for d in folds] == [(3, 0), (3, 1), (3, 2)]
    names = [task.name for d in folds for task in d.items("test")]
    assert len(names) == len(set(names)) == 90
    assert len({d.describe().identity for d in folds}) == 1
    assert len({d.describe().test_identity for d in folds}) == 3


def test_files_without_labels_serve_prediction_alone(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"train": [{"input": GRID, "output": GRID}]}))
    data = ready(path=str(tmp_path))
    assert [task.name for task in data.unlabelled] == ["a"]
    assert data.describe().n_items == {"train": 0, "val": 0, "test": 0}
    with pytest.raises(ConfigError, match="`labels is given to train on files` must hold"):
        data.setup("fit")


def test_the_reference_split_has_no_test():
    with pytest.raises(ConfigError, match=r"`1 <= n_test` must hold.*The reference split has none"):
        ready(split="reference").test_dataloader()


@pytest.mark.parametrize(
    "change",
    [
        {"n_demos": 0}, {"batch_size": 0}, {"max_side": 0}, {"n_per_category": 0}, {"split_seed": -1},
        {"order_seed": -1}, {"folds": 1}, {"folds": 5, "fold": 5}, {"split": (0.5, 0.5, 0.5)},
    ],
)  # fmt: skip
def test_an_argument_out_of_its_range_is_named(change):
    with pytest.raises(ConfigError, match=rf"{next(iter(change))}.*must hold"):
        ArcDataModule(**change)


def test_labels_need_a_path():
    with pytest.raises(ConfigError, match="`labels needs path` must hold"):
        ArcDataModule(labels="labels.json")


def test_a_grid_that_is_too_large_is_an_error_not_a_cut(tmp_path):
    (tmp_path / "a.json").write_text(json.dumps({"train": [{"input": [[0] * 9], "output": GRID}]}))
    with pytest.raises(DataError, match="got side=9, max_side=8"):
        ready(path=str(tmp_path), max_side=8)


@pytest.mark.slow
@pytest.mark.parametrize(("batch_size", "mean"), [(4, 0.2), (5, 1 / 6), (18, 1 / 9)])
def test_the_mean_over_batches_of_a_constant_depends_on_the_batch_size(data, batch_size, mean):
    metrics = class_metrics({}, 9)
    scored = ready(batch_size=batch_size)
    for _, labels in scored.val_dataloader():
        metrics.update(torch.eye(9)[8].expand(len(labels), -1), labels)
    found = metrics.compute()
    assert len(data.items("val")) == 18
    assert found["accuracy"].item() == pytest.approx(1 / 9)
    assert found["accuracy_batch_mean"].item() == pytest.approx(mean)
