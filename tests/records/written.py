"""Runs that nobody trained: the product's own writers leave their records, in milliseconds."""

import dataclasses

import numpy as np
import pytest

from c5snn.evidence import (
    UniformSubset,
    Words,
    fair_outcomes,
    hits_of_rankings,
    list_weights,
    mean_interval,
    reciprocal_ranks,
    skill,
)
from c5snn.evidence import recall_of_rankings as recall
from c5snn.files import write_json, write_text
from c5snn.records import (
    DataRecord,
    Headline,
    LayerActivity,
    MetricScore,
    NetworkActivity,
    RunRecord,
    TestItems,
    commit_training,
    load_run,
    test_identity,
    write_curves,
)
from c5snn.records.run_folder import CONFIG, METRICS, PROVENANCE, TEST_ITEMS, TEST_METRICS
from c5snn.tasks.judging import Oracle, ReferenceWords, judge_items

N_WINDOWS = 300
HEADLINE = Headline("recall_at_20", "Recall@20", "max")
FACTS = {
    "n_parts": 39, "n_active": 5, "window": 21, "first_target": "2000-01-22", "last_target": "2005-06-22",
    "signal": {"class": "Repeat", "lag": 1}, "strength": 1.0, "n_events": 2_000, "data_seed": 1,
}  # fmt: skip
SPLITS = {"train": 1_400, "val": 300, "test": N_WINDOWS}
FIRST_LIST = np.arange(1, 40, dtype=np.uint8)
POPULARITY = ReferenceWords(
    "popularity_baseline", "popularity baseline", "parts by their frequency in train", "learns from the history"
)
BASELINES = ("frequency", "lag_kernel")


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


@pytest.fixture(scope="module")
def make_module_run(tmp_path_factory, events):
    """Return what ``make_run`` returns, for runs that all tests of a file read."""
    return writer(tmp_path_factory.mktemp("runs"), events)


def writer(parent, events):
    """Return a function that writes runs below a folder."""

    def make(name, *, rankings=None, events=events, curve=(), data=None, facts=None, model="gru", **fields):
        folder = parent / name
        folder.mkdir(parents=True)
        judged = {
            key: fields.pop(key) for key in ("reference", "keeps_reference", "oracle", "details") if key in fields
        }
        run = record_of(folder, model, data_of(facts or {}, **(data or {})), len(curve), fields)
        run.save()
        write_text(folder / CONFIG, "seed_everything: 42\n")
        write_json(folder / PROVENANCE, {"c5snn": "0.1.0", "python": "3.11", "packages": {"torch": "2.13.0"}})
        rows = [{"epoch": i, run.headline.monitor: x, "val_loss": 0.4, "train_loss": 0.5} for i, x in enumerate(curve)]
        write_curves(folder / METRICS, rows)
        if rankings is not None:
            write_test(folder, rankings, events, **judged)
        commit_training(folder)
        return load_run(folder)

    return make


def data_of(facts, **fields):
    """Return data with these facts and fields; whatever a test is about decides what it can be compared with."""
    facts = {name: value for name, value in (FACTS | facts).items() if value is not None}
    record = {"source": "a planted history", "identity": "a" * 64, "n_items": SPLITS, **fields}
    places = record["n_items"], facts["first_target"], facts["last_target"]
    return DataRecord(
        item="window",
        facts=facts,
        choices=("path", "signal", "strength", "n_events", "data_seed", "n_origins", "origin"),
        **{"test_identity": test_identity(record["identity"], *places), **record},
    )


def record_of(folder, model, data, n_epochs, fields):
    arguments = {"n_parts": 39, "hidden_size": 64} if "arguments" not in fields else fields.pop("arguments")
    defaults = {
        "status": "finished", "class_path": f"c5snn.models.{model}.{model.title()}", "is_baseline": model in BASELINES,
        "effective_arguments": {name: value for name, value in arguments.items() if name not in ("n_parts", "window")},
        "n_parameters": 100, "seed": 42, "headline": HEADLINE, "metrics": ("recall_at_20", "mrr"), "n_steps": 1_000,
        "best_epoch": 0, "val": {"val_recall_at_20": 0.52}, "training_time_s": 2.0, "device": "cpu",
        "chosen": {"model": "GRU"},
    }  # fmt: skip
    return RunRecord(
        folder=folder, model=model, arguments=arguments, data=data, n_epochs=n_epochs, **{**defaults, **fields}
    )


def write_test(folder, rankings, events, *, reference=FIRST_LIST, keeps_reference=True, oracle=None, details=None):
    """Write what ``c5snn test`` writes of such rankings; an early release did not keep the reference's windows."""
    listed = np.tile(reference, (len(events), 1))
    items = TestItems(
        scores=recall(rankings, events, 20),
        references={POPULARITY.name: recall(listed, events, 20)},
        predictions=list_weights(-np.argsort(rankings, axis=1).astype(np.float64), 20),
        outcomes=events,
        details=details or {},
    )
    hits, ranks = hits_of_rankings(rankings, events, 20), reciprocal_ranks(rankings, events)
    others = {
        "hit_at_20": MetricScore(float(hits.mean()), None, 0.98),
        "mrr": MetricScore(float(ranks.mean()), None, 0.31),
    }
    null, value = UniformSubset(39, 5, 20), float(items.scores.mean())
    planted = None
    if oracle is not None:  # what came stands in for what might have come
        planted = Oracle(oracle, skill(value, oracle, null.chance, len(events), null.variance))
    record = judge_items(
        items,
        null,
        headline=HEADLINE,
        words=Words("Recall@20", "window", "ranking", "fair history"),
        references=(POPULARITY,),
        answers=rankings,
        metrics={"recall_at_20": MetricScore(value, mean_interval(items.scores)), **others},
        oracle=planted,
    ).record
    if not keeps_reference:
        items = dataclasses.replace(items, references={})
        references = tuple(dataclasses.replace(entry, interval=None, p=None) for entry in record.references)
        record = dataclasses.replace(record, references=references)
    items.save(folder / TEST_ITEMS)
    write_json(folder / TEST_METRICS, record.to_json())


@pytest.fixture(scope="session")
def network():
    """Return the activity of a network with a layer for each firing rate; 0 is dead, 1 saturated."""

    def make(*rates, same=0.1):
        layers = tuple(
            LayerActivity(f"layer_{i}", rate, float(rate == 0), float(rate == 1)) for i, rate in enumerate(rates)
        )
        return NetworkActivity(layers, 1000.0, 1 if same == 1 else 200, same, 0.5)

    return make
