"""The eight steps of an analysis as a document: what a terminal prints and the summary holds."""

from collections import Counter
from collections.abc import Sequence
from statistics import median

from c5snn.analysis.cells_text import choice_counts, domain_text, short, signed_interval, trial_label
from c5snn.analysis.decisions import HIT_SHARE, Decision
from c5snn.analysis.directions import Direction
from c5snn.analysis.findings import Findings
from c5snn.analysis.importances import disagreement, missing_sentence
from c5snn.analysis.statistics import Statistic
from c5snn.analysis.summary import MOST, interaction_sections, summary_sections, summary_sentences
from c5snn.reports.document import Document, Section, Table
from c5snn.reports.searches.axis import option_labels
from c5snn.reports.searches.history import history_of
from c5snn.reports.searches.importances import importances_section
from c5snn.reports.words import MISSING, count, difference, joined, number, of_all, p_text, percent

__all__ = ["importance_sentences", "steps_document"]


def steps_document(findings: Findings) -> Document:
    """Return the eight steps, the summary's sentences as the verdict."""
    return Document(
        title=f"What {findings.search.name} says",
        verdict=summary_sentences(findings),
        sections=[
            _overview(findings),
            _metric(findings),
            _tried(findings),
            _importances(findings),
            *_directions(findings),
            _completed(findings),
            _refined(findings),
            *interaction_sections(findings),
            *summary_sections(findings),
        ],
    )


def importance_sentences(findings: Findings) -> list[str]:
    """Return what is to be said of the importances: where the two measures disagree."""
    differing = disagreement(findings.importances)
    if all(entry.ped_anova is None for entry in findings.importances):
        return [missing_sentence(findings.search)]
    if differing is None:
        return ["PED-ANOVA and |ρ| agree on the three most important options."]
    by_anova, by_rank = differing
    return [
        f"The two measures disagree: PED-ANOVA puts {joined(by_anova)} first, |ρ| {joined(by_rank)}.",
        "PED-ANOVA sees where the best tenth lies, |ρ| the order of all trials.",
    ]


def _overview(findings: Findings) -> Section:
    search, best = findings.search, findings.search.best
    states = Counter(trial.state for trial in search.trials)
    listing = ", ".join(
        f"{states[state]} {state}" for state in ("complete", "pruned", "failed", "running") if states[state]
    )
    planned = f" of {search.n_planned} planned" if search.n_planned else ""
    sentences = [f"{count(len(search.trials), 'trial')}{planned}: {listing}."]
    n_duplicates = sum(trial.is_duplicate for trial in search.trials)
    if n_duplicates:
        sentences.append(
            f"{count(n_duplicates, 'trial')} {'repeats' if n_duplicates == 1 else 'repeat'} an earlier "
            f"one and {'is' if n_duplicates == 1 else 'are'} left out of every statistic."
        )
    if best is not None:
        history = history_of(search)
        again = "" if history.n_at_best == 1 else f", reached {history.n_at_best} times"
        sentences.append(f"Best {search.metric}: {number(best.value)}, trial #{best.number}{again}.")
    sentences += _values_sentences(findings)
    rows = [
        [f"#{trial.number}", number(trial.value), trial_label(trial)]
        for trial in sorted(search.complete, key=lambda trial: (-search.signed(trial), trial.number))[
            : findings.settings.top_k
        ]
    ]
    table = Table(["trial", search.metric, "configuration"], rows, n_text=3)
    return Section("1 Overview", 2, [*sentences, *search.notes], tables=[table], is_short=True)


