"""Which learning rate each network of the ladder has, and what it was chosen by."""

import csv
from collections import defaultdict
from collections.abc import Mapping
from pathlib import Path
from statistics import fmean

from c5snn.errors import ConfigError
from c5snn.reports.words import count, joined, number
from c5snn.sweeps.spec_file import read_spec

__all__ = ["chosen_rates", "rates_text"]

RATE = "optimizer.lr"
COMMAND = "c5snn sweep ladder_rates.yaml"


def chosen_rates() -> dict[str, float]:
    """Return the learning rate of each network of ``ladder.yaml``."""
    spec = read_spec("ladder.yaml")[1]
    return {name: float(changes[RATE]) for name, changes in spec.variants.items()}


def rates_text(folder: Path, chosen: Mapping[str, float]) -> str:
    """Return the mean skill on validation of each network at each rate, and which rates were taken.

    Args:
        folder: The results of ``ladder_rates.yaml``.
        chosen: The rate that the ladder takes, by network.

    Raises:
        ConfigError: A rate was taken that is not the best of those that were trained on all histories.
    """
    skills = _skills(folder)
    if not skills:
        return f"`{COMMAND}` left no result yet."
    n_histories = max(len(values) for by_rate in skills.values() for values in by_rate.values())
    means = {name: _means(by_rate, n_histories) for name, by_rate in skills.items()}
    others = [
        name for name, by_rate in means.items() if chosen[name] != max(by_rate, key=by_rate.__getitem__, default=None)
    ]
    if others:
        raise ConfigError(f"ladder.yaml must take the best rates of {folder}, but does not for {joined(others)}.")
    rates = sorted({rate for by_rate in skills.values() for rate in by_rate})
    return "\n".join(
        [
            f"| skill on validation at the rate | {' | '.join(f'{rate:g}' for rate in rates)} |",
            f"| --- |{' ---: |' * len(rates)}",
            *(f"| {name} | {' | '.join(_cell(means[name], rate, chosen[name]) for rate in rates)} |" for name in means),
            "",
            f"*The mean over {count(n_histories, 'history')}; in bold the best, which is taken{_ends(means, chosen)}.*",
        ]
    )


def _means(by_rate: Mapping[float, list[float]], n_histories: int) -> dict[float, float]:
    """Return the mean of each rate that was trained on all histories: means over others are not comparable."""
    return {rate: fmean(values) for rate, values in by_rate.items() if len(values) == n_histories}


def _skills(folder: Path) -> dict[str, dict[float, list[float]]]:
    """Return the skill on each history, by network and rate."""
    path = folder / "trials.csv"
    skills: defaultdict[str, defaultdict[float, list[float]]] = defaultdict(lambda: defaultdict(list))
    if path.exists():
        with path.open(newline="", encoding="utf-8") as file:
            for row in csv.DictReader(file):
                if row["status"] == "finished":
                    skills[row["base"]][float(row["lr"])].append(float(row["val_skill"]))
    return {name: dict(by_rate) for name, by_rate in skills.items()}


def _ends(means: Mapping[str, Mapping[float, float]], chosen: Mapping[str, float]) -> str:
    """Return which networks take the lowest or the highest of their rates."""
    names = [name for name, by_rate in means.items() if chosen[name] in (min(by_rate), max(by_rate))]
    if not names:
        return ""
    take = "takes" if len(names) == 1 else "take"
    return f"; {joined(names)} {take} the lowest or the highest, beyond which others may be better"


def _cell(means: Mapping[float, float], rate: float, chosen: float) -> str:
    if rate not in means:
        return "–"
    text = number(means[rate], 3)
    return f"**{text}**" if rate == chosen else text
