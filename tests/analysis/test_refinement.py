"""The next sweep's file: its conditions hold after every change, and it says what it did."""

from dataclasses import replace

import numpy as np
import pytest
import yaml

from c5snn.analysis.decisions import Decision
from c5snn.analysis.findings import analyze_search
from c5snn.analysis.next_space import flow
from c5snn.analysis.reading import ReadSearch
from c5snn.analysis.refinement import refine_space
from c5snn.errors import ConfigError
from c5snn.sweeps.faults import Faults
from c5snn.sweeps.space_file import read_space
from tests.analysis.conftest import make_search

SPACE = {
    "base": ["a.yaml", "b.yaml"],
    "model.flag": [True, False],
    "model.heat": {"low": 5.0, "high": 20.0, "when": {"model.flag": True}},
    "model.inner": {"values": [1, 2], "when": {"model.heat": [5.0, 6.0]}},
    "model.size": {"values": ["s", "m", "l"], "when": {"base": ["a.yaml", "b.yaml"]}},
    "model.tail": {"low": 1, "high": 9, "when": {"model.size": ["m", "l"]}},
    "model.depth": 3,
}
SPEC = {"base": ["a.yaml", "b.yaml"], "search": {"n_trials": 9, "enqueue": [{}]}, "space": SPACE, "targets": {"x": 1}}


def refined(**changes):
    """Refine with given decisions: a new value by option."""
    random = np.random.default_rng(0)
    names = ["base", "model.flag", "model.heat", "model.inner", "model.size", "model.tail"]
    search = make_search(random.normal(size=12), **{name: random.normal(size=12).tolist() for name in names})
    findings = analyze_search(ReadSearch(search, search))
    decisions = []
    for entry in findings.decisions:
        kind, new, *dropped = changes.get(entry.option, ("keep", SPACE[entry.option]))
        decisions.append(Decision(entry.option, kind, 12, ("why.",), SPACE[entry.option], new, None, "low", *dropped))
    found = type(findings)(**{**vars(findings), "decisions": decisions})
    return refine_space(found, SPEC, "next.yaml").text


def space(text):
    return yaml.safe_load(text)["space"]


def test_nothing_changed_is_the_same_space_without_what_was_tried_first():
    content = yaml.safe_load(refined())
    assert content["space"] == {**SPACE, "model.size": ["s", "m", "l"]}  # its condition always held
    assert content["search"] == {"n_trials": 9}
    assert content["targets"] == {"x": 1}


def test_a_fixed_parent_drops_the_options_that_can_no_longer_be_searched():
    text = refined(**{"model.flag": ("fix", False)})
    assert space(text)["model.flag"] is False
    assert "model.heat" not in space(text)
    assert "model.inner" not in space(text)
    assert "left out" in text


def test_a_fixed_parent_under_which_an_option_is_always_searched_is_no_condition_any_more():
    found = space(refined(**{"model.flag": ("fix", True)}))
    assert found["model.heat"] == {"low": 5.0, "high": 20.0}


def test_a_pruned_choice_leaves_the_conditions_of_others():
    found = space(refined(**{"model.size": ("prune", ["s", "m"])}))
    assert found["model.tail"] == {"low": 1, "high": 9, "when": {"model.size": "m"}}
    found = space(refined(**{"model.size": ("prune", "s")}))
    assert found["model.size"] == "s"
    assert "model.tail" not in found


def test_a_dropped_option_on_which_others_depend_is_kept():
    text = refined(**{"model.flag": ("prune", None, True)})
    assert space(text)["model.flag"] == [True, False]
    assert "other options depend on it" in " ".join(text.replace("#", "").split())
    assert "model.tail" not in space(refined(**{"model.tail": ("prune", None, True)}))


def test_one_value_left_of_a_conditional_option_keeps_its_condition():
    text = refined(**{"model.size": ("prune", ["s", "m"]), "model.tail": ("fix", 3)})
    assert space(text)["model.tail"] == {"values": [3], "when": {"model.size": "m"}}
    one = {"values": [{"class_path": "Adam", "init_args": {"lr": 1}}]}
    text = refined(**{"model.size": ("prune", ["s", "m"]), "model.tail": ("fix", one)})
    assert space(text)["model.tail"] == {**one, "when": {"model.size": "m"}}
    faults = Faults("next")
    read = read_space(space(text), SPEC["base"], faults)
    assert not faults.found
    assert {option.name: option.when for option in read.options}["model.tail"] == {"model.size": ("m",)}
    assert space(refined(**{"model.tail": ("fix", {"values": [[1, 2]]})}))["model.tail"]["values"] == [[1, 2]]


def test_a_condition_on_an_option_with_a_condition_is_kept():
    found = space(refined(**{"model.heat": ("fix", 5.0)}))
    assert found["model.heat"] == {"values": [5.0], "when": {"model.flag": True}}
    assert found["model.inner"] == {"values": [1, 2], "when": {"model.heat": 5.0}}
    found = space(refined(**{"model.heat": ("fix", 5.0), "model.flag": ("fix", True)}))
    assert (found["model.heat"], found["model.inner"]) == (5.0, [1, 2])


def test_a_value_that_is_a_list_stays_one_value():
    found = space(refined(**{"model.size": ("fix", {"values": [[8, 16]]})}))
    faults = Faults("next")
    assert read_space({"model.size": found["model.size"]}, ["a.yaml"], faults).fixed == {"model.size": [8, 16]}
    assert not faults.found


def test_a_best_value_of_null_is_written_and_not_dropped():
    found = space(refined(**{"model.flag": ("fix", None)}))
    assert "model.flag" in found
    assert found["model.flag"] is None


def test_a_fixed_base_is_the_only_one():
    content = yaml.safe_load(refined(base=("fix", "b.yaml")))
    assert content["base"] == "b.yaml"
    assert "base" not in content["space"]


def test_a_space_of_which_no_option_is_left_is_refused():
    search = make_search(list(range(12)), x=list(range(12)))
    findings = analyze_search(ReadSearch(search, search))
    dropped = [replace(entry, decision="prune", new=None, is_dropped=True) for entry in findings.decisions]
    with pytest.raises(ConfigError, match=r"none is left \(prune x\)"):
        refine_space(
            replace(findings, decisions=dropped), {"base": "a.yaml", "space": {"x": {"low": 0, "high": 11}}}, "n"
        )


def test_a_space_without_the_options_of_the_search_is_refused():
    search = make_search(list(range(12)), other=list(range(12)))
    with pytest.raises(ConfigError, match="lacks other"):
        refine_space(analyze_search(ReadSearch(search, search)), SPEC, "next.yaml")


VALUES = [
    1e-7,
    1e22,
    -0.0,
    3,
    True,
    None,
    "a",
    "true",
    "1e-7",
    "a: b",
    "#",
    "",
    "é",
    "\u202e",
    "a\nb",
    [1, [2.5]],
    {"k": "v"},
]


@pytest.mark.parametrize("value", VALUES)
def test_every_value_is_read_as_it_was_written(value):
    found = yaml.safe_load(f"x: [{flow(value)}]")["x"][0]
    assert found == value
    assert type(found) is type(value)
