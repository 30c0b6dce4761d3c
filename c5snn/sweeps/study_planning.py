"""From the file of a study to its plan: every fault of the definition is found before anything starts."""

from collections.abc import Sequence

from c5snn.sweeps.faults import Faults
from c5snn.sweeps.names import counted
from c5snn.sweeps.observed_rows import read_observed
from c5snn.sweeps.point_builder import PointBuilder
from c5snn.sweeps.search_settings import SearchSettings, read_search
from c5snn.sweeps.space import BASE, Choice, Range, Space
from c5snn.sweeps.space_file import in_order, read_space
from c5snn.sweeps.spec import Confirm, SweepSpec
from c5snn.sweeps.study_architectures import (
    PlannedArchitectures,
    plan_architectures,
    without_architecture,
)
from c5snn.sweeps.study_checks import check_conditions, check_definition, check_enqueued, check_models
from c5snn.sweeps.study_definition import definition_of_study
from c5snn.sweeps.study_plan import StudyPlan
from c5snn.sweeps.study_rehearsal import check_inert, check_search
from c5snn.sweeps.study_values import StudyBase, parse_bases, read_fixed, start_names, type_options, type_values

__all__ = ["make_architectures", "make_study_plan"]

NARROW = 1.5


def make_study_plan(
    spec: SweepSpec, flags: Sequence[str], where: str, builder: PointBuilder | None = None
) -> StudyPlan:
    """Check the definition of a study, before anything starts.

    Args:
        spec: The sweep.
        flags: Flags of ``fit`` that apply to every trial.
        where: What the definition is called in an error.
        builder: Builds models, each once for all studies that share it; None: one of its own.

    Raises:
        ConfigError: Something is wrong with it; every fault is named.
    """
    faults = Faults(where)
    parts = read_space(without_architecture(spec.space), list(start_names(spec)), faults)
    options, quota = in_order(parts.options, faults), parts.quotas[0] if parts.quotas else None
    check_definition(spec, parts, flags, faults)
    bases = parse_bases(spec, {**spec.options, **parts.fixed}, flags, faults)
    builder = builder or PointBuilder(on_meta=True)
    architectures = plan_architectures(spec, flags, bases, builder, faults)
    options = type_options([*([architectures.option] if architectures else []), *options], quota, bases, faults)
    for base in bases:
        type_values(base, spec.screen.average_over or {}, faults, "screen.average_over.")
        confirm = spec.confirm or Confirm()
        type_values(base, {name: [value] for name, value in confirm.options.items()}, faults, "confirm.options.")
        type_values(base, confirm.average_over or {}, faults, "confirm.average_over.")
    names = {option.name for option in options} | ({quota.option} if quota else set())
    space = Space(tuple(options), quota, read_fixed(options, names | {BASE}, bases, faults), tuple(spec.space))
    check_conditions(space, faults)
    settings = read_search(
        spec.search or {},
        _max_epochs(bases),
        faults,
        observed=read_observed((spec.search or {}).get("observed"), faults),
    )
    faults.raise_any()
    if settings is None:
        raise RuntimeError("Settings that cannot be read must have a fault, but these have none.")
    settings = architectures.enqueued(settings) if architectures else settings
    return _checked(spec, settings, space, bases, builder, architectures, faults)


def make_architectures(spec: SweepSpec, flags: Sequence[str], where: str) -> PlannedArchitectures:
    """Find the designs of a definition's parameter budget, and check nothing else of it.

    Args:
        spec: The sweep; its space has architectures.
        flags: Flags of ``fit`` that apply to every trial.
        where: What the definition is called in an error.

    Raises:
        ConfigError: Something is wrong with the base or the architectures.
    """
    faults = Faults(where)
    fixed = {
        name: entry for name, entry in without_architecture(spec.space).items() if not isinstance(entry, list | dict)
    }
    bases = parse_bases(spec, {**spec.options, **fixed}, flags, faults)
    found = plan_architectures(spec, flags, bases, PointBuilder(on_meta=True), faults)
    faults.raise_any()
    if found is None:
        raise RuntimeError("Architectures that cannot be found must have a fault, but these have none.")
    return found


def _checked(
    spec: SweepSpec,
    settings: SearchSettings,
    space: Space,
    bases: Sequence[StudyBase],
    builder: PointBuilder,
    architectures: PlannedArchitectures | None,
    faults: Faults,
) -> StudyPlan:
    """Build what can be proposed, each architecture having been built to be counted; return the plan."""
    checked = architectures.checked_on(space) if architectures else space
    starts = check_models(checked, bases, builder, faults)
    warnings = check_enqueued(settings, space, {base.name: base for base in bases}, builder, faults)
    if not spec.allow_inert:
        check_inert(checked, bases, builder, faults)
    monitors = {str(point.config["early_stopping"]["monitor"]) for point in starts}
    faults.check("base", "all bases share their monitor", holds=len(monitors) <= 1, monitors=sorted(monitors))
    check_search(settings, space, bases[0].name, faults)
    faults.raise_any()
    diversity = architectures.space.diversity if architectures else None
    return StudyPlan(
        spec,
        settings,
        space,
        {base.name: base for base in bases},
        builder,
        starts[0],
        definition_of_study(spec, settings, space, bases=bases, starts=starts, builder=builder, diversity=diversity),
        [*warnings, *_seldom_meant(settings, space), *_drawn_at_random(settings, space)],
        architectures,
    )


def _max_epochs(bases: Sequence[StudyBase]) -> int | None:
    epochs = {base.config["trainer"]["max_epochs"] for base in bases}
    return epochs.pop() if len(epochs) == 1 else None


def _seldom_meant(settings: SearchSettings, space: Space) -> list[str]:
    found = []
    if settings.n_trials < 3 * len(space.options):
        n_options = counted(len(space.options), "option")
        found.append(f"{counted(settings.n_trials, 'trial')}: fewer than three times the {n_options}")
    for name, domain in ((option.name, option.domain) for option in space.options):
        if isinstance(domain, Range) and domain.log and domain.high < NARROW * domain.low:
            found.append(f"{name}: a log range of a factor under {NARROW} ({domain.low} to {domain.high})")
        if isinstance(domain, Range) and domain.is_int and domain.high == domain.low + 1:
            found.append(f"{name}: a range of two whole numbers ({domain.low} and {domain.high}) has no inside")
    return found


def _drawn_at_random(settings: SearchSettings, space: Space) -> list[str]:
    """Return what a sampler of numbers leaves to chance, option by option."""
    name = settings.sampler.name
    searched = {option.name for option in space.options}
    conditional = {option.name for option in space.options if searched & option.when.keys()}
    choices = {option.name for option in space.options if isinstance(option.domain, Choice)}
    left = {"CmaEsSampler": conditional | choices, "GPSampler": conditional}.get(name, set())
    if not left:
        return []
    names = ", ".join(option.name for option in space.options if option.name in left)
    kinds = "conditional options" if name == "GPSampler" else "choices and conditional options"
    return [f"{name} models no {kinds}; drawn at random: {names}"]
