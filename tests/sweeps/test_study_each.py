"""The studies of ``each``: a folder of its own for every combination, and values that nothing else overrules."""

import pytest

from c5snn.errors import ConfigError
from c5snn.sweeps.spec import Confirm, Screen, SweepSpec
from c5snn.sweeps.study_each import chosen_combinations

EACH = {"data.window": [3, 5], "model.skip": [True, False]}


def labels(flags=(), **changes):
    spec = SweepSpec("gru.yaml", **{"each": EACH, **changes})
    return [entry.label for entry in chosen_combinations(spec, only=None, start_from=None, flags=flags)]


def test_a_flag_of_another_option_leaves_every_combination():
    assert labels(["--data.n_events", "260"]) == [
        f"window={window},skip={skip}" for window in (3, 5) for skip in (True, False)
    ]


@pytest.mark.parametrize("flag", ["--data.window=9", "--data.init_args.window"])
def test_a_flag_does_not_overrule_a_combination(flag):
    with pytest.raises(ConfigError, match=r"a flag sets `data\.window`"):
        labels([flag, "9"])


@pytest.mark.parametrize(
    ("changes", "place"),
    [
        ({"variants": {"wide": {"data.window": 9}}}, "`variants`"),
        ({"screen": Screen(average_over={"data.window": [8, 9]})}, "`average_over`"),
        ({"confirm": Confirm(average_over={"data.window": [8, 9]})}, "`average_over`"),
    ],
)
def test_nothing_else_of_the_sweep_overrules_a_combination(changes, place):
    with pytest.raises(ConfigError, match=rf"{place} sets `data\.window`"):
        labels(**changes)


@pytest.mark.parametrize("values", [["x/a.csv", "x_a.csv"], ["a.csv", "b.csv", "a.csv"]])
def test_two_studies_never_share_a_folder(values):
    with pytest.raises(ConfigError, match="two are called `path="):
        labels(each={"data.path": values})
