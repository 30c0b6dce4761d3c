"""The tables of classes count what was predicted, and appear only where the data names its classes."""

import numpy as np
import pytest

from c5snn.records import PooledTest
from c5snn.reports.classes import class_sections, class_tables

CLASSES = ["cat", "dog", "eel"]
TRUE = np.array([0, 0, 0, 1, 1, 2, 2, 2])
SAID = {1: np.array([0, 0, 1, 1, 1, 2, 2, 0]), 2: np.array([0, 0, 1, 1, 1, 0, 2, 2])}


@pytest.fixture
def tested(make_run):
    """A function that returns the pooled test of two seeds with these facts of the data."""

    def make(facts, name="net"):
        runs = [make_run(f"{name}_{seed}", seed=seed, facts=facts) for seed in SAID]
        outcomes = np.column_stack([TRUE, np.zeros_like(TRUE)])
        scores = np.stack([(said == TRUE) * 1.0 for said in SAID.values()])
        return PooledTest([[run] for run in runs], [], scores, {}, np.stack(list(SAID.values())), outcomes)

    return make


def test_counts_are_the_mean_over_seeds_of_each_class_and_prediction(tested):
    (table,) = class_tables([("net", tested({"classes": CLASSES}))])
    for i in range(3):
        for j in range(3):
            by_hand = np.mean([((said == j) & (i == TRUE)).sum() for said in SAID.values()])
            assert table.counts[i][j] == by_hand
    assert table.n_items == [3, 2, 3]
    assert table.recognised == pytest.approx([2 / 3, 1.0, 2 / 3])


def test_data_without_classes_has_no_such_table(tested):
    assert class_tables([("net", tested({}))]) == []


def test_the_sections_name_classes_in_the_nouns_of_the_task(tested):
    facts = {"classes": [*CLASSES, "fox"]}
    tables = class_tables([("net", tested(facts)), ("other", tested(facts, "other"))])
    of_class, confusion, *_ = class_sections(tables, "photo", "animal", "accuracy")
    assert of_class.title == "Accuracy by animal"
    assert of_class.tables[0].columns == ["animal", "photos", "net", "other"]
    assert of_class.tables[0].rows[1] == ["dog", "2", "2 of 2", "2 of 2"]
    assert len(of_class.tables[0].rows) == 3  # no photo is of a fox
    assert confusion.tables[0].rows[0] == ["cat", "2", "1", "–", "–", "3"]
    assert confusion.drawing.draw(400).axes
