"""The topics of a search's report: what they say, and that their figures hold what they are given."""

from dataclasses import replace

import numpy as np
import pytest

from c5snn.records.searched import SearchedTrial
from c5snn.reports.figures.canvas import DECORATION, PALETTE, svg
from c5snn.reports.searches.axis import option_labels, place, ticks_of, value_limits
from c5snn.reports.searches.history import draw_history, history_of, history_section
from c5snn.reports.searches.importances import Importance, draw_importances
from c5snn.reports.searches.pair_maps import pair_maps_section
from c5snn.reports.searches.parallel import parallel_section
from c5snn.reports.searches.slices import slices_section
from c5snn.reports.searches.timeline import timeline_section
from c5snn.reports.searches.two_searches import category_scores, standings_of, two_searches_sections
from tests.analysis.conftest import a_range, make_search

WIDTHS = (344, 720)


@pytest.fixture(scope="module")
def search():
    """Forty trials of a log range, a range, a hostile choice and an option that half of them sampled; some pruned."""
    random = np.random.default_rng(0)
    kinds = random.choice(["<b>$x_1$", "plain"], 40).tolist()
    made = make_search(
        random.normal(size=40), states=["complete"] * 32 + ["pruned"] * 8,
        lr=(10 ** random.uniform(-4, -1, 40)).tolist(), size=random.uniform(0, 1, 40).tolist(),
        kind=kinds, only=[1.0 + i if i % 2 else None for i in range(40)],
    )  # fmt: skip
    trials = tuple(replace(t, began_s=10.0 * t.number, ended_s=10.0 * t.number + 5) for t in made.trials)
    return replace(made, trials=trials)


def test_a_history_says_when_the_best_was_reached(search):
    values = [trial.value for trial in search.complete]
    history = history_of(search)
    assert [value for _, value in history.best_so_far] == sorted({max(values[: i + 1]) for i in range(32)})
    assert history.best_so_far[-1] == (int(np.argmax(values)), max(values))
    lowest = history_of(replace(search, mode="min"))
    assert lowest.best_so_far[-1] == (int(np.argmin(values)), min(values))
    assert f"reached once by trial #{int(np.argmax(values))}" in history_section(search).sentences[0]


def test_a_history_shows_each_trial_at_its_value(search):
    drawn = draw_history(search, 720).axes[0].lines
    pruned, complete = ([line for line in drawn if line.get_marker() == mark] for mark in "xo")
    assert [line.get_ydata()[0] for line in complete] == [trial.value for trial in search.complete]
    assert [line.get_xdata()[0] for line in pruned] == [trial.number for trial in search.pruned]


def test_slices_share_their_axis_and_show_what_was_sampled(search):
    section = slices_section(search, ["lr", "kind", "only"])
    figure = section.drawing.draw(720)
    assert len({axes.get_ylim() for axes in figure.axes}) == 1
    assert [sum(line.get_marker() == "o" for line in axes.lines) for axes in figure.axes] == [32, 32, 16]
    assert slices_section(search, ["nothing"]) is None


@pytest.mark.slow
def test_contours_are_drawn_between_ranges_alone(search):
    figure = pair_maps_section(search, [("lr", "size"), ("lr", "kind")]).drawing.draw(720)
    assert [len(axes.collections) for axes in figure.axes] == [1, 0]
    assert [len(axes.lines) for axes in figure.axes] == [32, 32]
    assert pair_maps_section(search, [("lr", "nothing")]) is None


def test_a_line_of_parallel_coordinates_breaks_where_nothing_was_sampled(search):
    best = search.complete[:3]
    figure = parallel_section(search, ["lr", "only", "size"], best).drawing.draw(720)
    lines = [line.get_ydata() for line in figure.axes[0].lines[:32]]
    assert sum(np.isnan(line).any() for line in lines) == 16


def test_a_timeline_needs_times(search):
    assert "40 trials trained for 5.0 s each (median)" in timeline_section(search).sentences[0]
    assert timeline_section(make_search([1, 2, 3], x=[1, 2, 3])) is None


