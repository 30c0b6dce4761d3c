import logging
import subprocess
import sys

import numpy as np
import pytest
import torch
from jsonargparse import ArgumentParser
from lightning.pytorch import LightningModule, Trainer, seed_everything

from c5snn.data import EventDataModule, Repeat, Skew, read_events, synthesize, write_events
from c5snn.errors import ConfigError, DataError

SPLITS = ("train", "val", "test")


def data_module(**arguments) -> EventDataModule:
    return EventDataModule(**({"n_events": 300, "window": 5} | arguments))


def ready(**arguments) -> EventDataModule:
    data = data_module(**arguments)
    data.setup()
    return data


def batches_of(data: EventDataModule, split: str):
    return list(getattr(data, f"{split}_dataloader")())


def all_of(data: EventDataModule, split: str):
    windows, targets = zip(*batches_of(data, split), strict=True)
    return torch.cat(windows), torch.cat(targets)


class Recorder(LightningModule):
    """Learns nothing in particular and remembers every train batch that it is given."""

    def __init__(self, save_after: int | None = None, save_to: str = ""):
        super().__init__()
        self.linear = torch.nn.Linear(39, 39)
        self.seen: list[tuple[int, torch.Tensor]] = []
        self.save_after, self.save_to = save_after, save_to

    def training_step(self, batch, batch_idx):
        del batch_idx
        self.seen.append((self.current_epoch, batch[0].flatten(1)))
        return torch.nn.functional.binary_cross_entropy_with_logits(self.linear(batch[0][:, -1]), batch[1])

    def on_train_batch_end(self, *_):
        if self.global_step == self.save_after:
            self.trainer.save_checkpoint(self.save_to)

    def on_train_epoch_end(self):
        if self.global_step == -(self.save_after or 0):
            self.trainer.save_checkpoint(self.save_to)

    def validation_step(self, batch, batch_idx):
        pass

    def test_step(self, batch, batch_idx):
        pass

    def configure_optimizers(self):
        return torch.optim.SGD(self.parameters(), lr=0.1)


def trainer(**arguments) -> Trainer:
    quiet = {
        "logger": False,
        "enable_checkpointing": False,
        "enable_progress_bar": False,
        "enable_model_summary": False,
    }
    return Trainer(**(quiet | {"accelerator": "cpu", "max_epochs": 3} | arguments))


def order_of(recorder: Recorder):
    return [(epoch, windows.tolist()) for epoch, windows in recorder.seen]


def test_a_trainer_fits_and_tests_without_a_warning():
    data, model = data_module(), Recorder()
    trainer(max_epochs=1).fit(model, data)
    trainer().test(model, data, verbose=False)
    assert sum(len(windows) for _, windows in model.seen) == len(data.splits.train)


def test_shapes_are_known_before_setup():
    data = EventDataModule(n_parts=49, n_active=6, window=9)
    assert (data.n_parts, data.n_active, data.window) == (49, 6, 9)


def test_batches_that_are_only_scored_hold_four_times_as_many_windows():
    data = ready(batch_size=4)
    assert [len(batches_of(data, split)[0][0]) for split in SPLITS] == [4, 16, 16]


@pytest.mark.parametrize("batch_size", [1, 7, 64, 1_000])
def test_the_numbers_do_not_depend_on_the_batch_size(batch_size):
    data, reference = ready(batch_size=batch_size), ready(batch_size=11)
    for split in SPLITS[1:]:
        for found, expected in zip(all_of(data, split), all_of(reference, split), strict=True):
            assert torch.equal(found, expected)


