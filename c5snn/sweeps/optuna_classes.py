"""The samplers and pruners of Optuna that a study may name: checked without a trial, made afresh for every trial."""

import inspect
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import ModuleType
from typing import TYPE_CHECKING, Any

from c5snn.errors import ConfigError
from c5snn.sweeps.faults import Faults

if TYPE_CHECKING:
    from optuna.pruners import BasePruner
    from optuna.samplers import BaseSampler

__all__ = ["PRUNERS", "SAMPLERS", "OptunaClass", "check_pruner", "check_sampler", "import_optuna"]

# Each gives another proposal from a fresh study; a quasi-random sampler would give one point for ever.
SAMPLERS = ("TPESampler", "RandomSampler", "CmaEsSampler", "GPSampler", "NSGAIISampler", "NSGAIIISampler")
PRUNERS = (
    "HyperbandPruner", "SuccessiveHalvingPruner", "MedianPruner", "PercentilePruner", "PatientPruner",
    "ThresholdPruner", "WilcoxonPruner", "NopPruner",
)  # fmt: skip


def import_optuna() -> ModuleType:
    """Return Optuna, silent but for its errors.

    Raises:
        ConfigError: It is not installed.
    """
    try:
        import optuna
    except ModuleNotFoundError as error:
        raise ConfigError("A study needs Optuna, which is not installed; `pip install 'c5snn[study]'`.") from error
    optuna.logging.set_verbosity(optuna.logging.ERROR)
    module: ModuleType = optuna
    return module


@dataclass(frozen=True)
class OptunaClass:
    """A sampler or a pruner, by its class and arguments.

    Args:
        name: The class, without its module.
        arguments: Its arguments; a nested pruner has ``class_path`` and ``init_args``.
    """

    name: str
    arguments: Mapping[str, Any] = field(default_factory=dict)

    def sampler(self, seed: int) -> "BaseSampler":
        """Make the sampler."""
        cls = getattr(import_optuna().samplers, self.name)
        sampler: BaseSampler = _quietly(cls, {**self.arguments, "seed": seed})
        return sampler

    def pruner(self) -> "BasePruner":
        """Make the pruner."""
        pruner: BasePruner = _make_pruner(self.name, self.arguments)
        return pruner


def check_sampler(fields: Any, faults: Faults) -> OptunaClass | None:  # noqa: ANN401  # as written
    """Return a sampler as it is written, checked; None where something is wrong with it."""
    where = "search.sampler"
    found = _read(fields, where, "optuna.samplers", SAMPLERS, faults)
    if found is None:
        return None
    if "seed" in found.arguments:
        faults.check(where, "a sampler's seed follows from search.seed", holds=False, seed=found.arguments["seed"])
        return None
    return found if _can_be_made(found, where, faults) else None


def check_pruner(fields: Any, max_epochs: int | None, faults: Faults) -> OptunaClass | None:  # noqa: ANN401
    """Return a pruner as it is written, checked; None where something is wrong with it.

    Args:
        fields: As it is written.
        max_epochs: The epochs of a trial; None where they are not known.
        faults: Takes what is wrong.
    """
    where = "search.pruner"
    found = _read(fields, where, "optuna.pruners", PRUNERS, faults)
    if found is None:
        return None
    resources = {key: found.arguments[key] for key in ("min_resource", "max_resource") if key in found.arguments}
    needed = {"HyperbandPruner": ("min_resource", "max_resource"), "SuccessiveHalvingPruner": ("min_resource",)}
    for key in needed.get(found.name, ()):
        value = resources.get(key, "auto")
        is_number = isinstance(value, int) and not isinstance(value, bool) and value >= 1
        fix = "Epochs are its resource; write how many."
        faults.check(where, f"1 <= {key}, a whole number", holds=is_number, fix=fix, **{key: value})
    low, high = resources.get("min_resource", 1), resources.get("max_resource", max_epochs)
    if isinstance(high, int) and isinstance(low, int):
        faults.check(where, "min_resource <= max_resource", holds=low <= high, min_resource=low, max_resource=high)
    if max_epochs is not None and isinstance(high, int):
        holds = high == max_epochs
        rule = "max_resource == trainer.max_epochs"
        faults.check(where, rule, holds=holds, max_resource=high, max_epochs=max_epochs)
    return found if _can_be_made(found, where, faults) else None


def _read(fields: Any, where: str, module: str, names: tuple[str, ...], faults: Faults) -> OptunaClass | None:  # noqa: ANN401
    if isinstance(fields, str):
        fields = {"class_path": fields}
    if not isinstance(fields, Mapping) or fields.keys() - {"class_path", "init_args"} or "class_path" not in fields:
        faults.check(where, "it has class_path and init_args", holds=False, value=fields)
        return None
    path = str(fields["class_path"])
    name = path.removeprefix(f"{module}.")
    rule = f"class_path is one of {', '.join(f'{module}.{known}' for known in names)}"
    if not faults.check(where, rule, holds=name in names, class_path=path):
        return None
    arguments = {} if fields.get("init_args") is None else fields["init_args"]
    if not isinstance(arguments, Mapping):
        faults.check(f"{where}.init_args", "they map arguments to values", holds=False, init_args=arguments)
        return None
    known = list(inspect.signature(getattr(_module(module), name)).parameters)
    unknown = [key for key in arguments if key not in known]
    for key in unknown:
        faults.check(f"{where}.init_args", f"{name} takes {', '.join(known)}", holds=False, argument=key)
    return None if unknown else OptunaClass(name, dict(arguments))


def _module(name: str) -> Any:  # noqa: ANN401  # a module of Optuna
    return getattr(import_optuna(), name.rpartition(".")[2])


def _can_be_made(found: OptunaClass, where: str, faults: Faults) -> bool:
    try:
        found.sampler(0) if where.endswith("sampler") else found.pruner()
    # whatever a class of Optuna says of its arguments; a missing package of GPSampler included
    except (ValueError, TypeError, ImportError, ConfigError) as error:
        faults.add(where, f"{found.name}: {' '.join(str(error).split())}")
        return False
    return True


def _make_pruner(name: str, arguments: Mapping[str, Any]) -> Any:  # noqa: ANN401  # a pruner of Optuna
    if name not in PRUNERS:
        raise ConfigError(f"A pruner must be one of {', '.join(PRUNERS)}, but is `{name}`.")
    made = dict(arguments)
    inner = made.get("wrapped_pruner")
    if isinstance(inner, Mapping):
        inner_name = str(inner.get("class_path", "")).removeprefix("optuna.pruners.")
        made["wrapped_pruner"] = _make_pruner(inner_name, inner.get("init_args") or {})
    return _quietly(getattr(import_optuna().pruners, name), made)


def _quietly(cls: Any, arguments: Mapping[str, Any]) -> Any:  # noqa: ANN401  # a class of Optuna and its instance
    with warnings.catch_warnings():  # that an argument is experimental or deprecated is repeated every trial
        warnings.simplefilter("ignore", import_optuna().exceptions.ExperimentalWarning)
        warnings.simplefilter("ignore", FutureWarning)
        return cls(**arguments)