def test_every_figure_is_drawn_in_the_pages_colours_wide_and_narrow(search):
    names = ["lr", "kind", "only", "size"]
    sections = [
        history_section(search), slices_section(search, names), timeline_section(search),
        pair_maps_section(search, [("lr", "size"), ("kind", "only")]),
        parallel_section(search, names, search.complete[:4]),
    ]  # fmt: skip
    for section in sections:
        for width in WIDTHS:
            text = svg(section.drawing.draw(width), section.drawing.says, "x")
            assert f'viewBox="0 0 {width:g}' in text
            assert not any(shade.light in text for shade in PALETTE.values())
            assert "<b>" not in text


def test_importances_stand_beside_each_other():
    figure = draw_importances([Importance("a", 9, 0.75, 0.5, 0.01), Importance("b", 9, None, 0.25, None)], 720)
    lines = [line for line in figure.axes[0].lines if line.get_gid() != DECORATION and len(line.get_xdata()) <= 2]
    values = [float(line.get_xdata()[-1]) for line in lines]
    assert {0.75, 0.5, 0.25} <= set(values)


def test_axes_follow_the_scale_of_their_option():
    log = a_range("lr", 1e-4, 1e-2, is_log=True)
    assert place(log, 1e-3) == pytest.approx(0.5)
    assert [name for _, name in ticks_of(log)] == ["0.0001", "0.001", "0.01"]
    options = (log, a_range("a.x", 0, 1), a_range("b.x", 0, 1))
    labels = option_labels(replace(make_search([1], x=[1]), options=options))
    assert labels == {"lr": "lr", "a.x": "a.x", "b.x": "b.x"}


def test_a_diverged_value_does_not_flatten_an_axis(search):
    values = [*np.linspace(1, 2, 20).tolist(), 5e5]
    limits = value_limits(replace(search, mode="min"), values)
    assert limits.high < 5
    assert limits.n_outside == 1
    assert value_limits(search, values).high > 5e5  # here it is the best


def with_categories(values, n_good):
    trials = [
        SearchedTrial(i, {"base": "a.yaml" if i % 2 else "b.yaml", "x": i}, "complete", float(value),
                      {"score_one": value / 2, "score_two": 0.1, "score_batch_mean": 0.5})
        for i, value in enumerate(values)
    ]  # fmt: skip
    made = make_search(
        values, base=["a.yaml" if i % 2 else "b.yaml" for i in range(len(values))], x=list(range(len(values)))
    )
    return replace(made, trials=tuple(trials), name=f"of{n_good}")


def test_searches_stand_against_one_reference():
    old, new = with_categories([0.1, 0.2, 0.3, 0.4], 1), with_categories([0.3, 0.5, 0.6, 0.7], 2)
    first, second = standings_of([old, new])
    assert (first.reference, second.reference) == (("the best of of1", 0.4),) * 2
    assert (first.n_above, second.n_above) == (0, 3)
    assert second.median == pytest.approx(0.55)
    assert second.median_interval.low <= 0.55 <= second.median_interval.high
    assert standings_of([old, replace(new, baselines={"majority": 0.55})])[1].n_above == 2
    assert standings_of([old, replace(new, targets={"minimum": 0.5, "target": 0.9})])[0].reference[1] == 0.5


def test_searches_are_compared_in_words_where_they_have_one_metric():
    old, new = with_categories([0.1, 0.2, 0.3, 0.4], 1), with_categories([0.3, 0.5, 0.6, 0.7], 2)
    said = " ".join(two_searches_sections([old, new])[0].sentences)
    assert "The best of of2 is 0.3000 better than that of of1" in said
    assert "do not differ has p = " in said
    assert "The best of" not in " ".join(two_searches_sections([old, replace(new, metric="other")])[0].sentences[1:])


def test_categories_are_counted_by_base_and_the_unlearned_are_named():
    old, new = with_categories([0.1, 0.2, 0.3, 0.4], 1), with_categories([0.3, 0.5, 0.6, 0.7], 2)
    scores = {(entry.base, entry.category): entry for entry in category_scores(new)}
    assert set(scores) == {("a", "one"), ("a", "two"), ("b", "one"), ("b", "two")}
    assert (scores["a", "one"].n, scores["a", "one"].mean, scores["a", "one"].best) == (2, pytest.approx(0.3), 0.35)
    section = two_searches_sections([old, new])[1]
    assert section.sentences == ["No model exceeds 0.2 in two."]
