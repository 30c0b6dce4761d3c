"""A space as a sweep's file writes it, each option below a comment with its decision and the evidence."""

import json
import math
import textwrap
from collections.abc import Mapping, Sequence
from typing import Any

from c5snn.analysis.decisions import Decision
from c5snn.printable import printable

__all__ = ["comment_of", "flow", "space_lines"]

WIDTH = 112


def space_lines(decisions: Sequence[Decision], conditions: Mapping[str, Mapping[str, Any]] | None = None) -> list[str]:
    """Return the lines of a space.

    Args:
        decisions: The options in their order; one that is dropped leaves its comment alone.
        conditions: The ``when`` of options.
    """
    lines: list[str] = []
    for entry in decisions:
        lines += comment_of(entry)
        if not entry.is_dropped:
            lines.append(
                f"{flow(entry.option)}: {flow(with_condition(entry.new, (conditions or {}).get(entry.option)))}"
            )
    return lines


def with_condition(values: Any, when: Mapping[str, Any] | None) -> Any:  # noqa: ANN401  # as a space writes it
    """Return the values of an option with its condition."""
    is_one = not isinstance(values, list | dict)
    if when:
        fields = values if isinstance(values, dict) else {"values": [values] if is_one else values}
        return {**fields, "when": dict(when)}
    return {"values": values} if isinstance(values, list) and len(values) == 1 else values


def comment_of(entry: Decision) -> list[str]:
    """Return the comment above an option: decision, n, evidence, old values, confidence."""
    p = "" if entry.p_corrected is None else f", p = {entry.p_corrected:.2g}"
    text = f"{entry.decision} (n {entry.n}{p}, confidence {entry.confidence}): {' '.join(entry.evidence)}"
    if entry.new != entry.old:
        text += f" Was {flow(entry.old)}."
    return [f"# {line}" for line in textwrap.wrap(printable(" ".join(text.split())), WIDTH, break_long_words=False)]


def flow(value: Any) -> str:  # noqa: ANN401  # whatever an option takes
    """Return a value as YAML in one line, in which every number reads as the number that it is.

    >>> flow({"low": 1e-05, "high": 0.1, "log": True}), flow([8, 16]), flow({"weights": {"a.yaml": 0.5, 2: 0.5}})
    ('{low: 1.0e-05, high: 0.1, log: true}', '[8, 16]', '{weights: {a.yaml: 0.5, 2: 0.5}}')
    """
    if isinstance(value, Mapping):
        return f"{{{', '.join(f'{flow(key)}: {flow(entry)}' for key, entry in value.items())}}}"
    if isinstance(value, list | tuple):
        return f"[{', '.join(map(flow, value))}]"
    if isinstance(value, float) and math.isfinite(value):
        text = repr(value)
        return text.replace("e", ".0e") if "e" in text and "." not in text else text
    if isinstance(value, str) and not _is_plain(value):
        return json.dumps(value)
    return value if isinstance(value, str) else json.dumps(value)


def _is_plain(text: str) -> bool:
    """Say whether YAML reads a text as itself without quotes, also within brackets."""
    import yaml

    if not text or any(character in text for character in ",[]{}#:\n\"'&*!|>%@`"):
        return False
    try:
        return bool(yaml.safe_load(text) == text)
    except yaml.YAMLError:
        return False
