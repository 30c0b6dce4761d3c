"""Sentences are right for none, for one and for several."""

from dataclasses import replace
from statistics import NormalDist

import pytest

from c5snn.evidence import Interval, Sensitivity, UniformSubset
from c5snn.records import Summary, score_configurations
from c5snn.reports.collection import Collection
from c5snn.reports.comparison import compare
from c5snn.reports.configurations import group_runs
from c5snn.reports.effects import Effect, TestEffect
from c5snn.reports.effects_section import effects_section
from c5snn.reports.leaderboard import leaderboard_sections
from c5snn.reports.networks import Network, _states, networks_of, networks_section
from c5snn.reports.pairs import pairs_section
from c5snn.reports.report import document_of, make_report
from c5snn.reports.screened import Screened, screened_section
from c5snn.reports.uncertainty import power_of, power_section, spread_section
from c5snn.reports.verdict import verdict_sentence
from c5snn.reports.words import difference, of_all


@pytest.fixture
def entry(make_run, rankings_of):
    """A configuration of two seeds."""
    runs = [make_run(f"{seed}", seed=seed, rankings=rankings_of(seed)) for seed in (1, 2)]
    return score_configurations({"gru": runs}, n_draws=50)[0]


@pytest.mark.parametrize(
    ("rates", "said"),
    [
        ([(0.3,)], "1 network measured: no fault was found."),
        ([(0.0,)], "1 network measured: it has a dead layer."),
        ([(0.0,), (0.0, 1.0), (0.3,)], "3 networks measured: 2 have a dead layer; 1 has a saturated layer."),
    ],
)
def test_networks_are_counted(make_run, network, rates, said):
    runs = [make_run(f"{i}", seed=i, activity=network(*of_run)) for i, of_run in enumerate(rates)]
    assert networks_section(networks_of("gru", runs), "window").sentences == [said]


def test_a_baseline_is_no_network(make_run, network):
    runs = [make_run(name, model=name, activity=network()) for name in ("gru", "frequency")]
    assert [entry.label for run in runs for entry in networks_of(run.model, [run])] == ["gru"]


def test_few_items_are_counted_where_a_share_would_look_exact(make_run, network):
    sizes = {"train": 300, "val": 56, "test": 58}
    runs = [make_run("a", activity=network(0.3, same=55 / 56), data={"n_items": sizes})]
    section = networks_section(networks_of("gru", runs), "window")
    assert section.tables[0].rows[0][4] == "55 of 56"
    assert "when all 56 windows get the same output" in section.note
    assert "98.2" not in repr(section)


def test_one_of_one_is_never_said():
    assert of_all(1, 1, "row") == "the only row"
    one = [Network("gru", 1, tested=False, layers=[], synaptic_operations=None, n_distinct=1, same_share=1.0,
                   n_items=56, ignores_input=True)]  # fmt: skip
    assert _states(one) == "ignores its input"
    assert _states([*one, replace(one[0], ignores_input=False, same_share=0.1)]) == "ignores its input in 1 of 2"


@pytest.mark.parametrize(
    ("tested", "said"),
    [
        ((False,), "gru was trained but not tested."),
        ((False, False), "2 configurations were trained, and none of them was tested."),
        ((True, False), "2 configurations were trained, and 1 of them was tested."),
    ],
)
def test_screening_counts_what_was_tested(tested, said):
    trained = [Screened("gru", [1], Summary(0.5, None), 10, 1.0, is_tested) for is_tested in tested]
    assert screened_section(trained, "Recall@20", is_short=True).sentences == [said]


def test_screening_is_one_table_of_all_configurations(make_run, rankings_of):
    runs = [
        make_run(f"{i}", arguments={"hidden_size": i}, val={"val_recall_at_20": 0.4 + i / 1000},
                 rankings=rankings_of(i) if i == 3 else None)
        for i in range(25)
    ]  # fmt: skip
    report = make_report(Collection(runs, [], {}, {}), n_draws=50)
    (section,) = [section for section in document_of(report).sections if section.title == "Screening"]
    (table,) = section.tables
    assert [row[0] for row in table.rows] == [f"gru hidden_size={i}" for i in reversed(range(25))]
    assert [row[0] for row in table.rows if row[2] == "yes"] == ["gru hidden_size=3"]


def test_the_spread_over_seeds_is_said_of_none_of_one_and_of_several(entry):
    (none,) = spread_section([replace(entry, test={"recall_at_20": replace(entry.score, std=None)})]).sentences
    assert none == "Only one seed was tested per configuration, so the spread over seeds is unknown."
    (one,) = spread_section([replace(entry, test={"recall_at_20": replace(entry.score, std=9.0)})]).sentences
    assert one == "The spread over seeds exceeds the sampling error for gru."
    small = replace(entry, test={"recall_at_20": replace(entry.score, std=0.0)})
    (several,) = spread_section([small, small]).sentences
    assert (
        several == "The spread over seeds exceeds the sampling error for none of 2 configurations with several seeds."
    )


def worth(entry, label="gru", **fields):
    """The configuration with these values in place of its own."""
    value = fields.pop("value", entry.value)
    return replace(entry, label=label, test={"recall_at_20": Summary(value, None)}, **fields)


