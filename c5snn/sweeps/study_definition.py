"""What decides the proposals of a study, as one text: equal texts propose the same, wherever the study runs.

It holds what the bases compute, and what they would compute with each value that a trial may have instead: such a value
may read another file, run another class or give a fixed option its effect. Files count by what they hold.
"""

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from c5snn.sweeps.architectures import ARCHITECTURE
from c5snn.sweeps.point_builder import PointBuilder
from c5snn.sweeps.points import Point
from c5snn.sweeps.search_settings import SearchSettings
from c5snn.sweeps.space import BASE, Choice, Space
from c5snn.sweeps.spec import SweepSpec
from c5snn.sweeps.study_checks import build_point
from c5snn.sweeps.study_plan import combinations
from c5snn.sweeps.study_values import StudyBase

__all__ = ["definition_of_study"]


def definition_of_study(
    spec: SweepSpec,
    settings: SearchSettings,
    space: Space,
    *,
    bases: Sequence[StudyBase],
    starts: Sequence[Point],
    builder: PointBuilder,
    diversity: Mapping[str, float] | None = None,
) -> str:
    """Return the canonical text of all that decides the proposals but ``n_trials``.

    Args:
        spec: The sweep.
        settings: How it searches.
        space: What it searches.
        bases: What trials start from.
        starts: The bases as points.
        builder: Builds models and data.
        diversity: By option how near a trial may lie to the last one of the same architecture.
    """
    decisive = {name: value for name, value in asdict(settings).items() if name != "n_trials"}
    values = [
        _computed(build_point(builder, base, params))
        for base in bases
        for params in [*_values(space, base.name), *combinations(spec.screen.average_over)]
    ]
    content = [
        decisive,
        asdict(space),
        spec.screen.seed,
        spec.screen.average_over,
        # a fixed option without effect on the base may have one with a value of the space
        [[start.identity, start.arguments, start.code] for start in starts],
        values,
        dict(diversity or {}),
    ]
    return json.dumps(content, sort_keys=True, default=list)


def _values(space: Space, base: str) -> Iterator[dict[str, Any]]:
    """Yield each value of each choice on a base, with values of other options under which it is searched."""
    domains = {option.name: option.domain for option in space.options}
    if space.quota is not None:
        domains[space.quota.option] = Choice(space.quota.values)
    for name, domain in domains.items():
        given = _conditions(space, name, base)
        if isinstance(domain, Choice) and name not in {BASE, ARCHITECTURE} and given is not None:
            yield from ({**given, name: value} for value in domain.values)


def _conditions(space: Space, name: str, base: str) -> dict[str, Any] | None:
    """Return values of other options under which an option is searched on a base; None where it never is."""
    option = next((option for option in space.options if option.name == name), None)
    own: dict[str, Any] = {}
    above: dict[str, Any] = {}
    for parent, allowed in option.when.items() if option else ():
        known = space.given({}, base)
        if parent in known:
            if not Choice(allowed).has(known[parent]):
                return None
            continue
        further = _conditions(space, parent, base)
        if further is None:
            return None
        above |= further
        own[parent] = allowed[0]
    return {**above, **own}


def _computed(point: Point | str) -> str:
    """Return a short name of what a point computes; empty where no model takes it."""
    if isinstance(point, str):
        return ""
    return hashlib.sha256(f"{point.identity}|{point.arguments}|{point.code}".encode()).hexdigest()[:16]
