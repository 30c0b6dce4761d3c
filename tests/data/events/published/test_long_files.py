"""Rows of one active part each become events of any size, one a bin; every empty bin is an event, too."""

import re
import shlex
from collections import defaultdict
from fractions import Fraction
from math import floor

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from c5snn.commands.data import main
from c5snn.data.events.history import EventHistory, read_events
from c5snn.data.events.ragged import RaggedHistory, ragged_history_of, read_ragged, write_ragged
from c5snn.errors import ConfigError, DataError


def events_of(history: RaggedHistory) -> list[list[int]]:
    return [list(map(int, event)) for event in history.spell_events()]


def imported(write, tmp_path, text: str, *options: str) -> RaggedHistory:
    path = tmp_path / "out" / "sets.csv"
    path.parent.mkdir(exist_ok=True)
    assert main(["import", str(write(text, "long.csv")), str(path), "--layout", "long", *options]) == 0
    return ragged_history_of(read_ragged(path), path)


BASKETS = "time,item\n2024-01-01 09:30,milk\n2024-01-01 18:00,bread\n2024-01-01 19:00,milk\n2024-01-04 10:00,eggs\n"


def test_baskets_of_a_day_are_sets_of_named_parts_and_days_without_sales_are_empty(write, tmp_path):
    history = imported(write, tmp_path, BASKETS, "--bin", "1d")
    assert history.names == ("bread", "eggs", "milk")
    assert events_of(history) == [[1, 3], [], [], [2]]
    assert history.dates.astype(str).tolist() == ["2024-01-01", "2024-01-02", "2024-01-03", "2024-01-04"]
    assert (tmp_path / "out" / "parts.csv").read_text() == "part,name\n1,bread\n2,eggs\n3,milk\n"


def test_a_dropped_time_zone_is_said(write, tmp_path, capsys):
    text = "time,item\n2024-01-01T09:00:00+00:00,a\n2024-01-01T10:00:00Z,b\n"
    assert len(imported(write, tmp_path, text, "--bin", "1h", "--date-format", "%Y-%m-%dT%H:%M:%S%z")) == 2
    assert "the zone is dropped, the clock stays" in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(("name", "digits"), [("timestamp", ""), ("timestamp", "000"), ("ts", "000")])
def test_seconds_and_milliseconds_since_1970_are_times(write, tmp_path, name, digits):
    rows = "".join(f"{1704073020 + 60 * minute}{digits},{item}\n" for minute, item in ((0, "a"), (2, "c"), (2, "a")))
    history = imported(write, tmp_path, f"{name},item\n{rows}", "--bin", "1min")
    assert history.dates.astype(str).tolist() == [f"2024-01-01T01:3{minute}:00" for minute in (7, 8, 9)]
    assert events_of(history) == [[1], [], [1, 2]]


@pytest.mark.slow
@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 200), st.integers(1, 4)), min_size=4, max_size=30))
def test_spikes_fall_into_the_bins_that_exact_fractions_say(tmp_path_factory, spikes):
    folder = tmp_path_factory.mktemp("spikes")
    spikes = [*spikes, (0, 1), (0, 2), (0, 3), (0, 4)]
    text = "time,unit\n" + "".join(f"{tick / 100:.2f},{unit}\n" for tick, unit in spikes)
    (folder / "spikes.csv").write_text(text)
    target = folder / "sets.csv"
    main(["import", str(folder / "spikes.csv"), str(target), "--layout", "long", "--bin", "20ms"])
    expected = defaultdict(set)
    for tick, unit in spikes:
        expected[floor(Fraction(tick, 100) / Fraction(20, 1000))].add(unit)
    history = ragged_history_of(read_ragged(target), target)
    assert history.dates.tolist() == list(range(max(expected) + 1))
    assert events_of(history) == [sorted(expected[t]) for t in range(max(expected) + 1)]


