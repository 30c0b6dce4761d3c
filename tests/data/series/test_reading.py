"""A series is read whole or refused: every violation by row and column, nothing repaired."""

import gzip

import numpy as np
import pytest

from c5snn.data.series import SeriesDataModule, read_series
from c5snn.data.series.reading import read_channels
from c5snn.errors import ConfigError, DataError

GOOD = "time,a,b\n2020-01-01 00:00:00,1,4\n2020-01-01 01:00:00,2,6\n2020-01-01 02:00:00,3.5,5e0\n"


@pytest.fixture
def write(tmp_path):
    def write(text, name="series.csv"):
        path = tmp_path / name
        path.write_bytes(gzip.compress(text.encode()) if name.endswith(".gz") else text.encode())
        return str(path)

    return write


def test_times_and_numbers_are_read_as_they_are_written(write):
    series = read_series(write(GOOD))
    assert series.channels == ("a", "b")
    np.testing.assert_array_equal(series.values, [[1, 4], [2, 6], [3.5, 5]])
    assert series.step == np.timedelta64(1, "h")
    assert str(series.times[-1]) == "2020-01-01T02:00:00"


def test_layout_and_compression_do_not_change_what_a_series_is(write):
    plain = read_series(write(GOOD)).sha256
    assert read_series(write(GOOD.replace("\n", "\r\n"))).sha256 == plain
    assert read_series(write(GOOD.replace("3.5", ' "3.50"'), "series.csv.gz")).sha256 == plain
    assert read_series(write(GOOD.replace("3.5", "3.6"))).sha256 != plain


def test_columns_are_chosen_in_their_order(write):
    assert read_series(write(GOOD), ["b", "a"]).values[0].tolist() == [4, 1]
    for columns in (["b", "c"], ["b", "b"], []):
        with pytest.raises(ConfigError, match="`columns` must name columns"):
            read_series(write(GOOD), columns)


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ("2,6", "2,x", "row 3, column b: a value must be a finite number, but got 'x'."),
        ("2,6", "2,", "row 3, column b: a value must be a finite number, but got ''."),
        ("2,6", "nan,6", "row 3, column a: a value must be a finite number, but got 'nan'."),
        ("2,6", "1_0,6", "row 3, column a: a value must be a finite number, but got '1_0'."),
        ("2,6", "2,6,7", "row 3, column time: a row must have 3 cells, but has 4."),
        ("1 01:", "1 00:", "row 3, column time: a date must stand once"),
        ("1 01:", "1 05:", "row 4, column time: dates must not go back"),
        ("2020-01-01 01:00:00", "soon", "row 3, column time: a date must be"),
        ("1 02:", "1 03:", "column time: times must go on by"),
        ("4\n2020-01-01 01:00:00,2,6", "5\n2020-01-01 01:00:00,2,5", "row 2, column b: a column must change"),
    ],
)
def test_a_violation_is_named_by_row_and_column(write, old, new, words):
    with pytest.raises(DataError) as caught:
        read_series(write(GOOD.replace(old, new)))
    assert words in str(caught.value)


def test_every_violation_is_counted(write):
    with pytest.raises(DataError, match="valid series, but 2 violations were found"):
        read_series(write(GOOD.replace("1,4", "1,x").replace("3.5", "")))


def test_a_column_of_text_is_named_once_with_the_way_out(write):
    rows = "".join(f"2020-01-{day:02} 00:00:00,{day},{'True' if day % 2 else 'False'}\n" for day in range(1, 11))
    path = write(f"time,a,flag\n{rows}")
    with pytest.raises(DataError, match="1 violation was") as caught:
        read_series(path)
    assert "column flag: a column must hold numbers, but it holds 'False', 'True'" in str(caught.value)
    assert "--data.columns" in str(caught.value)
    assert read_series(path, ["a"]).values.shape == (10, 1)


@pytest.mark.parametrize("text", ["", "time\n", "time,a,a\n", "time,,b\n"])
def test_a_header_without_columns_is_refused(write, text):
    with pytest.raises(DataError, match="must have a header"):
        read_series(write(text))


