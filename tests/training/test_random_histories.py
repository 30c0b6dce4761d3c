"""Random sequences of what users do to a run: the record is always that of an uninterrupted run with these options."""

import shutil
from contextlib import suppress
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)
from lightning.pytorch import Callback

from c5snn.data import EventDataModule, SeenItems, write_events
from c5snn.data.events import EventHistory, Repeat, synthesize
from c5snn.errors import C5Error
from c5snn.records import load_run
from c5snn.training.callbacks import StoppedBySignal
from c5snn.training.checkpoints import read_checkpoint
from c5snn.training.evaluation import test_run as score_run
from c5snn.training.prediction import predict_next
from c5snn.training.run import train

HISTORY = synthesize(Repeat(lag=1), strength=0.0, n_events=400, data_seed=3).history
REFUSED = [
    ["--optimizer.lr", "0.3"],
    ["--seed_everything", "5"],
    ["--trainer.gradient_clip_val", "0.1"],
    ["--data.data_seed", "9"],
    ["--optimizer", "SGD"],
]


class StopWithin(Callback):
    """Ends a run within an epoch, as a signal would."""

    def __init__(self, n_batches):
        self.n_left = n_batches

    def on_train_batch_end(self, trainer, pl_module, outputs, batch, batch_idx):
        del trainer, pl_module, outputs, batch, batch_idx
        self.n_left -= 1
        if self.n_left == 0:
            raise StoppedBySignal(15)


