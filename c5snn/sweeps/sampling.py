"""What a sampler of Optuna proposes, given the trials that it may know: a fresh sampler and a fresh study each time."""

import warnings
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any, NamedTuple

from c5snn.sweeps.optuna_classes import OptunaClass, import_optuna
from c5snn.sweeps.space import BASE, Choice, Domain, Range, Space, canonical
from c5snn.sweeps.trial_result import TrialResult

if TYPE_CHECKING:
    from optuna.distributions import BaseDistribution
    from optuna.study import Study
    from optuna.trial import FrozenTrial, Trial

__all__ = [
    "STUDY_NAME",
    "Known",
    "Sampled",
    "add_trials",
    "distributions_of",
    "frozen_trial",
    "is_pickled",
    "sample",
    "versions",
]

STUDY_NAME = "c5snn"  # Hyperband hashes it with a trial's number to choose its bracket

OPTIMIZER = ":optimizer"  # of `cma:optimizer:0`, `sepcma:optimizer:0` and `cmawm:optimizer:0`
STATES = {"complete": "COMPLETE", "pruned": "PRUNED", "failed": "FAIL"}


@dataclass(frozen=True)
class Known:
    """An earlier trial of the branch, as the next one may know it.

    Args:
        params: What it tried.
        distributions: The distribution of each value, as Optuna writes it.
        attributes: What the sampler noted when it was asked.
        result: What it came to; None where it counts as running.
        state: What the sampler pickled when it was asked, in this process; CMA-ES keeps its distribution there.
    """

    params: Mapping[str, Any] = field(default_factory=dict)
    distributions: Mapping[str, str] = field(default_factory=dict)
    attributes: Mapping[str, Any] = field(default_factory=dict)
    result: TrialResult | None = None
    state: Mapping[str, str] = field(default_factory=dict)


class Sampled(NamedTuple):
    """What a sampler proposed.

    Args:
        params: The values by option.
        distributions: The distribution of each, as Optuna writes it.
        attributes: What the sampler noted; what it pickled is only named.
        state: What it pickled. It is never written to a file: a file must not be unpickled.
    """

    params: dict[str, Any]
    distributions: dict[str, str]
    attributes: dict[str, Any]
    state: dict[str, str]


def sample(
    space: Space,
    known: Sequence[Known],
    *,
    sampler: OptunaClass,
    pruner: OptunaClass,
    seed: int,
    direction: str,
    given: Mapping[str, Any],
    base: str,
) -> Sampled:
    """Ask a sampler for the next trial of a branch.

    Args:
        space: What is searched.
        known: The trials of the branch in their order.
        sampler: The sampler.
        pruner: The study's pruner; some samplers look at it.
        seed: The sampler's.
        direction: ``maximize`` or ``minimize``.
        given: Values that are not to be chosen: that of the branch, and those of an enqueued configuration.
        base: The base to start from, where it is not searched.
    """
    optuna = import_optuna()
    study = optuna.create_study(
        study_name=STUDY_NAME, direction=direction, sampler=sampler.sampler(seed), pruner=pruner.pruner()
    )
    add_trials(study, known)
    searched = {option.name: option.domain for option in space.options}
    fixed = {name: _encoded(value, searched[name]) for name, value in given.items() if name in searched}
    if fixed:
        study.enqueue_trial(fixed)
    with warnings.catch_warnings():  # a value outside the space, which the user was told of; and experimental samplers
        warnings.filterwarnings("ignore", module="optuna")
        trial = study.ask()
        params = _suggest(trial, space, {name: value for name, value in given.items() if name not in searched}, base)
    asked = study.get_trials(deepcopy=False)[trial.number]
    distributions = {
        name: optuna.distributions.distribution_to_json(entry) for name, entry in asked.distributions.items()
    }
    noted = {key: value for key, value in asked.system_attrs.items() if key != "fixed_params"}
    state = {key: value for key, value in noted.items() if is_pickled(key)}
    return Sampled(params, distributions, noted | dict.fromkeys(state), state)


