"""Each rule of a refinement: what it asks for, and that it does nothing without."""

from dataclasses import replace

import numpy as np
import pytest

from c5snn.analysis.bounds import Limits, expanded, narrowed
from c5snn.analysis.elites import boundary_hits, elites_of
from c5snn.analysis.findings import AnalysisSettings, analyze_search
from c5snn.analysis.reading import ReadSearch
from c5snn.records.searched import SearchedOption
from tests.analysis.conftest import a_range, make_search

RANDOM = np.random.default_rng(2)


def decisions(search, *, limits=None, trusted=True):
    if trusted:
        search = type(search)(**{**vars_of(search), "weighted_metrics": frozenset({"score"})})
    findings = analyze_search(ReadSearch(search, search), AnalysisSettings(limits=limits or {}))
    return {entry.option: entry for entry in findings.decisions}


def vars_of(search):
    return {name: vars(search)[name] for name in search.__dataclass_fields__}


def choices(name, values, *, shares=()):
    kind = "boolean" if isinstance(values[0], bool) else "choice" if isinstance(values[0], str) else "number"
    return SearchedOption(name, kind, tuple(values), is_written=True, shares=shares)


def two_groups(n_a, n_b, gain, *, noise=0.01, shares=()):
    values = [1 + gain + noise * RANDOM.normal() for _ in range(n_a)] + [
        1 + noise * RANDOM.normal() for _ in range(n_b)
    ]
    return make_search(
        values, c=["a"] * n_a + ["b"] * n_b, options=[choices("c", ["a", "b"], shares=shares)],
    )  # fmt: skip


def test_a_value_that_all_elites_have_is_fixed_where_the_effect_is_large_and_sure():
    fixed = decisions(two_groups(20, 20, 0.5))["c"]
    assert (fixed.decision, fixed.new, fixed.confidence) == ("fix", "a", "high")


def test_null_is_a_value_that_can_be_fixed():
    values = [2 + 0.01 * RANDOM.normal() for _ in range(20)] + [1 + 0.01 * RANDOM.normal() for _ in range(20)]
    search = make_search(values, lr=[0.1] * 40)
    trials = [replace(t, params={"c": None if t.number < 20 else {"k": 1}}) for t in search.trials]
    option = SearchedOption("c", "choice", (None, {"k": 1}), is_written=True)
    fixed = decisions(replace(search, trials=tuple(trials), options=(option,)))["c"]
    assert (fixed.decision, fixed.new, fixed.is_dropped) == ("fix", None, False)


def test_nothing_is_fixed_by_a_small_effect():
    assert decisions(two_groups(20, 20, 0.04, noise=0.001))["c"].decision != "fix"


@pytest.mark.parametrize(("n_a", "n_b"), [(30, 9), (9, 30)])
def test_nothing_is_fixed_while_a_choice_has_fewer_than_ten_trials(n_a, n_b):
    found = decisions(two_groups(n_a, n_b, 0.5))["c"]
    assert found.decision != "fix"
    assert "fewer than 10 trials" in " ".join(found.evidence) or found.decision == "prune"


def test_a_choice_without_elites_is_pruned_only_by_a_corrected_p():
    values = [2.0] * 20 + [2.0] * 20 + [1.0] * 20
    values = [value + 0.01 * RANDOM.normal() for value in values]
    search = make_search(values, c=["a"] * 20 + ["b"] * 20 + ["z"] * 20, options=[choices("c", ["a", "b", "z"])])
    pruned = decisions(search)["c"]
    assert (pruned.decision, pruned.new) == ("prune", ["a", "b"])
    assert pruned.p_corrected < 0.1
    few = make_search(
        [2.0 + 0.01 * RANDOM.normal() for _ in range(40)] + [1.0] * 9, c=["a", "b"] * 20 + ["z"] * 9,
        options=[choices("c", ["a", "b", "z"])],
    )  # fmt: skip
    assert decisions(few)["c"].decision == "keep"


def test_a_branch_with_few_trials_is_given_a_fair_trial():
    found = decisions(two_groups(40, 6, 0.5, shares=(0.75, 0.25)))["c"]
    assert found.decision == "keep"
    assert found.new == {"weights": {"a": 0.5, "b": 0.5}}
    assert "quota is raised" in found.evidence[0]
    three = make_search(
        RANDOM.normal(size=60), c=["a"] * 30 + ["b"] * 24 + ["z"] * 6,
        options=[choices("c", ["a", "b", "z"], shares=(0.6, 0.3, 0.1))],
    )  # fmt: skip
    shares = decisions(three)["c"].new["weights"]
    assert shares["z"] == pytest.approx(1 / 3, abs=1e-3)
    assert sum(shares.values()) == pytest.approx(1)
    assert shares["a"] == pytest.approx(2 * shares["b"], rel=1e-3)


