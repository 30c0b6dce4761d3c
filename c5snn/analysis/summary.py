"""The summary of an analysis: the metric first, then what is decided, what holds it back, and what comes next."""

from collections.abc import Sequence

from c5snn.analysis.directions import Direction
from c5snn.analysis.findings import Findings
from c5snn.reports.words import count, difference, interval, joined, listed, p_text

__all__ = ["summary_sentences"]


def summary_sentences(findings: Findings) -> list[str]:
    """Return the summary, one sentence a fact."""
    search, check = findings.search, findings.check
    sentences = [check.says[-1] if check.status != "holds" else check.says[0]]
    decided = [entry for entry in findings.directions if entry.is_decided]
    if decided:
        named = ", ".join(
            f"{e.option.name} ({difference(e.effect, 3)}{_ends(e)}, n {e.n}, corrected p = {p_text(e.p_corrected)})" for e in decided
        )
        sentences.append(f"{count(len(decided), 'option')} of {len(findings.directions)} with corrected p below .05: {named}.")
    else:
        sentences.append(f"None of {count(len(findings.directions), 'option')} has a corrected p below .05: no effect is shown, and none is excluded.")
    sentences.append(_random_sentence(findings, decided))
    surest = findings.confounded[0] if findings.confounded else None
    if surest is not None:
        sentences.append(
            f"{count(len(findings.confounded), 'pair')} of options hang together, the surest {surest.first} and "
            f"{surest.second} ({surest.statistic} {surest.strength:.2f}, n {surest.n})."
        )
    changed = [f"{entry.decision} {entry.option}" for entry in findings.decisions if entry.decision != "keep"]
    sentences.append(f"Next space: {listed(changed)}; the rest is kept." if changed else "Next space: every option is kept.")
    n_failed = sum(trial.state == "failed" for trial in search.trials)
    return [*sentences, *([f"{count(n_failed, 'trial')} failed."] if n_failed else [])]


def _ends(entry: Direction) -> str:
    return "" if entry.interval is None else f", {interval(entry.interval, signed=True)}"


def _random_sentence(findings: Findings, decided: Sequence[Direction]) -> str:
    if not any(trial.sampled_by for trial in findings.search.trials):
        return "Which trials were drawn at random is not recorded, so no effect is free of the sampler's choice."
    also = [e.option.name for e in decided if e.random.p is not None and e.random.p < 0.05 and (e.random.value or 0) * (e.effect or 0) > 0]  # noqa: PLR2004
    n_random = sum(trial.sampled_by == "random" for trial in findings.search.complete)
    if not decided:
        return f"{count(n_random, 'complete trial')} were drawn at random."
    return f"On the {n_random} complete trials drawn at random alone, {joined(also) or 'none'} of these has p below .05 (not corrected)."