def is_pickled(attribute: str) -> bool:
    """Say whether a sampler unpickles an attribute of this name: CMA-ES does, whatever its variant."""
    return OPTIMIZER in attribute


def add_trials(study: "Study", known: Sequence[Known]) -> None:
    """Add trials to a study of Optuna."""
    study.add_trials([frozen_trial(entry) for entry in known])


def frozen_trial(known: Known) -> "FrozenTrial":
    """Return a trial as Optuna knows it."""
    optuna = import_optuna()
    distributions = {name: _distribution(text) for name, text in known.distributions.items()}
    result = known.result
    state = STATES[result.state] if result else "RUNNING"
    trial: FrozenTrial = optuna.trial.create_trial(
        state=optuna.trial.TrialState[state],
        params={
            name: _stored(value, distributions[name]) for name, value in known.params.items() if name in distributions
        },
        distributions=distributions,
        value=result.value if result and result.state != "failed" else None,
        intermediate_values=dict(enumerate(result.curve, start=1)) if result else {},
        system_attrs={**_plain(known.attributes), **_plain(result.attributes if result else {}), **known.state},
    )
    return trial


def _plain(attributes: Mapping[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in attributes.items() if not is_pickled(name)}


def versions() -> dict[str, str]:
    """Return the versions that decide what a sampler proposes."""
    import numpy as np

    return {"optuna": import_optuna().__version__, "numpy": np.__version__}


def distributions_of(space: Space, params: Mapping[str, Any]) -> dict[str, str]:
    """Return the distributions of a configuration's values, as Optuna writes them."""
    optuna = import_optuna()
    trial = optuna.create_study(sampler=optuna.samplers.RandomSampler(0)).ask()
    domains = {option.name: option.domain for option in space.options}
    for name in params.keys() & domains.keys():
        _value(trial, name, domains[name])
    return {name: optuna.distributions.distribution_to_json(entry) for name, entry in trial.distributions.items()}


def _suggest(trial: "Trial", space: Space, params: dict[str, Any], base: str) -> dict[str, Any]:
    for option in space.options:
        if option.is_active(space.given(params, params.get(BASE, base))):
            params[option.name] = _value(trial, option.name, option.domain)
    return params


def _value(trial: "Trial", name: str, domain: Domain) -> Any:  # noqa: ANN401  # a choice may be anything
    if isinstance(domain, Choice):
        encoded = {_encoded(value, domain): value for value in domain.values}
        return encoded[trial.suggest_categorical(name, list(encoded))]
    if domain.is_int:
        return trial.suggest_int(name, int(domain.low), int(domain.high), log=domain.log, step=int(domain.step or 1))
    return trial.suggest_float(name, domain.low, domain.high, log=domain.log, step=domain.step)


def _encoded(value: Any, domain: Domain) -> Any:  # noqa: ANN401
    """Return a value as Optuna takes it: a choice among others than plain values as text."""
    if isinstance(domain, Choice) and not _are_plain(domain.values):
        return canonical(value)
    if isinstance(domain, Range) and not domain.is_int:
        return float(value)
    return value


def _are_plain(values: Sequence[Any]) -> bool:
    """Say whether Optuna takes the values as they are and never confuses two of them, as ``1`` and ``true``."""
    return all(value is None or isinstance(value, str | int | float) for value in values) and len(set(values)) == len(
        values
    )


def _stored(value: Any, distribution: "BaseDistribution") -> Any:  # noqa: ANN401
    """Return a value as a distribution holds it."""
    choices = getattr(distribution, "choices", None)
    if choices is None or (not isinstance(value, dict | list) and value in choices):
        return value
    return canonical(value)


@lru_cache(maxsize=4096)
def _distribution(text: str) -> "BaseDistribution":
    made: BaseDistribution = import_optuna().distributions.json_to_distribution(text)
    return made
