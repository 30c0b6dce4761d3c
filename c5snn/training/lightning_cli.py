"""The command line's parser and what it builds: LightningCLI with our defaults, shapes linked, imports restricted."""

import argparse
import inspect
import sys
from collections.abc import Sequence
from typing import Any

import yaml
from lightning.fabric.utilities.exceptions import MisconfigurationException
from lightning.pytorch import Callback, Trainer
from lightning.pytorch.accelerators import AcceleratorRegistry
from lightning.pytorch.cli import LightningArgumentParser, LightningCLI
from lightning.pytorch.loggers import Logger
from torch.optim import Optimizer

import c5snn.models
from c5snn.data import TaskData
from c5snn.errors import C5Error, ConfigError
from c5snn.records import Headline
from c5snn.tasks import Task
from c5snn.training.callbacks.stopping_rule import StoppingRule, better_direction, logged_directions
from c5snn.training.checkpoints import SafeCheckpointIO
from c5snn.training.config_files import import_data_class, refuse_linked, resolve_configs
from c5snn.training.configuration import build
from c5snn.training.hparams import flatten
from c5snn.training.import_policy import apply_import_policy
from c5snn.training.no_profiler import NoProfiler
from c5snn.training.optimizers import connect_optimizer
from c5snn.training.usage_errors import usage_error
from c5snn.training.values import check_values

__all__ = ["C5CLI"]

SEED = 42
DEFAULT_DATA = "c5snn.data.EventDataModule"

# options that decide what is shown and where, never what comes out
DISPLAY_OPTIONS = ("trainer.enable_progress_bar", "trainer.enable_model_summary", "trainer.default_root_dir")


