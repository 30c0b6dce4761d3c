"""What users of Lightning usually ask for: it works, or one line names what they wrote before anything starts."""

from importlib.util import find_spec

import pytest
import yaml

from c5snn.cli import main
from c5snn.training.checkpoints import read_checkpoint
from c5snn.training.lightning_cli import C5CLI
from c5snn.training.run import train

PLATEAU = "lightning.pytorch.cli.ReduceLROnPlateau"
CLIPPED = ["--trainer.precision", "bf16-mixed", "--trainer.gradient_clip_val", "1.0"]


def callback(name, **arguments):
    words = [word for key, value in arguments.items() for word in (f"--trainer.callbacks.{key}", str(value))]
    return ["--trainer.callbacks", name, *words]


WORKS = {
    "a checkpoint of one's own": callback("ModelCheckpoint"),
    "a checkpoint of the same metric": callback("ModelCheckpoint", monitor="val_recall_at_20", mode="max"),
    "a checkpoint in a new folder": callback("ModelCheckpoint", dirpath="own/checkpoints", every_n_epochs=1),
    "a second early stopping": callback("EarlyStopping", monitor="val_loss"),
    "an early stopping of the same metric": callback("EarlyStopping", monitor="val_recall_at_20", mode="max"),
    "a bar in a pipe": callback("RichProgressBar"),
    "another bar in a pipe": callback("TQDMProgressBar", refresh_rate=1),
    "a summary that is switched off": callback("RichModelSummary"),
    "a timer": callback("Timer"),
    "a timer with an end": callback("Timer", duration="00:01:00:00"),
    "averaged weights": callback("StochasticWeightAveraging", swa_lrs=0.01),
    "a schedule that waits for the headline": ["--lr_scheduler", PLATEAU],
    "torch's own schedule of this name": ["--lr_scheduler", "torch.optim.lr_scheduler.ReduceLROnPlateau"],
    "a schedule that waits for a metric": ["--lr_scheduler", PLATEAU, "--lr_scheduler.monitor", "val_loss"],
    "a schedule of milestones": ["--lr_scheduler", "MultiStepLR", "--lr_scheduler.milestones", "[1,2]"],
    "a schedule of cycles": [
        "--lr_scheduler", "CyclicLR", "--lr_scheduler.base_lr", "0.001", "--lr_scheduler.max_lr", "0.01",
        "--lr_scheduler.cycle_momentum", "false",
    ],
    "a schedule for averaged weights": ["--lr_scheduler", "torch.optim.swa_utils.SWALR", "--lr_scheduler.swa_lr=0.1"],
    "clipping with a fused optimizer": [*CLIPPED, "--optimizer", "AdamW", "--optimizer.fused", "true"],
    "clipping with the model's optimizer": CLIPPED,
}  # fmt: skip
REFUSED = {
    "no checkpoints": (["--trainer.enable_checkpointing", "false"], "`trainer.enable_checkpointing`"),
    "a bare trainer": (["--trainer.barebones", "true"], "`trainer.barebones`"),
    "no validation": (["--trainer.limit_val_batches", "0"], "`trainer.limit_val_batches`"),
    "a rate without a logger": (
        [*callback("LearningRateMonitor"), "--trainer.logger", "false"], "`LearningRateMonitor` writes to a logger",
    ),
    "statistics without a logger": (
        [*callback("DeviceStatsMonitor"), "--trainer.logger", "false"], "`DeviceStatsMonitor` writes to a logger",
    ),
    "a checkpoint's misspelt metric": (callback("ModelCheckpoint", monitor="val_los"), "Did you mean `val_loss`?"),
    "a stopping rule's misspelt metric": (callback("EarlyStopping", monitor="val_recal_at_20"), "`val_recall_at_20`?"),
    "the misspelt metric": (["--early_stopping.monitor", "val_los"], "must be one of"),
    "a schedule's misspelt metric": (["--lr_scheduler", PLATEAU, "--lr_scheduler.monitor", "val_los"], "`val_loss`?"),
    "a schedule that waits for the worst": (
        ["--lr_scheduler", PLATEAU, "--lr_scheduler.monitor", "val_loss", "--lr_scheduler.mode", "max"], "leave `mode`",
    ),
    "a schedule of no epochs": (["--lr_scheduler", "StepLR", "--lr_scheduler.step_size", "0"], "`StepLR` fails after"),
    "an annealing of no epochs": (
        ["--lr_scheduler", "CosineAnnealingLR", "--lr_scheduler.T_max", "0"], "`CosineAnnealingLR` ",
    ),
    "a schedule that ends too early": (
        ["--lr_scheduler", "OneCycleLR", "--lr_scheduler.max_lr", "0.1", "--lr_scheduler.total_steps", "1"],
        "`OneCycleLR` fails after epoch 2 of 2",
    ),
    "a schedule below zero": (
        ["--lr_scheduler", "StepLR", "--lr_scheduler.step_size", "1", "--lr_scheduler.gamma", "-1"], "learning rate -",
    ),
    "a finder of batch sizes": (callback("BatchSizeFinder"), "`BatchSizeFinder` changes `data.batch_size`"),
    "a finder of learning rates": (callback("LearningRateFinder"), "`LearningRateFinder` changes `optimizer.lr`"),
    "pruned weights": (callback("ModelPruning", pruning_fn="l1_unstructured"), "`ModelPruning` changes the weights"),
    "a callback for other models": (callback("BackboneFinetuning"), "`backbone`, but SpikeGRU has none"),
    "a checkpoint's wrong number": (callback("ModelCheckpoint", every_n_epochs=-1), "`ModelCheckpoint`: Invalid value"),
    "an optimizer of matrices": (["--optimizer", "Muon"], "`Muon` refuses this"),
    "a logger's package": (["--trainer.logger", "WandbLogger"], "`WandbLogger` needs a package"),
    "another logger's package": (["--trainer.logger", "MLFlowLogger"], "pip install mlflow"),
    "a strategy of copies": (["--trainer.strategy", "ddp_fork"], "`trainer.strategy` ddp_fork"),
    "a strategy for other devices": (["--trainer.strategy", "fsdp"], "devices here: cpu"),
    "a device that is not there": (["--trainer.accelerator", "cuda"], "devices here: cpu"),
    "a precision's package": (["--trainer.precision", "transformer-engine"], "transformer_engine"),
    "a profiler that there is not": (["--trainer.profiler", "simpl"], "simple"),
}  # fmt: skip