@pytest.mark.parametrize(
    ("width", "dates"),
    [
        ("1d", ["2024-01-01", "2024-01-02"]),
        ("12h", ["2024-01-01T12:00:00", "2024-01-02T00:00:00"]),
        ("1w", ["2024-01-01"]),
        ("20ms", ["2024-01-01T23:59:59.980", "2024-01-02T00:00:00.000"]),
    ],
)
def test_bins_begin_at_whole_multiples_of_their_width_and_weeks_on_mondays(write, tmp_path, width, dates):
    text = "time,item\n2024-01-01T23:59:59.990,1\n2024-01-02T00:00:00.010,2\n"
    history = imported(write, tmp_path, text, "--bin", width)
    assert history.dates.astype(str).tolist() == dates


def test_the_printed_command_repeats_the_import(write, tmp_path, capsys):
    imported(write, tmp_path, BASKETS, "--bin", "1d")
    path = tmp_path / "out" / "sets.csv"
    first = path.read_bytes()
    command = re.search(r"The same again:\n(.*)\n", capsys.readouterr().out)[1]
    assert main([*shlex.split(command)[2:], "--force"]) == 0
    assert path.read_bytes() == first


@pytest.mark.parametrize(
    ("text", "options", "words"),
    [
        (BASKETS, [], "--layout long takes --bin WIDTH"),
        (BASKETS, ["--bin", "1d", "--key", "row"], "no --order, --bonus or --key, but got --key"),
        (BASKETS, ["--bin", "5"], "must have a unit where times are dates"),
        (BASKETS, ["--bin", "0d"], "must be a width such as 20ms"),
        (BASKETS, ["--bin", "1us"], "at most 2,000,000 bins"),
        (BASKETS.replace("2024-01-04 10:00", "soon"), ["--bin", "1d"], "row 5, column time: a time must be"),
        (
            "time,item\n2024-01-01T00:30:00Z,a\n2024-01-01T03:00:00+02:00,b\n",
            ["--bin", "1h"],
            "Column time must hold the times of one zone, but holds 'Z' and '+02:00'",
        ),
        ("when,item\n,a\n,b\n", ["--bin", "1d", "--date", "when"], "Column when must hold dates, but is empty"),
        ("t,unit\n0.1,1\n-0.1,2\n", ["--bin", "20ms"], "row 3, column t: a time must be a number from 0 on"),
        ("t,a,b\n0.1,1,2\n0.2,2,1\n", ["--bin", "1s"], "Say --numbers COL; there are: a, b"),
        ("t,unit\n0.1,1\n0.2,9\n", ["--bin", "1s", "--n-parts", "4"], "`1 <= part <= 4` must hold"),
    ],
)
def test_what_a_long_file_leaves_open_or_breaks_is_refused(write, tmp_path, text, options, words):
    with pytest.raises((ConfigError, DataError)) as caught:
        imported(write, tmp_path, text, *options)
    assert words in str(caught.value)
    assert not list((tmp_path / "out").iterdir())


def test_names_of_another_history_are_not_replaced_unless_forced(write, tmp_path):
    imported(write, tmp_path, BASKETS, "--bin", "1d")
    (tmp_path / "out" / "sets.csv").unlink()
    with pytest.raises(ConfigError, match=r"parts.csv` must not exist"):
        imported(write, tmp_path, BASKETS, "--bin", "1w")
    assert len(imported(write, tmp_path, BASKETS, "--bin", "1w", "--force")) == 1


@pytest.mark.parametrize("text", [BASKETS, BASKETS.replace("milk", "1").replace("bread", "2").replace("eggs", "3")])
def test_a_history_is_not_written_over_the_names_of_its_parts(write, tmp_path, text):
    (tmp_path / "out").mkdir()
    words = ["import", str(write(text, "long.csv")), str(tmp_path / "out" / "parts.csv"), "--layout", "long"]
    with pytest.raises(ConfigError, match=r"must not be called parts\.csv"):
        main([*words, "--bin", "1d"])
    assert not list((tmp_path / "out").iterdir())


