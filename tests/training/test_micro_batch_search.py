"""The largest micro-batch that fits is found by steps that are made, and stands in the run as if it had been given."""

from typing import final

import pytest
import torch
from lightning.pytorch import Callback, Trainer
from torch import nn

from c5snn.data import SeriesDataModule
from c5snn.errors import ConfigError, OutOfMemoryError
from c5snn.records import load_run
from c5snn.tasks.series import SeriesModule
from c5snn.training.callbacks import StoppedBySignal
from c5snn.training.lightning_cli import C5CLI
from c5snn.training.memory import free_memory_bytes
from c5snn.training.micro_batch_search import Tried, largest_micro_batch, refuse_too_large, try_apart
from c5snn.training.micro_batch_try import try_size
from c5snn.training.run import train

MB = 10**6
DATA = {"n_rows": 400, "n_channels": 2, "context": 24, "horizon": 6, "batch_size": 32, "min_val_windows": 10}


@final
class Holding(SeriesModule):
    """A linear forecast whose training keeps megabytes for each item, on a device that takes so many items at once."""

    def __init__(self, n_channels: int = 2, context: int = 24, horizon: int = 6, most: int = 32, held_mb: int = 0):
        super().__init__()
        self.save_hyperparameters()
        del n_channels
        self.layer, self.most, self.held_mb = nn.Linear(context, horizon), most, held_mb

    def forward(self, windows):
        if self.training and len(windows) > self.most:
            raise MemoryError
        forecast = self.layer(windows.mT).mT
        if self.training and self.held_mb:
            kept = torch.ones(len(windows), self.held_mb * MB // 4)
            forecast = forecast + 0 * kept.sum()
        return forecast


class Broken(Callback):
    """Fails before the first batch, whatever its size."""

    def on_fit_start(self, trainer, pl_module):
        del trainer, pl_module
        raise RuntimeError("it is broken")


@pytest.fixture(autouse=True)
def allowed(monkeypatch):
    monkeypatch.setenv("C5SNN_ALLOWED_IMPORTS", "tests")


def config_of(micro_batch="auto", model=f"{__name__}.Holding", **arguments):
    return {
        "model": {"class_path": model, "init_args": arguments},
        "data": {"class_path": "SeriesDataModule", "init_args": {**DATA, "micro_batch": micro_batch}},
        "trainer": {"max_epochs": 2, "enable_model_summary": False, "enable_progress_bar": False},
    }


def whole(config):
    return C5CLI(config).dump()


def searched(config, tried=try_size, **options):
    return largest_micro_batch(whole(config), tried, batch_size=32, **{"is_normalised_by_batch": False, **options})


@pytest.mark.slow
def test_the_largest_divisor_whose_steps_fit_is_found(workdir):
    found = searched(config_of(most=9))
    assert [tried.micro_batch for tried in found.tried] == [32, 16, 8]
    assert [tried.taken_bytes is None for tried in found.tried] == [True, True, False]
    assert found.micro_batch == 8
    assert not list(workdir.iterdir()), "a try leaves nothing behind"


@pytest.mark.slow
@pytest.mark.parametrize(("size", "most_mb"), [(32, 960), (16, 400)])
def test_what_a_step_takes_is_measured(size, most_mb):
    """With 20 MB an item a batch of 32 takes more than 600 MB, one of 16 half of that."""
    taken = try_apart(whole(config_of(held_mb=20)), size).taken_bytes
    assert 20 * size * MB < taken < most_mb * MB


def test_what_was_measured_is_held_against_what_is_free():
    taken = {32: 640 * MB, 16: 320 * MB, 8: 160 * MB}
    measured = {size: Tried(size, n_bytes, free_bytes=500 * MB) for size, n_bytes in taken.items()}
    for n_runs, expected in ((1, 16), (2, 8)):
        found = searched(config_of(), lambda _, size: measured[size], n_runs=n_runs)
        assert found.micro_batch == expected


def runs_out(_config, size):
    return Tried(size, None, None)


def test_where_not_even_one_item_fits_the_way_out_is_named():
    with pytest.raises(OutOfMemoryError, match=r"a step of one item takes more memory than there is.*smaller network"):
        searched(config_of(), runs_out)


def test_a_model_with_batch_statistics_gets_its_whole_batch_or_the_reason():
    assert searched(config_of(), lambda _, size: Tried(size, 1, 9), is_normalised_by_batch=True).micro_batch == 32
    with pytest.raises(OutOfMemoryError, match=r"batch normalisation sees whole batches.*Lower `data.batch_size`"):
        searched(config_of(), runs_out, is_normalised_by_batch=True)


def test_a_model_whose_training_state_alone_does_not_fit_is_refused_before_anything_is_tried():
    refuse_too_large(1_000_000, 25 * MB)  # 17.6 MB of 20
    with pytest.raises(ConfigError, match=r"2,000,000 parameters take 0.04 GB.*no micro-batch helps"):
        refuse_too_large(2_000_000, 25 * MB)
    with pytest.raises(ConfigError, match=r"in 2 runs at once.*fewer workers"):
        refuse_too_large(1_000_000, 25 * MB, n_runs=2)
    refuse_too_large(10**15, None)  # nothing says what is free


def test_without_a_command_that_finds_it_a_number_is_asked_for():
    data = SeriesDataModule(**DATA, micro_batch="auto")
    trainer = Trainer(max_epochs=1, accelerator="cpu", logger=False, enable_checkpointing=False)
    with pytest.raises(ConfigError, match=r"`micro_batch` is auto.*give a number"):
        trainer.fit(Holding(), data)


def test_free_memory_is_less_than_the_machine_has():
    free = free_memory_bytes()
    assert free is not None
    assert 0 < free < 10**15


@pytest.mark.long
def test_a_run_with_auto_equals_one_with_that_number(workdir):
    found, given = (train(config_of(size, most=16)) for size in ("auto", 16))
    assert found.chosen["data.micro_batch"] == given.chosen["data.micro_batch"] == 16
    assert (found.val, found.data) == (given.val, given.data)
    weights = [torch.load(run.folder / "best.ckpt", weights_only=True)["state_dict"] for run in (found, given)]
    assert all(torch.equal(value, weights[1][name]) for name, value in weights[0].items())
    assert "micro_batch: 16" in (found.folder / "config.yaml").read_text()
    assert load_run(found.folder).peak_memory_bytes > 100 * MB
    assert workdir in found.folder.absolute().parents


@pytest.mark.slow
def test_a_run_with_auto_goes_on_by_its_own_words(workdir):  # noqa: ARG001  # it writes there
    class Stop(Callback):
        def on_train_epoch_start(self, trainer, pl_module):
            del pl_module
            if trainer.current_epoch == 1:
                raise StoppedBySignal(2)

    with pytest.raises(StoppedBySignal):
        train(config_of(most=16), callbacks=[Stop()])
    resumed = train({**config_of(most=16), "ckpt_path": "last"})
    assert (resumed.n_epochs, resumed.chosen["data.micro_batch"]) == (2, 16)


@pytest.mark.slow
def test_a_step_that_cannot_start_at_all_is_reported(workdir):
    broken = config_of()
    broken["trainer"]["callbacks"] = [{"class_path": f"{__name__}.Broken"}]
    del workdir
    with pytest.raises(ConfigError, match=r"no step could be tried: .*RuntimeError: it is broken"):
        train(broken)