class C5CLI(LightningCLI):
    """Turns files and flags into a model, its data and a trainer. Final.

    Building one parses and instantiates model and data, but no trainer: :meth:`make_trainer` does that once the run's
    folder is known, so wrong input leaves nothing behind.

    Args:
        args: Words of a command line (``--config`` is looked up as :func:`find_config` says) or a nested mapping.
        prog: The command, as its ``--help`` names it.

    Raises:
        ConfigError: An option, a value or a combination is wrong; one line that names it.
    """

    model: Task
    datamodule: TaskData
    headline: Headline

    def __init__(self, args: Sequence[str] | dict[str, Any], prog: str = "c5snn fit") -> None:
        apply_import_policy()
        words = args if isinstance(args, dict) else resolve_configs(args)
        import_data_class(words)  # its shapes are linked before it is parsed
        super().__init__(
            Task,
            TaskData,
            subclass_mode_model=True,
            subclass_mode_data=True,
            save_config_callback=None,
            seed_everything_default=SEED,
            trainer_defaults={"max_epochs": 100, "num_sanity_val_steps": 0},
            parser_kwargs={"exit_on_error": False, "allow_abbrev": False, "prog": prog, "description": None},
            load_from_checkpoint_support=False,
            run=False,
            args=words,
        )

    def add_arguments_to_parser(self, parser: LightningArgumentParser) -> None:
        """Add the stopping rule and the checkpoint, and link the shapes that the data states."""
        parser.add_argument("--ckpt_path", type=str | None, default=None, help="A checkpoint, or `last` to go on.")
        parser.add_lightning_class_args(StoppingRule, "early_stopping")
        parser.add_optimizer_args((Optimizer,))
        parser.set_defaults({"optimizer": {"class_path": "torch.optim.Adam"}})
        parser.set_defaults({"data": {"class_path": DEFAULT_DATA}})
        for shape in _linked_shapes():
            parser.link_arguments(f"data.init_args.{shape}", f"model.init_args.{shape}")

    def parse_arguments(self, parser: LightningArgumentParser, args: Any) -> None:  # noqa: ANN401  # as overridden
        """Parse words or a mapping into ``self.config``."""
        refuse_linked(args, _linked_shapes())
        try:
            self.config = parser.parse_object(args) if isinstance(args, dict) else parser.parse_args(args)
        except argparse.ArgumentError as error:
            raise ConfigError(usage_error(str(error), _options(parser), c5snn.models.__all__)) from error
        except ValueError as error:  # such as a path that no file can have
            raise ConfigError(f"The options cannot be read: {' '.join(str(error).split())}.") from error
        if self.config.get("model") is None:
            raise ConfigError(
                "A model must be given, but got none; add `--config spike_gru.yaml` or `--model SpikeGRU`."
            )

        check_values(self.config)

    def instantiate_classes(self) -> None:
        """Build the model and the data, and connect the chosen optimizer; the trainer comes later."""
        self.model, self.datamodule = build(self.dump())
        if self.config["data"].get("init_args", {}).get("order_seed") is None:
            self.datamodule.order_seed = int(self.config["seed_everything"])
        self.headline = self.model.headline(self.datamodule)
        rule = self.config["early_stopping"]
        rule["monitor"] = rule["monitor"] or self.headline.monitor
        rule["mode"] = better_direction(rule["monitor"], rule["mode"], logged_directions(self.model, self.datamodule))
        rest = self.config.clone()
        del rest["model"], rest["data"]
        try:
            self.config_init = self.parser.instantiate(rest)
        except ValueError as error:
            raise _first_cause(error) from error
        if self._names_an_optimizer():
            connect_optimizer(self.model, self.config_init["optimizer"], self.config_init.get("lr_scheduler"))

    def _names_an_optimizer(self) -> bool:
        """Return whether there is something to train, and by another rule than the model brings."""
        defaults = self.parser.get_defaults()
        changed = any(self.config.get(name) != defaults.get(name) for name in ("optimizer", "lr_scheduler"))
        return self.model.is_trainable and changed

    def dump(self) -> dict[str, Any]:
        """Return the whole configuration as plain values, without the shapes that follow the data."""
        text = self.parser.dump(self.config, skip_unset=False, format="yaml")
        return {**yaml.safe_load(text), "ckpt_path": None}

    def chosen(self) -> dict[str, object]:
        """Return what differs from the defaults, by option, the model's class first."""
        defaults = flatten(
            yaml.safe_load(self.parser.dump(self.parser.get_defaults(), skip_unset=False, skip_validation=True))
        )
        signature = inspect.signature(type(self.model)).parameters
        defaults |= {f"model.{name}": parameter.default for name, parameter in signature.items()}
        defaults |= {"early_stopping.monitor": self.headline.monitor, "early_stopping.mode": self.headline.mode}
        config = {name: value for name, value in flatten(self.dump()).items() if name not in DISPLAY_OPTIONS}
        return {name: value for name, value in config.items() if name not in defaults or defaults[name] != value}

    def make_trainer(self, callbacks: Sequence[Callback], logger: Logger | None, **options: object) -> Trainer:
        """Build the trainer of this configuration.

        Args:
            callbacks: Ours, added to those of the configuration.
            logger: Ours, unless the configuration names its own or switches logging off.
            options: Arguments of the trainer that the command decides.

        Raises:
            ConfigError: The accelerator is not there, or options contradict each other.
        """
        chosen = self.config_init["trainer"]
        own = chosen["callbacks"] or []
        if chosen["enable_progress_bar"] is None:  # a bar that nobody watches only fills a log
            options = {"enable_progress_bar": sys.stdout.isatty(), **options}
        wants_ours = chosen["logger"] is None or chosen["logger"] is True
        try:
            return self.instantiate_trainer(
                callbacks=[*(own if isinstance(own, list) else [own]), *callbacks],
                logger=(logger or False) if wants_ours else chosen["logger"],
                profiler=chosen["profiler"] or NoProfiler(),
                plugins=[*(chosen["plugins"] or []), SafeCheckpointIO()],
                **options,
            )
        except (MisconfigurationException, ModuleNotFoundError, ValueError) as error:
            raise ConfigError(f"{' '.join(str(error).split())} (devices here: {_devices()})") from error


def _first_cause(error: BaseException) -> BaseException:
    """Return our own error that the parser has wrapped in its own, or the error itself."""
    cause: BaseException | None = error
    while cause is not None and not isinstance(cause, C5Error):
        cause = cause.__cause__ or cause.__context__
    return cause or error


def _options(parser: LightningArgumentParser) -> list[str]:
    models = [getattr(c5snn.models, name) for name in c5snn.models.__all__]
    of_models = {f"model.{name}" for model in models for name in inspect.signature(model).parameters}
    of_data = {f"data.{name}" for data in _data_classes() for name in inspect.signature(data).parameters}
    return [*parser.get_defaults(skip_validation=True).keys(), *sorted(of_models | of_data)]


def _data_classes(parent: type[TaskData] = TaskData) -> list[type[TaskData]]:
    """Return all data classes that are imported."""
    children = parent.__subclasses__()
    return [*children, *(cls for child in children for cls in _data_classes(child))]


def _linked_shapes() -> list[str]:
    """Return the shapes that models take from any kind of data, each once."""
    return list(dict.fromkeys(shape for data in _data_classes() for shape in data.links))


def _devices() -> str:
    known = {name: entry["accelerator"] for name, entry in AcceleratorRegistry.items()}
    return ", ".join(name for name, accelerator in known.items() if accelerator.is_available())
