"""A sweep as it is written: what to vary, how to choose, how to confirm."""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal, NamedTuple

from c5snn.errors import ConfigError

__all__ = ["Confirm", "Screen", "Start", "SweepSpec", "check", "override"]


@dataclass(frozen=True)
class Screen:
    """How every configuration is tried once, and by which metric the best are chosen.

    Args:
        seed: The seed of all screening runs.
        monitor: The validation metric that chooses epochs and configurations; None: the task's headline.
        mode: Whether a high or a low value is good; None: as the metric has it.
        average_over: In a study: a trial trains once for each combination of these options' values, and its value is
            the mean; it is pruned on the first alone.
    """

    seed: int = 42
    monitor: str | None = None
    mode: Literal["max", "min"] | None = None
    average_over: dict[str, list[Any]] | None = None


@dataclass(frozen=True)
class Confirm:
    """How the best configurations are confirmed.

    Args:
        top_k: How many distinct computations to confirm.
        seeds: The seeds of each.
        per: In a study: the option with weights, of each of whose values the best are confirmed.
        options: In a study: options that the confirmation runs with instead.
        average_over: In a study: each is confirmed once for each combination of these options' values, such as several
            histories.
    """

    top_k: int = 3
    seeds: list[int] = field(default_factory=lambda: [42, 123, 7])
    per: str | None = None
    options: dict[str, Any] = field(default_factory=dict)
    average_over: dict[str, list[Any]] | None = None


class Start(NamedTuple):
    """What some configurations of a sweep start from.

    Args:
        base: The configuration's file.
        label: What their rows are called.
        changes: The options that a variant changes; none for the base itself.
    """

    base: str
    label: str
    changes: dict[str, Any]


@dataclass(frozen=True)
class SweepSpec:
    """One sweep.

    Args:
        base: The configuration's file that all start from; several make a line-up of models.
        space: Options as flags name them, each with the list of its values; a single value is fixed, and that of a
            study is ``{values: [one], when: …}`` where it has a condition. The first option is the outermost loop. The
            tables have a column for each.
        options: Other options, the same for all; no table shows them.
        variants: Named changes of options; each base is crossed with itself and with every variant, whose name is then
            the label of its rows. A variant with a ``base`` among its changes is one of that base alone, which need not
            be among ``base`` and then does not run without the changes.
        screen: How configurations are screened.
        confirm: How the best are confirmed; None: each configuration runs with each of ``seeds`` and is tested.
        seeds: The seeds of a sweep without confirmation.
        seed_per_history: Whether each history is trained on with seeds of its own, which follow from its content and
            from ``seeds``; otherwise one draw of weights decides on all histories at once.
        profiles: Named changes: other values for options, or fields of this class to replace.
        timeout_s: Seconds after which a trial is killed.
        max_attempts: How often a trial is started that is killed or takes too long.
        allow_inert: Whether an option whose values make no difference is allowed.
        keep_checkpoints: In a study: whether ``best.ckpt`` is kept of the trials that would be confirmed, or of all;
            that of each confirming run always is.
        search: How configurations are chosen as the sweep goes on, which makes it a study; None: a grid.
        targets: Values of the monitored metric that are hoped for, by name; shown by status.
        each: In a study: options with values; each combination is a study of its own, in a folder of its own.
        hard_limits: Bounds [low, high] that ``c5snn refine`` never lets a range leave, by option.
        columns: How an earlier tool's table calls the options, for ``c5snn analyze`` and ``c5snn refine``.
    """

    base: str | list[str]
    space: dict[str, Any] = field(default_factory=dict)
    options: dict[str, Any] = field(default_factory=dict)
    variants: dict[str, dict[str, Any]] = field(default_factory=dict)
    screen: Screen = field(default_factory=Screen)
    confirm: Confirm | None = None
    seeds: list[int] = field(default_factory=lambda: [42])
    seed_per_history: bool = False
    profiles: dict[str, dict[str, Any]] = field(default_factory=dict)
    timeout_s: float = 3600.0
    max_attempts: int = 2
    allow_inert: bool = False
    keep_checkpoints: Literal["best", "all"] = "best"
    search: dict[str, Any] | None = None
    targets: dict[str, float] = field(default_factory=dict)
    each: dict[str, list[Any]] = field(default_factory=dict)
    hard_limits: dict[str, Any] = field(default_factory=dict)
    columns: dict[str, Any] = field(default_factory=dict)

    @property
    def bases(self) -> list[str]:
        """The configurations, as a list."""
        return [self.base] if isinstance(self.base, str) else list(self.base)

    @property
    def starts(self) -> list[Start]:
        """What the configurations start from: each base as it is, then each of its variants."""
        found = []
        for base in self.bases:
            name = base.removesuffix(".yaml")
            prefix = f"{name} " if len(self.bases) > 1 else ""
            found.append(Start(base, name, {}))
            for variant, changes in self.variants.items():
                if "base" not in changes:
                    found.append(Start(base, prefix + variant, changes))
                elif changes["base"] == base:
                    found.append(Start(base, variant, _without_base(changes)))
        for variant, changes in self.variants.items():
            if changes.get("base", self.bases[0]) not in self.bases:
                found.append(Start(changes["base"], variant, _without_base(changes)))
        return found

    @property
    def searched(self) -> dict[str, list[Any]]:
        """The options with more than one value."""
        return {name: values for name, values in self.space.items() if isinstance(values, list) and len(values) > 1}

    @property
    def fixed(self) -> dict[str, Any]:
        """The options with one value, shown or not."""
        rest = {name: values for name, values in self.space.items() if name not in self.searched}
        shown = {name: values[0] if isinstance(values, list) and values else values for name, values in rest.items()}
        return {**self.options, **shown}


