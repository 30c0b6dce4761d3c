"""What a report knows: comparisons that are never mixed, sentences that follow the numbers, and its warnings."""

import re
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from c5snn.evidence import UniformSubset
from c5snn.reports.collection import Collection, Failure
from c5snn.reports.report import document_of, make_report
from c5snn.reports.verdict import claim_of, verdict_sentence

CONSTANT = np.tile(np.arange(1, 40, dtype=np.uint8), (300, 1))


def report_of(runs, **parts):
    parts = {"failures": [], "stale": {}, "same_as": {}} | parts
    return make_report(Collection(runs=list(runs), **parts), n_draws=1_000)


def lucky(make_run, rankings_of, n=3):
    return [
        make_run(f"lucky_{i}", rankings=rankings_of(i), arguments={"n_parts": 39, "hidden_size": i}) for i in range(n)
    ]


def warning(report, word):
    """Return the only warning with this word."""
    (found,) = [text for text in report.warnings if word in text]
    return found


def test_on_a_fair_history_nothing_can_be_distinguished(make_run, rankings_of):
    (sentence,) = report_of(lucky(make_run, rankings_of)).verdict
    assert sentence.startswith("None of 3 configurations can be distinguished from chance")


def test_on_a_planted_history_the_first_sentence_names_the_winner_and_how_sure_it_is(make_run, rankings_of):
    winner = make_run("winner", model="lag_kernel", rankings=rankings_of(9, 0.5))
    (sentence,) = report_of([*lucky(make_run, rankings_of), winner]).verdict
    assert sentence.startswith("1 of 4 configurations is better than chance")
    assert "lag_kernel (0." in sentence
    assert "in none of 1,000 drawn fair histories" in sentence
    assert "lag_kernel also beats the popularity baseline (corrected p < 0.01): it learns from the history." in sentence


@pytest.mark.parametrize(
    ("p", "luck"),
    [(0.03, "3 % of 1,000 drawn fair histories"), (10.5 / 1_001, "at most 9 of 1,000 drawn fair histories")],
)
def test_a_weak_result_says_how_often_luck_does_as_well(make_run, rankings_of, p, luck):
    first, second = report_of(lucky(make_run, rankings_of, n=2)).comparisons[0].configurations
    sentence = verdict_sentence([replace(first, p_family=p), replace(second, p_family=0.6)])
    assert sentence.startswith("Weak evidence that one of 2 configurations is better")
    assert f"by luck alone the best of 2 does as well as {first.label}" in sentence
    assert sentence.endswith(f" in {luck}.")


def test_a_list_that_beats_chance_is_not_said_to_learn(make_run, events):
    # the parts most frequent on test: no model could know them, but a history with unequal parts looks like this
    order = np.argsort(-np.bincount(events.ravel(), minlength=40)[1:], kind="stable").astype(np.uint8) + 1
    rankings = np.tile(order, (300, 1))
    found = report_of([make_run("list", rankings=rankings, reference=order)])
    assert "is better than chance" in found.verdict[0]
    assert found.verdict[0].endswith("It ignores its input: at least 99 % of the windows get the same ranking.")


def test_a_model_that_uses_its_input_and_does_not_beat_the_list_shows_nothing(make_run, rankings_of):
    (entry,) = report_of([make_run("a", rankings=rankings_of(1, 0.9))]).comparisons[0].configurations
    no_better = replace(entry, references=(replace(entry.references[0], p=0.3),))
    assert verdict_sentence([no_better]).endswith(
        "It does not beat the popularity baseline while using its input (corrected p < 0.01): nothing shows that it "
        "learns from the history."
    )


@pytest.mark.parametrize("n", [1, 3])
def test_what_is_worse_than_chance_is_reported(make_run, rankings_of, n):
    turned = make_run("turned", model="lag_kernel", rankings=rankings_of(9, 0.5)[:, ::-1])
    (sentence,) = report_of([turned, *lucky(make_run, rankings_of, n=n - 1)]).verdict
    assert "lag_kernel (0." in sentence
    assert "worse than chance" in sentence
    assert "a sign may be wrong, or the opposite ranking would win" in sentence
    assert "can be distinguished" not in sentence


