"""The leaderboard's tables and its forest plot: whole, and without columns that hold nothing."""

import io
import re
from dataclasses import replace

import pytest
from rich.console import Console

from c5snn.records import score_configurations
from c5snn.reports.document import Table
from c5snn.reports.leaderboard import leaderboard_sections, print_leaderboard, worth_table
from c5snn.reports.text import print_table


@pytest.fixture
def entries(make_run, rankings_of):
    """A lucky configuration and one that learns."""
    groups = {name: [make_run(name, rankings=rankings_of(1, share))] for name, share in (("lucky", 0.0), ("good", 0.9))}
    return score_configurations(groups, n_draws=1_000)


def test_columns_that_hold_nothing_are_left_out(entries):
    for section in leaderboard_sections(entries, None):
        for table in section.tables:
            assert all(len(row) == len(table.columns) for row in table.rows)
            assert not any({row[i] for row in table.rows} == {"–"} for i in range(len(table.columns)))
    assert "firing rate" not in leaderboard_sections(entries, None)[0].tables[1].columns


def test_every_reference_has_its_columns_and_what_learns_is_marked(entries):
    table = worth_table(entries)
    assert table.columns[-4:] == [
        "popularity baseline", "gain over popularity baseline", "95 % interval of the gain", "p of the gain",
    ]  # fmt: skip
    assert {row[0] for row in table.rows} == {"lucky", "good (learns from the history)"}


def test_a_test_with_fewer_references_has_dashes_in_the_columns_of_the_others(entries):
    more = replace(entries[1].references[0], name="counting", label="counting baseline")
    mixed = [entries[0], replace(entries[1], references=(*entries[1].references, more))]
    for ordered in (mixed, mixed[::-1]):
        table = worth_table(ordered)
        assert table.columns[-4] == "counting baseline"
        assert {len(row) for row in table.rows} == {len(table.columns)}
        assert sorted(row[-4] == "–" for row in table.rows) == [False, True]


def test_a_terminal_shows_the_verdict_and_as_many_rows_as_asked_for(entries, capsys):
    print_leaderboard(entries, limit=1)
    shown = capsys.readouterr().out
    assert shown.startswith("1 of 2 configurations is better than chance")
    assert entries[0].label in shown.split("lift")[1]
    assert shown.count("│") / shown.count("┃") < 2


@pytest.mark.parametrize("width", [60, 80, 120])
def test_a_terminal_breaks_neither_numbers_nor_words_and_leaves_no_column_out(entries, width):
    stream = io.StringIO()
    table = worth_table(entries)
    print_table(Console(file=stream, width=width), table)
    lines = stream.getvalue().splitlines()
    assert max(map(len, lines)) <= width
    words = set(re.findall(r"[^\s│┃]+", stream.getvalue()))
    for text in [*table.columns, *(cell for row in table.rows for cell in row)]:
        assert set(text.split()) <= words
    assert sum(table.rows[0][0].split()[0] in line for line in lines) >= len(table.columns) * 20 // width


def test_a_configuration_is_named_in_every_part_of_its_table():
    stream = io.StringIO()
    table = Table(["name", *(f"column_{i}" for i in range(9))], [["first", *("0.123456" for _ in range(9))]])
    print_table(Console(file=stream, width=40), table)
    shown = stream.getvalue()
    assert shown.count("first") == shown.count("name") > 1
    assert shown.count("0.123456") == 9
