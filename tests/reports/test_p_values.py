"""A report says which of its p are simulated, from how many draws, and what these hold fixed."""

from dataclasses import replace

import pytest

from c5snn.evidence import BlockSignFlips
from c5snn.records import Draws, score_configurations
from c5snn.reports.collection import Collection
from c5snn.reports.leaderboard import print_leaderboard
from c5snn.reports.output import to_json
from c5snn.reports.p_values import luck_share, p_note
from c5snn.reports.report import document_of, make_report

FIXED = "Each draw holds all rankings fixed, which is exact given these rankings"
FOLLOW = "; it is an approximation for models whose rankings follow earlier outcomes."


@pytest.fixture
def entries_of(make_run, rankings_of):
    """Return a function that scores configurations of so many seeds each."""

    def make(**n_seeds):
        groups = {
            name: [make_run(f"{name}_{seed}", seed=seed, rankings=rankings_of(9 * i + seed)) for seed in range(n)]
            for i, (name, n) in enumerate(n_seeds.items())
        }
        return score_configurations(groups, n_draws=500)

    return make


def test_of_one_seed_every_p_is_exact_and_not_a_word_is_said(entries_of):
    (entry,) = entries_of(one=1)
    assert entry.draws == Draws(0, 0)
    assert p_note([entry]) == ""


def test_of_several_configurations_the_family_wise_p_alone_is_simulated(entries_of):
    entries = entries_of(one=1, other=1)
    assert {entry.draws for entry in entries} == {Draws(0, 500)}
    assert p_note(entries) == f"The family-wise p is simulated from 500 draws. {FIXED}{FOLLOW}"


def test_of_means_over_seeds_the_own_p_is_simulated_too(entries_of):
    overlaps = " and, for means over seeds, their overlaps"
    (alone,) = entries_of(several=3)
    assert alone.draws == Draws(500, 500)
    assert p_note([alone]) == f"p is simulated from 500 draws. {FIXED}{overlaps}{FOLLOW}"
    mixed = entries_of(one=1, more=2)
    assert {entry.label: entry.draws for entry in mixed} == {"one": Draws(0, 500), "more": Draws(500, 500)}
    said = "p of means over seeds and the family-wise p are simulated from 500 draws."
    assert p_note(mixed) == f"{said} {FIXED}{overlaps}{FOLLOW}"


def test_a_training_whose_own_law_is_too_large_is_named(make_run, rankings_of):
    runs = {name: make_run(name, rankings=rankings_of(i)) for i, name in enumerate(("tied", "other"))}
    score = replace(runs["tied"].test.score, is_exact=False)
    test = replace(runs["tied"].test, metrics=runs["tied"].test.metrics | {"recall_at_20": score})
    runs["tied"] = replace(runs["tied"], test=test)
    tied, other = score_configurations({name: [run] for name, run in runs.items()}, n_draws=500)
    assert (tied.draws, other.draws) == (Draws(100_000, 500), Draws(0, 500))
    said = "p of tied is simulated from 100,000 draws. The family-wise p is simulated from 500 draws."
    assert p_note([tied, other]).startswith(said)
    assert p_note([replace(tied, draws=Draws(100_000, 100_000))]) == "p is simulated from 100,000 draws."


def test_a_simulated_p_of_gains_is_named(entries_of):
    one, other = entries_of(one=1, other=1)
    drawn = replace(one, references=tuple(replace(entry, is_exact=False) for entry in one.references), draws=Draws())
    exact = replace(other, draws=Draws())
    assert p_note([drawn]) == "p of the gains is simulated from 100,000 draws."
    assert p_note([drawn, exact]).startswith(f"p of the gains of {one.label} is simulated")


def test_the_p_of_gains_off_the_lattice_is_recorded_as_simulated(make_run, rankings_of):
    runs = [make_run(f"{seed}", seed=seed, rankings=rankings_of(seed)) for seed in (1, 2)]
    assert [entry.is_exact for entry in runs[0].test.references] == [True]
    for run in runs:
        run.items.scores[:] += run.seed / 997  # means over seeds share no small denominator any more
    (entry,) = score_configurations({"a": runs}, n_draws=50)
    assert [reference.is_exact for reference in entry.references] == [False]


def test_draws_of_signs_are_no_approximation_for_what_follows_outcomes(entries_of):
    entries = entries_of(one=1, other=1)
    run = entries[0].runs[0]
    signs = replace(entries[0], runs=[replace(run, test=replace(run.test, null=BlockSignFlips(2, 1.0)))])
    assert p_note([signs, entries[1]]) == f"The family-wise p is simulated from 500 draws. {FIXED}."


def test_the_document_the_terminal_and_the_file_say_it(make_run, rankings_of, capsys):
    runs = [make_run(f"{i}", arguments={"hidden_size": i}, rankings=rankings_of(i)) for i in range(2)]
    report = make_report(Collection(runs, [], {}, {}), n_draws=500)
    leaderboard = next(section for section in document_of(report).sections if section.title == "Leaderboard")
    assert "The family-wise p is simulated from 500 draws." in leaderboard.note
    (comparison,) = to_json(report)["comparisons"]
    assert [entry["draws"] for entry in comparison["configurations"]] == [{"p_value": 0, "p_family": 500}] * 2
    print_leaderboard(report.comparisons[0].configurations)
    assert "The family-wise p is simulated from 500 draws." in " ".join(capsys.readouterr().out.split())


@pytest.mark.parametrize(
    ("p", "n_draws", "said"),
    [
        (1 / 10_001, 10_000, "none of 10,000 drawn flips of the signs"),
        (2 / 10_001, 10_000, "1 of 10,000 drawn flips of the signs"),
        (99 / 10_001, 10_000, "98 of 10,000 drawn flips of the signs"),
        (101 / 10_001, 10_000, "1 % of 10,000 drawn flips of the signs"),
        (1e-3, 10_000, "at most 9 of 10,000 drawn flips of the signs"),  # the larger exact p of one of them
        (1.0, 10_000, "100 % of 10,000 drawn flips of the signs"),
        (0.998, 10_000, "more than 99 % of 10,000 drawn flips of the signs"),
        (1 / 51, 50, "none of 50 drawn flips of the signs"),
        (1 / 1_024, 0, "at most one flip of the signs in 1,024"),
    ],
)
def test_of_draws_it_is_said_what_was_counted(p, n_draws, said):
    assert luck_share(p, "flip of the signs", n_draws) == said