@pytest.mark.parametrize("first", ["2020-01-01 00:00:00,1,4", "1/1/2020,1,1", "0,1,4"])
def test_a_file_without_a_header_is_refused_and_loses_no_row(write, first):
    path = write(GOOD.replace("time,a,b", first))
    for read in (read_series, read_channels):
        with pytest.raises(DataError, match="must have a header, but its first row begins with"):
            read(path)


def test_numbers_may_name_columns_beside_a_time(write):
    assert read_series(write(GOOD.replace("time,a,b", "time,0,1"))).channels == ("0", "1")


def test_a_header_of_any_length_is_refused_in_a_short_line(write):
    for header in ("x" * 9_999, ",".join(f"n{i // 2}" for i in range(9_999))):
        with pytest.raises(DataError) as caught:
            read_series(write(f"{header}\n"))
        assert len(str(caught.value).replace(write(""), "")) < 300


def test_a_name_in_quotes_may_hold_line_ends(write):
    path = write(GOOD.replace("time,a,b", 'time,"a\n(kW)","b\r\n""x"""'))
    assert read_channels(path) == read_series(path).channels
    assert len(read_channels(path)) == 2


def test_a_header_alone_is_too_short(write):
    with pytest.raises(DataError, match="at least 2 rows"):
        read_series(write("time,a\n"))


WORDS = "time,a,day,open\n2020-01-01,1,wed,True\n2020-01-02,2,thu,no\n2020-01-03,3,fri,FALSE\n2020-01-04,4,fri,yes\n"


def test_words_become_numbers_where_it_is_said_how(write):
    series = read_series(write(WORDS), encode={"day": "categories", "open": "booleans"})
    assert series.values[:, 1].tolist() == [2, 1, 0, 0]  # fri, thu, wed
    assert series.values[:, 2].tolist() == [1, 0, 0, 1]


def test_numbers_of_categories_do_not_follow_the_order_of_the_rows(write):
    other = WORDS.replace("1,wed", "1,fri").replace("4,fri", "4,wed")
    both = [read_series(write(text), ["a", "day"], {"day": "categories"}).values[:, 1] for text in (WORDS, other)]
    assert both[0][::-1].tolist() == [both[1][0], 0, 1, 2]
    assert both[1].tolist() == [0, 1, 0, 2]


def test_a_refused_column_of_words_is_told_its_encoding(write):
    with pytest.raises(DataError) as caught:
        read_series(write(WORDS))
    assert "`--data.encode '{day: categories}'`" in str(caught.value)
    assert "`--data.encode '{open: booleans}'`" in str(caught.value)


@pytest.mark.parametrize("cells", ["0,841 0,909 -0,25 0,1", "1,000.5 12,000 7.0 2,000"])
def test_commas_in_numbers_are_no_categories(write, cells):
    rows = [f'2020-01-0{day},"{cell}"' for day, cell in enumerate(cells.split(), 1)]
    with pytest.raises(DataError, match="column a: a column must hold numbers without commas") as caught:
        read_series(write("\n".join(["time,a", *rows])))
    assert "categories" not in str(caught.value)


@pytest.mark.parametrize(
    ("change", "encode", "words"),
    [
        (("2,thu", "2,"), {"day": "categories", "open": "booleans"}, "row 3, column day: a value must be a category"),
        (("no", "maybe"), {"day": "categories", "open": "booleans"}, "column open: a value must be one of true, false"),
        (("x", "x"), {"day": "booleans", "open": "booleans"}, "column day: a value must be one of true, false"),
    ],
)
def test_what_cannot_be_encoded_is_named_by_row_and_column(write, change, encode, words):
    with pytest.raises(DataError) as caught:
        read_series(write(WORDS.replace(*change)), encode=encode)
    assert words in str(caught.value)


def test_a_column_that_is_not_read_has_no_encoding(write):
    with pytest.raises(ConfigError, match=r"columns that are read .* but names day; they are a"):
        read_series(write(WORDS), ["a"], {"day": "categories"})
    with pytest.raises(ConfigError, match="encode needs path"):
        SeriesDataModule(encode={"day": "categories"})