@settings(deadline=None)
@given(st.lists(st.sets(st.integers(1, 6)), min_size=1, max_size=12), st.booleans(), st.booleans())
def test_a_written_history_of_sets_is_read_back_as_it_was(tmp_path_factory, events, dated, named):
    days = np.datetime64("2024-01-01") + np.arange(len(events)) if dated else np.arange(len(events))
    flat = np.array([part for event in events for part in sorted(event)], dtype=np.int64)
    offsets = np.cumsum([0, *map(len, events)])
    history = RaggedHistory(days, flat, offsets, 6, None, tuple("abcdeé") if named else ())
    path = tmp_path_factory.mktemp("sets") / "h.csv"
    write_ragged(history, path)
    read = ragged_history_of(read_ragged(path, 6), path)
    assert events_of(read) == [sorted(event) for event in events]
    assert (read.names, read.sha256) == (history.names, history.sha256)
    assert [set((np.flatnonzero(row) + 1).tolist()) for row in read.multi_hot()] == events


def test_sets_of_one_size_have_the_identity_of_a_history_of_events():
    days = np.datetime64("2024-01-01") + np.arange(2)
    events = EventHistory(days, np.array([[1, 2], [2, 4]]), 4)
    assert RaggedHistory(days, np.array([1, 2, 2, 4]), np.array([0, 2, 4]), 4).sha256 == events.sha256


@pytest.mark.parametrize(
    ("parts", "offsets"),
    [([2, 1], [0, 2]), ([1, 1], [0, 2]), ([0], [0, 1]), ([5], [0, 1]), ([1], [0, 2]), ([1], [1, 1]), ([1, 2], [0, 1])],
)
def test_sets_with_impossible_parts_cannot_be_made(parts, offsets):
    with pytest.raises(DataError):
        RaggedHistory(np.array([1]), np.array(parts), np.array(offsets), 4)


@pytest.mark.parametrize(
    ("row", "words"),
    [
        ("2024-01-02,1 x", "row 3 parts `1 <= part <= 4` must hold, but got 'x'"),
        ("2024-01-02,1 5", "row 3 parts `1 <= part <= 4` must hold, but got '5'"),
        ("2024-01-02,3 1 3", "row 3 parts a part must stand once in an event, but got 3 again"),
        ("2024-01-01,1", "row 3 date a date must stand once"),
        ("2024-01-02", "row 3 parts a row must have 2 cells"),
    ],
)
def test_violations_of_sets_are_listed_with_their_rows(write, capsys, row, words):
    path = write(f"date,parts\n2024-01-01,\n{row}\n")
    assert main(["validate", str(path), "--n-parts", "4"]) == 2
    printed = " ".join(re.sub(r"[│┃━─┏┳┓┡╇┩└┴┘]", " ", capsys.readouterr().out).split())
    assert words in printed.replace("row column violation ", "row ")


def test_sets_are_summarised_with_the_names_of_their_parts(write, capsys):
    path = write("n,parts\n0,1 2\n1,\n2,2\n")
    write("part,name\n1,milk\n2,bread\n", "parts.csv")
    assert main(["validate", str(path)]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    for fact in ("3 events of 0 to 2 parts (mean 1.00, 1 empty) out of 2", "numbers 0 to 2", "1 milk: 1", "2 bread: 2"):
        assert fact in printed


def test_the_counts_of_many_parts_are_not_all_listed(write, capsys):
    assert main(["validate", str(write("n,parts\n0,1 2\n1,1000\n"))]) == 0
    printed = " ".join(capsys.readouterr().out.split())
    assert "300: 0 ... and 700 more, numbered 301 to 1000" in printed
    assert main(["validate", str(write("n,parts\n0,1 2\n1,300\n"))]) == 0
    assert "more" not in capsys.readouterr().out.split("events that hold each part")[1]


def test_a_history_of_sets_is_no_history_of_events_of_one_size(write):
    with pytest.raises(DataError, match="this is the layout of events of any size"):
        read_events(write("date,parts\n2024-01-01,1 2\n"))


def test_a_header_of_many_letters_that_take_two_bytes_is_read_as_any_other(write):
    with pytest.raises(DataError, match="the header must hold this"):
        main(["convert", str(write("é" * 60 + ",parts\n")), "copy.csv"])
    assert main(["validate", str(write("é" * 60 + ",parts\n"))]) == 2
    assert main(["validate", str(write("x" + "é" * 60 + ",parts\n"))]) == 2
