"""Builds the model and the data of a configuration once, to say what the configuration computes."""

import json
from contextlib import suppress
from typing import Any, NamedTuple, final

import torch

import c5snn
from c5snn.data import TaskData
from c5snn.data.micro_batches import has_batch_statistics, refuse_micro_batches
from c5snn.errors import ConfigError
from c5snn.files import sha256_of
from c5snn.records import DataRecord, Headline
from c5snn.records.run_folder import model_name
from c5snn.sweeps.code import CodeReader, class_paths
from c5snn.sweeps.micro_batch_choices import MicroBatchChoices, chooses_micro_batch
from c5snn.sweeps.points import Config, Point, smaller_micro_batches
from c5snn.tasks import Task
from c5snn.training.callbacks.stopping_rule import Mode, better_direction, logged_directions
from c5snn.training.configuration import build_data, build_model
from c5snn.training.resume import weights_file

__all__ = ["BuiltData", "PointBuilder"]

# what of the trainer decides the result; folders, devices and displays do not
TRAINER_KEYS = (
    "precision", "max_epochs", "min_epochs", "max_steps", "min_steps", "max_time", "limit_train_batches",
    "limit_val_batches", "overfit_batches", "val_check_interval", "check_val_every_n_epoch", "accumulate_grad_batches",
    "gradient_clip_val", "gradient_clip_algorithm", "callbacks",
)  # fmt: skip


@final
class PointBuilder:
    """Builds each distinct model and each distinct history once, to say what a configuration computes.

    Args:
        on_meta: Whether models are built on the meta device, which takes no memory, where that is possible.
        seed_per_history: Whether the training seeds follow from the history, too.
        choices: Puts a number where the micro-batch is ``auto``; None: it stays.
    """

    def __init__(
        self, *, on_meta: bool = False, seed_per_history: bool = False, choices: MicroBatchChoices | None = None
    ) -> None:
        self.on_meta = on_meta
        self.seed_per_history = seed_per_history
        self.choices = choices
        self.need_values: set[str] = set()  # classes that cannot be built on the meta device
        self.data: dict[str, BuiltData] = {}
        self.models: dict[str, _BuiltModel] = {}
        self.reader = CodeReader()
        self.code: dict[tuple[str, ...], dict[str, str]] = {}

    def point(self, config_id: int, base: str, values: dict[str, Any], config: Config) -> Point:
        """Return a point with the identity of what it computes."""
        _check_devices(config["trainer"])
        config = self.settled(config)
        data = self.data_of(config["data"])
        model = self._model(config["model"], data)
        is_normalised = model.is_normalised_by_batch
        refuse_micro_batches(data.built, model=model.name, is_normalised_by_batch=is_normalised)
        stopping = _stopping_rule(config["early_stopping"], model)
        arguments = config["data"].get("init_args", {})
        decisive = {
            "version": c5snn.__version__,
            "model": config["model"]["class_path"],
            "data": [
                config["data"]["class_path"],
                {name: value for name, value in arguments.items() if name not in data.built.content_arguments},
            ],
            "items": data.record.identity,
            "trainer": {name: config["trainer"][name] for name in TRAINER_KEYS},
            "early_stopping": stopping,
            # what has nothing to train is the same under every optimizer
            **{name: config[name] if model.n_parameters else None for name in ("optimizer", "lr_scheduler")},
            **({"init_from": sha256_of(weights_file(config["init_from"]))} if config.get("init_from") else {}),
        }
        return Point(
            config_id=config_id,
            base=base,
            model=model.name,
            values=values,
            config={**config, "early_stopping": stopping},
            identity=json.dumps({**decisive, "arguments": model.effective}, sort_keys=True),
            arguments=json.dumps({**decisive, "arguments": model.given}, sort_keys=True),
            n_parameters=model.n_parameters,
            headline=model.headline,
            metrics=model.metrics,
            data=data.record.test_identity,
            modules=self._modules(config),
            micro_batches=_micro_batches(data.built, model),
            own_seeds_of=data.record.identity if self.seed_per_history else "",
        )

    def settled(self, config: Config) -> Config:
        """Return a configuration whose micro-batch is a number, where that can be found."""
        if self.choices is None or not chooses_micro_batch(config):
            return config
        data = self.data_of(config["data"])
        model = self._model(config["model"], data)
        return self.choices.settled(
            config,
            n_parameters=model.n_parameters,
            batch_size=data.built.batch_size,
            is_normalised_by_batch=model.is_normalised_by_batch,
        )

    def _modules(self, config: Config) -> dict[str, str]:
        parts = [config["model"], config["data"], config["optimizer"], config["lr_scheduler"]]
        classes = tuple(sorted(set(class_paths([*parts, config["trainer"]["callbacks"]]))))
        if classes not in self.code:
            self.code[classes] = self.reader.modules(classes)
        return self.code[classes]

    @property
    def largest(self) -> int:
        """The most parameters that a model has had so far."""
        return max((model.n_parameters for model in self.models.values()), default=0)

    def data_of(self, config: Config) -> "BuiltData":
        """Return the data of a configuration's section ``data``, set up, with its record."""
        key = json.dumps(config, sort_keys=True)
        if key not in self.data:
            data = build_data(config)
            data.setup("fit")
            self.data[key] = BuiltData(data, data.describe())
        return self.data[key]

    def _model(self, config: Config, data: "BuiltData") -> "_BuiltModel":
        shapes = [getattr(data.built, name) for name in data.built.links]
        key = json.dumps([config, type(data.built).__name__, shapes], sort_keys=True)
        if key not in self.models:
            model = self._counted(config, data.built)
            self.models[key] = _BuiltModel(
                name=model_name(model),
                given=dict(model.hparams),
                effective=model.effective_hparams(),
                n_parameters=sum(weight.numel() for weight in model.parameters() if weight.requires_grad),
                headline=model.headline(data.built),
                metrics=tuple(map(str, model.build_metrics(data.built))),
                directions=logged_directions(model, data.built),
                missing=model.missing_metrics(data.built),
                is_normalised_by_batch=has_batch_statistics(model),
            )
        return self.models[key]

    def _counted(self, config: Config, data: TaskData) -> Task:
        """Return a model whose weights may have no values."""
        name = config["class_path"]
        if self.on_meta and name not in self.need_values:
            with suppress(ConfigError), torch.device("meta"):
                return build_model(config, data)
        model = build_model(config, data)
        self.need_values.add(name)  # that succeeded: it reads its own numbers, and the arguments are right
        return model


