"""The studies of a definition: one, or one for each combination of the options of ``each``."""

import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from c5snn.errors import ConfigError
from c5snn.sweeps.architectures import ARCHITECTURE
from c5snn.sweeps.names import short_names
from c5snn.sweeps.option_paths import flagged_options, without_init_args
from c5snn.sweeps.spec import SweepSpec

__all__ = ["Combination", "chosen_combinations"]

BUDGET = f"{ARCHITECTURE}.budget"


@dataclass(frozen=True)
class Combination:
    """One study of a definition.

    Args:
        label: Its folder below the output; empty where the definition has one study only.
        spec: Its definition, with the combination's values fixed.
    """

    label: str
    spec: SweepSpec


def chosen_combinations(
    spec: SweepSpec, *, only: str | None, start_from: str | None, flags: Sequence[str] = ()
) -> list[Combination]:
    """Return the studies to run, in the order of ``each``.

    Args:
        spec: The definition.
        only: The label of the only one; None: all.
        start_from: The label of the first one; None: the first.
        flags: Flags of ``fit`` that apply to every trial.

    Raises:
        ConfigError: There is no such label, an option of ``each`` is also set elsewhere, or two studies have one label.
    """
    _refuse_set_elsewhere(spec, flags)
    found = _combinations(spec)
    labels = [entry.label for entry in found]
    for flag, label in (("--only", only), ("--start-from", start_from)):
        if label is not None and label not in labels:
            raise ConfigError(f"`{flag}` must name a study of `each`, but is {label}; there are: {', '.join(labels)}.")
    first = labels.index(start_from) if start_from is not None else 0
    return [entry for entry in found[first:] if only in {None, entry.label}]


def _combinations(spec: SweepSpec) -> list[Combination]:
    if not spec.each:
        return [Combination("", spec)]
    for name, values in spec.each.items():
        if not isinstance(values, list) or not values or name in spec.space or name in spec.options:
            raise ConfigError(
                f"`each` must map options that are neither searched nor fixed to lists, but `{name}` is {values!r}."
            )
    found: dict[str, Combination] = {}
    for combination in itertools.product(*spec.each.values()):
        chosen = dict(zip(spec.each, combination, strict=True))
        label = _label(chosen)
        if label in found:
            raise ConfigError(
                f"Each study of `each` must have a folder of its own, but two are called `{label}`; write values that "
                "differ, also once `/` is written as `_`."
            )
        found[label] = Combination(label, _fixed(spec, chosen))
    return list(found.values())


def _refuse_set_elsewhere(spec: SweepSpec, flags: Sequence[str]) -> None:
    """Refuse an option of ``each`` whose values something else overrules: its folders would bear wrong names."""
    changes = {name for start in spec.starts for name in start.changes}
    averages = [spec.screen.average_over, spec.confirm and spec.confirm.average_over]
    places = {
        "a flag": flagged_options(flags),
        "`variants`": changes,
        "`average_over`": {name for options in averages for name in options or {}},
    }
    for place, names in places.items():
        twice = sorted({without_init_args(name) for name in spec.each} & set(map(without_init_args, names)))
        if twice:
            raise ConfigError(
                f"An option of `each` must not be set elsewhere, but {place} sets `{twice[0]}`, too; set it in `each` "
                "alone."
            )


def _fixed(spec: SweepSpec, chosen: Mapping[str, Any]) -> SweepSpec:
    """Return the definition of one combination; its budget stands where the space has the architectures."""
    options = {name: value for name, value in chosen.items() if name != BUDGET}
    space = spec.space
    if BUDGET in chosen:
        written = space.get(ARCHITECTURE)
        if not isinstance(written, Mapping) or "budget" in written:
            raise ConfigError(
                f"`each` has {BUDGET}: `space.{ARCHITECTURE}` must be a mapping without a `budget`, but is {written!r}."
            )
        space = {**space, ARCHITECTURE: {**written, "budget": chosen[BUDGET]}}
    return replace(spec, each={}, options={**spec.options, **options}, space=space)


def _label(chosen: Mapping[str, Any]) -> str:
    """Return a combination's name, which is also that of its folder.

    >>> _label({"data.horizon": 3, "model.skip": True})
    'horizon=3,skip=True'
    """
    pairs = zip(short_names(list(chosen)), chosen.values(), strict=True)
    return ",".join(f"{name}={value}".replace("/", "_") for name, value in pairs)
