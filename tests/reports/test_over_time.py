"""Which test items were hit when, and what is predicted most: by hand, and only where a task records it."""

import numpy as np
import pytest

from c5snn.records import pool_origins
from c5snn.reports.answers import answer_uses, answers_section
from c5snn.reports.collection import Collection
from c5snn.reports.figures.canvas import TELLS
from c5snn.reports.over_time import _stretches, over_time_section
from c5snn.reports.report import document_of, make_report

N = 300
DATES = np.array([str(np.datetime64("2000-01-01") + i) for i in range(N)])
LISTED = np.array([300.0, 12.0, 0.25])
DETAILS = {
    "item_dates": DATES, "answer_noun": np.array("part"), "answer_names": np.array(["a", "b", "c"]),
    "answer_predicted": LISTED, "answer_occurred": np.array([40, 30, 20]), "answer_hits": np.array([40.0, 1.0, 0.0]),
}  # fmt: skip


@pytest.fixture(scope="module")
def comparison(make_module_run, rankings_of):
    """Two seeds of one configuration."""
    runs = [make_module_run(f"{seed}", seed=seed, rankings=rankings_of(seed), details=DETAILS) for seed in (1, 2)]
    return make_report(Collection(runs, [], {}, {}), n_draws=50).comparisons[0]


def test_each_item_has_its_date_and_its_mean_over_seeds(comparison):
    (entry,) = comparison.over_time
    scores = np.mean([run.items.scores for run in comparison.configurations[0].runs], axis=0)
    assert entry.dates == DATES.tolist()
    assert entry.scores == pytest.approx(scores.tolist())
    assert entry.level == "chance"
    section = over_time_section([entry], comparison.headline, "window")
    assert (
        f"on {(scores > entry.levels[0]).sum()} of 300 windows, from 2000-01-01 to 2000-10-26" in section.sentences[0]
    )
    assert [float(row[1]) for row in section.tables[0].rows] == sorted(np.round(scores, 4), reverse=True)[:30]


@pytest.mark.parametrize(("n", "most"), [(1, 50), (49, 50), (51, 50), (1752, 124), (3, 0)])
def test_stretches_hold_every_item_once_and_fit(n, most):
    stretches = _stretches(n, most)
    assert [i for stretch in stretches for i in stretch] == list(range(n))
    assert len(stretches) <= max(1, most)


def test_a_bar_reaches_from_chance_to_the_mean_of_its_stretch(comparison):
    (entry,) = comparison.over_time
    (axes,) = over_time_section([entry], comparison.headline, "window").drawing.draw(720).axes
    stretches = _stretches(N, len(axes.patches))
    assert len(stretches) == len(axes.patches)
    for bar, stretch in zip(axes.patches, stretches, strict=True):
        assert bar.get_y() + bar.get_height() == pytest.approx(np.mean([entry.scores[i] for i in stretch]))
    says = bytes.fromhex(axes.patches[0].get_gid().removeprefix(TELLS)).decode()
    assert says.startswith("2000-01-01 to 2000-01-03, mean of 3 windows: Recall@20 0.")


def test_answers_are_ordered_by_how_often_they_are_predicted(comparison):
    section = answers_section(comparison.answers, "window")
    assert section.title == "Parts that are predicted most"
    assert section.tables[0].rows == [
        ["a", "40 of 300", "300 of 300", "40 of 300"],
        ["b", "30 of 300", "12 of 300", "1 of 300"],
        ["c", "20 of 300", "0.2 of 300", "0 of 300"],
    ]
    assert section.sentences[0].startswith("gru predicts 2 of 3 parts at least once; part a most, in 300 of 300,")


def test_a_part_that_one_seed_of_three_predicts_is_predicted(make_run, rankings_of):
    counts = ([300.0, 0.0, 0.0], [299.0, 1.0, 0.0], [299.6, 0.2, 0.2])
    runs = [
        make_run(f"{i}", seed=i, rankings=rankings_of(i), details=DETAILS | {"answer_predicted": np.array(listed)})
        for i, listed in enumerate(counts)
    ]
    (sentence,) = answers_section(answer_uses({"gru": pool_origins(runs)}), "window").sentences
    assert sentence.startswith("gru predicts 2 of 3 parts at least once; part a most, in 299.5 of 300,")


def test_a_task_that_records_neither_has_neither_section(make_run, rankings_of):
    report = make_report(Collection([make_run("a", rankings=rankings_of())], [], {}, {}), n_draws=50)
    assert report.comparisons[0].over_time == report.comparisons[0].answers == []
    assert not {section.title for section in document_of(report).sections} & {
        "Window by window", "Parts that are predicted most"
    }  # fmt: skip


def test_answers_of_different_names_are_not_added_up(make_run, rankings_of):
    names = (DETAILS["answer_names"], np.array(["x", "b", "c"]))
    runs = [
        make_run(f"{i}", seed=i, rankings=rankings_of(i), details=DETAILS | {"answer_names": name})
        for i, name in enumerate(names)
    ]
    assert answer_uses({"gru": pool_origins(runs)}) == []
    assert len(answer_uses({"gru": pool_origins(runs[:1])})) == 1
