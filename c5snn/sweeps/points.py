"""The points of a sweep's grid, each a whole configuration, with the identity of what it computes.

A point is merged from parts that were each parsed and typed once, so ten thousand points cost seconds: the parser sees
every base and every value, not every combination. Every combination is still built.
"""

import copy
import hashlib
import importlib
import inspect
import itertools
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, NamedTuple

import c5snn
from c5snn.data import EventDataModule
from c5snn.errors import C5Error, ConfigError
from c5snn.sweeps.spec import SweepSpec
from c5snn.tasks import NextEventModule
from c5snn.training.lightning_cli import C5CLI
from c5snn.training.run_folder import model_name

__all__ = ["Point", "expand", "trial_key"]

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
        model: The model's short name.
        values: The options of the sweep's space with this point's values.
        config: The whole configuration, as ``train`` takes it.
        identity: Canonical JSON of all that decides the result but the seed; equal identities compute the same.
        arguments: The same with the model's arguments as they are given.
        n_parameters: Trainable parameters.
        data: What the point's targets are, comparable between points: the events' hash and the splits.
    """

    config_id: int
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


def expand(spec: SweepSpec, flags: Sequence[str]) -> list[Point]:
    """Return every point of the sweep, parsed, typed and built.

    Args:
        spec: The sweep.
        flags: Flags of ``fit`` that apply to every point.

    Raises:
        ConfigError: A point is invalid; the point and the option are named.
    """
    builder = _Builder()
    points: list[Point] = []
    for base in spec.bases:
        start, typed = _parse_parts(spec, base, flags)
        for values in _grid(spec):
            config = copy.deepcopy(start)
            for name, value in values.items():
                parent, key = _place(config, name)
                parent[key] = copy.deepcopy(typed[name, _text(value)])
            try:
                shown = {name: values.get(name, spec.fixed.get(name)) for name in spec.space}
                points.append(builder.point(len(points) + 1, shown, config))
            except C5Error as error:
                raise ConfigError(f"point {len(points) + 1} ({base}, {_shown(values)}): {error}") from error
    return points


def _grid(spec: SweepSpec) -> Iterator[dict[str, Any]]:
    names = list(spec.searched)
    for values in itertools.product(*spec.searched.values()):
        yield dict(zip(names, values, strict=True))


def _parse_parts(spec: SweepSpec, base: str, flags: Sequence[str]) -> tuple[Config, dict[tuple[str, str], Any]]:
    """Parse the base, and each value on top of it; return the base and each value as it was typed."""
    screen = [f"--early_stopping.monitor={spec.screen.monitor}", f"--early_stopping.mode={spec.screen.mode}"]
    fixed = [f"--{name}={_text(value)}" for name, value in spec.fixed.items()]
    words = ["--config", base, *screen, *fixed, *flags]
    typed = {}
    for name, values in spec.searched.items():
        for value in values:
            parent, key = _place(_parsed([*words, f"--{name}={_text(value)}"], f"{base}, {name}={value}"), name)
            typed[name, _text(value)] = parent[key]
    return _parsed(words, base), typed


def _place(config: Config, name: str) -> tuple[Config, str]:
    """Return the mapping and the key in it that an option names; a class's arguments lie below ``init_args``."""
    *above, key = name.split(".")
    for part in [*above, None]:
        if "class_path" in config and (part or key) not in config:
            config = config.setdefault("init_args", {})
        if part is not None:
            config = config[part]
    return config, key


def _parsed(words: Sequence[str], where: str) -> Config:
    try:
        return C5CLI(words, "c5snn sweep").dump()
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from error


class _Builder:
    """Builds each distinct model and each distinct history once. Final."""

    def __init__(self) -> None:
        self.histories: dict[str, EventDataModule] = {}
        self.models: dict[str, _BuiltModel] = {}

    def point(self, config_id: int, values: dict[str, Any], config: Config) -> Point:
        """Return a point with the identity of what it computes."""
        data = self._data(config["data"])
        model = self._model(config["model"], data)
        decisive = {
            "version": c5snn.__version__,
            "model": config["model"]["class_path"],
            "data": {name: value for name, value in config["data"].items() if name not in HISTORY_KEYS},
            "events": data.history.sha256,
            "trainer": {name: config["trainer"][name] for name in TRAINER_KEYS},
            **{name: config[name] for name in ("optimizer", "lr_scheduler", "early_stopping")},
        }
        targets = [data.target_dates("train")[0], data.target_dates("test")[-1], *config["data"]["split"]]
        return Point(
            config_id=config_id,
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
            signal = config["signal"] and _class(config["signal"]["class_path"])(
                **config["signal"].get("init_args", {})
            )
            data = EventDataModule(**{**config, "signal": signal, "split": tuple(config["split"])})
            data.setup()
            self.histories[key] = data
        return self.histories[key]

    def _model(self, config: Config, data: EventDataModule) -> "_BuiltModel":
        key = json.dumps([config, data.window, data.n_parts], sort_keys=True)
        if key not in self.models:
            model = _class(config["class_path"])
            accepted = inspect.signature(model).parameters
            shapes = {name: getattr(data, name) for name in ("window", "n_parts") if name in accepted}
            built: NextEventModule = model(**{**config.get("init_args", {}), **shapes})
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


def _text(value: object) -> str:
    return value if isinstance(value, str) else json.dumps(value, sort_keys=True)


def _shown(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())
