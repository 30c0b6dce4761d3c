"""What is checked before a sweep starts: options without effect, and configurations that compute the same."""

from collections import defaultdict
from collections.abc import Sequence

from c5snn.errors import ConfigError
from c5snn.sweeps.points import Point
from c5snn.sweeps.spec import Start, SweepSpec

__all__ = ["check_options", "originals"]


def check_options(spec: SweepSpec, points: Sequence[Point]) -> None:
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
    idle = [start.label for start in spec.starts if start.changes and not _differs_from_base(start, spec, points)]
    if idle and not spec.allow_inert:
        raise ConfigError(
            f"Every variant must differ from its base, but {', '.join(f'`{name}`' for name in idle)} equals it. Remove "
            "it, or write `allow_inert: true`."
        )


def originals(points: Sequence[Point]) -> dict[int, int]:
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
    """Say whether a variant has other arguments than its base, whose points stand in the same order."""
    base = next(other.label for other in spec.starts if other.base == start.base)
    arguments = {label: [point.arguments for point in points if point.base == label] for label in (base, start.label)}
    return arguments[base] != arguments[start.label]
