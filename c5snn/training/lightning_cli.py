"""The command line's parser and what it builds: LightningCLI with our defaults, shapes linked, imports restricted."""

import argparse
import inspect
import logging
import secrets
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from typing import Any, Literal

import yaml
from jsonargparse import Namespace
from jsonargparse.typing import PositiveInt
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.cli import LightningArgumentParser, LightningCLI
from lightning.pytorch.loggers import Logger
from torch.optim import Optimizer

from c5snn.data import TaskData
from c5snn.errors import C5Error, ConfigError
from c5snn.records import Headline
from c5snn.records.options import flatten
from c5snn.records.run_folder import model_name
from c5snn.tasks import Task
from c5snn.training.callbacks.stopping_rule import StoppingRule, better_direction, logged_directions
from c5snn.training.config_files import import_data_class, named_class, read_arguments, refuse_linked
from c5snn.training.configuration import build, class_of
from c5snn.training.data_classes import data_class_path, linked_shapes
from c5snn.training.import_policy import apply_import_policy
from c5snn.training.known_names import known_classes, known_options
from c5snn.training.loggers import placed_loggers
from c5snn.training.optimizers import ADAM, connect_optimizer, optimizer_path, without_fused_clipping
from c5snn.training.parser import C5Parser
from c5snn.training.places import placed
from c5snn.training.plain_values import refuse_functions, rewrite_leaves
from c5snn.training.run_names import check_name, name_of_file
from c5snn.training.run_options import check_run_options, follow_headline
from c5snn.training.switched_off import NoProfiler
from c5snn.training.tensorboard import annotations_of, shown_options
from c5snn.training.trainer_parts import choose_callbacks, choose_plugins, refusal
from c5snn.training.usage_errors import NO_MODEL, misplaced_words, usage_error
from c5snn.training.values import check_values

__all__ = ["C5CLI"]

logger = logging.getLogger(__name__)

SEED = 42
MAX_DRAWN_SEED = 2**31

# options that decide what is shown and where, never what comes out
DISPLAY_OPTIONS = (
    "name", "trainer.enable_progress_bar", "trainer.enable_model_summary", "trainer.default_root_dir", "pictures",
)  # fmt: skip


