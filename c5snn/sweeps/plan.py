"""What a sweep has to do: its points, which of them compute the same, and the jobs of each stage."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from c5snn.errors import ConfigError
from c5snn.sweeps.grid import expand
from c5snn.sweeps.job import Job, Outcome
from c5snn.sweeps.points import Point, trial_key
from c5snn.sweeps.preflight import check_options, originals
from c5snn.sweeps.spec import SweepSpec

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
        return Job(trial_key(point, seed), {**point.config, "seed_everything": seed}, test, searched)


def make_plan(spec: SweepSpec, flags: Sequence[str]) -> SweepPlan:
    """Check every point of a sweep before anything starts.

    Args:
        spec: The definition.
        flags: Flags of ``fit`` that apply to every point.

    Raises:
        ConfigError: A point is invalid, an option has no effect, or points that are to be ranked have other targets.
    """
    points = expand(spec, flags)
    check_options(spec, points)
    if spec.confirm is not None and len({point.data for point in points}) > 1:
        raise ConfigError(
            "Points that are ranked together must share their targets, but these have different ones; set "
            "`data.first_target` to the longest window, and sweep histories without `confirm`."
        )
    if len({(point.config["early_stopping"]["monitor"], point.headline) for point in points}) > 1:
        found = sorted({f"{point.base}: {point.headline.label}" for point in points})
        raise ConfigError(f"All points of a sweep must share their headline and monitor, but have {'; '.join(found)}.")
    same_as = originals(points)
    confirmed = spec.confirm.seeds if spec.confirm else spec.seeds
    seeds = dict.fromkeys([spec.screen.seed, *confirmed])
    distinct = [point for point in points if same_as[point.config_id] == point.config_id]
    trials = {trial_key(point, seed): (point, seed) for point in distinct for seed in seeds}
    return SweepPlan(spec, points, same_as, trials)
