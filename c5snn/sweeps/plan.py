"""What a sweep has to do: its configurations, checked; which of them compute the same; the jobs of each stage."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from c5snn.errors import ConfigError
from c5snn.sweeps.grid import expand
from c5snn.sweeps.job import Job, Outcome
from c5snn.sweeps.micro_batch_choices import MicroBatchChoices, chooses_micro_batch
from c5snn.sweeps.names import trial_name
from c5snn.sweeps.points import Point, fallbacks, training_seed, trial_key
from c5snn.sweeps.spec import Start, SweepSpec

__all__ = ["SweepPlan", "make_plan"]


@dataclass(frozen=True)
class SweepPlan:
    """A sweep whose every point is parsed, typed and checked.

    Args:
        spec: The definition.
        points: The grid.
        same_as: The first point that computes the same, by ``config_id``; itself where none does.
        trials: The distinct point and the seed of every key that the sweep could ever ask for.
    """

    spec: SweepSpec
    points: list[Point]
    same_as: dict[int, int]
    trials: dict[str, tuple[Point, int]]

    @property
    def distinct(self) -> list[Point]:
        """The points that are run."""
        return [point for point in self.points if self.same_as[point.config_id] == point.config_id]

    @property
    def monitor(self) -> str:
        """The metric that chooses epochs and points, as it is logged."""
        return str(self.points[0].config["early_stopping"]["monitor"])

    @property
    def mode(self) -> str:
        """Which direction of it is better."""
        return str(self.points[0].config["early_stopping"]["mode"])

    @property
    def metrics(self) -> tuple[str, ...]:
        """The metrics of the task in the order in which they are shown, the headline first."""
        return self.points[0].metrics

    @property
    def fallback_keys(self) -> set[str]:
        """The keys of trials with a smaller micro-batch, which stand for those whose memory ran out."""
        return {fallback.key for point, seed in self.trials.values() for fallback in fallbacks(point, seed)}

    @property
    def chooses_micro_batch(self) -> bool:
        """Whether a point leaves its micro-batch to be found."""
        return any(chooses_micro_batch(point.config) for point in self.points)

    @property
    def largest(self) -> int:
        """The parameters of the largest model."""
        return max(point.n_parameters for point in self.points)

    @property
    def n_trials(self) -> int:
        """Most trials that are run, those of the confirmation included."""
        confirm = self.spec.confirm
        return len(self.first_jobs()) + (confirm.top_k * len(confirm.seeds) if confirm else 0)

    def first_jobs(self) -> list[Job]:
        """The screening runs; without confirmation, every distinct point with every seed, tested."""
        if self.spec.confirm is not None:
            return [self.job(point, self.spec.screen.seed, test=False) for point in self.distinct]
        return [self.job(point, seed, test=True) for point in self.distinct for seed in self.spec.seeds]

    def confirming_jobs(self, best: Sequence[Point]) -> list[Job]:
        """The runs that confirm these points."""
        seeds = self.spec.confirm.seeds if self.spec.confirm else []
        return [self.job(point, seed, test=True) for point in best for seed in seeds]

    def best(self, screened: Mapping[str, Outcome]) -> list[Point]:
        """Return the top k distinct points by the unrounded screening value; ties: fewer parameters, then the first.

        Args:
            screened: The outcome of each screening run, by key.
        """
        if self.spec.confirm is None:
            return []
        screen, monitor = self.spec.screen, self.monitor
        sign = -1.0 if self.mode == "max" else 1.0
        scored = []
        for point in self.distinct:
            outcome = screened.get(trial_key(point, screen.seed))
            if outcome is not None and outcome.result is not None and monitor in outcome.result.val:
                scored.append((sign * outcome.result.val[monitor], point.n_parameters, point.config_id, point))
        return [entry[-1] for entry in sorted(scored, key=lambda entry: entry[:3])[: self.spec.confirm.top_k]]

    def job(self, point: Point, seed: int, *, test: bool) -> Job:
        """Return the job of a point and a seed."""
        searched = tuple(name.replace(".init_args", "") for name in self.spec.searched)
        config = {**point.config, "seed_everything": training_seed(point, seed)}
        differs = {name: value for name, value in point.values.items() if name in self.spec.searched}
        base = point.base if len(self.spec.starts) > 1 else ""
        name = trial_name(point.config_id, differs, config["seed_everything"], base=base)
        return Job(trial_key(point, seed), config, test, searched, fallbacks=fallbacks(point, seed), name=name)


def make_plan(spec: SweepSpec, flags: Sequence[str], choices: MicroBatchChoices | None = None) -> SweepPlan:
    """Check every point of a sweep before anything starts.

    Args:
        spec: The definition.
        flags: Flags of ``fit`` that apply to every point.
        choices: Puts a number where the micro-batch is ``auto``; None: it stays.

    Raises:
        ConfigError: A point is invalid, an option has no effect, or points that are to be ranked have other targets.
    """
    points = expand(spec, flags, choices)
    _check_options(spec, points)
    if spec.confirm is not None and len({point.data for point in points}) > 1:
        raise ConfigError(
            "Configurations that are ranked together must share their targets, but these have different ones; set "
            "`data.first_target` to the longest window, and sweep over histories without `confirm`."
        )
    if len({(point.config["early_stopping"]["monitor"], point.headline) for point in points}) > 1:
        found = sorted({f"{point.base}: {point.headline.label}" for point in points})
        raise ConfigError(
            f"All configurations of a sweep must share their headline and monitor, but have {'; '.join(found)}."
        )
    same_as = _originals(points)
    confirmed = spec.confirm.seeds if spec.confirm else spec.seeds
    seeds = dict.fromkeys([spec.screen.seed, *confirmed])
    distinct = [point for point in points if same_as[point.config_id] == point.config_id]
    trials = {trial_key(point, seed): (point, seed) for point in distinct for seed in seeds}
    return SweepPlan(spec, points, same_as, trials)


def _check_options(spec: SweepSpec, points: Sequence[Point]) -> None:
    """Refuse a searched option when no two of its values give different objects or arguments, and such a variant.

    Raises:
        ConfigError: Such an option or variant; ``allow_inert`` in the sweep's file allows it.
    """
    inert = [name for name in spec.searched if not _has_effect(name, spec, points)]
    if inert and not spec.allow_inert:
        raise ConfigError(
            f"Every searched option must change something, but {', '.join(f'`{name}`' for name in inert)} changes no "
            "argument in any configuration. Remove it, or write `allow_inert: true`."
        )
    variants = [start for start in spec.starts if start.changes and start.base in spec.bases]
    idle = [start.label for start in variants if not _differs_from_base(start, spec, points)]
    if idle and not spec.allow_inert:
        raise ConfigError(
            f"Every variant must differ from its base, but {', '.join(f'`{name}`' for name in idle)} equals it. Remove "
            "it, or write `allow_inert: true`."
        )


def _originals(points: Sequence[Point]) -> dict[int, int]:
    """Return for each point, by ``config_id``, the first point that computes the same; itself where none does."""
    first: dict[str, int] = {}
    return {point.config_id: first.setdefault(point.identity, point.config_id) for point in points}


def _has_effect(name: str, spec: SweepSpec, points: Sequence[Point]) -> bool:
    groups: dict[str, set[str]] = defaultdict(set)
    for point in points:
        # a fixed option may hold a searched one, as a class holds its arguments
        others = {key: point.values[key] for key in spec.searched if key != name}
        groups[f"{point.config['model']['class_path']} {others}"].add(point.arguments)
    return any(len(arguments) > 1 for arguments in groups.values())


def _differs_from_base(start: Start, spec: SweepSpec, points: Sequence[Point]) -> bool:
    """Return whether a variant has other arguments than its base, whose points stand in the same order."""
    base = next(other.label for other in spec.starts if other.base == start.base)
    arguments = {label: [point.arguments for point in points if point.base == label] for label in (base, start.label)}
    return arguments[base] != arguments[start.label]
