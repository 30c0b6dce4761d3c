"""Runs that nobody trained: their records and rankings are written as a run writes them, in milliseconds."""

import dataclasses
import itertools

import numpy as np
import pytest
from c5snn.training.result import DataRecord, RunResult, load

from c5snn.evidence import fair_outcomes, hit_at_k, paired_difference, reciprocal_rank
from c5snn.evidence import recall_at_k as recall
from c5snn.files import write_json, write_text
from c5snn.metrics import RankingMetrics
from c5snn.records.activity import LayerActivity, NetworkActivity
from c5snn.reports.collection import Collection
from c5snn.reports.report import make_report

N_WINDOWS = 300
DATA = DataRecord(
    source="synthetic history Repeat(lag=1), strength 1.0, 2,000 events, data seed 1",
    sha256="a" * 64,
    n_parts=39,
    n_active=5,
    window=21,
    n_windows={"train": 1400, "val": 300, "test": N_WINDOWS},
    first_target="2000-01-22",
    last_target="2005-06-22",
)
FIRST_LIST = np.arange(1, 40, dtype=np.uint8)


@pytest.fixture(scope="session")
def events():
    """Fair outcomes of the test windows."""
    return fair_outcomes(np.random.default_rng(5), (N_WINDOWS,))


@pytest.fixture(scope="session")
def rankings_of(events):
    """Return rankings by luck, moved towards the events that come by a share of the windows."""

    def make(seed=0, share=0.0):
        random = np.random.default_rng(seed)
        rankings = random.permuted(np.tile(FIRST_LIST, (len(events), 1)), axis=1)
        for window in np.flatnonzero(random.random(len(events)) < share):
            rest = [part for part in rankings[window] if part not in events[window]]
            rankings[window] = [*events[window], *rest]
        return rankings

    return make


@pytest.fixture
def make_run(tmp_path, events):
    """Return a function that writes a run into a folder of this name and loads it."""
    return writer(tmp_path, events)


def writer(parent, events):
    """Return a function that writes runs below a folder."""

    def make(name, *, rankings=None, events=events, data=None, fixed_list=FIRST_LIST, oracle=None, curve=(), **fields):
        folder = parent / name
        folder.mkdir(parents=True)
        record = {
            "status": "finished", "model": "gru", "arguments": {"n_parts": 39, "hidden_size": 64}, "n_parameters": 100,
            "seed": 42, "n_epochs": len(curve), "best_epoch": 0, "val": {"val_recall_at_20": 0.52},
            "training_time_s": 2.0, "device": "cpu", "chosen": {"model": "GRU"},
        }  # fmt: skip
        run = RunResult(folder=folder, data=dataclasses.replace(DATA, **(data or {})), **{**record, **fields})
        run.save()
        write_text(folder / "config.yaml", "seed_everything: 42\n")
        write_json(folder / "provenance.json", {"c5snn": "0.1.0", "python": "3.11", "packages": {"torch": "2.13.0"}})
        rows = [f"{epoch},{value},0.4,0.5" for epoch, value in enumerate(curve)]
        write_text(folder / "metrics.csv", "\n".join(["epoch,val_recall_at_20,val_loss,train_loss", *rows]) + "\n")
        if rankings is not None:
            kept = {} if fixed_list is None else {"fixed_list": fixed_list}
            np.savez_compressed(folder / "rankings.npz", rankings=rankings, events=events, **kept)
            write_json(folder / "test_metrics.json", tested(rankings, events, fixed_list, oracle))
        return load(folder)

    return make


@pytest.fixture(scope="module")
def make_module_run(tmp_path_factory, events):
    """Return what ``make_run`` returns, for runs that all tests of a file read."""
    return writer(tmp_path_factory.mktemp("runs"), events)


def tested(rankings, events, fixed_list, oracle):
    values = {
        "recall_at_20": recall(rankings, events, 20).mean(), "hit_at_20": hit_at_k(rankings, events, 20).mean(),
        "mrr": reciprocal_rank(rankings, events).mean(), "recall_at_5": recall(rankings, events, 5).mean(),
        "hit_at_5": hit_at_k(rankings, events, 5).mean(),
    }  # fmt: skip
    chance = RankingMetrics()
    listed = recall(np.tile(FIRST_LIST if fixed_list is None else fixed_list, (len(events), 1)), events, 20)
    difference = paired_difference(recall(rankings, events, 20), listed)
    return {
        "metrics": {name: {"value": float(value), "chance": chance[name].chance} for name, value in values.items()},
        "fixed_list": {"recall_at_20": float(listed.mean()), "difference": difference.mean},
        "distinct_rankings": len(np.unique(rankings, axis=0)),
        "oracle": None if oracle is None else {"recall_at_20": oracle},
    }


@pytest.fixture
def ladder_run(make_run, rankings_of):
    """Return a function that writes the test of a model on a planted history, and the base that it started from."""
    names = map(str, itertools.count())

    def make(model, signal, data_seed, share, *, strength=1.0, base=None, val=0.5, oracle=1.0, **fields):
        source = f"synthetic history {signal}, strength {strength}, 2,000 events, data seed {data_seed}"
        data = {"source": source, "sha256": f"{signal} {strength} {data_seed}"}
        rankings, val = rankings_of(data_seed, share), {"val_recall_at_20": val}
        return make_run(next(names), model=model, rankings=rankings, data=data, oracle=oracle, val=val, **fields), base

    return make


@pytest.fixture
def ladder_runs(ladder_run):
    """Return a function that writes models which capture these shares, and one in a hundred more with each seed."""

    def make(shares, signals=("Skew()", "Successor()"), seeds=(1, 2, 3)):
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


@pytest.fixture(scope="session")
def network():
    """Return the activity of a network with a layer for each firing rate; 0 is dead, 1 saturated."""

    def make(*rates, same=0.1):
        layers = tuple(
            LayerActivity(f"layer_{i}", rate, float(rate == 0), float(rate == 1)) for i, rate in enumerate(rates)
        )
        return NetworkActivity(layers, 1000.0, 1 if same == 1 else 200, same, 0.5)

    return make
