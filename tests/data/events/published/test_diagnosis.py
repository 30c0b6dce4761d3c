"""What is wrong with a file is said by its cause, with the command that mends it."""

import re
import shlex

import pytest

from c5snn.commands.data import main
from c5snn.data.events.history import read_events
from c5snn.errors import DataError
from tests.data.events.published.shapes import PLAIN, SIMPLE, lines, twice_a_day

HEADER = "date,m_1,m_2,m_3,m_4,m_5"
CAUSES = {
    "semicolons": (lines(PLAIN, HEADER.replace(",", ";"), ";"), "its cells are delimited by ;, not by commas"),
    "tabs": (lines(PLAIN, HEADER.replace(",", "\t"), "\t"), "its cells are delimited by tab, not by commas"),
    "no header": (lines(PLAIN), "it has no header"),
    "newest first": (lines(PLAIN[::-1], HEADER), "its newest event stands first"),
    "no order": (lines(PLAIN[10:] + PLAIN[:10], HEADER), "its rows are in no order of time"),
    "other dates": (lines([[row[0].replace("-", "."), *row[1:]] for row in PLAIN], HEADER), "written as %Y.%m.%d"),
    "other names": (lines(PLAIN, "day,a,b,c,d,e"), "its columns have other names than date, m_1"),
    "more columns": (lines([[*row, "x"] for row in PLAIN], f"{HEADER},jackpot"), "it has more columns than the date"),
    "one cell": (
        lines([[row[0], " ".join(map(str, row[1:]))] for row in PLAIN], "date,m"),
        "its numbers stand in one cell",
    ),
    "a title": ("Results\n" + lines(PLAIN, HEADER), "line 1 is no row"),
}


@pytest.mark.parametrize(("text", "cause"), CAUSES.values(), ids=CAUSES.keys())
def test_the_cause_is_named_and_the_command_mends_it(write, tmp_path, monkeypatch, capsys, text, cause):
    monkeypatch.chdir(tmp_path)
    path = write(text)
    with pytest.raises(DataError) as caught:
        read_events(path)
    assert cause in str(caught.value)
    assert main(["validate", str(path)]) == 2
    printed = capsys.readouterr().out
    assert cause in printed
    command = re.search(r"This imports it:\n(.*)\n", printed)[1]
    assert main(shlex.split(command)[2:]) == 0
    assert read_events("NEW.csv").parts.tolist() == SIMPLE


def test_another_encoding_is_named_with_the_command_that_reads_it(write, tmp_path):
    path = write(lines(PLAIN, HEADER + ",café").encode("latin-1"))
    with pytest.raises(DataError, match=r"holds the byte 0xe9. `c5snn data import .* NEW.csv` reads other encodings"):
        read_events(path)
    assert main(["import", str(path), str(tmp_path / "NEW.csv")]) == 0


def test_what_the_import_must_ask_is_asked_at_once(write):
    with pytest.raises(DataError, match=r"`c5snn data import .*of this one it asks: A date must stand once.*--key row"):
        read_events(write(str(twice_a_day("oldest-first").shape.text).replace("a,b,c,d,e", HEADER[5:])))


def test_events_of_another_size_need_no_import_but_the_size(write):
    with pytest.raises(DataError, match="Its events are of 5 parts up to 39: say --n-parts 39 --n-active 5"):
        read_events(write(lines(PLAIN, HEADER)), n_parts=30)


def test_a_broken_row_of_our_own_layout_is_no_reason_to_import(write):
    with pytest.raises(DataError) as caught:
        read_events(write(lines([*PLAIN, ["2030-01-01", 1, 1, 2, 3, 4]], HEADER)))
    assert "data import" not in str(caught.value)


def test_days_that_never_exceed_twelve_are_warned_of_only_where_the_month_might_not_be_first(write, capsys):
    rows = [
        [f"{month}/5/{year}", *event]
        for (year, month), event in zip(
            ((year, month) for year in range(2000, 2005) for month in range(1, 13)), SIMPLE, strict=True
        )
    ]
    assert main(["validate", str(write(lines(rows, HEADER)))]) == 0
    assert "no date has a day above 12" in capsys.readouterr().out
    iso = [["{2}-{0:0>2}-0{1}".format(*row[0].split("/")), *row[1:]] for row in rows]
    assert main(["validate", str(write(lines(iso, HEADER)))]) == 0
    assert "no date has a day above 12" not in capsys.readouterr().out
