import hashlib
import os
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from c5snn.data.events.history import EventHistory, read_events, write_events
from c5snn.errors import ConfigError, DataError, OutputError

FIRST = np.datetime64("2000-01-01")


@st.composite
def histories(draw):
    n_parts = draw(st.integers(2, 50))
    n_active = draw(st.integers(1, min(n_parts - 1, 6)))
    part = st.integers(1, n_parts)
    events = draw(st.lists(st.sets(part, min_size=n_active, max_size=n_active), min_size=1, max_size=8))
    days = np.cumsum(draw(st.lists(st.integers(1, 900), min_size=len(events), max_size=len(events))))
    return EventHistory(FIRST + days, np.array([sorted(event) for event in events]), n_parts)


def small_history(parts=((1, 2), (1, 3)), n_parts=4) -> EventHistory:
    return EventHistory(FIRST + np.arange(len(parts)), np.array(parts), n_parts)


@pytest.mark.slow
@given(histories(), st.sampled_from(["parts", "matrix"]), st.sampled_from(["h.csv", "h.csv.gz"]))
def test_a_written_history_is_read_back_as_it_was(tmp_path_factory, history, layout, name):
    path = tmp_path_factory.mktemp("round") / name
    write_events(history, path, layout)
    read = read_events(path, history.n_parts, history.n_active)
    np.testing.assert_array_equal(read.dates, history.dates)
    np.testing.assert_array_equal(read.parts, history.parts)
    assert read.sha256 == history.sha256


@given(histories())
def test_the_identity_is_the_hash_that_the_specification_spells_out(history):
    lines = [
        f"{day},{','.join(str(part) for part in event)}\n"
        for day, event in zip(history.dates.tolist(), history.parts.tolist(), strict=True)
    ]
    text = "".join(lines) + f"{history.n_parts}\n"
    assert history.sha256 == hashlib.sha256(text.encode()).hexdigest()


def test_the_identity_depends_on_dates_parts_and_n_parts():
    later = EventHistory(FIRST + np.array([0, 2]), small_history().parts, 4)
    others = [small_history(((1, 2), (1, 4))), small_history(n_parts=5), later]
    assert len({history.sha256 for history in [small_history(), *others]}) == 4


@given(histories())
def test_the_multi_hot_row_has_ones_at_the_active_parts_alone(history):
    matrix = history.multi_hot()
    assert matrix.shape == (len(history), history.n_parts)
    assert matrix.dtype == np.float32
    assert [(np.flatnonzero(row) + 1).tolist() for row in matrix] == history.parts.tolist()
    assert set(np.unique(matrix)) == {0.0, 1.0}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
@pytest.mark.parametrize("newline", ["\n", "\r\n"])
@pytest.mark.parametrize("last", ["\n", ""])
@pytest.mark.parametrize(
    "days", [("1/9/2000", "11/10/2000"), ("01/09/2000", "11/10/2000"), ("2000-01-09", "2000-11-10")]
)
def test_every_usual_spelling_of_a_file_is_the_same_history(write, encoding, newline, last, days):
    text = f"date,m_1,m_2\n{days[0]},1,2\n{days[1]},4,3".replace("\n", newline) + last.replace("\n", newline)
    history = read_events(write(text.encode(encoding)), n_parts=4, n_active=2)
    assert history.dates.tolist() == [date(2000, 1, 9), date(2000, 11, 10)]
    assert history.parts.tolist() == [[1, 2], [3, 4]]


def test_the_error_names_the_file_and_lists_every_violation(write):
    path = write("date,m_1,m_2\n1/1/2000,1,9\n1/1/2000,2,2\n")
    with pytest.raises(DataError) as caught:
        read_events(path, n_parts=4, n_active=2)
    message = str(caught.value)
    assert str(path) in message
    assert "3 violations were found" in message
    for place in ("row 2, column m_2", "row 3, column date", "row 3, column m_2"):
        assert place in message


def test_the_error_shows_twenty_violations_and_counts_the_rest(write):
    with pytest.raises(DataError, match="70 violations were found") as caught:
        read_events(write("date,m_1\n" + "x,y\n" * 35), n_parts=4, n_active=1)
    assert str(caught.value).count("row ") == 20
    assert "... and 50 more." in str(caught.value)


HEADER = b"date,m_1,m_2,m_3,m_4,m_5\n"
SIZE = 20 * 2**20
GARBAGE = {
    "bytes": lambda: np.random.default_rng(1).bytes(SIZE),
    "bytes below a header": lambda: HEADER + np.random.default_rng(1).bytes(SIZE),
    "a header of commas": lambda: b"," * SIZE,
    "one word": lambda: b"x" * SIZE,
    "a row of commas": lambda: HEADER + b"," * SIZE,
    "empty lines": lambda: HEADER + b"\n" * SIZE,
    "rows of words": lambda: HEADER + b"a,b,c,d,e,f\n" * (SIZE // 12),
    "long rows of words": lambda: HEADER + (b",".join([b"x" * 99] * 6) + b"\n") * (SIZE // 600),
    "an endless date": lambda: HEADER + b"0" * SIZE + b",1,2,3,4,5\n",
}


@pytest.mark.slow
@pytest.mark.timeout(60)
@pytest.mark.parametrize("kind", GARBAGE)
def test_twenty_megabytes_of_garbage_fail_with_a_short_message(write, kind):
    path = write(GARBAGE[kind]())
    with pytest.raises(DataError) as caught:
        read_events(path)
    assert len(str(caught.value)) < 3000


def test_the_size_of_an_event_is_checked_before_the_file(tmp_path):
    with pytest.raises(ConfigError, match="n_active=5, n_parts=5"):
        read_events(tmp_path / "missing.csv", n_parts=5)


def test_a_folder_in_place_of_a_file_is_a_data_error(tmp_path):
    with pytest.raises(DataError, match="must be a file that can be read"):
        read_events(tmp_path)


@pytest.mark.parametrize("parts", [((1, 5),), ((0, 1),), ((2, 1),), ((2, 2),), ()])
def test_a_history_with_impossible_events_cannot_be_made(parts):
    with pytest.raises(DataError):
        EventHistory(FIRST + np.arange(len(parts)), np.array(parts, dtype=np.int64).reshape(-1, 2), 4)


@pytest.mark.parametrize("days", [[0, 0], [1, 0]])
def test_a_history_whose_dates_do_not_ascend_cannot_be_made(days):
    with pytest.raises(DataError, match="ascend"):
        EventHistory(FIRST + np.array(days), np.array([[1, 2], [1, 3]]), 4)


def test_a_failed_write_leaves_the_old_file_and_nothing_else(tmp_path, monkeypatch):
    path = tmp_path / "history.csv"
    write_events(small_history(), path)
    before = path.read_bytes()

    def full_disk(_descriptor: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(os, "fsync", full_disk)
    with pytest.raises(OutputError, match="No space left"):
        write_events(small_history(n_parts=5), path, "matrix")
    assert path.read_bytes() == before
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.real_data
def test_the_real_history_is_the_same_in_both_layouts(real_history_path, tmp_path):
    history = read_events(real_history_path)
    write_events(history, tmp_path / "matrix.csv.gz", "matrix")
    for path in (real_history_path, tmp_path / "matrix.csv.gz"):
        assert read_events(path).sha256 == history.sha256
    assert len(history) == 11_692
    assert history.dates[[0, -1]].tolist() == [date(1992, 2, 4), date(2026, 1, 28)]
    assert timedelta(days=1) <= min(np.diff(history.dates).tolist())
