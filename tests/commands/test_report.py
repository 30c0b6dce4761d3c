"""``c5snn report`` at the command line: what it writes where, and how it refuses."""

import json
import re
from xml.etree import ElementTree as ET

import pytest

from c5snn.cli import main


@pytest.fixture
def tested(workdir, capsys):
    """The folder of a tested run of a second."""
    words = ["--data.n_events", "400", "--data.window", "3"]
    assert main(["test", "--config", "frequency.yaml", *words]) == 0
    capsys.readouterr()
    return str(workdir / "lightning_logs")


def test_the_first_line_of_every_form_is_the_verdict(tested, workdir, capsys):
    assert main(["report", tested, "--output", str(workdir / "all")]) == 0
    shown = capsys.readouterr().out
    verdict = shown.splitlines()[0]
    assert re.match(r"(Weak evidence that )?frequency \(0\.\d{4}; chance 0\.5128\) ", verdict)
    assert (workdir / "all/report.md").read_text().splitlines()[0] == verdict
    assert json.loads((workdir / "all/report.json").read_text())["verdict"] == [verdict]
    assert "Recall@20" in (workdir / "all/report.html").read_text()
    assert [line for line in shown.splitlines() if line.startswith("written to")] == [
        f"written to {workdir / 'all' / name}" for name in ("report.html", "report.md", "report.json")
    ]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("name", "start"),
    [("a.html", "<!doctype html>"), ("a.md", "frequency (0."), ("a.json", "{"), ("a.svg", "<svg xmlns=")],
)
def test_the_suffix_says_as_what_it_is_written(tested, workdir, name, start):
    assert main(["report", tested, "--output", name]) == 0
    assert (workdir / name).read_text().startswith(start)
    assert sorted(path.name for path in workdir.iterdir()) == sorted([name, "lightning_logs"])


def test_the_figure_stands_alone_in_light_and_dark(tested, workdir):
    assert main(["report", tested, "--output", "a.svg"]) == 0
    figure = ET.parse(workdir / "a.svg")  # noqa: S314  # our own file
    style = figure.find("{http://www.w3.org/2000/svg}style").text
    used = set(re.findall(r"var\(--([a-z]+)\)", (workdir / "a.svg").read_text()))
    assert used
    assert all(style.count(f"--{name}:") == (1 if name == "font" else 2) for name in used)


def test_without_an_output_nothing_is_written(tested, workdir, capsys):
    before = sorted(workdir.rglob("*"))
    assert main(["report", tested]) == 0
    assert "Leaderboard" in capsys.readouterr().out
    assert sorted(workdir.rglob("*")) == before


@pytest.mark.slow
@pytest.mark.parametrize(
    ("words", "code", "said"),
    [
        (["nowhere"], 2, "result.json"),
        (["lightning_logs", "--output", "report.pdf"], 2, ".html"),
        (["lightning_logs", "--output", "missing/report.html"], 1, "could not be written"),
        (["lightning_logs", "--output", "file/folder"], 1, "could not be made"),
        (["lightning_logs", "--output", "a.svg", "--figure", "Chance"], 2, 'one of "Against chance"'),
        (["lightning_logs", "--figure", "Against chance"], 2, ".svg"),
        (["lightning_logs", "--output", "a.html", "--figure", "Against chance"], 2, ".svg"),
        (["lightning_logs", "--reference", "gru"], 2, "histories with a signal"),
        ([], 2, "RUN_OR_SWEEP"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(tested, workdir, capsys, words, code, said):
    assert tested
    (workdir / "file").write_text("")
    assert main(["report", *words]) == code
    error = capsys.readouterr().err.strip().splitlines()
    assert said in error[-1]
    assert len(error) == 1 or not words
