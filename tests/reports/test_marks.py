"""Every mark of every figure says its values under a pointer, and every axis with numbers has a title."""

import re
from xml.etree import ElementTree as ET

import numpy as np
import pytest

from c5snn.reports.collection import Collection
from c5snn.reports.document import Section
from c5snn.reports.figures.canvas import DECORATION, TELLS, svg
from c5snn.reports.figures.heat_map import draw_heat_map
from c5snn.reports.forecasts import DrawnForecast, StepErrors, draw_errors, draw_forecasts
from c5snn.reports.report import document_of, make_report
from c5snn.reports.scaling import ScalingCurve, ScalingPoint, draw_scaling
from c5snn.reports.searches.history import history_section
from c5snn.reports.searches.importances import Importance, importances_section
from c5snn.reports.searches.pair_maps import pair_maps_section
from c5snn.reports.searches.parallel import parallel_section
from c5snn.reports.searches.slices import slices_section
from c5snn.reports.searches.timeline import timeline_section
from tests.reports.test_ladder_figures import some_lines
from tests.reports.test_over_time import DETAILS
from tests.reports.test_searches import search  # noqa: F401  # a fixture

WIDTHS = (344, 720)


@pytest.fixture(scope="module")
def figures(make_module_run, rankings_of, network, search):  # noqa: F811
    """A function for each kind of figure that draws it with a width, by its name."""
    from functools import partial

    from c5snn.reports.figures.series import draw_lines

    runs = [
        make_module_run(f"{name}_{i}", seed=i, arguments={"beta": beta}, rankings=rankings_of(i), curve=(0.5, 0.52),
                        details=DETAILS, activity=network(0.3, 0.0))
        for name, beta in (("a", 0.5), ("b", 0.9))
        for i in (1, 2)
    ]  # fmt: skip
    names = ["lr", "size", "kind"]
    sections: list[Section | None] = [
        *document_of(make_report(Collection(runs, [], {}, {}), n_draws=50)).sections,
        history_section(search), slices_section(search, names), timeline_section(search),
        pair_maps_section(search, [("lr", "size"), ("lr", "kind")]),
        parallel_section(search, names, search.complete[:3]),
        importances_section([Importance("lr", 32, 0.5, 0.3, 0.01)]),
    ]  # fmt: skip
    point = ScalingPoint(100, "net", 0.5, None, (0.5,))
    errors = [StepErrors("net", is_reference=False, errors=[0.1, 0.2])]
    forecast = DrawnForecast("net", "load", "2020-01-01", [0.0, 1.0, 2.0], [0.5, 0.6])
    return {section.title: section.drawing.draw for section in sections if section and section.drawing} | {
        "lines": partial(draw_lines, some_lines(), "lag, in events", "skill"),
        "heat map": partial(draw_heat_map, ["a"], ["b", "c"], [[0.5, None]], "rows: true class, columns: predicted"),
        "scaling": partial(draw_scaling, [ScalingCurve("net", "MSE", [point], "naive", 0.7, None)]),
        "errors": partial(draw_errors, errors, "MSE"),
        "forecasts": partial(draw_forecasts, [forecast]),
    }


def test_every_kind_of_figure_is_looked_at(figures):
    assert len(figures) >= 17


def test_every_mark_says_its_values(figures):
    for title, draw in figures.items():
        for axes in draw(720).axes:
            marks = [*axes.lines, *axes.patches, *axes.collections]
            names = [mark.get_gid() or "" for mark in marks]
            assert marks, title
            assert all(name == DECORATION or name.startswith(TELLS) for name in names), title
            assert not all(name == DECORATION for name in names), title


@pytest.mark.slow
@pytest.mark.parametrize("width", WIDTHS)
def test_every_axis_with_numbers_has_a_title_that_stays_inside(figures, width):
    for title, draw in figures.items():
        figure = draw(width)
        figure.draw_without_rendering()
        for axes in figure.axes:
            for axis, name in ((axes.xaxis, axes.get_xlabel()), (axes.yaxis, axes.get_ylabel())):
                assert bool(name) == bool(len(axis.get_ticklocs())), (title, name)
                box = axis.label.get_window_extent()
                inside = figure.bbox.padded(1)
                assert not name or (inside.contains(*box.min) and inside.contains(*box.max)), (title, name)


def test_no_axis_title_covers_a_number(figures):
    for title, draw in figures.items():
        figure = draw(344)
        figure.draw_without_rendering()
        for axes in figure.axes:
            for axis in (axes.xaxis, axes.yaxis):
                box = axis.label.get_window_extent()
                ticks = [tick.get_window_extent() for tick in axis.get_ticklabels() if tick.get_text()]
                assert not axis.label.get_text() or not [tick for tick in ticks if tick.padded(-1).overlaps(box)], title


def test_a_mark_carries_its_title_into_the_picture(figures):
    text = svg(figures["Against chance"](720), "a forest", "salt")
    root = ET.fromstring(text.replace("xlink:", ""))  # noqa: S314  # our own
    titles = [element.text for element in root.iter() if element.tag == "title"]
    assert "a \N{LATIN SMALL LETTER BETA}" not in titles
    assert [title for title in titles if re.fullmatch(r"gru beta=0\.\d, seed 1: 0\.\d{4}", title)]
    assert [title for title in titles if title.startswith("chance: 0.5128")]
    assert np.all([len(title) > 3 for title in titles])