def test_scores_that_are_all_equal_are_not_worse_than_chance(entry):
    chance = entry.chance["recall_at_20"]
    equal = [worth(entry, name, value=chance - 1e-16, p_value=1.0, p_family=1.0) for name in ("gru", "mlp")]
    assert "cannot be distinguished from chance in Recall@20 (p = 1)" in verdict_sentence(equal[:1])
    assert verdict_sentence(equal).startswith("Neither of 2 configurations can be distinguished from chance")
    assert difference(equal[0].lift) == "+0.0000"


def test_a_configuration_that_ignores_its_input_in_one_run_of_two_does_so_in_one_run_of_two(make_run, rankings_of):
    good = rankings_of(1, 0.9)
    runs = [make_run("constant", seed=1, rankings=good[:1].repeat(len(good), axis=0)), make_run("ok", rankings=good)]
    (found,) = score_configurations({"gru": runs}, n_draws=1_000)
    found = replace(found, references=tuple(replace(entry, p=0.5) for entry in found.references))
    assert "It ignores its input in 1 of 2 runs: at least 99 % of the windows" in verdict_sentence([found])


@pytest.mark.parametrize(
    ("is_validated", "n", "note", "ordered"),
    [
        (True, 1, "", ""),
        (True, 2, "family-wise p is corrected for the 2 configurations", "Ordered by the mean on validation. "),
        (False, 2, "family-wise p is corrected for the 2 configurations", ""),
    ],
)
def test_an_order_by_validation_is_said_of_several_that_were_validated(entry, is_validated, n, note, ordered):
    val = Summary(0.5 if is_validated else float("nan"), None)
    said = leaderboard_sections([replace(entry, val=val) for _ in range(n)], None)[0].note
    assert said.startswith(f"{ordered}± is the standard deviation")
    assert note in said
    assert ("family-wise" in said) == bool(note)


@pytest.mark.parametrize(
    ("val", "clause", "note"),
    [
        ((0.5, 0.4), "frequency, which validation ranks first, is ahead", "The first has the best mean on validation;"),
        ((0.5, 0.5), "frequency, which shares the best mean on validation, is", "The first shares the best mean on"),
        ((None, None), "frequency, the first given, is ahead", "The first was given first, because nothing was"),
    ],
)
def test_validation_ranks_nothing_first_that_it_does_not(make_run, rankings_of, val, clause, note):
    runs = [
        make_run(f"{name}{seed}", model=name, seed=seed, rankings=rankings_of(1, share + 0.01 * seed),
                 val={} if value is None else {"val_recall_at_20": value})
        for name, share, value in zip(("frequency", "pair_table"), (0.9, 0.0), val, strict=True)
        for seed in (1, 2, 3)
    ]  # fmt: skip
    found = compare(group_runs(runs, {}), n_draws=50)
    section = pairs_section(found.pairs, "Recall@20", "window")
    assert section.sentences[0].startswith(clause)
    assert note in section.note


def test_a_single_item_is_no_these_items():
    assert "on this window is" in power_section(power_of(Sensitivity(1, 0.05), [0.4]), "window", "chance").note
    assert "on these windows is" in power_section(power_of(Sensitivity(2, 0.05), [0.4]), "window", "chance").note


@pytest.mark.parametrize(
    ("p", "kind", "said"),
    [
        (0.2, "trainings", "the one difference has p ≥ 0.01 after Holm's correction."),
        (0.001, "trainings", "the one difference has p < 0.01 after Holm's correction, between trainings of one seed."),
        (0.001, "configurations", "the one difference has p < 0.01 after Holm's correction."),
    ],
)
def test_one_difference_of_options_is_no_none_of_one(p, kind, said):
    test = TestEffect("8", "4", 1, 0.1, Interval(0.0, 0.2), kind, p, p)
    (sentence,) = effects_section([Effect("gru", "model.hidden_size", [1], [], [test])], "Recall@20").sentences
    assert sentence.endswith(f"are paired on the same items: {said}")


@pytest.mark.parametrize("lift", [-0.01, 0.5])
def test_nothing_is_said_of_the_power_at_the_lift_that_was_observed(lift):
    found = power_section(power_of(Sensitivity(300, 0.05), [lift]), "window", "chance").sentences
    limit = lift + NormalDist().inv_cdf(0.95) * (0.05 / 300) ** 0.5
    assert found[1:] == [f"The lift here is at most +{limit:.4f} (upper 95 % limit)."]


def test_no_lift_is_promised_that_is_not_possible():
    null = UniformSubset(16, 1, 8)
    sentence, limit = power_section(power_of(Sensitivity.of([(null, 6)]), [0.5]), "window", "chance").sentences
    assert sentence.endswith("of one run would not detect even the greatest possible lift over chance.")
    assert limit == "The lift here is at most +0.5000 (upper 95 % limit)."
    # all of 7 windows are hit by luck once in 128 tests: below 1 %, but not below 0.5 %
    sentence, _ = power_section(power_of(Sensitivity.of([(null, 7)]), [0.1, 0.2]), "window", "chance").sentences
    assert "of 0.4686 with 80 % power; none after correction for 2 configurations." in sentence


@pytest.mark.parametrize(("n", "said"), [(1, "gru was not tested"), (2, "None of 2 configurations was tested")])
def test_without_any_test_nothing_is_concluded(make_run, n, said):
    runs = [make_run(f"{i}", arguments={"hidden_size": i}) for i in range(n)]
    report = make_report(Collection(runs, [], {}, {}), n_draws=50)
    assert report.verdict[0].startswith(f"{said}, so nothing can be concluded")
    assert report.comparisons[0].power is None
    assert "Against chance" not in {section.title for section in document_of(report).sections}
