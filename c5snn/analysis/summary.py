"""The summary of an analysis: the metric first, then what is decided, what holds it back, and what comes next."""

from collections.abc import Sequence

from c5snn.analysis.directions import DECIDED, Direction
from c5snn.analysis.findings import Findings
from c5snn.reports.document import Section, Table
from c5snn.reports.searches.axis import option_labels
from c5snn.reports.words import count, difference, interval, joined, listed, number, of_all, p_equals, p_text

__all__ = ["MOST", "interaction_sections", "summary_sections", "summary_sentences"]

MOST = 12  # rows of a printed table that has no end


def summary_sentences(findings: Findings) -> list[str]:
    """Return the summary, one sentence a fact."""
    search, check = findings.search, findings.check
    sentences = [check.says[-1] if check.status != "holds" else check.says[0]]
    decided = [entry for entry in findings.directions if entry.is_decided]
    if decided:
        named = ", ".join(
            f"{entry.option.name} ({difference(entry.effect, 3)}{_ends(entry)}, n {entry.n_tested}, corrected "
            f"{_p(entry.p_corrected)})"
            for entry in decided
        )
        sentences.append(
            f"Corrected p is below .05 for {of_all(len(decided), len(findings.directions), 'option')}: {named}."
        )
    elif search.is_constant:
        sentences.append(
            f"All {len(search.complete)} complete trials have the same {search.metric}: nothing is learned of any "
            "option."
        )
    else:
        sentences.append(
            f"{_none_decided(len(findings.directions))} corrected p below .05: no effect is shown, and "
            "none is excluded."
        )
    sentences.append(_random_sentence(findings, decided))
    sentences += _recorded_sentences(findings)
    surest = findings.confounded[0] if findings.confounded else None
    if surest is not None:
        hang = "hangs" if len(findings.confounded) == 1 else "hang"
        sentences.append(
            f"{count(len(findings.confounded), 'pair')} of options {hang} together, the surest {surest.first} and "
            f"{surest.second} ({surest.statistic} {surest.strength:.2f}, n {surest.n})."
        )
    changed = [f"{entry.decision} {entry.option}" for entry in findings.decisions if entry.decision != "keep"]
    sentences.append(
        f"Next space: {listed(changed)}; the rest is kept." if changed else "Next space: every option is kept."
    )
    n_failed = sum(trial.state == "failed" for trial in search.trials)
    return [*sentences, *([f"{count(n_failed, 'trial')} failed."] if n_failed else [])]


def _p(p: float | None) -> str:
    return "no p" if p is None else p_equals(p)


def _ends(entry: Direction) -> str:
    return "" if entry.interval is None else f", {interval(entry.interval, signed=True)}"


def _recorded_sentences(findings: Findings) -> list[str]:
    """Return what the recorded metric showed that the one that was asked for does not, with both numbers."""
    both = [(o, n) for o, n in zip(findings.recorded_directions, findings.directions, strict=False) if o.is_decided]
    lost = [
        f"{old.option.name} {difference(old.effect, 3)} ({_p(old.p)}) against {difference(new.effect, 3)} "
        f"({_p(new.p)}), n {new.n_tested}"
        for old, new in both
        if not new.is_decided
    ]
    recorded, asked = findings.recorded.metric, findings.search.metric
    found = (
        [f"Decided by {recorded}, which the search recorded, and not by {asked}: {'; '.join(lost)}."] if lost else []
    )
    if findings.recorded_check is not None and findings.recorded_check.status == "fails":
        found.append(f"{recorded}: {findings.recorded_check.says[0]}")
    return found


def _random_sentence(findings: Findings, decided: Sequence[Direction]) -> str:
    if not any(trial.sampled_by for trial in findings.search.trials):
        return "Which trials were drawn at random is not recorded, so no effect is free of the sampler's choice."
    also = [
        e.option.name
        for e in decided
        if e.random.p is not None and e.random.p < DECIDED and (e.random.value or 0) * (e.effect or 0) > 0
    ]
    n_random = sum(trial.sampled_by == "random" for trial in findings.search.complete)
    if not decided:
        return f"{count(n_random, 'complete trial')} {'was' if n_random == 1 else 'were'} drawn at random."
    named = joined(also) or "none"
    trials = count(n_random, "complete trial")
    return f"On the {trials} drawn at random alone, {named} of these has p below .05 (not corrected)."


def _none_decided(n: int) -> str:
    return "The only option has no" if n == 1 else f"None of {count(n, 'option')} has a"


def interaction_sections(findings: Findings) -> list[Section]:
    """Return step 7."""
    rows, labels = [], option_labels(findings.search)
    for entry in findings.interactions:
        best = max(entry.cells, key=lambda cell: findings.search.sign * cell.mean, default=None)
        cell = f"{best.first}; {best.second}: {number(best.mean)} (n {best.n})" if best else "–"
        low, high = (f"{difference(half.value, 2)} ({half.n})" for half in (entry.low, entry.high))
        rows.append(
            [
                f"{labels[entry.first.name]}, {labels[entry.second.name]}",
                str(entry.n),
                low,
                high,
                p_text(entry.p_corrected),
                cell,
            ]
        )
    table = Table(["pair", "n", "ρ, 2nd low (n)", "ρ, 2nd high (n)", "p corr.", "best cell"], rows)
    note = "ρ of the first option with the metric where the second is low or high; p that both ρ are one."
    return [Section("7 Interactions", 2, tables=[table] if rows else [], note=note, is_short=True)]


def summary_sections(findings: Findings) -> list[Section]:
    """Return step 8, and what it rests on."""
    labels = option_labels(findings.search)
    found = [Section("8 Summary", 2, summary_sentences(findings), is_short=True)]
    if findings.recorded_directions:
        found.append(_beside(findings))
    if findings.confounded:
        rows = [
            [
                f"{labels[e.first]}, {labels[e.second]}",
                e.statistic,
                number(e.strength, 2),
                str(e.n),
                p_text(e.p_corrected),
            ]
            for e in findings.confounded[:MOST]
        ]
        more = f" The table shows the first {MOST} by p." if len(findings.confounded) > MOST else ""
        pairs = f"{count(len(findings.confounded), 'pair')} of options with |ρ| or Cramér's V above .5"
        says = f"{pairs}: the effect of one may be that of the other.{more}"
        found.append(
            Section(
                "Confounded options",
                sentences=[says],
                tables=[Table(["pair", "statistic", "value", "n", "p corr."], rows, 2)],
                is_short=True,
            )
        )
    if findings.idle:
        rows = [[labels[entry.option], entry.kind, entry.evidence] for entry in findings.idle]
        found.append(
            Section(
                "Constant and inert options", tables=[Table(["option", "what", "evidence"], rows, 3)], is_short=True
            )
        )
    return found


def _beside(findings: Findings) -> Section:
    """Return each option's effect by the recorded metric beside that by the one that was asked for."""
    labels = option_labels(findings.search)
    rows = [
        [
            labels[new.option.name],
            str(new.n_tested),
            difference(old.effect, 3),
            p_text(old.p),
            difference(new.effect, 3),
            p_text(new.p),
        ]
        for old, new in zip(findings.recorded_directions, findings.directions, strict=True)
    ]
    recorded, asked = findings.recorded.metric, findings.search.metric
    table = Table(["option", "n", recorded, "p", asked, "p"], rows)
    return Section(
        "By both metrics",
        sentences=[f"The same effects by {recorded}, which the search recorded, and by {asked}."],
        tables=[table],
        is_short=True,
    )