class BuiltData(NamedTuple):
    """Data that is set up.

    Args:
        built: The data.
        record: What is recorded of it.
    """

    built: TaskData
    record: DataRecord


class _BuiltModel(NamedTuple):
    name: str
    given: dict[str, object]
    effective: dict[str, object]
    n_parameters: int
    headline: Headline
    metrics: tuple[str, ...]
    directions: dict[str, Mode]
    missing: dict[str, str]
    is_normalised_by_batch: bool


def _micro_batches(data: TaskData, model: "_BuiltModel") -> list[int]:
    size = getattr(data, "batch_size", None)  # a user's own data may have none
    if model.is_normalised_by_batch or not model.n_parameters or not isinstance(size, int):
        return []
    return smaller_micro_batches(size, data.micro_batch)


def _check_devices(trainer: Config) -> None:
    devices = trainer["devices"]
    if devices not in (1, "1") and not (isinstance(devices, list) and len(devices) == 1):
        raise ConfigError(
            f"A trial runs on one device, but `trainer.devices` is {devices}; `--workers` runs several at once."
        )


def _stopping_rule(rule: Config, model: _BuiltModel) -> Config:
    """Return the rule with the metric and the direction that ``fit`` will use."""
    monitor = rule["monitor"] or model.headline.monitor
    return {
        **rule,
        "monitor": monitor,
        "mode": better_direction(monitor, rule["mode"], model.directions, model.missing),
    }
