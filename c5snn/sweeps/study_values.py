"""The bases of a study and the values of its options, parsed and typed as ``fit`` would, all faults noted."""

import argparse
import itertools
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from c5snn.errors import C5Error
from c5snn.sweeps.architectures import ARCHITECTURE
from c5snn.sweeps.faults import Faults
from c5snn.sweeps.option_paths import option_path, option_text, replaced, value_at
from c5snn.sweeps.points import Config
from c5snn.sweeps.space import BASE, Choice, Option, Quota, Range, canonical
from c5snn.sweeps.spec import Start, SweepSpec
from c5snn.training.lightning_cli import C5CLI

__all__ = ["StudyBase", "parse_bases", "read_fixed", "start_names", "type_options", "type_values"]

MAX_EPOCHS = "trainer.max_epochs"


@dataclass
class StudyBase:
    """A configuration that trials start from.

    Args:
        name: Its name in the sweep.
        words: The words of ``fit`` that make it.
        config: What they say.
        typed: Values as the parser types them, by option and text.
        shapes: The options that each architecture stands for, by its name.
    """

    name: str
    words: list[str]
    config: Config
    typed: dict[tuple[str, str], Any] = field(default_factory=dict)
    shapes: dict[str, Mapping[str, Any]] = field(default_factory=dict)

    def with_values(self, values: Mapping[str, Any]) -> Config:
        """Return the configuration with values of options; what it shares with others is not copied."""
        config = self.config
        for name, value in self.spelled_out(values).items():
            typed = self.typed.get((name, canonical(value)), value)
            config = replaced(config, option_path(config, name), typed)
        return config

    def spelled_out(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """Return values of options with an architecture as the options that it stands for."""
        others = {name: value for name, value in values.items() if name != ARCHITECTURE}
        return {**self.shapes.get(values.get(ARCHITECTURE, ""), {}), **others}


def start_names(spec: SweepSpec) -> dict[str, Start]:
    """Return what trials can start from, by the names that the space uses: a base's file, or a variant's label."""
    return {start.label if start.changes else start.base: start for start in spec.starts}


def parse_bases(spec: SweepSpec, fixed: Mapping[str, Any], flags: Sequence[str], faults: Faults) -> list[StudyBase]:
    """Parse every base with what is fixed; one that cannot be parsed is a fault and left out.

    Args:
        spec: The sweep.
        fixed: Options that are the same for every trial.
        flags: Flags of ``fit`` that apply to every trial.
        faults: Takes what is wrong.
    """
    rule = {"monitor": spec.screen.monitor, "mode": spec.screen.mode}
    screen = [f"--early_stopping.{name}={value}" for name, value in rule.items() if value is not None]
    words = [f"--{name}={option_text(value)}" for name, value in fixed.items()]
    found = []
    for base, start in start_names(spec).items():
        changes = [f"--{name}={option_text(value)}" for name, value in start.changes.items()]
        rest = ["--config", start.base, *words, *changes, *flags]
        config = _parsed([*rest, *screen], f"base {base}", faults)
        if config is None and screen:  # the rest of the definition can still be checked
            config, screen_words = _parsed(rest, f"base {base}", faults), []
        else:
            screen_words = screen
        if config is not None:
            found.append(StudyBase(base, [*rest, *screen_words], config))
    return found


def type_options(
    options: Sequence[Option], quota: Quota | None, bases: Sequence[StudyBase], faults: Faults
) -> list[Option]:
    """Type the values of every option on the bases where it can be searched, and say which ranges are whole numbers.

    Args:
        options: The options, parents first.
        quota: The option that splits the study.
        bases: The bases.
        faults: Takes what is wrong.
    """
    values = {option.name: list(option.domain.ends) for option in options if option.name not in {BASE, ARCHITECTURE}}
    if quota is not None and quota.option != BASE:
        values[quota.option] = list(quota.values)
    for base in bases:
        here = {name: ends for name, ends in values.items() if _is_possible(name, base.name, options)}
        type_values(base, here, faults)
    return [_with_kind(option, bases) for option in options]


def type_values(base: StudyBase, values: Mapping[str, list[Any]], faults: Faults, where: str = "space.") -> None:
    """Type values of options on a base.

    Args:
        base: The base; it keeps them.
        values: The values by option.
        faults: Takes what is wrong.
        where: What stands before the option's name in a fault.
    """
    # none at all is named elsewhere, and an architecture is a name that only the study knows
    values = {name: column for name, column in values.items() if column and name != ARCHITECTURE}
    for column in itertools.zip_longest(*values.values()):
        chosen = {
            name: values[name][0] if value is None and None not in values[name] else value
            for name, value in zip(values, column, strict=True)
        }
        config = _try(base, chosen)
        if isinstance(config, dict):
            for name, value in chosen.items():
                base.typed[name, canonical(value)] = value_at(config, option_path(config, name))
            continue
        for name, value in chosen.items():  # together they fail: each alone says which is wrong by itself
            if (name, canonical(value)) not in base.typed:
                _type_alone(base, name, value, faults, where)


def read_fixed(
    options: Sequence[Option], searched: set[str], bases: Sequence[StudyBase], faults: Faults
) -> dict[str, dict[str, Any]]:
    """Return, for each base, the values of the fixed options that conditions name.

    Args:
        options: The options.
        searched: The names of all options that are searched.
        bases: The bases.
        faults: Takes parents that do not exist.
    """
    parents = {parent: option.name for option in options for parent in option.when if parent not in searched}
    fixed: dict[str, dict[str, Any]] = {base.name: {} for base in bases}
    for parent, child in parents.items():
        if parent == BASE:
            continue
        for base in bases:
            try:
                fixed[base.name][parent] = value_at(base.config, option_path(base.config, parent))
            except (KeyError, TypeError):
                continue
        if bases and not any(parent in known for known in fixed.values()):
            faults.check(f"space.{child}.when", "a parent is an option", holds=False, parent=parent)
    return fixed


def _type_alone(base: StudyBase, name: str, value: object, faults: Faults, where: str) -> None:
    found = _try(base, {name: value})
    if isinstance(found, dict):
        base.typed[name, canonical(value)] = value_at(found, option_path(found, name))
    elif isinstance(found.__cause__, argparse.ArgumentError):
        faults.add(f"{where}{name}", f"{option_text(value)} on {base.name}: {found}")
    # else the value is right and does not fit the rest of this base; corners of the space say whether it ever does


def _try(base: StudyBase, values: Mapping[str, Any]) -> Config | C5Error:
    words = [f"--{name}={option_text(value)}" for name, value in values.items()]
    try:
        return C5CLI([*base.words, *words], "c5snn sweep").dump()
    except C5Error as error:
        return error


def _parsed(words: Sequence[str], where: str, faults: Faults) -> Config | None:
    try:
        return C5CLI(words, "c5snn sweep").dump()
    except C5Error as error:
        faults.add(where, str(error))
        return None


def _is_possible(name: str, base: str, options: Sequence[Option]) -> bool:
    """Say whether an option can be searched on a base, as far as conditions on the base decide it."""
    by_name = {option.name: option for option in options}
    option = by_name.get(name)
    if option is None:
        return True
    if BASE in option.when and base not in option.when[BASE]:
        return False
    return all(_is_possible(parent, base, options) for parent in option.when if parent != BASE)


def _with_kind(option: Option, bases: Sequence[StudyBase]) -> Option:
    domain = option.domain
    if isinstance(domain, Choice) or not domain.is_int:
        return option
    typed = [base.typed.get((option.name, canonical(domain.low)), domain.low) for base in bases]
    is_int = all(isinstance(value, int) for value in typed)
    return replace(option, domain=Range(domain.low, domain.high, domain.log, domain.step, is_int))
