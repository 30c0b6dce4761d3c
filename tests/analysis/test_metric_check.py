"""The metric is checked first: a constant predictor may get more or less with the batch size alone."""

import numpy as np
import pytest

from c5snn.analysis.findings import AnalysisSettings, analyze_search
from c5snn.analysis.metric_check import batch_mean, check_metric
from c5snn.analysis.reading import read_search
from c5snn.analysis.steps import steps_document
from c5snn.errors import ConfigError
from tests.analysis.conftest import CATEGORIES, COUNTS, make_search

WEIGHTED = "accuracy=({})/73".format("+".join(f"{n}*val_acc_{c}" for n, c in zip(COUNTS, CATEGORIES, strict=True)))


def test_the_mean_over_batches_of_a_constant_is_that_of_its_definition():
    labels = np.repeat(range(len(COUNTS)), COUNTS)
    for size in (1, 5, 8, 73, 100):
        batches = [labels[i : i + size] == 2 for i in range(0, 73, size)]
        assert batch_mean(COUNTS, 2, size) == pytest.approx(np.mean([batch.mean() for batch in batches]))


def test_a_mean_over_batches_fails_and_the_accuracy_over_items_holds(sorted_split):
    recorded = check_metric(read_search(str(sorted_split)).search, COUNTS)
    assert recorded.status == "fails"
    assert [row.batch_size for row in recorded.rows] == [8, 16, 32, 64]
    assert [row.value for row in recorded.rows] == [0.2625, 0.2625, 0.21875, 0.1640625]
    assert sum(row.n_equal for row in recorded.rows) >= 20  # every third trial is constant
    weighted = check_metric(read_search(str(sorted_split), metric=WEIGHTED).search, COUNTS)
    assert weighted.status == "holds"
    assert weighted.truth == pytest.approx(21 / 73)


def test_without_counts_nothing_is_claimed(sorted_split):
    assert check_metric(read_search(str(sorted_split)).search).status == "unchecked"


def test_a_metric_of_the_task_holds():
    search = make_search([1, 2, 3], x=[1, 2, 3])
    assert check_metric(search).status == "unchecked"
    assert check_metric(type(search)(**{**vars(search), "weighted_metrics": frozenset({"score"})})).status == "holds"


def test_an_effect_of_the_metric_alone_vanishes_with_the_right_one_and_both_stand_side_by_side(sorted_split):
    findings = analyze_search(read_search(str(sorted_split), metric=WEIGHTED), AnalysisSettings(counts=COUNTS))
    old = {entry.option.name: entry for entry in findings.recorded_directions}["batch_size"]
    new = {entry.option.name: entry for entry in findings.directions}["batch_size"]
    assert old.p_corrected < 0.01 < new.p
    assert ("batch_size", "use_scheduler") in {(entry.first, entry.second) for entry in findings.confounded}
    document = steps_document(findings)
    beside = next(section for section in document.sections if section.title == "By both metrics")
    row = next(row for row in beside.tables[0].rows if row[0] == "batch_size")
    assert row[2].startswith("−0.")
    assert beside.tables[0].columns[2:] == ["val_acc", "p", "accuracy", "p"]
    assert any(sentence.startswith("Decided by val_acc") and "batch_size" in sentence for sentence in document.verdict)


@pytest.mark.parametrize("counts", [[0, 0], [-1, 2]])
def test_impossible_counts_are_refused(sorted_split, counts):
    with pytest.raises(ConfigError, match="0 <= counts"):
        check_metric(read_search(str(sorted_split)).search, counts)
