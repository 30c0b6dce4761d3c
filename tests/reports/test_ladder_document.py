"""A report with a ladder: the ladder first, its histories in short, every number in the JSON."""

import json

import pytest

from c5snn.reports.output import to_json
from c5snn.reports.page import to_html, to_svg
from c5snn.reports.report import document_of
from c5snn.reports.text import to_markdown


def test_the_ladder_comes_first_and_each_history_in_short(ladder_runs, ladder_report, make_run, rankings_of):
    elsewhere = make_run(
        "real", rankings=rankings_of(5), facts={"signal": None}, data={"source": "draws.csv", "identity": "real"}
    )
    runs = ladder_runs({"frequency": 0.1, "lag_kernel": 0.2, "gru": 0.9}, seeds=(1, 2))
    found = ladder_report(*runs, (elsewhere, None))
    document = document_of(found)
    titles = [(section.level, section.title) for section in document.sections]
    assert titles[:5] == [
        (2, "Signal ladder"),
        (3, "Against the baselines and each other"),
        (3, "Cost"),
        (2, "draws.csv, test up to 2005-06-22"),
        (3, "Leaderboard"),
    ]
    after = titles[titles.index((2, "History by history")) :]
    histories = sorted(
        (entry.data.facts["signal"]["class"], entry.data.facts["data_seed"]) for entry in found.comparisons[:4]
    )
    assert histories == [(signal, seed) for signal in ("Skew", "Successor") for seed in (1, 2)]
    assert after[1:5] == [(3, "a planted history, test up to 2005-06-22")] * 4
    assert found.verdict[0].startswith(
        "Mean skill on 2 rows of planted signals, with its 95 % interval over histories: gru 0."
    )
    assert len(found.verdict) == 3
    assert found.verdict[2].startswith("On draws.csv, test up to 2005-06-22: gru (0.")


@pytest.mark.slow
def test_a_terminal_shows_the_ladder_and_none_of_its_histories(ladder_runs, ladder_report):
    found = ladder_report(*ladder_runs({"frequency": 0.1, "lag_kernel": 0.2, "gru": 0.9}, seeds=(1, 2)))
    shown = [section.title for section in document_of(found).sections if section.is_short]
    assert shown == ["Signal ladder"]


@pytest.mark.slow
def test_a_picture_shows_the_figure_of_the_title_asked_for(ladder_runs, ladder_report):
    lags = tuple({"class": "Repeat", "lag": lag} for lag in (1, 5, 15))
    document = document_of(ladder_report(*ladder_runs({"gru": 0.9, "spike_gru": 0.5}, lags)))
    assert "against the lag" in to_svg(document, "memory span")
    assert to_svg(document, "signal ladder") == to_svg(document)


@pytest.mark.slow
def test_a_reference_is_shown_in_the_terminal_with_a_line_for_each_other_model(ladder_runs, ladder_report):
    runs = ladder_runs({"frequency": 0.1, "gru": 0.9, "spike_gru": 0.5})
    sections = document_of(ladder_report(*runs, reference="gru")).sections
    (against,) = [section for section in sections if section.title == "gru against each other model"]
    (table,) = against.tables
    assert against.is_short
    assert table.columns == ["gru minus", "Skew × 1", "Successor × 1"]
    assert [row[0] for row in table.rows] == ["frequency", "spike_gru"]


@pytest.mark.slow
def test_json_gives_back_every_cell_and_contrast(ladder_runs, ladder_report):
    report = ladder_report(*ladder_runs({"frequency": 0.1, "lag_kernel": 0.2, "gru": 0.9}))
    read = json.loads(json.dumps(to_json(report), allow_nan=False))["ladder"]
    for entry, line in zip(report.ladder.cells, read["cells"], strict=True):
        assert (line["skill"], line["interval"]) == (entry.skill, list(entry.interval))
        assert line["rung"] == {**vars(entry.rung), "arguments": []}
        assert [choice["n_tried"] for choice in line["choices"]] == [1, 1, 1]
    assert [line["second"] for line in read["contrasts"]] == ["frequency", "lag_kernel"]
    assert [line["model"] for line in read["costs"]] == ["frequency", "lag_kernel", "gru"]


@pytest.mark.slow
def test_the_same_runs_make_the_same_ladder(ladder_runs, ladder_report):
    runs = ladder_runs({"frequency": 0.1, "lag_kernel": 0.2, "gru": 0.9}, seeds=(1, 2))
    pages = [to_html(document_of(ladder_report(*order))) for order in (runs, runs)]
    assert pages[0] == pages[1]
    assert ladder_report(*runs[::-1]).ladder.standings == ladder_report(*runs).ladder.standings


def test_a_signal_too_weak_for_a_skill_is_named_and_left_out(ladder_run, ladder_runs, ladder_report):
    runs = ladder_runs({"gru": 0.5}, seeds=(1,))
    found = ladder_report(*runs, ladder_run("gru", "Cycle", 1, 0.5, oracle=0.52))
    assert [rung.signal for rung in found.ladder.weak] == ["Cycle"]
    assert [rung.signal for rung in found.ladder.rungs] == ["Skew", "Successor"]
    assert "the signal is too weak: Cycle × 1" in to_markdown(document_of(found))
