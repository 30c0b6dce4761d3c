"""What a study has to do: its space typed and checked, and the job of every proposal."""

import hashlib
import itertools
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from typing import Any

from c5snn.data.micro_batches import fixed_micro_batch
from c5snn.sweeps.architectures import ARCHITECTURE
from c5snn.sweeps.faults import Faults
from c5snn.sweeps.job import Fallback, Job
from c5snn.sweeps.micro_batch_choices import chooses_micro_batch
from c5snn.sweeps.names import counted, trial_name
from c5snn.sweeps.observed_rows import read_observed
from c5snn.sweeps.option_paths import option_path, value_at
from c5snn.sweeps.points import Config, Point, PointBuilder, fallbacks, smaller_micro_batches, trial_key
from c5snn.sweeps.proposal import Proposal
from c5snn.sweeps.search_settings import SearchSettings, read_search
from c5snn.sweeps.space import BASE, Choice, Range, Space, canonical
from c5snn.sweeps.space_file import in_order, read_space
from c5snn.sweeps.spec import Confirm, SweepSpec
from c5snn.sweeps.study_architectures import (
    PlannedArchitectures,
    plan_architectures,
    without_architecture,
)
from c5snn.sweeps.study_checks import check_conditions, check_definition, check_enqueued, check_models
from c5snn.sweeps.study_job import Pruning, Snapshot, StudyTrial
from c5snn.sweeps.study_rehearsal import check_inert, check_search
from c5snn.sweeps.study_values import StudyBase, parse_bases, read_fixed, start_names, type_options, type_values

__all__ = ["StudyPlan", "combinations", "make_architectures", "make_study_plan"]

NARROW = 1.5


@dataclass(frozen=True)
class StudyPlan:
    """A study whose definition is typed and checked.

    Args:
        spec: The sweep.
        settings: How it searches.
        space: What it searches.
        bases: What trials start from, by name.
        builder: Says what a configuration computes.
        start: The first base as a point: its task names headline, monitor and metrics.
        definition: Canonical text of all that decides the proposals but ``n_trials``.
        warnings: What is allowed but seldom meant.
        architectures: What fits its parameter budget; None where it has none.
    """

    spec: SweepSpec
    settings: SearchSettings
    space: Space
    bases: Mapping[str, StudyBase]
    builder: PointBuilder
    start: Point
    definition: str
    warnings: Sequence[str]
    architectures: PlannedArchitectures | None = None

    @property
    def largest(self) -> int:
        """The most parameters of a model that it may train."""
        return self.architectures.largest if self.architectures else self.builder.largest

    @property
    def monitor(self) -> str:
        """The metric that chooses, as it is logged."""
        return str(self.start.config["early_stopping"]["monitor"])

    @property
    def mode(self) -> str:
        """Which direction of it is better."""
        return str(self.start.config["early_stopping"]["mode"])

    @property
    def direction(self) -> str:
        """The same in Optuna's words."""
        return "maximize" if self.mode == "max" else "minimize"

    @property
    def searched(self) -> tuple[str, ...]:
        """The names of the searched options, as TensorBoard shows them."""
        names = [option.name for option in self.space.options if option.name != BASE]
        names += [self.space.quota.option] if self.space.quota and self.space.quota.option != BASE else []
        if self.architectures is not None:
            names = [name for name in names if name != ARCHITECTURE]
            names += list(self.architectures.designs[0].shape)
        return tuple(name.replace(".init_args", "") for name in names)

    @property
    def first_base(self) -> str:
        """The base of trials whose base is not searched."""
        return next(iter(self.bases))

    def base_of(self, params: Mapping[str, Any]) -> StudyBase:
        """Return the base of a configuration."""
        return self.bases[params.get(BASE, self.first_base)]

    def config(self, params: Mapping[str, Any], changes: Mapping[str, Any] | None = None) -> Config:
        """Return a whole configuration.

        Args:
            params: The values of the searched options.
            changes: Other options to set.
        """
        values = {name: value for name, value in params.items() if name != BASE}
        return self.base_of(params).with_values({**values, **(changes or {})})

    def shown(self, params: Mapping[str, Any]) -> dict[str, Any]:
        """Return the options of the space with a configuration's values; those that it does not search are empty."""
        searched = {option.name for option in self.space.options}
        searched |= {self.space.quota.option} if self.space.quota else set()
        config = self.config(params)
        shown = {
            name: params.get(name) if name in searched else value_at(config, option_path(config, name))
            for name in self.space.shown
            if name != BASE
        }
        return {**shown, **self.base_of(params).shapes.get(params.get(ARCHITECTURE, ""), {})}

    def job(self, proposal: Proposal, snapshot: Snapshot) -> Job:
        """Return the job of a proposal.

        Its key follows from what it tries and from all that decided its pruning; the definition in ``follows`` holds
        what each base computes on which data.

        Args:
            proposal: The proposal.
            snapshot: The results that it followed from.
        """
        first, *others = [
            {**self.builder.settled(self.config(proposal.params, changes)), "seed_everything": self.spec.screen.seed}
            for changes in combinations(self.spec.screen.average_over)
        ]
        pruning = Pruning(self.settings.pruner, self.direction, self.monitor, snapshot)
        identity = f"{proposal.follows}|{canonical(dict(proposal.params))}"
        key, sizes = hashlib.sha256(identity.encode()).hexdigest()[:20], _batches(first)
        if chooses_micro_batch(self.start.config) and not chooses_micro_batch(first):
            key = _with_micro_batch(key, sizes["micro_batch"])
        study = StudyTrial(proposal, pruning, others)
        smaller = smaller_micro_batches(**sizes) if self.start.micro_batches else []
        return Job(
            key,
            first,
            test=False,
            searched=self.searched,
            study=study,
            fallbacks=[Fallback(_with_micro_batch(key, n), n) for n in smaller],
            name=trial_name(proposal.number, proposal.params, first["seed_everything"]),
        )

    def confirmations(self, number: int, params: Mapping[str, Any]) -> list[Point]:
        """Return a configuration as it is confirmed: a point for each combination that it is averaged over."""
        confirm, base, shown = (
            self.spec.confirm or Confirm(),
            self.base_of(params).name.removesuffix(".yaml"),
            self.shown(params),
        )
        return [
            self.builder.point(number, base, shown, self.config(params, {**confirm.options, **changes}))
            for changes in combinations(confirm.average_over)
        ]

    def confirming_jobs(self, points: Sequence[Point]) -> list[Job]:
        """Return the runs that confirm some points; what computes the same is confirmed once."""
        seeds = self.spec.confirm.seeds if self.spec.confirm else []
        distinct = {point.identity: point for point in reversed(points)}
        return [
            Job(
                trial_key(point, seed),
                {**point.config, "seed_everything": seed},
                test=True,
                searched=self.searched,
                fallbacks=fallbacks(point, seed),
                name=trial_name(point.config_id, self._searched_of(point), seed),
            )
            for point in points
            if distinct[point.identity] is point
            for seed in seeds
        ]

    def _searched_of(self, point: Point) -> dict[str, Any]:
        names = {option.name for option in self.space.options}
        return {name: value for name, value in point.values.items() if name in names and value is not None}


