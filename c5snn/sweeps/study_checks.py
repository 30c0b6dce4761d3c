"""What is checked of a study before it spends an hour: conditions that never hold, corners that no model takes."""

import itertools
import math
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from random import Random
from typing import Any

from c5snn.sweeps.faults import Faults
from c5snn.sweeps.option_paths import flagged_options, without_init_args
from c5snn.sweeps.point_builder import PointBuilder
from c5snn.sweeps.points import Point
from c5snn.sweeps.search_settings import SearchSettings
from c5snn.sweeps.space import BASE, Choice, Domain, Space, canonical, values_of
from c5snn.sweeps.space_file import SpaceParts, as_number
from c5snn.sweeps.spec import Confirm, SweepSpec
from c5snn.sweeps.study_values import StudyBase, type_values

__all__ = [
    "build_point",
    "check_conditions",
    "check_definition",
    "check_enqueued",
    "check_models",
    "random_params",
    "random_probes",
]

MAX_CORNERS = 256
N_RANDOM = 200
MAX_LISTED = 10


def check_definition(spec: SweepSpec, parts: SpaceParts, flags: Sequence[str], faults: Faults) -> None:
    """Note what contradicts itself in the fields beside the space.

    Args:
        spec: The sweep.
        parts: Its space.
        flags: Flags of ``fit``.
        faults: Takes what is wrong.
    """
    searched = {option.name for option in parts.options} | {quota.option for quota in parts.quotas}
    decided = {"seed_everything", "early_stopping.monitor", "early_stopping.mode", "ckpt_path"}
    others = {
        "options": set(spec.options),
        "the flags": flagged_options(flags),
        "screen.average_over": set(spec.screen.average_over or {}),
        "confirm.average_over": set((spec.confirm and spec.confirm.average_over) or {}),
        "confirm.options": set(spec.confirm.options if spec.confirm else {}) - {"trainer.max_epochs"},
    }
    for place, names in others.items():
        for name in sorted(names & ({*spec.space} if place == "options" else searched)):
            faults.check(f"space.{name}", "an option is searched or fixed", holds=False, also_in=place)
    written = {"--": others["the flags"], "options.": others["options"], "space.": {*spec.space}}
    for place, names in written.items():
        for name in sorted(names & decided):
            faults.check(
                f"{place}{name}", "the study decides it for each trial: `screen` says how", holds=False, option=name
            )
    averaged = {"screen": spec.screen.average_over, "confirm": spec.confirm and spec.confirm.average_over}
    for place, options in averaged.items():
        for name, values in (options or {}).items():
            faults.check(f"{place}.average_over.{name}", "it has values", holds=bool(values), values=values)
            distinct = {canonical(as_number(value)) for value in values}
            is_there_once = len(distinct) == len(values)
            faults.check(f"{place}.average_over.{name}", "no value is there twice", holds=is_there_once, values=values)
    _check_flags(spec, flags, faults)
    _check_confirm(spec, parts, faults)


def _check_flags(spec: SweepSpec, flags: Sequence[str], faults: Faults) -> None:
    """Note flags of what the study sets itself: one of the two would be ignored."""
    confirm = spec.confirm or Confirm()
    places = {
        "variants": [name for start in spec.starts for name in start.changes],
        "screen.average_over": list(spec.screen.average_over or {}),
        "confirm.average_over": list(confirm.average_over or {}),
        # a search and its confirmation may differ in their epochs
        "confirm.options": [name for name in confirm.options if name != "trainer.max_epochs"],
    }
    for place, names in places.items():
        for name in sorted(flagged_options(flags) & set(map(without_init_args, names))):
            fix = f"Change `{place}` in the sweep's file."
            faults.check(f"--{name}", "an option has a flag or the study sets it", holds=False, also_in=place, fix=fix)


def _check_confirm(spec: SweepSpec, parts: SpaceParts, faults: Faults) -> None:
    per, quotas = spec.confirm.per if spec.confirm else None, [quota.option for quota in parts.quotas]
    if per is not None:
        faults.check("confirm.per", "it names the option with weights", holds=per in quotas, per=per, options=quotas)
    for first, second in itertools.pairwise(
        name for name in ("minimum", "target", "exceptional") if name in spec.targets
    ):
        # which direction is better is known to the task alone; three that go up and down are wrong in both
        values = [spec.targets[name] for name in (first, second)]
        faults.check("targets", f"{first} and {second} differ", holds=values[0] != values[1], values=values)
    for name, value in spec.targets.items():
        faults.check(f"targets.{name}", "a target is finite", holds=math.isfinite(value), value=value)
    for name in sorted(spec.targets.keys() - {"minimum", "target", "exceptional"}):
        faults.check("targets", "they are minimum, target and exceptional", holds=False, name=name)


def check_conditions(space: Space, faults: Faults) -> None:
    """Note conditions that never hold, and parents that do not exist."""
    domains: dict[str, Domain] = {option.name: option.domain for option in space.options}
    if space.quota is not None:
        domains[space.quota.option] = Choice(space.quota.values)
    domains.setdefault(BASE, Choice(tuple(space.fixed)))
    for option in space.options:
        for parent, values in option.when.items():
            where = f"space.{option.name}.when"
            domain = domains.get(parent)
            fixed = [known[parent] for known in space.fixed.values() if parent in known]
            for value in values:
                if domain is not None:
                    holds = domain.has(value)
                elif fixed:
                    holds = canonical(value) in {canonical(known) for known in fixed}
                else:
                    continue  # an unknown parent has been named already
                takes = list(domain.ends) if domain is not None else fixed
                faults.check(where, "the parent takes the value", holds=holds, parent=parent, value=value, takes=takes)


