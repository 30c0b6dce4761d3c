"""Earlier trials, from a table: told to the sampler first as results, never run and never counted."""

import math
from collections.abc import Mapping
from typing import Any

import yaml

from c5snn.sweeps.names import short_names
from c5snn.sweeps.sampling import Known, distributions_of
from c5snn.sweeps.space import BASE, Choice, Space, canonical
from c5snn.sweeps.space_file import as_number
from c5snn.sweeps.study_plan import StudyPlan
from c5snn.sweeps.trial_result import TrialResult

__all__ = ["observed_trials"]


def observed_trials(plan: StudyPlan) -> list[tuple[int, Known]]:
    """Return the observed trials that lie in the space, each with the index of its branch.

    A row names options as flags do, or by their last words as ``trials.csv`` does; its ``value`` is the monitored one.
    Rows of failed trials, and of values outside the space, teach the sampler nothing and are left out.

    Args:
        plan: The study.
    """
    found = []
    for row in plan.settings.observed:
        value = as_number(row.get("value", ""))
        if not isinstance(value, float) or not math.isfinite(value):
            continue
        params = _params(row, plan.space, plan.first_base)
        if params is not None:
            branch = _branch(params, plan.space)
            distributions = distributions_of(plan.space, params)
            found.append((branch, Known(params, distributions, {}, TrialResult("complete", value))))
    return found


def _params(row: Mapping[str, str], space: Space, base: str) -> dict[str, Any] | None:
    """Return the values of a row; None where one is missing or outside the space."""
    names = [option.name for option in space.options]
    short = dict(zip(names, short_names(names), strict=True))
    params: dict[str, Any] = {}
    if space.quota is not None:
        given = _typed(row.get(space.quota.option) or row.get(short_names([space.quota.option])[0], ""))
        if canonical(given) not in map(canonical, space.quota.values):
            return None
        params[space.quota.option] = given
    for option in space.options:
        if not option.is_active(space.given(params, params.get(BASE, base))):
            continue
        value = _typed(row.get(option.name) or row.get(short[option.name], ""))
        if not option.domain.has(value):
            return None
        is_float = not isinstance(option.domain, Choice) and not option.domain.is_int
        params[option.name] = float(value) if is_float else value
    return params


def _branch(params: Mapping[str, Any], space: Space) -> int:
    if space.quota is None:
        return 0
    return [canonical(value) for value in space.quota.values].index(canonical(params[space.quota.option]))


def _typed(text: str) -> Any:  # noqa: ANN401  # whatever the option takes
    try:
        value = as_number(yaml.safe_load(text))
        canonical(value)
    except (yaml.YAMLError, TypeError, ValueError, RecursionError):  # such as a date, which no option takes
        return text
    return value