class C5CLI(LightningCLI):
    """Turns files and flags into a model, its data and a trainer. Final.

    Building one parses and instantiates model and data, but no trainer: :meth:`make_trainer` does that once the run's
    folder is known, so wrong input leaves nothing behind.

    Args:
        args: Words of a command line (``--config`` is looked up as :func:`find_config` says) or a nested mapping.
        prog: The command, as its ``--help`` names it.

    Attributes:
        headline: The metric that chooses and is judged.
        draws_seed: Whether the configuration leaves the seed to chance; the drawn one stands in ``config``.

    Raises:
        ConfigError: An option, a value or a combination is wrong; one line that names it.
    """

    model: Task
    datamodule: TaskData
    parser: C5Parser
    headline: Headline
    draws_seed: bool

    def __init__(self, args: Sequence[str] | dict[str, Any], prog: str = "c5snn fit") -> None:
        apply_import_policy()
        words = read_arguments(args)
        self._file_name = None if isinstance(words, dict) else name_of_file([str(word) for word in args])
        self._default_optimizer = optimizer_path(named_class(words, "optimizer"))
        self._default_data = data_class_path(import_data_class(words))  # its shapes are linked before it is parsed
        self._shapes = linked_shapes(self._default_data)
        super().__init__(
            Task,
            TaskData,
            subclass_mode_model=True,
            subclass_mode_data=True,
            save_config_callback=None,
            seed_everything_default=SEED,
            trainer_defaults={"max_epochs": 100, "num_sanity_val_steps": 0, "devices": 1},
            parser_class=C5Parser,
            parser_kwargs={"exit_on_error": False, "allow_abbrev": False, "prog": prog, "description": None},
            load_from_checkpoint_support=False,
            run=False,
            args=words,
        )

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Add the stopping rule and the checkpoint, and link the shapes that the data states."""
        parser.add_argument(
            "--ckpt_path", type=str | None, default=None, help="Go on with a run: `last`, or its `last.ckpt`."
        )
        parser.add_argument(
            "--init_from",
            type=str | None,
            default=None,
            help="Start a new run with the weights of a run's folder or a checkpoint.",
        )
        parser.add_argument(
            "--name",
            type=str | None,
            default=None,
            help="The run's name: its folder below `lightning_logs`, and its label in tables (default: that of its "
            "configuration's file, such as original/spike_gru).",
        )
        parser.add_argument(
            "--pictures",
            type=Literal["end", "off"] | PositiveInt | None,
            default=None,
            help="When TensorBoard gets pictures of spikes, membranes and weights: at the end, never, every N epochs. "
            "Default: at the end, in trials of a sweep never.",
        )
        parser.add_lightning_class_args(StoppingRule, "early_stopping")
        parser.add_optimizer_args((Optimizer,))
        # of the class that is named: a class takes no defaults of another one
        parser.set_defaults({"optimizer": {"class_path": self._default_optimizer}})
        parser.set_defaults({"data": {"class_path": self._default_data}})
        for shape in self._shapes:
            parser.link_arguments(f"data.init_args.{shape}", f"model.init_args.{shape}")

    def parse_arguments(self, parser: LightningArgumentParser, args: Any) -> None:  # noqa: ANN401  # as overridden
        """Parse words or a mapping into ``self.config``."""
        refuse_linked(args, self._shapes)
        try:
            self.config = parser.parse_object(args) if isinstance(args, dict) else parser.parse_args(args)
        except argparse.ArgumentError as error:
            misplaced = None if isinstance(args, dict) else misplaced_words(args)
            raise ConfigError(misplaced or usage_error(str(error), known_options(parser), known_classes())) from error
        except ValueError as error:  # such as a path that no file can have
            raise ConfigError(f"The options cannot be read: {' '.join(str(error).split())}.") from error
        self.draws_seed = isinstance(self.config["seed_everything"], bool)
        if self.draws_seed:
            self.config["seed_everything"] = secrets.randbelow(MAX_DRAWN_SEED)
        if self.config.get("model") is None:
            raise ConfigError(NO_MODEL)
        refuse_functions(self.config)
        rewrite_leaves(self.config, placed)
        check_values(self.config)
        if self.config["name"] is not None:
            check_name(self.config["name"])

    def instantiate_classes(self) -> None:
        """Build the model and the data, and connect the chosen optimizer; the trainer comes later."""
        self.model, self.datamodule = build(self.dump())
        self.take_seed(self.config["seed_everything"])
        self.headline = self.model.headline(self.datamodule)
        self.config["name"] = self.config["name"] or self._file_name or model_name(self.model)
        plateau = self._settle_options()
        self.config_init = self._instantiated(self.config["trainer"]["logger"])
        if self._names_an_optimizer():
            connect_optimizer(
                self.model,
                self.config_init["optimizer"],
                self.config_init.get("lr_scheduler"),
                plateau,
                self.config["trainer"]["max_epochs"],
                epochs_between=self.config["trainer"]["check_val_every_n_epoch"] or 1,
            )

    def _instantiated(self, loggers: Any) -> Namespace:  # noqa: ANN401  # as a configuration has it
        """Build what the configuration names beside the model and the data.

        Args:
            loggers: Those of the configuration, with their places.
        """
        rest = self.config.clone()
        del rest["model"], rest["data"]
        rest["trainer"]["logger"] = loggers
        try:
            built: Namespace = self.parser.instantiate(rest)
        except (ValueError, TypeError) as error:
            cause = _first_cause(error)
            if cause is not error:
                raise cause from error
            raise ConfigError(usage_error(str(error), known_options(self.parser))) from error
        return built

    def _settle_options(self) -> str | None:
        """Fill in what follows the task, refuse what a run cannot do; return the metric that the schedule follows."""
        directions = logged_directions(self.model, self.datamodule)
        rule = self.config["early_stopping"]
        rule["monitor"] = rule["monitor"] or self.headline.monitor
        missing = self.model.missing_metrics(self.datamodule)
        rule["mode"] = better_direction(rule["monitor"], rule["mode"], directions, missing)
        check_run_options(self.config, directions, self.model)
        if without_fused_clipping(self.config):
            logger.info("the optimizer is not fused: gradients are clipped under mixed precision")
        return follow_headline(self.config.get("lr_scheduler"), self.headline, directions)

    def take_seed(self, seed: int) -> None:
        """Use a seed for the run and, unless it has one of its own, for the order of the data."""
        self.config["seed_everything"] = seed
        if self.config["data"].get("init_args", {}).get("order_seed") is None:
            self.datamodule.order_seed = seed

    def take_micro_batch(self, size: int | None) -> None:
        """Use a micro-batch in the place of ``auto``."""
        self.config["data"]["init_args"]["micro_batch"] = self.datamodule.micro_batch = size
        self.datamodule.chooses_micro_batch = False

    def _names_an_optimizer(self) -> bool:
        """Return whether there is something to train, and by another rule than the model brings."""
        defaults = self.parser.get_defaults()
        changed = any(self.config.get(name) not in (None, defaults.get(name)) for name in ("optimizer", "lr_scheduler"))
        return self.model.is_trainable and (changed or self._default_optimizer != ADAM)

    def dump(self) -> dict[str, Any]:
        """Return the whole configuration as plain values, without the shapes that follow the data."""
        return {**self.parser.plain(self.config), "ckpt_path": None}

    def chosen(self) -> dict[str, object]:
        """Return what differs from the defaults, by option, the model's class first."""
        defaults = dict(self._defaults)
        signature = inspect.signature(type(self.model)).parameters
        defaults |= {f"model.{name}": parameter.default for name, parameter in signature.items()}
        defaults |= {"early_stopping.monitor": self.headline.monitor, "early_stopping.mode": self.headline.mode}
        defaults["optimizer"] = ADAM.rpartition(".")[2]
        config = {name: value for name, value in flatten(self.dump()).items() if name not in DISPLAY_OPTIONS}
        return {name: value for name, value in config.items() if name not in defaults or defaults[name] != value}

    @cached_property
    def _defaults(self) -> dict[str, object]:
        """What the parser takes where nothing is said, by option."""
        written = self.parser.dump(self.parser.get_defaults(), skip_unset=False, skip_validation=True)
        return flatten(yaml.safe_load(written))

    def shown(self, searched: Iterable[str] = ()) -> dict[str, bool | float | str]:
        """Return what TensorBoard's HPARAMS tab shows: the model's arguments, what was chosen, and what is searched.

        Args:
            searched: Options that a sweep searches; they are shown where they have their defaults, too.
        """
        config = self.dump()
        signatures = {"data": type(self.datamodule), "early_stopping": StoppingRule, "trainer": Trainer}
        signatures |= {name: class_of(config[name]) for name in ("model", "optimizer", "lr_scheduler") if config[name]}
        annotations: dict[str, object] = {"seed_everything": int}
        for prefix, cls in signatures.items():
            annotations |= annotations_of(cls, prefix)
        options = flatten(config) | {f"model.{name}": value for name, value in self.model.hparams.items()}
        arguments = [name for name in options if name == "model" or name.startswith("model.")]
        return shown_options(options, dict.fromkeys([*arguments, *searched, *self.chosen()]), annotations)

    def make_trainer(
        self, callbacks: Sequence[Callback], logger: Logger | None, folder: Path | None = None, **options: object
    ) -> Trainer:
        """Build the trainer of this configuration.

        Args:
            callbacks: Ours, added to those of the configuration.
            logger: Ours, unless the configuration names its own or switches logging off.
            folder: The run's folder, where loggers write that name no other; None where there is none yet.
            options: Arguments of the trainer that the command decides.

        Raises:
            ConfigError: The accelerator is not there, or options contradict each other.
        """
        loggers, wants_ours = placed_loggers(self.config["trainer"]["logger"], folder)
        self.config_init = self._instantiated(loggers)  # a strategy and a callback belong to one trainer
        chosen = self.config_init["trainer"]
        own, options = choose_callbacks(chosen, callbacks, options)
        named = chosen["logger"] if isinstance(chosen["logger"], list) else []
        plugins = choose_plugins(chosen)
        try:
            return self.instantiate_trainer(
                callbacks=own,
                logger=[*([logger] if logger and wants_ours else []), *named] or False,
                profiler=chosen["profiler"] or NoProfiler(),
                plugins=plugins,
                **options,
            )
        except (MisconfigurationException, ModuleNotFoundError, ValueError, RuntimeError, TypeError) as error:
            raise refusal(error, chosen) from error


def _first_cause(error: BaseException) -> BaseException:
    """Return our own error that the parser has wrapped in its own, or the error itself."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, C5Error):
        cause = cause.__cause__ or cause.__context__
    return cause or error
