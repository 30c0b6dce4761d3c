import hashlib

import numpy as np
import pytest

from c5snn.data.events.history import EventHistory, read_events, write_events
from c5snn.data.events.times import coarsest, n_until
from c5snn.errors import ConfigError, DataError

TWICE_A_DAY = np.array(["2024-01-01T13:30", "2024-01-01T19:30", "2024-01-02T13:30"], dtype="datetime64[m]")
PARTS = np.array([[1, 2], [1, 3], [2, 4]])


def history_of_kind(kind: str) -> EventHistory:
    days = np.array(["2024-01-01", "2024-01-01", "2024-01-02"], dtype="datetime64[D]")
    return {
        "times": EventHistory(TWICE_A_DAY, PARTS, 4),
        "numbered within a day": EventHistory(days, PARTS, 4, np.array([1, 2, 1])),
        "numbers alone": EventHistory(np.array([7, 8, 30]), PARTS, 4),
    }[kind]


KINDS = ("times", "numbered within a day", "numbers alone")


@pytest.mark.parametrize("layout", ["parts", "matrix"])
@pytest.mark.parametrize("kind", KINDS)
def test_a_history_of_any_keys_is_read_back_as_it_was_written(tmp_path, kind, layout):
    history = history_of_kind(kind)
    write_events(history, tmp_path / "h.csv", layout)
    read = read_events(tmp_path / "h.csv", 4, 2)
    np.testing.assert_array_equal(read.dates, history.dates)
    np.testing.assert_array_equal(read.parts, history.parts)
    assert (read.numbers is None) == (history.numbers is None)
    assert read.sha256 == history.sha256


def test_every_kind_of_keys_has_an_identity_of_its_own():
    assert len({history_of_kind(kind).sha256 for kind in KINDS}) == len(KINDS)


def test_the_unit_in_which_days_are_kept_does_not_change_the_identity():
    days = np.array(["2024-01-01", "2024-01-02", "2024-01-03"], dtype="datetime64[D]")
    text = "2024-01-01,1,2\n2024-01-02,1,3\n2024-01-03,2,4\n4\n"
    for unit in ("D", "s", "ns"):
        history = EventHistory(days.astype(f"datetime64[{unit}]"), PARTS, 4)
        assert history.sha256 == hashlib.sha256(text.encode()).hexdigest()


@pytest.mark.parametrize(
    ("cell", "time"),
    [
        ("2024-01-01 13:30", "2024-01-01T13:30"),
        ("2024-01-01T13:30:05", "2024-01-01T13:30:05"),
        ("2024-01-01 13:30:05.25", "2024-01-01T13:30:05.25"),
        ("1/1/2024 00:00:00", "2024-01-01"),
    ],
)
def test_a_time_of_day_may_follow_a_date(write, cell, time):
    history = read_events(write(f"date,m_1,m_2\n{cell},1,2\n"), 4, 2)
    assert history.dates.tolist() == np.array([time], "datetime64[us]").astype(history.dates.dtype).tolist()


def test_midnight_throughout_is_a_history_of_plain_days(write):
    days = read_events(write("date,m_1,m_2\n2024-01-01,1,2\n2024-01-03,1,3\n"), 4, 2)
    midnights = read_events(write("date,m_1,m_2\n2024-01-01 00:00:00,1,2\n2024-01-03 00:00:00,1,3\n"), 4, 2)
    assert midnights.dates.dtype == np.dtype("datetime64[D]")
    assert midnights.sha256 == days.sha256


@pytest.mark.parametrize(
    ("unit", "last"), [("D", "2024-01-02"), ("s", "2024-01-02T00:00:01"), ("ms", "2024-01-02T00:00:00.020")]
)
def test_times_are_kept_in_the_coarsest_unit_that_holds_them(unit, last):
    times = np.array(["2024-01-01", last], dtype="datetime64[us]")
    assert coarsest(times).dtype == np.dtype(f"datetime64[{unit}]")


@pytest.mark.parametrize(
    ("as_of", "count"),
    [
        *[("2023-12-31", 0), ("2024-01-01", 2), ("2024-01-01T13:30", 1), ("2024-01-01 19:29:59", 1), ("2024-01-02", 3)],
        *[("20231231", 0), ("20240101", 2), ("20240101T1330", 1), ("2024-W01-1", 2)],
    ],
)
def test_a_day_reaches_to_its_end_and_a_time_to_itself(as_of, count):
    assert n_until(TWICE_A_DAY, as_of) == count


def test_events_without_dates_are_counted_up_to_a_number():
    assert n_until(np.array([7, 8, 30]), "29") == 2
    with pytest.raises(ConfigError, match="an event's number, because events have no dates, but got 2024-01-01"):
        n_until(np.array([7, 8, 30]), "2024-01-01")


@pytest.mark.parametrize("as_of", ["yesterday", "2024", "17", "NaT", "2024-02-30", ""])
def test_what_is_no_date_is_refused(as_of):
    with pytest.raises(ConfigError, match="must be a date such as"):
        n_until(TWICE_A_DAY, as_of)


@pytest.mark.parametrize("as_of", ["2024-01-01T13:30Z", "2024-01-01T13:30+02:00", "20240101T1330-0500"])
def test_a_time_with_a_zone_is_refused(as_of):
    with pytest.raises(ConfigError, match="must be a time without a zone"):
        n_until(TWICE_A_DAY, as_of)


@pytest.mark.parametrize(
    ("rows", "violation"),
    [
        ("2024-01-01,1,1,2\n2024-01-01,1,1,3\n", "row 3, column date: a date must stand once, but 2024-01-01 n=1"),
        ("2024-01-01,2,1,2\n2024-01-01,1,1,3\n", "row 3, column date: dates must not go back, but 2024-01-01 n=1"),
        ("2024-01-01,first,1,2\n", "row 2, column n: a whole number of at most nine digits must stand here"),
    ],
)
def test_the_second_key_must_ascend_within_a_date(write, rows, violation):
    with pytest.raises(DataError) as caught:
        read_events(write(f"date,n,m_1,m_2\n{rows}"), 4, 2)
    assert violation in str(caught.value)
    assert "1 violation was found" in str(caught.value)


def test_numbers_without_dates_must_ascend(write):
    with pytest.raises(DataError, match="row 3, column n: numbers must not go back, but 7 follows 8"):
        read_events(write("n,m_1,m_2\n8,1,2\n7,1,3\n"), 4, 2)
