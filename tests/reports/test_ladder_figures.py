"""The ladder's figures show its numbers, readable in light and dark, wide and narrow."""

from itertools import combinations

import numpy as np
import pytest

from c5snn.evidence import Interval
from c5snn.reports.figures.canvas import ACCENT, PALETTE, svg
from c5snn.reports.figures.heat_map import MOST_OPAQUE, draw_heat_map
from c5snn.reports.figures.series import Line, Point, draw_lines

WIDTHS = (344, 720)
ROWS = ["Parity(a=1, b=2) × 1", "Repeat(lag=20) × 0.5"]
COLUMNS = ["frequency", "gru", "lag_kernel", "original/spike_gru", "spike_gru", "spiking_transformer"]
VALUES = [[0.123, -0.4, 1.7, None, 0.0, 1.0], [0.5] * 6]


def some_lines(n=4):
    kinds = {"frequency": "baseline", "gru": "model", "original/spike_gru": "model", "spike_gru": "model",
             "spiking_mlp": "model", "oracle": "oracle"}  # fmt: skip
    points = [Point(1.0, 0.5, Interval(0.25, 0.75)), Point(5.0, 0.25, None)]
    shown = list(kinds.items())[:n]
    return [Line(panel, label, kind, points) for panel in ("strength 0.5", "strength 1") for label, kind in shown]


def opacities(figure):
    """Return the accent's opacity in each cell that has one."""
    from matplotlib.colors import to_hex

    return [patch.get_alpha() for patch in figure.axes[0].patches if to_hex(patch.get_facecolor()) == ACCENT]


@pytest.mark.parametrize("width", WIDTHS)
def test_every_cell_holds_its_number_and_its_colour_is_clipped(width):
    figure = draw_heat_map(ROWS, COLUMNS, VALUES, "rows: signal, columns: model", width)
    texts = [text.get_text() for text in figure.axes[0].texts]
    assert [text for text in texts if text[0] in "0123456789−–"] == ["0.12", "−0.40", "1.70", "–", "0.00", "1.00"] + [
        "0.50"
    ] * 6
    assert opacities(figure) == pytest.approx([MOST_OPAQUE * share for share in [0.123, 0, 1, 0, 1] + [0.5] * 6])


@pytest.mark.parametrize("mode", [0, 1])
def test_ink_can_be_read_on_the_fullest_cell(mode):
    def channels(name):
        return np.array([int(PALETTE[name][mode][i : i + 2], 16) for i in (1, 3, 5)]) / 255

    def luminance(colour):
        linear = np.where(colour <= 0.04045, colour / 12.92, ((colour + 0.055) / 1.055) ** 2.4)
        return float(linear @ (0.2126, 0.7152, 0.0722))

    ground = MOST_OPAQUE * channels("accent") + (1 - MOST_OPAQUE) * channels("band")
    light, dark = sorted((luminance(channels("ink")), luminance(ground)), reverse=True)
    assert (light + 0.05) / (dark + 0.05) >= 4.5  # WCAG 2.2, 1.4.3


@pytest.mark.parametrize("width", WIDTHS)
@pytest.mark.parametrize(
    "draw",
    [
        lambda width: draw_heat_map(ROWS, COLUMNS, VALUES, "rows: signal, columns: model", width),
        lambda width: draw_lines(some_lines(6), "lag of Repeat, in events", "skill", width),
    ],
)
def test_no_text_covers_another_or_leaves_the_figure(draw, width):
    figure = draw(width)
    figure.canvas.draw()
    texts = [text for axes in figure.axes for text in [*axes.texts, *axes.get_xticklabels(), *axes.get_yticklabels()]]
    boxes = [text.get_window_extent() for text in [*texts, *figure.texts] if text.get_text()]
    assert not [(a, b) for a, b in combinations(boxes, 2) if a.padded(-1).overlaps(b.padded(-1))]
    inside = figure.bbox.padded(1)
    assert all(inside.contains(*box.min) and inside.contains(*box.max) for box in boxes)


def test_each_panel_has_a_line_and_an_interval_for_each_model():
    figure = draw_lines(some_lines(), "strength", "skill", 720)
    for axes in figure.axes:
        dots = [line for line in axes.lines if line.get_marker() != "None"]
        assert [list(line.get_ydata()) for line in dots] == [[0.5], [0.25]] * 4
        assert [list(line.get_ydata()) for line in axes.lines].count([0.25, 0.75]) == 4
    assert figure.axes[0].get_ylim() == figure.axes[1].get_ylim()


def test_no_two_models_look_the_same():
    figure = draw_lines(some_lines(6), "strength", "skill", 344)
    dots = [line for line in figure.axes[0].lines if line.get_marker() != "None"]
    assert len({(line.get_color(), line.get_marker()) for line in dots}) == 6


@pytest.mark.parametrize("width", WIDTHS)
def test_the_colours_follow_the_page(width):
    text = svg(draw_heat_map(ROWS, COLUMNS, VALUES, "rows: signal, columns: model", width), "a map", "salt") + svg(
        draw_lines(some_lines(6), "strength", "skill", width), "lines", "salt"
    )
    assert not [
        word for word in text.replace(";", " ").replace('"', " ").split() if word.startswith("#") and len(word) == 7
    ]