def test_a_side_is_expanded_where_more_elites_lie_near_it_than_other_trials():
    x = RANDOM.uniform(1, 3, 60)
    x[:8] = 3.0
    values = [v if i >= 8 else 10.0 for i, v in enumerate(x)]
    found = decisions(make_search(values, x=x.tolist(), options=[a_range("x", 1.0, 3.0)]))["x"]
    assert (found.decision, found.new) == ("expand", {"low": 1.0, "high": 4.0})
    limited = decisions(
        make_search(values, x=x.tolist(), options=[a_range("x", 1.0, 3.0)]), limits={"x": Limits(None, 3.0)}
    )["x"]
    assert limited.decision == "keep"
    assert "limit" in limited.evidence[1]


def test_a_range_is_expanded_with_a_p_that_is_corrected_for_all_bounds():
    x = RANDOM.uniform(1, 3, 60)
    x[:8] = 3.0
    values = [v if i >= 8 else 10.0 for i, v in enumerate(x)]
    others = {f"o{i}": RANDOM.uniform(0.1, 0.9, 60).tolist() for i in range(9)}
    options = [a_range("x", 1.0, 3.0), *(a_range(name, 0.0, 1.0) for name in others)]
    search = make_search(values, x=x.tolist(), options=options, **others)
    found = decisions(search)["x"]
    (high,) = (e for e in boundary_hits(search, elites_of(search)) if (e.option.name, e.side) == ("x", "high"))
    assert found.decision == "expand"
    assert high.p < found.p_corrected == high.p_corrected


def test_a_bound_where_all_trials_lie_is_no_reason_to_expand():
    x = [1.0] * 5 + [3.0] * 35
    found = decisions(make_search(RANDOM.normal(size=40), x=x, options=[a_range("x", 1.0, 3.0)]))["x"]
    if found.decision == "expand":
        n_elite, n_all = 10, 40
        hits = int(found.evidence[0].split()[0])
        assert hits * n_all > 35 * n_elite


def test_a_range_is_narrowed_around_the_elites_only_by_a_corrected_p():
    x = RANDOM.uniform(0, 1, 80)
    values = (-((x - 0.3) ** 2)).tolist()
    found = decisions(make_search(values, x=x.tolist(), options=[a_range("x", 0.0, 1.0)]))["x"]
    assert found.decision == "narrow"
    assert 0.0 <= found.new["low"] < 0.2
    assert 0.4 < found.new["high"] < 0.7
    middle = decisions(make_search((-((x - 0.5) ** 2)).tolist(), x=x.tolist(), options=[a_range("x", 0.0, 1.0)]))["x"]
    if middle.decision == "narrow":
        assert middle.p_corrected < 0.1


def test_noise_changes_hardly_anything():
    n_changed = 0
    for seed in range(8):
        generator = np.random.default_rng(seed)
        search = make_search(
            generator.normal(size=60), x=generator.uniform(0.001, 0.999, 60).tolist(),
            c=generator.choice(["a", "b", "z"], 60).tolist(), flag=generator.choice([True, False], 60).tolist(),
        )  # fmt: skip
        n_changed += sum(entry.decision in {"fix", "prune", "narrow"} for entry in decisions(search).values())
    assert n_changed <= 8 * 3 * 0.15


def test_an_inert_option_is_dropped_and_said_so():
    x = RANDOM.uniform(0.2, 0.8, 30).tolist()
    search = make_search(x, x=x, idle=["a", "b"] * 15)
    search = type(search)(**{**vars_of(search), "inert": ("idle",)})
    found = decisions(search)["idle"]
    assert found.is_dropped
    assert "inert, dropped" in found.evidence[0]


def test_confidence_is_low_at_most_while_the_metric_is_unchecked():
    found = decisions(two_groups(20, 20, 0.5), trusted=False)["c"]
    assert (found.decision, found.confidence) == ("fix", "low")
    assert "could not be checked" in " ".join(found.evidence)


def test_bounds_keep_their_kind():
    log = a_range("x", 1e-4, 1e-2, is_log=True)
    assert expanded(log, ["low", "high"], None) == {"low": 1e-5, "high": 0.1}
    steps = a_range("x", 64, 256, is_int=True, step=64)
    assert expanded(steps, ["low", "high"], None) == {"high": 384}
    assert narrowed(steps, 100.0, 130.0) == {"low": 64, "high": 192}
    whole = a_range("x", 1, 5, is_int=True)
    assert expanded(whole, ["low", "high"], None) == {"high": 7}
    share = a_range("x", 0.0, 0.9)
    assert expanded(share, ["low", "high"], None) == {"high": 0.95}
    assert expanded(share, ["high"], Limits(0.0, 0.92)) == {"high": 0.92}
