"""Learning rates over time, as the optimizer gets them in a run."""

import pytest
import torch
from lightning.pytorch import Callback

from c5snn.errors import ConfigError
from c5snn.training.run import train
from c5snn.training.schedules import HoldThenDecay, LinearWarmup, OneCycle


def rates(schedule_class, n, **arguments):
    optimizer = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=2.0)
    schedule = schedule_class(optimizer, **arguments)
    found = []
    for _ in range(n):
        found.append(optimizer.param_groups[0]["lr"])
        optimizer.step()
        schedule.step()
    return found


def test_the_rate_is_held_and_then_decays():
    expected = [2.0, 2.0, 1.8, 1.62, 1.458]
    assert rates(HoldThenDecay, 5, hold_epochs=2) == pytest.approx(expected)


def test_the_published_schedule_starts_at_a_25th():
    published = rates(HoldThenDecay, 6, hold_epochs=4, first_epoch_factor=0.04)
    assert published == pytest.approx([0.08, 2.0, 2.0, 2.0, 1.8, 1.62])


def test_the_rate_rises_linearly_and_is_held():
    assert rates(LinearWarmup, 6, warmup_steps=4) == pytest.approx([0.5, 1.0, 1.5, 2.0, 2.0, 2.0])


def test_one_cycle_has_the_optimizers_own_rate_as_its_peak():
    found = rates(OneCycle, 20, n_epochs=20)
    assert found == pytest.approx(rates(torch.optim.lr_scheduler.OneCycleLR, 20, max_lr=2.0, total_steps=20))
    assert max(found) == found[5] == 2.0
    assert found[0] == pytest.approx(2.0 / 25)
    assert found[-1] < 1e-4


@pytest.mark.parametrize(
    ("schedule_class", "wrong"),
    [
        (HoldThenDecay, {"hold_epochs": 0}),
        (HoldThenDecay, {"gamma": 0.0}),
        (LinearWarmup, {"warmup_steps": 0}),
        (OneCycle, {"n_epochs": 3}),
    ],
)
def test_a_schedule_that_cannot_be_is_refused(schedule_class, wrong):
    with pytest.raises(ConfigError, match=next(iter(wrong))):
        rates(schedule_class, 1, **wrong)


class Rates(Callback):
    def __init__(self):
        self.found = []

    def on_train_batch_start(self, trainer, pl_module, batch, batch_idx):
        del pl_module, batch, batch_idx
        self.found.append(trainer.optimizers[0].param_groups[0]["lr"])


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "argument", "expected"),
    [
        # 3 batches an epoch, 2 epochs
        ("LinearWarmup", "warmup_steps=4", [0.25, 0.5, 0.75, 1.0, 1.0, 1.0]),
        ("HoldThenDecay", "hold_epochs=1", [1.0, 1.0, 1.0, 0.9, 0.9, 0.9]),
    ],
)
def test_a_run_follows_the_schedule_by_step_or_by_epoch(small, name, argument, expected):
    rates_of_run = Rates()
    words = ["--optimizer", "SGD", "--optimizer.lr", "1.0", "--lr_scheduler", f"c5snn.training.schedules.{name}"]
    record = train([*small, *words, f"--lr_scheduler.{argument}"], callbacks=[rates_of_run])
    assert rates_of_run.found == pytest.approx(expected)
    assert record.status == "finished"