PACKAGES = {"a logger's package": "wandb", "another logger's package": "mlflow"}


# Lightning and torch warn about their own options; our runs' warnings are held by every other test
@pytest.mark.slow
@pytest.mark.filterwarnings("ignore")
@pytest.mark.parametrize("case", WORKS)
def test_it_works_in_fit_and_leaves_a_run_that_can_be_tested(case, small, workdir, capsys):
    assert main(["fit", *small, *WORKS[case]]) == 0
    assert main(["test", "lightning_logs/spike_gru"]) == 0
    capsys.readouterr()
    assert (workdir / "lightning_logs/spike_gru/version_0/test_metrics.json").is_file()


@pytest.mark.parametrize("case", REFUSED)
def test_it_is_refused_in_one_line_before_anything_starts(case, small, workdir, capsys):
    words, named = REFUSED[case]
    if case in PACKAGES and find_spec(PACKAGES[case]):
        pytest.skip(f"{PACKAGES[case]} is installed")
    assert main(["fit", *small, *words]) == 2
    (line,) = [line for line in capsys.readouterr().err.splitlines() if line.startswith("c5snn ")]
    assert named in line
    assert list(workdir.iterdir()) == []


def test_a_checkpoint_of_ones_own_stands_beside_the_best(small):
    run = train([*small, *WORKS["a checkpoint of the same metric"]])
    (own,) = (run.folder / "checkpoints").glob("*.ckpt")
    assert read_checkpoint(own)["epoch"] == read_checkpoint(run.folder / "best.ckpt")["epoch"] == run.best_epoch


@pytest.mark.parametrize(
    ("words", "expected"),
    [
        ([], ("val_recall_at_20", "max")),
        (["--lr_scheduler.monitor", "val_loss"], ("val_loss", "min")),
        (["--lr_scheduler.monitor", "val_mrr"], ("val_mrr", "max")),
    ],
)
def test_a_schedule_follows_its_metric_in_its_direction(words, expected):
    cli = C5CLI(["--config", "gru.yaml", "--lr_scheduler", PLATEAU, *words])
    configured = cli.model.configure_optimizers()["lr_scheduler"]
    assert (configured["monitor"], configured["scheduler"].mode) == expected
    recorded = cli.dump()["lr_scheduler"]["init_args"]
    assert (recorded["monitor"], recorded["mode"]) == expected


def test_a_schedule_of_epochs_follows_no_metric():
    words = ["--lr_scheduler", "StepLR", "--lr_scheduler.step_size", "2"]
    configured = C5CLI(["--config", "gru.yaml", *words]).model.configure_optimizers()
    schedule = configured["lr_scheduler"]["scheduler"]
    assert (schedule.step_size, schedule.optimizer) == (2, configured["optimizer"])
    assert "monitor" not in configured["lr_scheduler"]


def test_clipping_under_mixed_precision_records_the_kernel_that_ran(small):
    run = train([*small, *WORKS["clipping with a fused optimizer"]])
    assert yaml.safe_load((run.folder / "config.yaml").read_text())["optimizer"]["init_args"]["fused"] is False
    assert C5CLI(["--config", "spike_gru.yaml"]).dump()["optimizer"]["init_args"]["fused"] is True