def _batches(config: Config) -> dict[str, Any]:
    arguments = config["data"].get("init_args", {})
    return {
        "batch_size": arguments.get("batch_size", 1),
        "micro_batch": fixed_micro_batch(arguments.get("micro_batch")),
    }


def _with_micro_batch(key: str, size: int | None) -> str:
    return hashlib.sha256(f"{key}|micro_batch={size}".encode()).hexdigest()[:20]


def combinations(average_over: Mapping[str, Sequence[Any]] | None) -> list[dict[str, Any]]:
    """Return the changes of each run that is averaged; one without changes where nothing is."""
    options = average_over or {}
    return [dict(zip(options, values, strict=True)) for values in itertools.product(*options.values())]


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
    architectures = plan_architectures(spec.space, bases, builder, faults)
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
    checked = architectures.checked_on(space) if architectures else space
    plan = _checked(spec, settings, space, checked, bases, builder, faults)
    return replace(plan, architectures=architectures)


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
    found = plan_architectures(spec.space, bases, PointBuilder(on_meta=True), faults)
    faults.raise_any()
    if found is None:
        raise RuntimeError("Architectures that cannot be found must have a fault, but these have none.")
    return found


def _checked(
    spec: SweepSpec,
    settings: SearchSettings,
    space: Space,
    checked: Space,
    bases: Sequence[StudyBase],
    builder: PointBuilder,
    faults: Faults,
) -> StudyPlan:
    """Build what can be proposed, each architecture having been built to be counted; return the plan."""
    starts = check_models(checked, bases, builder, faults)
    warnings = check_enqueued(settings, space, {base.name: base for base in bases}, builder, faults)
    if not spec.allow_inert:
        check_inert(checked, bases, builder, faults)
    monitors = {str(point.config["early_stopping"]["monitor"]) for point in starts}
    faults.check("base", "all bases share their monitor", holds=len(monitors) <= 1, monitors=sorted(monitors))
    check_search(settings, space, bases[0].name, faults)
    faults.raise_any()
    return StudyPlan(
        spec,
        settings,
        space,
        {base.name: base for base in bases},
        builder,
        starts[0],
        _definition(spec, settings, space, starts),
        [*warnings, *_seldom_meant(settings, space), *_drawn_at_random(settings, space)],
    )


def _definition(spec: SweepSpec, settings: SearchSettings, space: Space, starts: Sequence[Point]) -> str:
    decisive = {name: value for name, value in asdict(settings).items() if name != "n_trials"}
    content = [
        decisive,
        asdict(space),
        spec.screen.seed,
        spec.screen.average_over,
        [[start.identity, start.code] for start in starts],
    ]
    return json.dumps(content, sort_keys=True, default=list)


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