def check_models(space: Space, bases: Sequence[StudyBase], builder: PointBuilder, faults: Faults) -> list[Point]:
    """Build every base, the corners of the space and random configurations; note what no model takes.

    Args:
        space: The space.
        bases: The bases.
        builder: Builds.
        faults: Takes what is wrong.

    Returns:
        The bases as points.
    """
    starts, by_name = [], {base.name: base for base in bases}
    for base in bases:
        start = build_point(builder, base, {})
        if isinstance(start, Point):
            starts.append(start)
        else:
            faults.add(f"base {base.name}", start)
    if len(starts) < len(bases):
        return starts
    failures: dict[str, list[Mapping[str, Any]]] = defaultdict(list)
    for params in _probes(space, list(by_name)):
        built = build_point(builder, by_name[params.get(BASE, bases[0].name)], params)
        if not isinstance(built, Point):
            failures[built].append(params)
    for message, found in itertools.islice(failures.items(), MAX_LISTED):
        more = f" (and {len(found) - 1} more of those that were tried)" if len(found) > 1 else ""
        faults.add("space", f"no model takes {_listed(found[0])}{more}: {message}")
    if len(failures) > MAX_LISTED:
        faults.add("space", f"{len(failures) - MAX_LISTED} more reasons why a model does not take a configuration")
    return starts


def check_enqueued(
    settings: SearchSettings,
    space: Space,
    bases: Mapping[str, StudyBase],
    builder: PointBuilder,
    faults: Faults,
) -> list[str]:
    """Note configurations to try first that cannot be tried; return warnings of those outside the space."""
    domains = {option.name: option.domain for option in space.options}
    if space.quota is not None:
        domains[space.quota.option] = Choice(space.quota.values)
    warnings = []
    for index, params in enumerate(settings.enqueue):
        where = f"search.enqueue[{index}]"
        unknown = sorted(params.keys() - domains.keys())
        for name in unknown:
            faults.check(where, "options are those of the space", holds=False, option=name)
        base = bases.get(params.get(BASE, next(iter(bases))))
        if base is None or unknown:
            if base is None:
                faults.check(where, "the base is one of the sweep's", holds=False, base=params.get(BASE))
            continue
        values = {name: as_number(value) for name, value in params.items() if name != BASE}
        n_before = len(faults.found)
        type_values(base, {name: [value] for name, value in values.items()}, faults, f"{where}.")
        outside = [name for name, value in values.items() if not domains[name].has(value)]
        for name in [name for name in outside if isinstance(domains[name], Choice)]:
            faults.check(f"{where}.{name}", "a choice is among its values", holds=False, value=values[name])
        if len(faults.found) == n_before:
            built = build_point(builder, base, values)
            if not isinstance(built, Point):
                faults.add(where, built)
            elif outside:
                warnings.append(f"{where}: {', '.join(outside)} outside the space; it is run, the sampler is not told")
    return warnings


def random_params(
    space: Space, base: str, branch: Mapping[str, Any], random: Random, *, ends: bool = False
) -> dict[str, Any]:
    """Return a configuration drawn evenly.

    Args:
        space: The space.
        base: The base to start from, where it is not searched.
        branch: What the branch fixes.
        random: The generator.
        ends: Whether only ends of ranges are drawn.
    """
    params = dict(branch)
    for option in space.options:
        if option.is_active(space.given(params, params.get(BASE, base))):
            params[option.name] = _drawn(option.domain, random, ends=ends)
    return params


def _drawn(domain: Domain, random: Random, *, ends: bool) -> Any:  # noqa: ANN401  # a choice may be anything
    if ends or isinstance(domain, Choice):
        return random.choice(domain.ends)
    if domain.is_int or domain.step:
        return random.choice(values_of(domain))
    return random.uniform(domain.low, domain.high)


def _probes(space: Space, bases: Sequence[str]) -> Iterator[dict[str, Any]]:
    random = Random(0)  # noqa: S311  # not for secrets
    corners = [list(itertools.islice(space.corners(bases[0], branch), MAX_CORNERS + 1)) for branch in space.branches]
    for branch, found in zip(space.branches, corners, strict=True):
        if sum(map(len, corners)) <= MAX_CORNERS:
            yield from found
        else:
            n_each = MAX_CORNERS // len(corners)
            yield from (random_params(space, bases[0], branch, random, ends=True) for _ in range(n_each))
    yield from random_probes(space, bases, random, N_RANDOM)


def random_probes(space: Space, bases: Sequence[str], random: Random, n: int) -> Iterator[dict[str, Any]]:
    """Yield configurations of any branch, drawn evenly.

    Args:
        space: The space.
        bases: The bases; trials whose base is not searched start from the first.
        random: The generator.
        n: How many.
    """
    for _ in range(n):
        yield random_params(space, bases[0], random.choice(space.branches), random)


def build_point(builder: PointBuilder, base: StudyBase, params: Mapping[str, Any]) -> Point | str:
    """Return a configuration as a point, or why it is none."""
    values = {name: value for name, value in params.items() if name != BASE}
    try:
        return builder.point(0, base.name, {}, base.with_values(values))
    # torch and a user's class may raise anything of values that they do not take; all of it is a fault of the space
    except Exception as error:  # noqa: BLE001
        return next(iter(str(error).splitlines()), type(error).__name__)


def _listed(params: Mapping[str, Any]) -> str:
    return ", ".join(f"{name}={value}" for name, value in params.items()) or "the base as it is"
