"""Values, ranges and trials as the tables of an analysis show them."""

from c5snn.analysis.elites import EmpiricalRange
from c5snn.evidence import Interval
from c5snn.records.searched import SearchedOption, SearchedTrial
from c5snn.reports.searches.axis import short_option, text_of
from c5snn.reports.words import MISSING, difference

__all__ = ["choice_counts", "domain_text", "short", "signed_interval", "trial_label"]


def short(value: object) -> str:
    """Return a value in few characters.

    >>> short(0.000123456), short(None), short([8, 16]), short({"low": 1e-05, "high": 0.1}), short(True)
    ('0.000123', '–', '8, 16', '1e-05 to 0.1', 'true')
    """
    if value is None:
        return MISSING
    if isinstance(value, float):
        return f"{value:.3g}"
    if isinstance(value, dict) and value.keys() == {"values"}:
        value = value["values"]
    if isinstance(value, list | tuple):
        return ", ".join(map(short, value))
    if isinstance(value, dict) and "low" in value:
        return f"{short(value['low'])} to {short(value['high'])}{' log' if value.get('log') else ''}"
    if isinstance(value, dict) and "weights" in value:
        return ", ".join(f"{short(name)} {share:.0%}" for name, share in value["weights"].items())
    return text_of(value)


def signed_interval(ends: Interval | None) -> str:
    """Return an interval of an effect with two digits.

    >>> signed_interval(Interval(-0.5, 0.25))
    '−0.50 to +0.25'
    """
    return MISSING if ends is None else f"{difference(ends.low, 2)} to {difference(ends.high, 2)}"


def domain_text(option: SearchedOption) -> str:
    """Return the space of an option, where the search's definition says it."""
    if not option.is_written:
        return "not known"
    scale = " log" if option.is_log else ""
    return f"{short(option.low)} to {short(option.high)}{scale}" if option.is_range else short(list(option.choices))


def choice_counts(entry: EmpiricalRange) -> str:
    """Return each value with its number of trials."""
    return ", ".join(f"{short(value)} {n}" for value, n in entry.counts) or MISSING


def trial_label(trial: SearchedTrial) -> str:
    """Return what a trial tried."""
    return ", ".join(f"{short_option(name)}={short(value)}" for name, value in trial.params.items())