@pytest.mark.parametrize("window", [1, 5, 60, 250])
def test_windows_and_targets_are_those_cut_by_hand_even_when_a_window_is_longer_than_a_split(window):
    data = ready(window=window, shuffle=False)
    rows = torch.from_numpy(data.history.multi_hot())
    n_windows = 300 - window
    bounds = [0, n_windows * 7 // 10, n_windows * 7 // 10 + n_windows * 15 // 100, n_windows]
    for split, start, stop in zip(SPLITS, bounds[:-1], bounds[1:], strict=True):
        windows, targets = all_of(data, split)
        assert torch.equal(windows, torch.stack([rows[t : t + window] for t in range(start, stop)]))
        assert torch.equal(targets, rows[start + window : stop + window])


def test_a_split_may_hold_a_single_window():
    data = ready(n_events=12, window=2, split=(0.8, 0.1, 0.1))
    assert [len(split) for split in data.splits] == [8, 1, 1]
    assert all(len(targets) == 1 for _, targets in batches_of(data, "val") + batches_of(data, "test"))


def test_an_empty_split_is_refused_with_the_sizes():
    with pytest.raises(ConfigError, match=r"train 6, val 0, test 3 from 9 windows"):
        ready(n_events=11, window=2, split=(0.7, 0.1, 0.2))


def test_targets_dates_and_oracle_belong_to_the_windows_of_the_loader():
    data = ready(shuffle=False)
    for split in SPLITS:
        rows = all_of(data, split)[1].numpy()
        parts, dates, scores = data.targets(split), data.target_dates(split), data.oracle_scores(split)
        np.testing.assert_array_equal(np.nonzero(rows)[1].reshape(-1, 5) + 1, parts)
        places = np.searchsorted(data.history.dates, dates)
        np.testing.assert_array_equal(data.history.parts[places], parts)
        # the oracle of Repeat(1) is the event before
        np.testing.assert_array_equal(scores, data.history.multi_hot()[places - 1])


def test_windows_of_different_lengths_share_targets_when_they_share_the_first_one():
    short, long = ready(window=5, first_target=40), ready(window=40)
    assert short.splits == long.splits
    for split in SPLITS:
        np.testing.assert_array_equal(short.target_dates(split), long.target_dates(split))
        assert torch.equal(all_of(short, "val")[1], all_of(long, "val")[1])
        assert torch.equal(all_of(short, "val")[0], all_of(long, "val")[0][:, -5:])


def test_part_counts_are_those_of_the_events_up_to_the_last_train_target():
    data = ready(first_target=20)
    n_seen = 20 + len(data.splits.train)
    assert data.history.dates[n_seen - 1] == data.target_dates("train")[-1]
    np.testing.assert_array_equal(data.train_part_counts(), data.history.multi_hot()[:n_seen].sum(axis=0))


def test_part_counts_do_not_move_when_val_and_test_do(tmp_path):
    history, _ = synthesize(Repeat(), strength=1.0, n_events=300, data_seed=1)
    write_events(history, tmp_path / "a.csv")
    n_seen = len(ready(path=str(tmp_path / "a.csv")).splits.train) + 5
    history.parts[n_seen:] = [1, 2, 3, 4, 5]
    write_events(history, tmp_path / "b.csv")
    counts = [ready(path=str(tmp_path / name)).train_part_counts().tolist() for name in ("a.csv", "b.csv")]
    assert counts[0] == counts[1]


def test_without_a_path_the_history_is_the_synthetic_one_that_the_arguments_say():
    data = ready(signal=Skew(), strength=0.5, n_events=200, data_seed=3)
    expected = synthesize(Skew(), strength=0.5, n_events=200, data_seed=3)
    assert data.history.sha256 == expected.history.sha256
    np.testing.assert_array_equal(data.oracle, expected.oracle)
    assert data.source == "synthetic history Skew(), strength 0.5, 200 events, data seed 3"


def test_by_default_the_last_event_repeats():
    assert ready().source == "synthetic history Repeat(lag=1), strength 1.0, 300 events, data seed 1"


@pytest.fixture
def csv_path(tmp_path):
    path = tmp_path / "history.csv"
    write_events(synthesize(Repeat(), strength=1.0, n_events=300, data_seed=8).history, path)
    return path


def test_a_path_wins_over_a_signal_and_says_so(csv_path):
    data = ready(path=str(csv_path), signal=Skew())
    assert data.history.sha256 == read_events(csv_path).sha256
    assert data.source == f"{csv_path} (it wins over the signal Skew())"
    assert data.oracle is None
    assert data.oracle_scores("test") is None


def test_the_history_is_read_once_and_named_once(csv_path, caplog):
    data = data_module(path=str(csv_path))
    with caplog.at_level(logging.INFO, logger="c5snn"):
        data.setup("fit")
        csv_path.unlink()
        data.setup("test")
    assert [record.getMessage() for record in caplog.records] == [f"Data: {csv_path}."]


def test_a_file_that_breaks_the_rules_is_a_data_error(tmp_path):
    (tmp_path / "bad.csv").write_text("date\n")
    with pytest.raises(DataError, match=r"bad\.csv"):
        ready(path=str(tmp_path / "bad.csv"))


@pytest.mark.parametrize(
    "arguments",
    [{"window": 0}, {"batch_size": 0}, {"split": (0.5, 0.5, 0.5)}, {"n_active": 39}],
    ids=str,
)
def test_an_argument_out_of_range_is_refused_before_anything_is_read(arguments):
    with pytest.raises(ConfigError, match=next(iter(arguments))):
        EventDataModule(path="missing.csv", **arguments)


@pytest.mark.parametrize("arguments", [{"window": 300}, {"first_target": 300}, {"first_target": 4}], ids=str)
def test_a_window_that_does_not_fit_the_history_is_refused(arguments):
    with pytest.raises(ConfigError, match="1 <= window <= first_target < n_events"):
        ready(**arguments)


def test_the_same_seed_gives_the_same_order_and_another_seed_another():
    def order(seed: int):
        model = Recorder()
        trainer().fit(model, data_module(order_seed=seed))
        return order_of(model)

    assert order(1) == order(1)
    assert order(1) != order(2)


def test_torchs_global_generator_does_not_decide_the_order():
    torch.manual_seed(11)
    before = all_of(ready(), "train")[0]
    torch.manual_seed(12)
    assert torch.equal(all_of(ready(), "train")[0], before)


def test_every_epoch_has_its_own_order_and_no_order_when_shuffle_is_false():
    for shuffle in (True, False):
        model = Recorder()
        trainer(max_epochs=2).fit(model, data_module(shuffle=shuffle))
        first, second = (torch.cat([windows for epoch, windows in model.seen if epoch == wanted]) for wanted in (0, 1))
        assert torch.equal(first, second) == (not shuffle)
        assert torch.equal(first.sum(dim=0), second.sum(dim=0))


@pytest.mark.parametrize(
    "stop", [2, 4, 6, -4, -8], ids=lambda stop: f"{'within' if stop > 0 else 'after'} epoch, {stop}"
)
def test_a_resumed_run_sees_what_an_undisturbed_run_would_have_seen(stop, tmp_path):
    # 4 batches an epoch; a positive stop is within an epoch, a negative one at its end
    checkpoint = str(tmp_path / "stopped.ckpt")
    seed_everything(1)
    undisturbed = Recorder(stop, checkpoint)
    trainer().fit(undisturbed, data_module())
    seed_everything(99)
    resumed = Recorder()
    trainer().fit(resumed, data_module(), ckpt_path=checkpoint, weights_only=True)
    assert order_of(resumed) == order_of(undisturbed)[abs(stop) :]
    for name, weight in undisturbed.state_dict().items():
        assert torch.equal(resumed.state_dict()[name], weight)


def test_a_checkpoint_holds_no_argument_of_the_data(tmp_path):
    checkpoint = str(tmp_path / "saved.ckpt")
    trainer(max_epochs=1).fit(Recorder(4, checkpoint), data_module())
    saved = torch.load(checkpoint, weights_only=True)
    assert "datamodule_hyper_parameters" not in saved
    assert saved["EventDataModule"].keys() == {"seed"}


def test_overfitting_on_a_few_batches_shows_the_same_batches_in_every_epoch():
    model = Recorder()
    trainer(max_epochs=2, overfit_batches=2).fit(model, data_module())
    assert [windows for _, windows in order_of(model)[:2]] == [windows for _, windows in order_of(model)[2:]]


def test_the_command_line_chooses_a_signal_by_its_name():
    parser = ArgumentParser(exit_on_error=False)
    parser.add_class_arguments(EventDataModule, "data")
    chosen = ["--data.signal", "Repeat", "--data.signal.lag", "5", "--data.split", "[0.6, 0.2, 0.2]"]
    data = parser.instantiate(parser.parse_args(chosen)).data
    assert data.signal == Repeat(lag=5)
    assert data.split == (0.6, 0.2, 0.2)


def test_the_help_explains_every_argument():
    parser = ArgumentParser(exit_on_error=False)
    parser.add_class_arguments(EventDataModule, "data")
    arguments = [action for action in parser._actions if action.dest.startswith("data.")]
    undocumented = [action.dest for action in arguments if not (action.help and action.help[0].isupper())]
    assert undocumented == []
    assert len(arguments) >= 12


def test_histories_are_read_and_checked_without_importing_torch():
    code = "import sys, c5snn.commands.data, c5snn.data.events.history; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


@pytest.mark.real_data
def test_the_real_history_has_the_known_splits(real_history_path):
    data = EventDataModule(path=str(real_history_path))
    data.setup()
    assert [len(split) for split in data.splits] == [8_169, 1_750, 1_752]
    assert len(data.history) == 11_692
