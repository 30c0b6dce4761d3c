"""The grid of a sweep: every combination of its options, as a whole configuration each.

A point is merged from parts that were each parsed and typed once, so ten thousand points cost seconds: the parser sees
every base and every value, not every combination. Every combination is still built.
"""

import itertools
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from c5snn.errors import C5Error, ConfigError
from c5snn.sweeps.micro_batch_choices import MicroBatchChoices
from c5snn.sweeps.option_paths import flagged_options
from c5snn.sweeps.option_paths import option_path as _path
from c5snn.sweeps.option_paths import option_text as _text
from c5snn.sweeps.option_paths import replaced as _replaced
from c5snn.sweeps.option_paths import value_at as _value
from c5snn.sweeps.point_builder import PointBuilder
from c5snn.sweeps.points import Config, Point
from c5snn.sweeps.spec import Start, SweepSpec
from c5snn.training.lightning_cli import C5CLI
from c5snn.training.run_options import is_rehearsal

__all__ = ["expand"]


def expand(spec: SweepSpec, flags: Sequence[str], choices: MicroBatchChoices | None = None) -> list[Point]:
    """Return every point of the sweep, parsed, typed and built.

    Args:
        spec: The sweep.
        flags: Flags of ``fit`` that apply to every point.
        choices: Puts a number where the micro-batch is ``auto``; None: it stays.

    Raises:
        ConfigError: A point is invalid; the point and the option are named. Or a flag would be overruled.
    """
    _refuse_overruled(spec, flags)
    builder = PointBuilder(seed_per_history=spec.seed_per_history, choices=choices)
    points: list[Point] = []
    for start in spec.starts:
        whole, typed = _parse_parts(spec, start, flags)
        for values in _combinations(spec):
            config = whole
            for name, value in values.items():
                config = _replaced(config, _path(config, name), typed[name, _text(value)])
            try:
                shown = _shown_values(spec, values, config)
                points.append(builder.point(len(points) + 1, start.label, shown, config))
            except C5Error as error:
                raise ConfigError(
                    f"configuration {len(points) + 1} ({start.label}, {_listed(values)}): {error}"
                ) from error
    return points


def _refuse_overruled(spec: SweepSpec, flags: Sequence[str]) -> None:
    """Refuse a flag that the sweep would overrule, rather than ignore it."""
    decided = {
        "seed_everything": "give `--seeds`, or change `screen` in the sweep's file",
        "early_stopping.monitor": "change `screen` in the sweep's file",
        "early_stopping.mode": "change `screen` in the sweep's file",
        "ckpt_path": "every trial trains from the start",
        "name": "a trial is named by what differs",
    }
    decided |= dict.fromkeys(spec.searched, "change `space` in the sweep's file")
    decided |= {name: "change `variants` in the sweep's file" for start in spec.starts for name in start.changes}
    for name in sorted(flagged_options(flags) & decided.keys()):
        raise ConfigError(
            f"A flag must not set what the sweep decides for each trial, but got `--{name}`; {decided[name]}."
        )


def _combinations(spec: SweepSpec) -> Iterator[dict[str, Any]]:
    for values in itertools.product(*spec.searched.values()):
        yield dict(zip(spec.searched, values, strict=True))


def _parse_parts(spec: SweepSpec, start: Start, flags: Sequence[str]) -> tuple[Config, dict[tuple[str, str], Any]]:
    """Parse what the points start from, and each value on top of it; return both as they were typed."""
    rule = {"monitor": spec.screen.monitor, "mode": spec.screen.mode}
    screen = [f"--early_stopping.{name}={value}" for name, value in rule.items() if value is not None]
    fixed = [f"--{name}={_text(value)}" for name, value in {**spec.fixed, **start.changes}.items()]
    words = ["--config", start.base, *screen, *fixed, *flags]
    typed = {}
    for name, values in spec.searched.items():
        for value in values:
            config = _parsed([*words, f"--{name}={_text(value)}"], f"{start.label}, {name}={value}")
            typed[name, _text(value)] = _value(config, _path(config, name))
    return _parsed(words, start.label), typed


def _parsed(words: Sequence[str], where: str) -> Config:
    try:
        cli = C5CLI(words, "c5snn sweep")
    except ConfigError as error:
        raise ConfigError(f"{where}: {error}") from error
    if is_rehearsal(cli.config):
        raise ConfigError(
            "`trainer.fast_dev_run` keeps nothing of a trial that could be ranked; rehearse a sweep with a profile, or "
            "with `--trainer.max_epochs 1`."
        )
    return cli.dump()


def _shown_values(spec: SweepSpec, values: Mapping[str, Any], config: Config) -> dict[str, Any]:
    """Return the options of the sweep's space: searched ones as written, fixed ones as the flags have left them."""
    return {name: values[name] if name in values else _value(config, _path(config, name)) for name in spec.space}


def _listed(values: Mapping[str, object]) -> str:
    return ", ".join(f"{name}={value}" for name, value in values.items())
