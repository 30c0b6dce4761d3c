"""Figures show the numbers that they are given, in colours that follow the page."""

import re

import numpy as np
import pytest

from c5snn.reports.collection import Collection
from c5snn.reports.curves import Curve, draw_curves
from c5snn.reports.effects import Effect, ValueMean
from c5snn.reports.effects_section import draw_effects
from c5snn.reports.figures.canvas import ACCENT, PAGE, PALETTE, TEXT, WARNING, svg
from c5snn.reports.leaderboard import draw_forest
from c5snn.reports.networks import draw_firing_rates, networks_of
from c5snn.reports.pairs import draw_pairs
from c5snn.reports.report import make_report

WIDTHS = (344, 720)


@pytest.fixture
def comparison(make_run, rankings_of):
    """Two configurations of two seeds each."""
    runs = [
        make_run(
            f"{model}_{seed}", model=model, seed=seed, rankings=rankings_of(seed, val), val={"val_recall_at_20": val}
        )
        for model, val in (("gru", 0.4), ("lag_kernel", 0.0))
        for seed in (1, 2)
    ]
    return make_report(Collection(runs, [], {}, {}), n_draws=200).comparisons[0]


def lines(axes, marker=None):
    """Return the points of the axes' lines with this marker."""
    return [
        (list(map(float, line.get_xdata())), list(map(float, line.get_ydata())))
        for line in axes.lines
        if line.get_marker() == (marker or "None")
    ]


def luminance(colour):
    channels = [int(colour[i : i + 2], 16) / 255 for i in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return float(np.dot(linear, (0.2126, 0.7152, 0.0722)))


@pytest.mark.parametrize("width", WIDTHS)
def test_the_forest_shows_every_mean_interval_seed_and_the_reference(comparison, width):
    (axes,) = draw_forest(comparison.configurations, comparison.chance_band, width).axes
    entries = comparison.configurations
    assert [x[0] for x, _ in lines(axes, "o")] == [entry.value for entry in entries]
    assert [y[0] for _, y in lines(axes, "o")] == [0, -1]
    assert [tuple(x) for x, _ in lines(axes) if len(x) == 2 and x[0] not in (0, x[1])] == [
        tuple(entry.interval) for entry in entries
    ]
    seeds = [[run.test.score.value for run in entry.runs] for entry in entries]
    assert [x[0] for x, _ in lines(axes, "|")] == [value for of_entry in seeds for value in of_entry]
    assert [x[0] for x, _ in lines(axes, "D")] == [entry.references[0].value for entry in entries]


def test_the_band_of_chance_is_two_standard_errors_around_exact_chance(comparison):
    (axes,) = draw_forest(comparison.configurations, comparison.chance_band, 720).axes
    (band,) = axes.patches
    error = (0.0447 / 300) ** 0.5
    assert (band.get_x(), band.get_width()) == pytest.approx((20 / 39 - 1.96 * error, 2 * 1.96 * error), rel=1e-3)


def test_the_differences_show_every_pair(comparison):
    (axes,) = draw_pairs(comparison.pairs, "Recall@20", 720).axes
    assert [x[0] for x, _ in lines(axes, "o")] == [pair.difference for pair in comparison.pairs]


def test_the_curves_show_validation_and_losses_and_the_epoch_that_was_kept():
    curve = Curve("gru", 1, 0, [0, 1, 2], [0.50, 0.53, None], [0.9, 0.8, 0.7], [0.6, 0.5, 0.55], best_epoch=1)
    left, right = draw_curves([curve], "Recall@20", 0.5128, 344).axes
    shown = lines(left)
    assert ([1.0, 2.0, 3.0], [0.5, 0.53]) in [(x, y[:2]) for x, y in shown]
    assert lines(left, "o") == [([2.0], [0.53])]
    assert [y for _, y in lines(right)] == [[0.6, 0.5, 0.55], [0.9, 0.8, 0.7]]


def test_all_effects_share_one_axis_so_that_small_ones_look_small():
    effects = [
        Effect(
            "gru", "model.beta", [42], [ValueMean("0.5", 2, 0.51, 0.50, 0.52), ValueMean("0.9", 1, 0.6, 0.6, 0.6)], []
        ),
        Effect("gru", "model.hidden_size", [42], [ValueMean("64", 3, 0.55, 0.5, 0.6)], []),
    ]
    first, second = draw_effects(effects, "Recall@20", 720).axes
    assert first.get_ylim() == second.get_ylim()
    assert [y for _, y in lines(first, "o")] == [[0.51], [0.6]]
    assert ([0.0, 0.0], [0.5, 0.52]) in lines(first)


def test_dead_saturated_and_blind_networks_have_marks_of_their_own(make_run, network):
    states = {"alive": network(0.3), "dead": network(0.2, 0.0), "full": network(1.0), "blind": network(0.4, same=1.0)}
    networks = [n for name, activity in states.items() for n in networks_of(name, [make_run(name, activity=activity)])]
    (axes,) = draw_firing_rates(networks, 344).axes
    rates = {marker: [x[0] for x, _ in lines(axes, marker)] for marker in "oXs"}
    assert rates == {"o": [0.3, 0.2, 0.4], "X": [0.0], "s": [1.0]}
    marks = {line.get_xdata()[0]: line for line in axes.lines if line.get_marker() == "o"}
    assert marks[0.3].get_color() == ACCENT
    assert marks[0.2].get_color() == WARNING
    assert marks[0.4].get_markerfacecolor() == PAGE


@pytest.mark.parametrize("width", WIDTHS)
def test_a_figure_takes_its_colours_and_font_from_the_page(comparison, width):
    text = svg(draw_forest(comparison.configurations, comparison.chance_band, width), "a forest", "salt")
    assert not re.findall(r"#[0-9a-f]{6}\b", text)
    assert {"var(--accent)", "var(--ink)", "var(--muted)"} <= set(re.findall(r"var\(--\w+\)", text))
    assert "DejaVu" not in text
    assert 'aria-label="a forest"' in text
    assert f'viewBox="0 0 {width:g}' in text


def test_what_a_figure_says_is_as_large_as_its_layout_expects(comparison):
    text = svg(draw_forest(comparison.configurations, comparison.chance_band, 720), "a forest", "salt")
    sizes = {float(size) for size in re.findall(r"font-size: ([\d.]+)px", text)}
    assert sizes == {TEXT, TEXT - 1}


def test_a_label_is_text_and_never_markup_or_mathematics(make_run, rankings_of):
    hostile = "<script>alert('$x_1$')</script>"
    run = make_run("a", model=hostile, rankings=rankings_of())
    comparison = make_report(Collection([run], [], {}, {}), n_draws=50).comparisons[0]
    text = svg(draw_forest(comparison.configurations, comparison.chance_band, 720), hostile, "salt")
    assert "<script" not in text
    assert "$x_1$" in text.partition(">")[2]  # in the drawing, and not in its description alone


@pytest.mark.parametrize("name", ["ink", "muted", "accent", "warning"])
@pytest.mark.parametrize("mode", [0, 1])
@pytest.mark.parametrize("ground", ["page", "band"])
def test_what_is_drawn_stands_out_from_its_ground(name, mode, ground):
    light, dark = sorted((luminance(PALETTE[name][mode]), luminance(PALETTE[ground][mode])), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5  # WCAG 2.2, 1.4.3