def override(spec: SweepSpec, *, top_k: int | None = None, seeds: Sequence[int] | None = None) -> SweepSpec:
    """Return the sweep with another number of confirmed configurations, or other seeds; None leaves them.

    Raises:
        ConfigError: There is nothing to confirm, or a number is out of its range.
    """
    if spec.confirm is None:
        if top_k is not None:
            raise ConfigError("`--top-k` needs a sweep with `confirm`, but this one tests every configuration.")
        changed = spec if seeds is None else replace(spec, seeds=list(seeds))
    else:
        chosen = replace(
            spec.confirm,
            top_k=spec.confirm.top_k if top_k is None else top_k,
            seeds=spec.confirm.seeds if seeds is None else list(seeds),
        )
        changed = replace(spec, confirm=chosen)
    check(changed, "The sweep with these flags")
    return changed


def check(spec: SweepSpec, where: str) -> None:
    """Refuse a sweep whose fields contradict each other or are out of their range.

    Args:
        spec: The sweep.
        where: What it is called in the error.

    Raises:
        ConfigError: One does or is.
    """
    twice = sorted(spec.space.keys() & spec.options.keys())
    if twice and spec.search is None:
        raise ConfigError(f"{where}: an option stands in `space` or in `options`, but {', '.join(twice)} is in both.")
    if spec.search is None and (only := _of_studies(spec)):
        raise ConfigError(f"{where}: {', '.join(f'`{name}`' for name in only)} needs `search`: a grid has none of it.")
    if spec.search is not None and spec.seed_per_history:
        raise ConfigError(f"{where}: `seed_per_history` is a field of a grid; a study has the seeds of `confirm`.")
    _check_variants(spec, where)
    grid = {} if spec.search is not None else spec.searched  # the values of a study are checked with the rest of it
    empty = [name for name, values in spec.space.items() if values == [] and spec.search is None]
    doubled = [
        name for name, values in grid.items() if len({json.dumps(v, sort_keys=True) for v in values}) < len(values)
    ]
    top_k, seeds = (spec.confirm.top_k, spec.confirm.seeds) if spec.confirm else (1, spec.seeds)
    if not spec.bases or empty or doubled or not seeds or len(set(seeds)) < len(seeds) or top_k < 1:
        raise ConfigError(
            f"{where} must have a base, options with at least one value and no value twice, distinct seeds and "
            f"`top_k >= 1`, but has base={spec.base}, empty={empty}, doubled={doubled}, seeds={seeds}, top_k={top_k}."
        )
    if not (spec.timeout_s > 0 and spec.max_attempts >= 1):
        raise ConfigError(
            f"{where}: `timeout_s > 0` and `max_attempts >= 1` must hold, but got timeout_s={spec.timeout_s}, "
            f"max_attempts={spec.max_attempts}."
        )


def _of_studies(spec: SweepSpec) -> list[str]:
    """Return the fields that are set although only a study has them."""
    confirm = spec.confirm or Confirm()
    found = {
        "screen.average_over": spec.screen.average_over,
        "confirm.per": confirm.per,
        "confirm.options": confirm.options,
        "confirm.average_over": confirm.average_over,
        "targets": spec.targets,
        "each": spec.each,
        "keep_checkpoints": spec.keep_checkpoints != "best",
    }
    return [name for name, value in found.items() if value]


def _check_variants(spec: SweepSpec, where: str) -> None:
    for name, changes in spec.variants.items():
        searched = sorted(changes.keys() & spec.searched.keys())
        if not changes.keys() - {"base"} or searched:
            raise ConfigError(
                f"{where}: a variant must change an option, and none that `space` searches, but `{name}` changes "
                f"{', '.join(searched) or 'nothing'}."
            )
        if not isinstance(changes.get("base", ""), str):
            raise ConfigError(
                f"{where}: the `base` of a variant must be a configuration's file, but that of `{name}` is "
                f"{changes['base']}."
            )
    labels = [start.label for start in spec.starts]
    if len(set(labels)) < len(labels):
        raise ConfigError(f"{where}: bases and variants must have distinct names, but are {', '.join(labels)}.")


def _without_base(changes: Mapping[str, Any]) -> dict[str, Any]:
    return {option: value for option, value in changes.items() if option != "base"}
