"""What is known of the 400 real tasks; their synthetic twins stand beside the parts that are tested."""

import numpy as np
import pytest
import torch

from c5snn.data import ArcDataModule
from c5snn.data.arc.arc_task import CATEGORIES
from c5snn.metrics.classes import class_metrics

pytestmark = pytest.mark.real_data

S3 = CATEGORIES.index("S3")


@pytest.fixture(scope="module")
def tasks(real_tasks):
    """The tasks on the reference split, read once."""
    path, labels = real_tasks
    data = ArcDataModule(path=path, labels=labels, split="reference")
    data.setup()
    return data


def test_they_are_386_and_14_ambiguous(tasks):
    assert (len(tasks.tasks), len(tasks.unlabelled)) == (386, 14)
    counts = np.bincount([task.category for task in tasks.tasks])
    assert counts.tolist() == [52, 38, 108, 99, 28, 7, 21, 5, 28]
    assert max(max(task.height, task.width) for task in tasks.tasks) == 30


def test_the_reference_split_is_that_of_the_earlier_study(tasks):
    assert (len(tasks.items("train")), len(tasks.items("val"))) == (313, 73)
    assert np.bincount(tasks.targets("val")).tolist() == [10, 7, 21, 19, 5, 1, 4, 1, 5]


@pytest.mark.parametrize(("batch_size", "mean"), [(8, 0.2625), (16, 0.2625), (32, 0.21875), (64, 0.1640625)])
def test_the_mean_over_batches_of_a_constant_depends_on_the_batch_size(tasks, batch_size, mean):
    tasks.batch_size = batch_size
    metrics = class_metrics({}, 9)
    for _, labels in tasks.val_dataloader():
        metrics.update(torch.eye(9)[S3].expand(len(labels), -1), labels)
    found = metrics.compute()
    assert found["accuracy_batch_mean"].item() == pytest.approx(mean, abs=1e-7)
    assert found["accuracy"].item() == pytest.approx(21 / 73)


def test_an_epoch_of_train_pads_to_less_than_a_third_of_30_by_30(tasks):
    tasks.batch_size = 16
    cells = sum(pairs.inputs.numel() for pairs, _ in tasks.train_dataloader())
    assert cells / (len(tasks.items("train")) * 3 * 900) < 0.3
