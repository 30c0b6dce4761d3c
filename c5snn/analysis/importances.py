"""How much each option matters: PED-ANOVA, which sees any shape, beside the strength of the rank correlation."""

import warnings
from collections.abc import Sequence
from typing import Any

from c5snn.analysis.directions import Direction
from c5snn.errors import ConfigError
from c5snn.records.searched import SearchedOption, SearchRecord
from c5snn.reports.searches.importances import Importance
from c5snn.sweeps.optuna_classes import import_optuna
from c5snn.sweeps.space import canonical

__all__ = ["disagreement", "importances_of", "missing_sentence", "most_important"]

FEWEST = 5  # a tenth of fewer trials is none


def importances_of(search: SearchRecord, directions: Sequence[Direction]) -> list[Importance]:
    """Return the importance of every option, the greatest first.

    PED-ANOVA compares where the best tenth of the trials lies with where all of them lie.

    Source: Watanabe, Bansal & Hutter (2023), PED-ANOVA: efficiently quantifying hyperparameter importance in arbitrary
    subspaces, IJCAI, doi:10.24963/ijcai.2023/488.
    """
    divergences = _ped_anova(search)
    total = sum(divergences.values())
    found = [
        Importance(
            entry.option.name,
            entry.n,
            divergences[entry.option.name] / total if total > 0 and entry.option.name in divergences else None,
            entry.strength,
            entry.p_corrected,
        )
        for entry in directions
    ]
    return sorted(found, key=lambda entry: (-(entry.ped_anova or 0.0), -(entry.strength or 0.0)))


def missing_sentence(search: SearchRecord) -> str:
    """Return why no option of a search has a PED-ANOVA."""
    n = len(search.complete)
    if search.is_constant:
        return f"All {n} complete trials have the same {search.metric}, so no importance can be computed."
    if n < FEWEST:
        return f"PED-ANOVA is missing: it needs {FEWEST} complete trials, but there are {n}."
    try:
        import_optuna()
    except ConfigError:
        return "PED-ANOVA is missing: it needs Optuna, `pip install 'c5snn[study]'`."
    return "PED-ANOVA is 0 for every option: the best tenth of the trials lies where all of them lie."


def most_important(importances: Sequence[Importance], n: int) -> list[str]:
    """Return the names of the most important options: the least corrected p first, then PED-ANOVA.

    A strong correlation of few trials is no importance, so the p decides, not the correlation.
    """
    known = [entry for entry in importances if entry.p_corrected is not None or entry.ped_anova]
    p = {entry.option: 1.0 if entry.p_corrected is None else entry.p_corrected for entry in known}
    ordered = sorted(known, key=lambda entry: (p[entry.option], -(entry.strength or 0.0)))
    return [entry.option for entry in ordered[:n]]


def disagreement(importances: Sequence[Importance], n: int = 3) -> tuple[list[str], list[str]] | None:
    """Return the first options by PED-ANOVA and by the correlation where they are not the same; None where they are."""
    both = [entry for entry in importances if entry.ped_anova is not None and entry.strength is not None]
    by_anova = [entry.option for entry in sorted(both, key=lambda entry: -(entry.ped_anova or 0.0))[:n]]
    by_rank = [entry.option for entry in sorted(both, key=lambda entry: -(entry.strength or 0.0))[:n]]
    return None if set(by_anova) == set(by_rank) else (by_anova, by_rank)


def _ped_anova(search: SearchRecord) -> dict[str, float]:
    """Return the divergence of each option; empty where Optuna is missing or trials are too few."""
    if len(search.complete) < FEWEST:
        return {}
    try:
        optuna = import_optuna()
    except ConfigError:
        return {}
    study = optuna.create_study(direction="maximize" if search.sign > 0 else "minimize")
    domains = {option.name: _distribution(optuna, option) for option in search.options}
    varied = {name: domain for name, domain in domains.items() if domain is not None}
    for trial in search.complete:
        inside = {
            name: _stored(option, value)
            for name, value in trial.params.items()
            if name in varied and (option := search.option(name)) and option.has(value)
        }
        study.add_trial(
            optuna.trial.create_trial(
                params=inside, distributions={name: varied[name] for name in inside}, value=trial.value
            )
        )
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # that equal values select the same trials; then every importance is 0
        evaluator = optuna.importance.PedAnovaImportanceEvaluator()
        found: dict[str, float] = evaluator.evaluate(study)
    return {name: float(value) for name, value in found.items()}


def _distribution(optuna: Any, option: SearchedOption) -> Any:  # noqa: ANN401  # a module and a class of Optuna
    """Return the distribution of an option; None where it has one value."""
    kinds = optuna.distributions
    if not option.is_range:
        return (
            kinds.CategoricalDistribution([canonical(v) for v in option.choices]) if len(option.choices) > 1 else None
        )
    low, high = option.low, option.high
    if low is None or high is None or low == high:
        return None
    if option.is_int:
        return kinds.IntDistribution(
            int(low), int(high), log=option.is_log, step=1 if option.is_log else int(option.step or 1)
        )
    return kinds.FloatDistribution(
        float(low), float(high), log=option.is_log, step=None if option.is_log else option.step
    )


def _stored(option: SearchedOption, value: Any) -> Any:  # noqa: ANN401
    if not option.is_range:
        return canonical(value)
    return int(value) if option.is_int else float(value)
