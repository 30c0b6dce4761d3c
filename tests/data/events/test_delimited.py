import csv
import gzip
import io
import os

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from c5snn.data.events.delimited import MOST_BYTES, Cells, read_text, write_text
from c5snn.errors import DataError


@pytest.mark.parametrize("name", ["history.csv", "history.csv.gz"])
def test_what_was_written_is_read(tmp_path, name):
    write_text(tmp_path / name, "date,ä\n")
    assert read_text(tmp_path / name) == "date,ä\n".encode()


def test_a_name_that_ends_in_gz_is_compressed_and_the_same_text_gives_the_same_bytes(tmp_path):
    for name in ("a.gz", "b.gz"):
        write_text(tmp_path / name, "text")
    assert gzip.decompress((tmp_path / "a.gz").read_bytes()) == b"text"
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_a_byte_order_mark_is_not_part_of_the_text(write):
    assert read_text(write(b"\xef\xbb\xbfdate")) == b"date"


def test_a_byte_that_is_not_utf8_is_located(write):
    with pytest.raises(DataError, match=r"history\.csv` must be UTF-8 text, but row 2, column 3 holds the byte 0xff"):
        read_text(write(b"date\nab\xff"))


@pytest.mark.parametrize("name", [".", "missing.csv", "missing/history.csv", "x" * 300, "null\0byte"])
def test_what_is_no_readable_file_is_a_data_error(tmp_path, name):
    with pytest.raises(DataError, match="must be a file that can be read"):
        read_text(tmp_path / name)


@pytest.mark.parametrize(
    "content",
    [b"date,m_1\n", gzip.compress(os.urandom(999))[:-20], b"", gzip.compress(b"text")[:-8] + b"\0" * 8],
    ids=["plain", "cut off", "empty", "wrong checksum"],
)
def test_a_gz_file_that_is_not_whole_is_a_data_error(write, content):
    path = write(content, "history.csv.gz")
    if content:
        with pytest.raises(DataError, match="whole gzip file"):
            read_text(path)
    else:
        assert read_text(path) == b""


def test_a_bomb_is_refused_before_it_fills_the_memory(write):
    path = write(gzip.compress(bytes(MOST_BYTES + 1), compresslevel=1), "bomb.csv.gz")
    with pytest.raises(DataError, match="at most 64 MiB"):
        read_text(path)


# csv turns a lone carriage return into the end of a row; a table of one column has no delimiter at all
tables = st.integers(2, 4).flatmap(
    lambda width: st.lists(
        st.lists(st.text(st.characters(codec="utf-8", exclude_characters="\r\0")), min_size=width, max_size=width)
    )
)


@given(
    tables,
    st.sampled_from(",;\t|"),
    st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    st.sampled_from(["\n", "\r\n"]),
)
def test_what_pythons_own_csv_writes_is_read_without_the_blanks_around_cells(table, delimiter, quoting, newline):
    out = io.StringIO()
    csv.writer(out, delimiter=delimiter, quoting=quoting, lineterminator=newline).writerows(table)
    cells = Cells(out.getvalue().encode(), delimiter)
    while table and not any(cell.strip(" \t") for cell in table[-1]):
        table.pop()
    assert [cells.row(row) for row in range(len(cells))] == [[cell.strip(" \t") for cell in row] for row in table]
    assert not len(cells.stray)


@given(st.lists(st.text(st.sampled_from("0123456789 x+-.\u0663"), max_size=12), min_size=1))
def test_whole_numbers_are_those_cells_of_at_most_nine_ascii_digits(texts):
    cells = Cells("".join(f"{text},\n" for text in [*texts, "end"]).encode())
    found = cells.whole_numbers(cells.column(0, np.arange(len(texts))))
    expected = [
        int(text) if text.isascii() and text.isdecimal() and len(text) <= 9 else -1 for text in map(str.strip, texts)
    ]
    assert found.tolist() == expected


@pytest.mark.parametrize(
    ("delimiter", "rows"),
    [(" ", [["1", "Jan", "5,", "2024"], ["2", "x", "7", "8"]]), ("  ", [["1", "Jan 5, 2024"], ["2", "x 7", "8"]])],
    ids=["one space", "two spaces"],
)
def test_several_spaces_delimit_once_and_none_at_the_ends_of_a_line(delimiter, rows):
    cells = Cells(b"  1   Jan 5, 2024 \n2\t x 7  8  \n", delimiter)
    assert [cells.row(row) for row in range(2)] == rows


def test_a_carriage_return_alone_ends_a_row_where_nothing_else_does():
    cells = Cells(b"a,b\r1,2\r")
    assert [cells.row(row) for row in range(len(cells))] == [["a", "b"], ["1", "2"]]


def test_rows_know_their_line_and_cells_with_a_lone_quote_are_named():
    cells = Cells(b'a,"b\n\n"\nc,d"\n')
    assert cells.lines.tolist() == [1, 4]
    assert cells.texts(cells.stray) == ['d"\n']


@pytest.mark.parametrize("name", ["history.csv", "history.csv.gz", "HISTORY.CSV.GZ"])
def test_a_written_text_is_read_back_whatever_its_name_is(tmp_path, name):
    write_text(tmp_path / name, "date,parts\n")
    assert read_text(tmp_path / name) == b"date,parts\n"
