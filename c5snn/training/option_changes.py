"""Which options a run may change when it goes on: those that act from then on; every other change is refused."""

from dataclasses import dataclass
from pathlib import Path
from typing import final

from c5snn.errors import CheckpointError, ConfigError
from c5snn.records.options import flatten
from c5snn.training.callbacks import RunHistory
from c5snn.training.checkpoints import Checkpoint
from c5snn.training.lightning_cli import C5CLI

__all__ = ["OptionChange", "changed_options"]

# when a run ends
ENDS = (
    "trainer.max_epochs", "trainer.min_epochs", "trainer.max_steps", "trainer.min_steps", "trainer.max_time",
    "early_stopping.patience",
)  # fmt: skip
# what an epoch computes, or where
EPOCHS = (
    "model", "data.batch_size", "trainer.accelerator", "trainer.devices", "trainer.num_nodes", "trainer.strategy",
)  # fmt: skip
# what is shown, and where a run lies; nothing of it is a result
SHOWN = (
    "name", "ckpt_path", "init_from", "trainer.logger", "trainer.log_every_n_steps", "trainer.profiler",
    "trainer.enable_progress_bar", "trainer.enable_model_summary", "trainer.default_root_dir", "pictures",
)  # fmt: skip


@final
@dataclass(frozen=True)
class OptionChange:
    """An option whose value is not that of the epochs before.

    Args:
        option: Its name, such as ``trainer.max_epochs``.
        then: Its value in the epochs before.
        now: Its value from now on.
    """

    option: str
    then: object
    now: object

    def __str__(self) -> str:
        return f"{self.option} was {self.then} and is {self.now}"

    @property
    def acts(self) -> bool:
        """Whether the new value takes effect in a run that goes on."""
        return _is_among(self.option, ENDS + EPOCHS)

    @property
    def alters_epochs(self) -> bool:
        """Whether an epoch computes something else with it."""
        return _is_among(self.option, EPOCHS)


def changed_options(path: Path, checkpoint: Checkpoint, cli: C5CLI) -> list[OptionChange]:
    """Return the options that change when a run goes on.

    A seed that the configuration leaves to chance is that of the run.

    Args:
        path: The checkpoint's file.
        checkpoint: Its content.
        cli: The configuration that it goes on with.

    Raises:
        ConfigError: An option changes that would not act; each is named.
        CheckpointError: The checkpoint does not hold its options.
    """
    then = RunHistory.options_in(checkpoint)
    if then is None:
        raise CheckpointError(
            f"`{path}` does not hold the options it was trained with, so it cannot go on. "
            f"`--init_from {path}` starts a new run from its weights."
        )
    if cli.draws_seed:
        cli.take_seed(then["seed_everything"])
    if cli.datamodule.chooses_micro_batch and isinstance(then.get("data.micro_batch"), int):
        cli.take_micro_batch(then["data.micro_batch"])  # what was found when it started
    content = tuple(f"data.{name}" for name in cli.datamodule.content_arguments)  # the data's identity covers them
    now = flatten(cli.dump())
    changes = [
        OptionChange(name, then.get(name), now.get(name))
        for name in dict.fromkeys([*then, *now])
        if then.get(name) != now.get(name) and not _is_among(name, SHOWN + content)
    ]
    refused = [change for change in changes if not change.acts]
    if refused:
        raise ConfigError(
            f"A run must go on as it began, but {'; '.join(map(str, refused))}. Leave that as it was, or start a new "
            f"run from the weights: `--init_from {path}`."
        )
    return changes


def _is_among(option: str, names: tuple[str, ...]) -> bool:
    return any(option == name or option.startswith(f"{name}.") for name in names)
