"""A point of a sweep's grid: a whole configuration, with the identity of what it computes."""

import hashlib
import importlib
import inspect
import json
from dataclasses import dataclass
from typing import Any, NamedTuple, final, get_origin

import c5snn
from c5snn.data import EventDataModule
from c5snn.tasks import NextEventModule
from c5snn.records.run_folder import model_name

__all__ = ["Config", "Point", "PointBuilder", "trial_key"]

Config = dict[str, Any]

# what of the trainer decides the result; folders, devices and displays do not
TRAINER_KEYS = (
    "precision", "max_epochs", "min_epochs", "max_steps", "min_steps", "max_time", "limit_train_batches",
    "limit_val_batches", "overfit_batches", "val_check_interval", "check_val_every_n_epoch", "accumulate_grad_batches",
    "gradient_clip_val", "gradient_clip_algorithm", "callbacks",
)  # fmt: skip
# what of the data the events' own hash covers
HISTORY_KEYS = ("path", "signal", "strength", "n_events", "data_seed")


@dataclass(frozen=True)
class Point:
    """One configuration of a sweep, without its seed.

    Args:
        config_id: Its place in the grid, from 1.
        base: The configuration that it starts from, without its suffix.
        model: The model's short name.
        values: The options of the sweep's space with this point's values.
        config: The whole configuration, as ``train`` takes it.
        identity: Canonical JSON of all that decides the result but the seed; equal identities compute the same.
        arguments: The same with the model's arguments as they are given.
        n_parameters: Trainable parameters.
        data: What the point's targets are, comparable between points: the events' hash and the splits.
    """

    config_id: int
    base: str
    model: str
    values: dict[str, Any]
    config: Config
    identity: str
    arguments: str
    n_parameters: int
    data: tuple[str, str]


def trial_key(point: Point, seed: int) -> str:
    """Return the name of the trial's folder: a hash of everything that decides its result."""
    return hashlib.sha256(f"{point.identity}|seed={seed}".encode()).hexdigest()[:20]


@final
class PointBuilder:
    """Builds each distinct model and each distinct history once, to say what a configuration computes."""

    def __init__(self) -> None:
        self.histories: dict[str, EventDataModule] = {}
        self.models: dict[str, _BuiltModel] = {}

    def point(self, config_id: int, base: str, values: dict[str, Any], config: Config) -> Point:
        """Return a point with the identity of what it computes."""
        data = self._data(config["data"])
        model = self._model(config["model"], data)
        decisive = {
            "version": c5snn.__version__,
            "model": config["model"]["class_path"],
            "data": {name: value for name, value in config["data"].items() if name not in HISTORY_KEYS},
            "events": data.history.sha256,
            "trainer": {name: config["trainer"][name] for name in TRAINER_KEYS},
            "early_stopping": config["early_stopping"],
            # what has nothing to train is the same under every optimizer
            **{name: config[name] if model.n_parameters else None for name in ("optimizer", "lr_scheduler")},
        }
        targets = [data.target_dates("train")[0], data.target_dates("test")[-1], *config["data"]["split"]]
        return Point(
            config_id=config_id,
            base=base.removesuffix(".yaml"),
            model=model.name,
            values=values,
            config=config,
            identity=json.dumps({**decisive, "arguments": model.effective}, sort_keys=True),
            arguments=json.dumps({**decisive, "arguments": model.given}, sort_keys=True),
            n_parameters=model.n_parameters,
            data=(data.history.sha256, " ".join(map(str, targets))),
        )

    def _data(self, config: Config) -> EventDataModule:
        key = json.dumps(config, sort_keys=True)
        if key not in self.histories:
            signal = config["signal"]
            if signal is not None:
                signal = _built(_class(signal["class_path"]), signal.get("init_args", {}))
            data: EventDataModule = _built(EventDataModule, {**config, "signal": signal})
            data.setup()
            self.histories[key] = data
        return self.histories[key]

    def _model(self, config: Config, data: EventDataModule) -> "_BuiltModel":
        key = json.dumps([config, data.window, data.n_parts], sort_keys=True)
        if key not in self.models:
            model = _class(config["class_path"])
            accepted = inspect.signature(model).parameters
            shapes = {name: getattr(data, name) for name in ("window", "n_parts") if name in accepted}
            built: NextEventModule = _built(model, {**config.get("init_args", {}), **shapes})
            self.models[key] = _BuiltModel(
                name=model_name(built),
                given=dict(built.hparams),
                effective=built.effective_hparams(),
                n_parameters=sum(weight.numel() for weight in built.parameters() if weight.requires_grad),
            )
        return self.models[key]


class _BuiltModel(NamedTuple):
    name: str
    given: dict[str, object]
    effective: dict[str, object]
    n_parameters: int


def _class(path: str) -> Any:  # noqa: ANN401  # a class that the parser has accepted
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


def _built(cls: type, arguments: Config) -> Any:  # noqa: ANN401  # an instance of the class
    """Return an instance; YAML knows no tuples, so a list becomes one where the signature says so."""
    accepted = inspect.signature(cls).parameters
    return cls(
        **{
            name: tuple(value) if isinstance(value, list) and get_origin(accepted[name].annotation) is tuple else value
            for name, value in arguments.items()
        }
    )
