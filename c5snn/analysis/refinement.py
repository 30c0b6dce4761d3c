"""The next sweep's file: the old one with a refined space, every change below a comment with its evidence."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import yaml

from c5snn.analysis.decisions import Decision
from c5snn.analysis.findings import Findings
from c5snn.analysis.next_space import comment_of, flow, with_condition
from c5snn.analysis.spec_content import bases_of
from c5snn.errors import ConfigError, require
from c5snn.sweeps.space import BASE, canonical

__all__ = ["Refinement", "check_trust", "refine_space", "refinement_json"]

MIN_COMPLETE = 10
DROPPED_KEYS = ("columns", "profiles")


@dataclass(frozen=True)
class Refinement:
    """The next sweep.

    Args:
        text: Its file.
        decisions: What was done with each option, conditions held.
    """

    text: str
    decisions: list[Decision]


def check_trust(findings: Findings, *, trusts: bool) -> None:
    """Refuse to refine by too few trials, or by a metric that cannot be trusted.

    Raises:
        ConfigError: Fewer than ten trials are complete, or the metric check fails and nobody vouches for the metric.
    """
    n = len(findings.search.complete)
    require(f"{MIN_COMPLETE} <= n_complete", holds=n >= MIN_COMPLETE, fix="Let the search go on.", n_complete=n)
    if findings.check.status == "fails" and not trusts:
        raise ConfigError(
            f"A space is refined by a metric that can be trusted, but: {' '.join(findings.check.says)} Give `--metric` "
            "with an expression that weighs every item alike, or `--trust-metric`."
        )


def refine_space(findings: Findings, spec: Mapping[str, Any], name: str) -> Refinement:
    """Return the next sweep.

    Args:
        findings: What the search says.
        spec: The content of the file that it ran with.
        name: The path of the next file, for its first comment.

    Raises:
        ConfigError: The file's space is not that of the search, or no option of it is left.
    """
    written = dict(spec.get("space") or {})
    bases = bases_of(spec)
    by_name = {entry.option: entry for entry in findings.decisions}
    if BASE in by_name and BASE not in written:
        written = {BASE: bases, **written}
    unknown = [entry for entry in by_name if entry not in written]
    if unknown:
        raise ConfigError(
            f"The space of the sweep's file must hold the options of the search, but lacks {', '.join(unknown)}; a "
            "table's names are mapped by `columns`."
        )
    by_name = _with_conditions_held(by_name, written)
    remaining = _values(by_name, written)
    _check_left(by_name, remaining)
    search = findings.search
    lines = [
        f"# {search.name} refined by {search.metric}, n {len(search.complete)} complete trials.  c5snn sweep {name}",
        *_rest(spec, by_name, before=True),
        "space:",
    ]
    for option, entry in written.items():
        decision = by_name.get(option)
        lines += [f"  {line}" for line in (comment_of(decision) if decision else [])]
        if option == BASE and decision is not None and decision.decision == "fix":
            lines.append("  # It is the only base now, so it stands above alone.")
        elif option in remaining:
            when = _conditions(option, written, remaining)
            lines.append(f"  {flow(option)}: {flow(_entry(decision, entry, when))}")
        elif decision is not None and not decision.is_dropped and option != BASE:
            lines.append("  # No value of the options that it depends on is left, so it is left out.")
    lines += _rest(spec, by_name, before=False)
    return Refinement("\n".join(lines) + "\n", list(by_name.values()))


def _check_left(by_name: Mapping[str, Decision], remaining: Mapping[str, object]) -> None:
    """Refuse a next space without an option; a base that is fixed stands above it."""
    base = by_name.get(BASE)
    left = remaining.keys() - ({BASE} if base is not None and base.decision == "fix" else set())
    if not left:
        made = ", ".join(f"{entry.decision} {name}" for name, entry in by_name.items())
        raise ConfigError(
            f"The next space must have an option, but none is left ({made}). Search options that are not decided yet."
        )


def refinement_json(findings: Findings, refinement: Refinement) -> dict[str, Any]:
    """Return every decision with its evidence, as JSON."""
    search = findings.search
    return {
        "source": str(search.source),
        "metric": search.metric,
        "metric_check": findings.check.status,
        "metric_says": list(findings.check.says),
        "n_complete": len(search.complete),
        "n_elite": len(findings.elites),
        "decisions": [
            {**vars(entry), "evidence": list(entry.evidence), "old": _plain(entry.old), "new": _plain(entry.new)}
            for entry in refinement.decisions
        ],
    }


def _with_conditions_held(by_name: Mapping[str, Decision], written: Mapping[str, Any]) -> dict[str, Decision]:
    """Return the decisions with every dropped option kept that another one depends on."""
    parents = {parent for entry in written.values() if isinstance(entry, dict) for parent in entry.get("when") or {}}
    found = {}
    for name, entry in by_name.items():
        if entry.is_dropped and name in parents:
            says = (*entry.evidence, "Kept, because other options depend on it.")
            entry = replace(entry, decision="keep", new=entry.old, evidence=says, is_dropped=False)  # noqa: PLW2901
        found[name] = entry
    return found


def _values(by_name: Mapping[str, Decision], written: Mapping[str, Any]) -> dict[str, list[Any] | None]:
    """Return the values that each option of the next space can take, None for a range; what can take none is left out.

    A parent may itself depend on an option that is left out, so this is repeated until nothing changes.
    """
    found: dict[str, list[Any] | None] = {}
    for name, entry in written.items():
        decision = by_name.get(name)
        if decision is None or not decision.is_dropped:
            found[name] = _possible(entry if decision is None else decision.new)
    while True:
        gone = [
            name
            for name in found
            if any(
                not _left(values, parent, found) if parent in found else parent in written and parent != BASE
                for parent, values in _when(written[name]).items()
            )
        ]
        if not gone:
            return found
        for name in gone:
            del found[name]


def _possible(entry: Any) -> list[Any] | None:  # noqa: ANN401  # as a space writes it
    if isinstance(entry, dict):
        if "weights" in entry:
            return list(entry["weights"])
        return list(entry["values"]) if "values" in entry else None
    return entry if isinstance(entry, list) else [entry]


def _when(entry: Any) -> dict[str, list[Any]]:  # noqa: ANN401
    when = (entry.get("when") or {}) if isinstance(entry, dict) else {}
    return {parent: of if isinstance(of, list) else [of] for parent, of in when.items()}


def _left(values: Sequence[Any], parent: str, found: Mapping[str, list[Any] | None]) -> list[Any]:
    """Return the values of a condition that its parent can still take."""
    possible = found[parent]
    if possible is None:
        return list(values)
    texts = {canonical(value) for value in possible}
    return [value for value in values if canonical(value) in texts]


def _conditions(option: str, written: Mapping[str, Any], remaining: Mapping[str, list[Any] | None]) -> dict[str, Any]:
    """Return an option's condition, cut to what its parents can still take; a parent that always takes it is left out.

    A parent that has a condition itself does not always take it.
    """
    when = {}
    for parent, values in _when(written[option]).items():
        left = _left(values, parent, remaining) if parent in remaining else values
        possible = remaining.get(parent)
        is_sometimes = possible is None or len(possible) > len(left)
        if is_sometimes or (parent in written and _conditions(parent, written, remaining)):
            when[parent] = left[0] if len(left) == 1 else left
    return when


def _entry(decision: Decision | None, entry: Any, when: Mapping[str, Any]) -> Any:  # noqa: ANN401
    """Return what the next space writes of an option."""
    if decision is None and not _when(entry):
        return entry
    new = entry if decision is None else decision.new
    if isinstance(new, dict):
        new = {name: value for name, value in new.items() if name != "when"}
        new = new["values"] if new.keys() == {"values"} and len(new["values"]) > 1 else new
    return with_condition(new, when)


def _rest(spec: Mapping[str, Any], by_name: Mapping[str, Decision], *, before: bool) -> list[str]:
    """Return the file's other keys as YAML: those before its space, or those after it."""
    content = {name: value for name, value in spec.items() if name not in DROPPED_KEYS}
    if isinstance(content.get("search"), dict):  # what was tried first is known now
        content["search"] = {name: value for name, value in content["search"].items() if name != "enqueue"}
    fixed = by_name.get(BASE)
    if fixed is not None and fixed.decision == "fix":
        content["base"] = fixed.new
        if isinstance(content.get("confirm"), dict) and content["confirm"].get("per") == BASE:
            content["confirm"] = {name: value for name, value in content["confirm"].items() if name != "per"}
    names = list(content)
    cut = names.index("space") if "space" in names else len(names)
    chosen = names[:cut] if before else names[cut + 1 :]
    part = {name: content[name] for name in chosen}
    return yaml.safe_dump(part, sort_keys=False, allow_unicode=True, width=120).splitlines() if part else []


def _plain(value: Any) -> Any:  # noqa: ANN401
    """Return a domain as JSON: names of shares are text there."""
    if isinstance(value, dict):
        return {str(name): _plain(entry) for name, entry in value.items()}
    return value
