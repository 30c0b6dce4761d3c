"""The leaderboard's tables and its forest plot: whole, and without columns that hold nothing."""

import pytest

from c5snn.records import score_configurations
from c5snn.reports.leaderboard import leaderboard_sections, print_leaderboard, worth_table


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


def test_a_terminal_shows_the_verdict_and_as_many_rows_as_asked_for(entries, capsys):
    print_leaderboard(entries, limit=1)
    shown = capsys.readouterr().out
    assert shown.startswith("1 of 2 configurations is better than chance")
    assert entries[0].label in shown.split("lift")[1]
    assert shown.count("│") / shown.count("┃") < 2
