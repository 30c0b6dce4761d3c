"""What a study has to do: its space, typed and checked, and the job of every proposal and confirmation."""

import hashlib
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from c5snn.data.micro_batches import fixed_micro_batch
from c5snn.sweeps.architectures import ARCHITECTURE
from c5snn.sweeps.job import Fallback, Job
from c5snn.sweeps.micro_batch_choices import chooses_micro_batch
from c5snn.sweeps.names import trial_name
from c5snn.sweeps.option_paths import option_path, value_at
from c5snn.sweeps.point_builder import PointBuilder
from c5snn.sweeps.points import Config, Point, fallbacks, smaller_micro_batches, trial_key
from c5snn.sweeps.proposal import Proposal
from c5snn.sweeps.search_settings import SearchSettings
from c5snn.sweeps.space import BASE, Space, canonical
from c5snn.sweeps.spec import Confirm, SweepSpec
from c5snn.sweeps.study_architectures import PlannedArchitectures
from c5snn.sweeps.study_job import Pruning, Snapshot, StudyTrial
from c5snn.sweeps.study_values import StudyBase

__all__ = ["StudyPlan", "combinations"]


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