def test_the_interval_of_a_difference_of_shares_is_no_wider_than_all(make_run, rankings_of, events):
    runs = [
        make_run(f"{i}", arguments={"a": i // 2, "b": i % 2}, rankings=rankings_of(i, 0.5)[:3], events=events[:3])
        for i in range(4)
    ]
    (comparison,) = report_of(runs).comparisons
    effects = [test for effect in comparison.effects for test in effect.test]
    gains = [reference for entry in comparison.configurations for reference in entry.references]
    found = [entry.interval for entry in [*comparison.pairs, *effects, *gains]]
    assert len(found) == 3 + 2 + 4
    assert all(-1 <= low <= high <= 1 for low, high in found)


def test_a_report_counts_the_tests_it_was_given_and_says_nothing_of_others(make_run, rankings_of):
    runs = [make_run(f"{i}", seed=i // 2, rankings=rankings_of(i)) for i in range(4)]
    found = report_of([*runs, make_run("untested", seed=9)])
    text = " ".join(sentence for section in document_of(found).sections for sentence in section.sentences)
    assert "4 runs of this report were tested on these windows; other tests of them are not known." in text
    assert "once" not in text


@pytest.fixture
def rolling(make_run, rankings_of, events):
    """A function that leaves configurations behind that were tested at two origins; each is preferred at one."""

    def make(n=2, seeds=(1,), *, first=0):
        return [
            make_run(
                f"{i}_{seed}_{origin}", seed=seed, arguments={"hidden_size": i}, events=events[part],
                rankings=rankings_of(10 * i + seed, 0.3 * i)[part], val={"val_recall_at_20": 0.5 + (i == origin) / 10},
                facts={"last_target": f"2005-0{origin + 1}-01"},
                data={"n_origins": 2, "origin": origin, "n_items": {"train": 300, "val": 150, "test": 150}},
            )
            for i in range(first, n)
            for seed in seeds
            for origin, part in enumerate((slice(0, 150), slice(150, 300)))
        ]  # fmt: skip

    return make


def test_over_several_origins_configurations_have_no_p_and_the_choice_at_each_origin_has_one(rolling):
    found = report_of(rolling())
    (comparison,) = found.comparisons
    assert [(entry.p_value, entry.p_family) for entry in comparison.configurations] == [(None, None)] * 2
    assert [reference.p for entry in comparison.configurations for reference in entry.references] == [None] * 2
    assert comparison.pairs == []
    assert comparison.choice.chosen == ["gru hidden_size=0", "gru hidden_size=1"]
    assert found.verdict[0].startswith("choice at each origin (0.")
    assert "2 configurations over 2 origins are ordered without p" in found.verdict[0]
    table, of_entries = next(s for s in document_of(found).sections if s.title == "Leaderboard").tables[:2]
    assert "p" in table.columns
    assert not {"p", "family-wise p", "p of the gain"} & set(of_entries.columns)
    assert "did not keep" not in " ".join(found.warnings)


def test_a_choice_among_the_best_of_many_has_no_p(rolling):
    untested = [replace(run, test=None) for run in rolling(3, first=2)]
    found = report_of([*rolling(), *untested])
    (comparison,) = [entry for entry in found.comparisons if entry.choice]
    scored = comparison.choice.scored
    assert (scored.p_value, scored.p_family, scored.p_worse) == (None, None, None)
    assert {reference.p for reference in scored.references} == {None}
    assert (
        "has no p in Recall@20: validation, which holds test windows of other origins, had chosen these 2 "
        "configurations from 3. Validation chose gru hidden_size=0 at 1 and gru hidden_size=1 at 1 of 2 origins."
    ) in found.verdict[0]


def test_a_single_configuration_over_several_origins_keeps_its_exact_p(rolling, events):
    runs = rolling(n=1)
    (comparison,) = report_of(runs).comparisons
    lists = np.concatenate([run.items.predictions for run in runs])
    expected = UniformSubset(39, 5, 20).p_value(lists, events).p
    assert (comparison.choice, comparison.configurations[0].p_value) == (None, expected)


@pytest.mark.parametrize("n_origins", [1, 2], ids=["at one origin", "at all"])
def test_one_that_validation_chose_from_several_has_no_p_over_origins(rolling, n_origins):
    tested, other = rolling()[:2], rolling_screened(rolling, n_origins)
    found = report_of([*tested, *other])
    (entry,) = found.comparisons[0].configurations
    assert (entry.p_value, entry.p_family) == (None, None)
    assert "has no p in Recall@20: validation chose it from several" in found.verdict[0]
    assert "too few" not in found.verdict[0]


def rolling_screened(rolling, n_origins):
    """Return another configuration that was only trained: over as many origins, or on one split, as a search does."""
    trained = [replace(run, test=None) for run in rolling(n=4, first=3)]
    return [replace(run, data=replace(run.data, n_origins=n_origins)) for run in trained[:n_origins]]


def test_a_p_over_folds_is_called_approximate_and_too_small(rolling):
    runs = rolling(n=3, first=2)
    of_folds = [replace(run, data=replace(run.data, choices=("path", "folds", "fold"))) for run in runs]
    said = "p over folds is approximate and tends to be too small, because folds share what they train on"
    for found, is_said in ((report_of(of_folds), True), (report_of(runs), False)):
        note = next(section.note for section in document_of(found).sections if section.title == "Leaderboard")
        assert (f"; {said}." in found.verdict[0]) == (said in note) == is_said
        assert ("(corrected p < 0.01, approximate over folds)" in found.verdict[0]) == is_said


def test_a_model_that_ignores_its_input_is_named(make_run, rankings_of):
    blind = make_run("blind", model="spike_gru", rankings=CONSTANT)
    found = report_of([blind, *lucky(make_run, rankings_of)])
    assert "1 configuration ignores its input" in warning(found, "input")
    assert "spike_gru" in warning(found, "input")


def test_equal_seeds_of_a_model_that_ignores_its_input_are_explained(make_run):
    found = report_of([make_run(f"seed_{seed}", seed=seed, rankings=CONSTANT) for seed in (1, 2)])
    assert warning(found, "scores the same") == "gru scores the same with 2 seeds: it ignores its input."


def test_equal_seeds_of_a_model_that_uses_its_input_are_questioned(make_run, rankings_of):
    found = report_of([make_run(f"seed_{seed}", seed=seed, rankings=rankings_of(3)) for seed in (1, 2)])
    assert "it is not known that the seed reaches the training" in warning(found, "scores the same")


def test_equal_seeds_of_a_model_without_weights_are_expected(make_run, rankings_of):
    runs = [make_run(f"seed_{seed}", seed=seed, n_parameters=0, rankings=rankings_of(3)) for seed in (1, 2)]
    assert "nothing to train" in warning(report_of(runs), "scores the same")


@pytest.mark.parametrize(
    "other",
    [
        {"data": {"identity": "b" * 64}},
        {"data": {"n_items": {"train": 1300, "val": 400, "test": 300}}},
        {"facts": {"last_target": "2007-01-01"}},
    ],
)
def test_results_on_other_events_or_splits_stand_apart(make_run, rankings_of, other):
    here = make_run("here", rankings=rankings_of(1))
    there = make_run("there", rankings=rankings_of(1, 0.5), **other)
    found = report_of([here, there])
    assert [[entry.runs for entry in comparison.configurations] for comparison in found.comparisons] == [
        [[here]],
        [[there]],
    ]
    assert [entry.p_family == entry.p_value for c in found.comparisons for entry in c.configurations] == [True, True]
    assert len(found.verdict) == 2
    assert re.search(r": gru \(0\.\d+; chance 0\.5128\) cannot be distinguished from chance", found.verdict[0])
    assert re.search(r": gru \(0\.\d+; chance 0\.5128\) is better than chance", found.verdict[1])


def test_models_with_other_windows_on_the_same_targets_are_ranked_together(make_run, rankings_of):
    runs = [make_run(f"window_{n}", rankings=rankings_of(n), facts={"window": n}) for n in (7, 21)]
    (comparison,) = report_of(runs).comparisons
    assert {entry.label for entry in comparison.configurations} == {"gru window=7", "gru window=21"}
    assert comparison.facts["window"] == [7, 21]


def test_screened_configurations_are_listed_without_any_p(make_run, rankings_of):
    runs = [make_run("tested", rankings=rankings_of()), make_run("screened", arguments={"hidden_size": 8})]
    (comparison,) = report_of(runs).comparisons
    assert [entry.label for entry in comparison.screened] == ["gru hidden_size=8"]
    assert not [name for name in vars(comparison.screened[0]) if name.startswith("p_") or "interval" in name]


def test_without_a_test_nothing_is_claimed(make_run):
    found = report_of([make_run("screened")])
    assert found.verdict[0].startswith("gru was not tested, so nothing can be concluded")


def test_failures_stale_trials_and_repeats_are_warned_of(make_run, rankings_of):
    runs = [make_run(name, rankings=rankings_of()) for name in ("a", "b")]
    failures = [Failure("trials/x", "oom", "no memory left"), Failure("trials/y", "killed", "by somebody")]
    found = report_of(runs, failures=failures, stale={"sweep": 3}, same_as={"sweep": 18})
    assert "2 runs left no result (1 oom, 1 killed)" in warning(found, "trials/x")
    assert "3 trials in sweep are not listed" in warning(found, "trials.csv")
    assert "1 run repeats the configuration and seed of another run and is left out" in warning(found, "repeats")
    assert "18 configurations of sweep compute" in found.notes[0]


def test_runs_of_different_machines_are_warned_of(make_run, rankings_of):
    runs = [
        make_run("a", seed=1, rankings=rankings_of()),
        make_run("b", seed=2, rankings=rankings_of(), device="cuda:0"),
    ]
    found = report_of(runs)
    assert [(entry.n_runs, entry.device) for entry in found.environments] == [(1, "cpu"), (1, "cuda:0")]
    assert warning(found, "2 environments")


def test_of_two_references_the_strongest_that_is_beaten_says_what_is_learned(make_run, rankings_of):
    (entry,) = report_of([make_run("a", rankings=rankings_of(1, 0.9))]).comparisons[0].configurations
    (weak,) = entry.references
    strong = replace(weak, name="counts", label="counting baseline", beaten="uses the past beyond counts")
    beats_both = replace(entry, references=(weak, strong))
    assert "counting baseline (corrected p < 0.01): it uses the past beyond counts" in verdict_sentence([beats_both])
    beats_one = replace(entry, references=(weak, replace(strong, p=0.5)))
    assert "popularity baseline (corrected p < 0.01): it learns from the history" in verdict_sentence([beats_one])
    assert claim_of(beats_one, [beats_one]) == "learns from the history"
    assert "Nothing shows that it uses the past beyond counts." in verdict_sentence([beats_one])


def test_of_several_that_beat_chance_alone_none_is_said_to_learn(make_run, rankings_of):
    first, second = report_of(lucky(make_run, rankings_of, n=2)).comparisons[0].configurations
    pair = [replace(entry, p_family=0.001) for entry in (first, second)]
    assert "None beats the popularity baseline while using its input" in verdict_sentence(pair)
    assert "2 of 2 configurations are better than chance" in verdict_sentence(pair)


def test_a_headline_without_a_chance_level_is_judged_without_one(make_run, rankings_of):
    entries = report_of(lucky(make_run, rankings_of, n=2)).comparisons[0].configurations
    bare = [replace(entry, chance=dict.fromkeys(entry.chance)) for entry in entries]
    assert "chance 0" not in verdict_sentence(bare)
    assert [entry.gain for entry in bare] == [entry.references[0].difference for entry in entries]


def test_a_report_needs_no_torch():
    """Commands that only read records answer in a moment."""
    script = (
        "import sys; from c5snn.cli import main; assert main(sys.argv[1:]) == 0;"
        "print([name for name in ('torch', 'lightning', 'snntorch', 'torchmetrics') if name in sys.modules])"
    )
    folder = Path(__file__).parents[1] / "results/0.1.0/phase_b"
    words = [sys.executable, "-c", script, "report", str(folder)]
    shown = subprocess.run(words, capture_output=True, text=True, check=True, cwd=Path(__file__).parents[2]).stdout
    assert shown.splitlines()[-1] == "[]"