def _values_sentences(findings: Findings) -> list[str]:
    """Return the trials of each choice, the distribution of the values, and the targets."""
    search, sentences = findings.search, list[str]()
    of = "; ".join(
        f"{entry.option.name}: {choice_counts(entry)}"
        for entry in findings.tried
        if entry.option.kind == "choice" and len(entry.counts) <= MOST
    )
    sentences += [f"Trials by choice: {of}."] if of else []
    values = sorted(float(trial.value or 0.0) for trial in search.complete)
    sentences.append(
        f"Values of the complete: {number(values[0])} to {number(values[-1])}, median {number(median(values))}, "
        f"{len(set(values))} distinct."
    )
    sentences += [
        f"Target {name}: {number(value)}, {_reached(findings, value)}." for name, value in search.targets.items()
    ]
    return sentences


def _reached(findings: Findings, target: float) -> str:
    search = findings.search
    n = sum(search.signed(trial) >= search.sign * target for trial in search.complete)
    return f"reached by {of_all(n, len(search.complete), 'complete trial')}"


def _metric(findings: Findings) -> Section:
    check = findings.check
    headings = {"holds": "The metric can be trusted", "fails": "The metric cannot be trusted"}
    rows = [[str(row.batch_size), number(row.value), str(row.n), str(row.n_equal)] for row in check.rows]
    table = Table(
        ["batch size", "constant predictor, mean over batches", "trials", "of them equal to a constant"], rows, 0
    )
    title = headings.get(check.status, "The metric could not be checked")
    return Section(title, sentences=list(check.says), tables=[table] if rows else [], is_short=True)


def _tried(findings: Findings) -> Section:
    rows, labels = [], option_labels(findings.search)
    for entry in findings.tried:
        option, ends = entry.option, choice_counts(entry)
        if option.is_range:
            ends = f"{short(entry.low)} to {short(entry.high)}"
        rows.append([labels[option.name], domain_text(option), str(entry.n), ends])
    note = "Tried: lowest to highest, or each value with its number of trials, of all states."
    return Section(
        "2 Ranges tried", 2, tables=[Table(["option", "space", "n", "tried"], rows, n_text=2)], note=note, is_short=True
    )


def _importances(findings: Findings) -> Section:
    section = importances_section(findings.importances, importance_sentences(findings))
    return Section("3 Importances", 2, section.sentences, section.drawing, section.tables, section.note, is_short=True)


def _directions(findings: Findings) -> list[Section]:
    numbers = [entry for entry in findings.directions if entry.option.kind == "number"]
    rest = [entry for entry in findings.directions if entry.option.kind != "number"]
    n_pruned, n_random = len(findings.search.pruned), sum(t.sampled_by == "random" for t in findings.search.complete)
    knows = any(trial.sampled_by for trial in findings.search.trials)
    random = (
        f"{n_random} of the complete trials {'was' if n_random == 1 else 'were'} drawn at random"
        if knows
        else "which trials were drawn at random is not recorded"
    )
    sentences = [
        f"p is corrected for {count(len(findings.directions), 'option')} (Benjamini and Hochberg).",
        f"Adaptive trials are not independent: {random}.",
        f"Pruned trials count by their recorded value as a bound: {n_pruned} of them.",
    ]
    found = [Section("4 Directions", 2, sentences, is_short=True)]
    if numbers:
        found.append(Section("Numbers", tables=[_numbers(findings, numbers)], is_short=True))
        found.append(Section("The same on other trials", tables=[_subsets(findings, numbers)], is_short=True))
    if rest:
        found.append(Section("Booleans and choices", tables=[_groups(findings, rest)], is_short=True))
        found.append(Section("Differences", tables=[_differences(findings, rest)], is_short=True))
    return found


def _numbers(findings: Findings, entries: Sequence[Direction]) -> Table:
    labels = option_labels(findings.search)
    rows = [
        [labels[entry.option.name], str(entry.n), difference(entry.effect, 3), signed_interval(entry.interval),
         p_text(entry.p), p_text(entry.p_corrected), _trend(findings, entry)]
        for entry in entries
    ]  # fmt: skip
    return Table(["option", "n", "ρ", "95 % interval", "p", "p corr.", "better"], rows)


def _trend(findings: Findings, entry: Direction) -> str:
    if entry.effect is None or not entry.is_decided:
        return "undecided"
    return "high" if entry.effect * findings.search.sign > 0 else "low"


