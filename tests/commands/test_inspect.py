"""``c5snn inspect`` at the command line: lines that fit a terminal, a figure, and a section of the run's report."""

import dataclasses
import re

import pytest

from c5snn.cli import main
from c5snn.records import load_inspection
from c5snn.training.evaluation import test_run as score_run


@pytest.mark.slow
def test_the_lines_fit_a_terminal_and_name_what_was_found(small_run, capsys):
    assert main(["inspect", str(small_run.folder), "--windows", "8"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert max(len(line) for line in lines if not line.startswith("written to")) <= 80
    text = "\n".join(lines)
    for words in ("8 windows", "recurrent.layers.0: 8 units, 5 events", "busiest", "lag 5", "a GRU with as many units"):
        assert words in text


@pytest.mark.parametrize(
    ("name", "start"), [("a.png", b"\x89PNG"), pytest.param("a.svg", b"<svg ", marks=pytest.mark.slow)]
)
def test_a_figure_is_written(small_run, workdir, name, start):
    assert main(["inspect", str(small_run.folder), "--output", name]) == 0
    assert (workdir / name).read_bytes().startswith(start)


def test_another_suffix_is_refused_before_anything_runs(capsys):
    assert main(["inspect", "nowhere", "--output", "a.pdf"]) == 2
    assert capsys.readouterr().err == "c5snn inspect: The output must end in .png or .svg, but is `a.pdf`.\n"


@pytest.mark.slow
def test_the_report_of_the_run_shows_it_and_drops_it_with_the_weights(small_run, workdir):
    run = str(small_run.folder)
    score_run([run])
    assert main(["inspect", run]) == 0
    assert main(["report", run, "--output", "a.html"]) == 0
    page = (workdir / "a.html").read_text()
    assert re.search(r"<h3[^>]*>Inside spike_gru\b[^<]*, seed 42<", page)
    assert "a GRU with as many units (8)" in page
    found = load_inspection(small_run.folder)
    dataclasses.replace(found, checkpoint_sha256="of other weights").save(small_run.folder)
    assert load_inspection(small_run.folder) is None
    assert main(["report", run, "--output", "b.html"]) == 0
    assert "Inside " not in (workdir / "b.html").read_text()


@pytest.mark.slow
def test_what_is_read_back_is_what_was_found(small_run):
    from c5snn.training.inspection import inspect_run

    found = inspect_run([str(small_run.folder)], n_items=4)
    found.inspection.save(small_run.folder)
    assert load_inspection(small_run.folder) == found.inspection
