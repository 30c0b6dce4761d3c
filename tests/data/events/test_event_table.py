"""Every rule of a history's file, each broken alone."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from c5snn.data.events.event_table import read_table
from c5snn.data.events.shape import EventShape
from c5snn.errors import DataError

SHAPE = EventShape(n_parts=4, n_active=2)
PARTS = "date,m_1,m_2\n1/1/2000,1,2\n1/2/2000,3,1\n1/4/2000,4,2\n"
MATRIX = "date,m_1,m_2,P_1,P_2,P_3,P_4\n2000-01-01,1,2,1,1,0,0\n2000-01-02,3,1,1,0,1,0\n2000-01-04,4,2,0,1,0,1\n"

# what is broken, the file, and the row, the column and the words that must name it
BROKEN = {
    "empty file": ("", 1, "date", "nothing here"),
    "header below an empty line": ("\n" + PARTS, 1, "date", "nothing here"),
    "no event": ("date,m_1,m_2\n", 2, "date", "at least one event"),
    "missing column": (PARTS.replace(",m_2", ""), 1, "'m_2'", "missing"),
    "extra column": (PARTS.replace("m_2", "m_2,m_3"), 1, "'m_3'", "too much"),
    "column twice": (PARTS.replace("m_2", "m_2,m_2"), 1, "'m_2'", "too much"),
    "misordered columns": (PARTS.replace("m_1,m_2", "m_2,m_1"), 1, "m_2", "in this order"),
    "missing matrix column": (MATRIX.replace(",P_3", ""), 1, "'P_3'", "missing"),
    "unparsable date": (PARTS.replace("1/2/2000", "1-2-2000"), 3, "date", "'1-2-2000'"),
    "day that does not exist": (PARTS.replace("1/2/2000", "2/30/2000"), 3, "date", "'2/30/2000'"),
    "no date": (PARTS.replace("1/2/2000", ""), 3, "date", "''"),
    "date that goes back": (PARTS.replace("1/2/2000", "12/31/1999"), 3, "date", "1999-12-31 follows 2000-01-01"),
    "same date twice": (PARTS.replace("1/2/2000", "1/1/2000"), 3, "date", "2000-01-01 stands in row 2 too"),
    "too few parts": (PARTS.replace("3,1", "3,"), 3, "m_2", "exactly 2 parts"),
    "part below 1": (PARTS.replace("3,1", "0,1"), 3, "m_1", "`1 <= part <= 4` must hold, but got '0'"),
    "part above n_parts": (PARTS.replace("3,1", "3,5"), 3, "m_2", "`1 <= part <= 4` must hold, but got '5'"),
    "part twice": (PARTS.replace("3,1", "3,3"), 3, "m_2", "got 3 again"),
    "NaN": (PARTS.replace("3,1", "nan,1"), 3, "m_1", "'nan'"),
    "text": (PARTS.replace("3,1", "three,1"), 3, "m_1", "'three'"),
    "decimal": (PARTS.replace("3,1", "3.0,1"), 3, "m_1", "'3.0'"),
    "space within": (PARTS.replace("3,1", "3,1 1"), 3, "m_2", "'1 1'"),
    "quote that is never closed": (
        PARTS.replace("4,2", '4,"2'),
        4,
        "m_2",
        "quotes must enclose a whole cell, but got '\"2",
    ),
    "quote in a cell": (PARTS.replace("3,1", '3"",1'), 3, "m_1", "quotes must enclose"),
    "quoted text": (PARTS.replace("3,1", '"th""ree",1'), 3, "m_1", "'th\"ree'"),
    "time that does not exist": (PARTS.replace("1/2/2000", "1/2/2000 24:30"), 3, "date", "'1/2/2000 24:30'"),
    "other digits": (PARTS.replace("3,1", "\u0663,1"), 3, "m_1", "whole number"),
    "cut-off last row": (PARTS[:-3], 4, "m_2", "must have 3 cells, but this is 2 cells"),
    "cell too many": (PARTS.replace("3,1", "3,1,2"), 3, "m_2", "this is 4 cells"),
    "empty line": (PARTS.replace("1/4", "\n1/4"), 4, "date", "an empty line"),
    "P neither 0 nor 1": (MATRIX.replace("1,0,1,0\n", "1,0,2,0\n"), 3, "P_3", "0 or 1 must stand here, but got '2'"),
    "P empty": (MATRIX.replace("1,0,1,0\n", "1,,1,0\n"), 3, "P_2", "0 or 1 must stand here, but got ''"),
    "cut-off matrix row": (MATRIX[:-5], 4, "P_3", "must have 7 cells, but this is 5 cells"),
}


def read(write, text: str):
    return read_table(write(text), SHAPE)


VALID = {
    "parts": PARTS,
    "matrix": MATRIX,
    "padded dates": PARTS.replace("\n1/", "\n01/0"),
    "padded parts": PARTS.replace("1,2", "01,02"),
    "spaces after commas": PARTS.replace(",", ", "),
    "tabs and many spaces around cells": MATRIX.replace(",", " \t , " + " " * 40),
    "every cell quoted": "".join(f'"{line}"\n'.replace(",", '","') for line in PARTS.splitlines()),
    "spaces inside and outside quotes": PARTS.replace("3,1", ' " 3 " , "1"'),
    "blank lines at the end": PARTS + "\n \n,,\n\n",
    "times of day": PARTS.replace("2000,", "2000 13:30,").replace("1/2/2000 13", "1/1/2000 19"),
}


@pytest.mark.parametrize("text", VALID.values(), ids=VALID.keys())
def test_a_valid_file_has_no_violation(write, text):
    assert read(write, text).violations.first() == []


@pytest.mark.parametrize(("text", "row", "column", "words"), BROKEN.values(), ids=BROKEN.keys())
def test_a_broken_rule_is_named_with_its_row_and_column_and_nothing_else_is(write, text, row, column, words):
    violations = read(write, text).violations
    (violation,) = violations.first()
    assert (violation.row, violation.column) == (row, column)
    assert words in violation.words
    assert len(violations) == 1


def test_a_missing_one_breaks_the_sum_and_the_agreement(write):
    violations = read(write, MATRIX.replace("1,0,1,0\n", "1,0,0,0\n")).violations.first()
    assert [(v.row, v.column) for v in violations] == [(3, "P_1...P_4"), (3, "P_3")]


def test_ones_in_the_wrong_place_disagree_twice(write):
    violations = read(write, MATRIX.replace("1,0,1,0\n", "0,1,1,0\n")).violations.first()
    assert [(v.row, v.column) for v in violations] == [(3, "P_1"), (3, "P_2")]


def test_all_violations_of_all_rows_are_found_in_one_reading(write):
    text = "date,m_1,m_2\nyesterday,9,9\n1/2/2000,1\n1/1/2000,2,x\n1/1/2000,4,4\n"
    violations = read(write, text).violations
    assert [(v.row, v.column) for v in violations.first()] == [
        (2, "date"), (2, "m_1"), (2, "m_2"), (3, "m_2"), (4, "m_2"), (5, "date"), (5, "m_2"),
    ]  # fmt: skip
    assert len(violations) == 7


def test_one_date_far_in_the_future_does_not_blame_the_rows_after_the_next(write):
    text = "date,m_1,m_2\n" + "".join(f"{day},1,2\n" for day in ("1/1/2000", "1/2/2090", "1/3/2000", "1/4/2000"))
    assert [v.row for v in read(write, text).violations.first()] == [4]


@given(
    row=st.integers(0, 2),
    column=st.integers(0, 6),
    cell=st.text(st.characters(codec="utf-8", exclude_characters=',\r\n"0123456789')),
)
def test_any_cell_replaced_by_text_is_found_where_it_is(tmp_path_factory, row, column, cell):
    header, *rows = MATRIX.splitlines()
    cells = [line.split(",") for line in rows]
    cells[row][column] = cell
    path = tmp_path_factory.mktemp("cell") / "history.csv"
    path.write_text("\n".join([header, *map(",".join, cells)]), encoding="utf-8", newline="")
    found = read_table(path, SHAPE).violations.first()
    assert [(v.row, v.column) for v in found] == [(row + 2, header.split(",")[column])]


def test_thousands_of_violations_are_counted_and_only_the_first_are_put_into_words(write):
    text = "date,m_1,m_2\n" + "x,y,z\n" * 9_999
    violations = read(write, text).violations
    assert len(violations) == 3 * 9_999
    assert [v.row for v in violations.first()] == [2 + i // 3 for i in range(100)]


def test_a_file_of_millions_of_lines_is_refused_by_their_number(write):
    with pytest.raises(DataError, match=r"at most 2,000,000 lines, but has 2,000,002"):
        read(write, "date,m_1,m_2\n" + "x\n" * 2_000_001)


def test_a_break_within_quotes_belongs_to_its_cell_and_rows_are_still_counted_as_lines(write):
    text = PARTS.replace("3,1", '"3\n",1').replace("4,2", "4,9")
    assert [(v.row, v.column) for v in read(write, text).violations.first()] == [(3, "m_1"), (5, "m_2")]
