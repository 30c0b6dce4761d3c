"""Runs on planted histories, and reports of them; the runs are those of the tests of records."""

import itertools

import pytest

from c5snn.reports.collection import Collection
from c5snn.reports.report import make_report
from tests.records.written import events, make_module_run, make_run, network, rankings_of

__all__ = ["events", "make_module_run", "make_run", "network", "rankings_of"]


@pytest.fixture
def ladder_run(make_run, rankings_of, network):
    """Return a function that writes the test of a model on a planted history, and the base that it started from."""
    names = map(str, itertools.count())

    def make(model, signal, data_seed, share, *, strength=1.0, base=None, val=0.5, oracle=1.0, more=None, **fields):
        signal = signal if isinstance(signal, dict) else {"class": signal}
        facts = {"signal": signal, "strength": strength, "data_seed": data_seed} | (more or {})
        fields |= {"activity": network(0.3) if "spik" in model else None, "val": {"val_recall_at_20": val}}
        run = make_run(
            next(names), model=model, rankings=rankings_of(data_seed, share), facts=facts,
            data={"identity": f"{signal} {strength} {data_seed}"}, oracle=oracle, **fields,
        )  # fmt: skip
        return run, base

    return make


@pytest.fixture
def ladder_runs(ladder_run):
    """Return a function that writes models which have these skills, and one in a hundred more with each seed."""

    def make(shares, signals=("Skew", "Successor"), seeds=(1, 2, 3)):
        return [
            ladder_run(model, signal, seed, share + 0.01 * seed)
            for model, share in shares.items()
            for signal in signals
            for seed in seeds
        ]

    return make


@pytest.fixture
def ladder_report():
    """Return a function that makes a report of such runs."""

    def make(*runs, reference=None):
        bases = {run.folder: base for run, base in runs if base is not None}
        collection = Collection([run for run, _ in runs], [], {}, {}, bases=bases)
        return make_report(collection, reference=reference, n_draws=50)

    return make