class RunMachine(RuleBasedStateMachine):
    """One run of a small network, and what is done to it.

    The oracle trains as many epochs without interruption, each combination once.
    """

    oracles = {}  # noqa: RUF012  # shared by all examples

    def __init__(self):
        super().__init__()
        self.temporary = TemporaryDirectory()
        self.root = Path(self.temporary.name)
        write_events(HISTORY, self.root / "events.csv")
        cut = EventHistory(HISTORY.dates[:250], HISTORY.parts[:250], 39)
        write_events(cut, self.root / "cut.csv")
        self.folder, self.max_epochs, self.n_moves, self.is_tested = None, 0, 0, False

    def teardown(self):
        self.temporary.cleanup()

    def words(self, max_epochs, root=None):
        return [
            *("--model", "GRU", "--model.hidden_size", "8", "--model.dropout", "0.2", "--optimizer.lr", "0.03"),
            *("--data.path", str(self.root / "events.csv"), "--data.window", "3", "--data.batch_size", "128"),
            *("--trainer.enable_model_summary", "false", "--trainer.val_check_interval", self.interval),
            *("--early_stopping.patience", "100"),
            *("--trainer.max_epochs", str(max_epochs), "--trainer.default_root_dir", str(root or self.root)),
        ]

    @property
    def n_epochs(self):
        return len(load_run(self.folder).learning_curve)

    @initialize(max_epochs=st.integers(1, 2), stop=st.integers(1, 5), interval=st.sampled_from(["1.0", "0.5"]))
    def fit(self, max_epochs, stop, interval):
        self.interval = interval
        self.max_epochs = max_epochs
        with suppress(StoppedBySignal):
            train(self.words(max_epochs), callbacks=[StopWithin(stop)])
        [self.folder] = (self.root / "lightning_logs/gru").iterdir()

    @rule(more=st.integers(0, 2), stop=st.one_of(st.none(), st.integers(1, 4)))
    def go_on(self, more, stop):
        before = self.n_epochs
        self.max_epochs = max(self.max_epochs, before) + more
        stops = [] if stop is None else [StopWithin(stop)]
        resume = ["--ckpt_path", str(self.folder / "last.ckpt")]
        try:
            run = train([*self.words(self.max_epochs), *resume], callbacks=stops)
            assert run.n_epochs == self.max_epochs
            assert run.status == "finished"
        except StoppedBySignal:
            pass
        if self.n_epochs > before:
            self.is_tested = load_run(self.folder).test is not None
            assert not self.is_tested

    @rule(flags=st.sampled_from(REFUSED))
    def go_on_with_an_option_that_cannot_act(self, flags):
        before = {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()}
        flags = [*flags, "--data.path", str(self.root / "cut.csv")] if "--data.data_seed" in flags else flags
        with pytest.raises(C5Error):
            train([*self.words(9), "--ckpt_path", str(self.folder / "last.ckpt"), *flags])
        assert {path: path.read_bytes() for path in self.folder.rglob("*") if path.is_file()} == before

    @precondition(lambda self: (self.folder / "best.ckpt").is_file())
    @rule()
    def test(self):
        tested = score_run([str(self.folder)]).test
        assert (tested.n_excluded, tested.n_items) == (0, 61)
        self.is_tested = True

    @precondition(lambda self: (self.folder / "best.ckpt").is_file())
    @rule(name=st.sampled_from(["best.ckpt", "last.ckpt"]))
    def test_on_what_it_was_trained_on(self, name):
        path = self.folder / name
        if read_checkpoint(path)["global_step"]:
            with pytest.raises(C5Error, match="trained or validated on"):
                score_run([str(self.folder), "--data.path", str(self.root / "cut.csv"), "--ckpt_path", str(path)])

    @precondition(lambda self: (self.folder / "best.ckpt").is_file())
    @rule(index=st.integers(5, 399))
    def predict(self, index):
        after = str(HISTORY.dates[index])
        memory = predict_next([str(self.folder)], as_of=after).memory
        assert bool(memory) == (index + 1 < 3 + 277 + 59)  # windows of train and val after the first three events

    @rule()
    def move(self):
        self.n_moves += 1
        target = self.root / f"moved_{self.n_moves}"
        shutil.copytree(self.folder, target)
        shutil.rmtree(self.folder)
        self.folder = target

    @precondition(lambda self: (self.folder / "metrics.csv").is_file() and (self.folder / "result.json").is_file())
    @rule(name=st.sampled_from(["metrics.csv", "result.json"]))
    def cut_a_file_that_is_written_again(self, name):
        path, self.max_epochs = self.folder / name, max(self.max_epochs, self.n_epochs) + 1
        content = path.read_bytes()
        path.write_bytes(content[: len(content) // 2])
        train([*self.words(self.max_epochs), "--ckpt_path", str(self.folder / "last.ckpt")])
        self.is_tested = False

    @invariant()
    def the_record_is_that_of_an_uninterrupted_run(self):
        if self.folder is None:
            return
        run = load_run(self.folder)
        rows = run.learning_curve
        assert (run.test is not None) == self.is_tested
        if rows:
            expected = self.oracle(len(rows))
            assert [without_time(row) for row in rows] == expected["curve"]
            # a run that was stopped within an epoch may have found a better validation there already
            assert run.status == "stopped" or (run.best_epoch, run.val) == expected["best"]

    @invariant()
    def no_test_window_was_ever_trained_on(self):
        if self.folder is not None and (self.folder / "last.ckpt").is_file():
            data = EventDataModule(str(self.root / "events.csv"), window=3)
            data.setup()
            seen = SeenItems.from_checkpoint(read_checkpoint(self.folder / "last.ckpt"))
            assert not set(data.identities("test").tolist()) & set(seen.hashes.tolist())

    def oracle(self, n_epochs):
        key = (self.interval, n_epochs)
        if key not in self.oracles:
            run = train(self.words(n_epochs, root=self.root / "oracle"))
            curve = [without_time(row) for row in run.learning_curve]
            self.oracles[key] = {"curve": curve, "best": (run.best_epoch, run.val)}
        return self.oracles[key]


def without_time(row):
    return {name: value for name, value in row.items() if name != "epoch_time_s"}


def run_machine(*, n_examples, n_steps):
    checks = [HealthCheck.too_slow, HealthCheck.data_too_large]
    limits = settings(
        max_examples=n_examples, stateful_step_count=n_steps, deadline=None, suppress_health_check=checks,
        derandomize=True, database=None, phases=[Phase.generate],  # to shrink takes longer than to read
    )  # fmt: skip
    run_state_machine_as_test(RunMachine, settings=limits)


@pytest.mark.slow
def test_a_few_random_histories_end_as_uninterrupted_runs():
    run_machine(n_examples=3, n_steps=5)


@pytest.mark.long
@pytest.mark.timeout(3_000)
def test_many_random_histories_end_as_uninterrupted_runs():
    run_machine(n_examples=20, n_steps=12)
