import gzip
import os

import pytest

from c5snn.data.events.text_file import MOST_BYTES, read_text, write_text
from c5snn.errors import DataError


@pytest.mark.parametrize("name", ["history.csv", "history.csv.gz"])
def test_what_was_written_is_read(tmp_path, name):
    write_text(tmp_path / name, "date,ä\n")
    assert read_text(tmp_path / name) == "date,ä\n"


def test_a_name_that_ends_in_gz_is_compressed_and_the_same_text_gives_the_same_bytes(tmp_path):
    for name in ("a.gz", "b.gz"):
        write_text(tmp_path / name, "text")
    assert gzip.decompress((tmp_path / "a.gz").read_bytes()) == b"text"
    assert (tmp_path / "a.gz").read_bytes() == (tmp_path / "b.gz").read_bytes()


def test_a_byte_order_mark_is_not_part_of_the_text(write):
    assert read_text(write(b"\xef\xbb\xbfdate")) == "date"


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
        assert read_text(path) == ""


def test_a_bomb_is_refused_before_it_fills_the_memory(write):
    path = write(gzip.compress(bytes(MOST_BYTES + 1), compresslevel=1), "bomb.csv.gz")
    with pytest.raises(DataError, match="at most 64 MiB"):
        read_text(path)