def _subsets(findings: Findings, entries: Sequence[Direction]) -> Table:
    labels = option_labels(findings.search)
    rows = [
        [labels[entry.option.name], *_subset(entry.random), *_subset(entry.bounded), str(entry.n_pruned)]
        for entry in entries
    ]
    return Table(["option", "random: n", "ρ", "p", "with pruned: n", "ρ", "p", "pruned"], rows)


def _subset(found: Statistic) -> list[str]:
    return [str(found.n), difference(found.value, 3), p_text(found.p)]


def _groups(findings: Findings, entries: Sequence[Direction]) -> Table:
    labels = option_labels(findings.search)
    rows = [
        [labels[entry.option.name], short(choice.value), str(choice.n), number(choice.mean), number(choice.sd),
         signed_interval(choice.interval)]
        for entry in entries
        for choice in entry.choices
    ]  # fmt: skip
    return Table(["option", "value", "n", "mean", "sd", "less the others"], rows, n_text=2)


def _differences(findings: Findings, entries: Sequence[Direction]) -> Table:
    rows, labels = [], option_labels(findings.search)
    for entry in entries:
        best, worst = [short(choice.value) for choice in entry.extremes] if entry.extremes else (MISSING, MISSING)
        gain = None if entry.effect is None else abs(entry.effect) * findings.search.sign
        rows.append(
            [labels[entry.option.name], best, worst, difference(gain), p_text(entry.p), p_text(entry.p_corrected),
             f"{entry.random.n}: {p_text(entry.random.p)}", f"{entry.bounded.n}: {p_text(entry.bounded.p)}"]
        )  # fmt: skip
    columns = ["option", "best", "worst", "difference", "p", "p corr.", "random n: p", "with pruned n: p"]
    return Table(columns, rows, n_text=3)


def _completed(findings: Findings) -> Section:
    rows, labels = [], option_labels(findings.search)
    inside = {entry.option.name: entry for entry in findings.elite_ranges}
    for entry in findings.completed:
        option = entry.option
        ends, middle, best = choice_counts(entry), "–", "–"
        if option.kind == "number":
            ends, middle = f"{short(entry.low)} to {short(entry.high)}", short(entry.median)
            best = (
                f"{short(inside[option.name].low)} to {short(inside[option.name].high)}"
                if option.name in inside
                else "–"
            )
        rows.append([labels[option.name], str(entry.n), ends, middle, best])
    n = len(findings.elites)
    note = f"Elites: the best {count(n, 'trial')}, ties at the cut included; 5 to 95 % of them."
    table = Table(["option", "n", "complete trials", "median", "elites"], rows)
    return Section("5 Empirical ranges of completed trials", 2, tables=[table], note=note, is_short=True)


def _refined(findings: Findings) -> Section:
    kinds = Counter(entry.decision for entry in findings.decisions)
    counts = ", ".join(f"{n} {kind}" for kind, n in kinds.items())
    sentences = [
        f"{counts}.",
        (
            "A value is fixed or pruned only with enough trials and a corrected p below .10, a range narrowed only "
            "with such a p; an option without any effect on the model is dropped."
        ),
        (
            f"A range is expanded where {percent(HIT_SHARE, 0)} of the elites or more, a larger share than of all "
            "trials, lie near a bound, whatever the p."
        ),
    ]
    labels = option_labels(findings.search)
    rows = [
        [labels[entry.option], entry.decision, str(entry.n), p_text(entry.p_corrected), entry.confidence, _new(entry)]
        for entry in findings.decisions
    ]
    table = Table(["option", "decision", "n", "p corr.", "confidence", "next"], rows, n_text=2)
    return Section("6 Refined space", 2, sentences, tables=[table], is_short=True)


def _new(entry: Decision) -> str:
    if entry.is_dropped:
        return "dropped"
    return "null" if entry.new is None else short(entry.new)
