"""The key of a study's trial holds all that decides its result, and nothing that does not."""

import pytest

from c5snn.data import Repeat, synthesize, write_events
from c5snn.sweeps.adaptive_search import AdaptiveSearch
from c5snn.sweeps.code import CodeReader
from c5snn.sweeps.spec import Screen, SweepSpec
from c5snn.sweeps.study_planning import make_study_plan
from tests.sweeps.test_other_code import MODEL as OWN

OPTIONS = {"data.window": 3, "trainer.max_epochs": 1}
SPACE = {"model.hidden_size": [4, 8]}
SHORT = {**OPTIONS, "data.n_events": 60}
MODEL = OWN.replace("from layers_of_one import squash\n", "").replace("squash", "torch.relu")  # in one file


def keys(space, options, **changes):
    """Return the keys of a study's trials, in the order in which they are asked for."""
    search = {"n_trials": 4, "n_random": 4, "lag": 4}
    spec = SweepSpec("gru.yaml", space, options, search=search, allow_inert=True, **changes)
    return [job.key for job in iter(AdaptiveSearch(make_study_plan(spec, [], "own")).ask, None)]


def write_history(path, data_seed):
    write_events(synthesize(Repeat(), strength=1.0, n_events=60, data_seed=data_seed).history, path, layout="parts")


@pytest.mark.slow
def test_an_option_that_only_a_searched_value_gives_effect_is_in_the_key():
    space = {"model.num_layers": [1, 2]}
    low, high = (keys(space, {**SHORT, "model.dropout": dropout}) for dropout in (0.1, 0.6))
    assert not set(low) & set(high)
    assert keys(space, {**SHORT, "model.dropout": 0.1}) == low


@pytest.mark.slow
@pytest.mark.parametrize("place", ["space", "average_over"])
def test_a_file_counts_by_what_it_holds_wherever_it_lies(place, tmp_path, monkeypatch):
    names = {"data.path": ["a.csv", "b.csv"]}
    space = {**SPACE, **names} if place == "space" else SPACE
    screen = Screen(average_over=names) if place == "average_over" else Screen()
    options = OPTIONS if place == "space" else {**OPTIONS, "data.path": "a.csv"}
    found = []
    for folder, seeds in (("one", (1, 2)), ("same", (1, 2)), ("other", (1, 3))):
        (tmp_path / folder).mkdir()
        monkeypatch.chdir(tmp_path / folder)
        for name, seed in zip(names["data.path"], seeds, strict=True):
            write_history(tmp_path / folder / name, seed)
        found.append(keys(space, options, screen=screen))
    assert found[0] == found[1]
    assert not set(found[0]) & set(found[2])


@pytest.mark.slow
def test_the_code_of_a_class_that_is_only_searched_is_in_the_key(workdir, monkeypatch):
    monkeypatch.syspath_prepend(workdir)
    monkeypatch.setenv("C5SNN_ALLOWED_IMPORTS", "searched_model")
    space = {**SPACE, "model": ["GRU", "searched_model.Mine"]}
    (workdir / "searched_model.py").write_text(MODEL)
    before = keys(space, SHORT)
    (workdir / "searched_model.py").write_text(MODEL.replace("relu", "tanh"))
    assert not set(before) & set(keys(space, SHORT))
    (workdir / "searched_model.py").write_text(MODEL + "# read by nobody\n")
    assert keys(space, SHORT) == before


@pytest.mark.slow
def test_the_diversity_of_architectures_is_in_the_key():
    architecture = {"budget": 600, "tolerance": 0.5, "axes": {"model.hidden_size": [4, 6]}, "extremes": False}
    dropout = {"model.dropout": {"low": 0.0, "high": 0.5}}
    near, far = (
        keys({"architecture": {**architecture, "diversity": {"model.dropout": limit}}, **dropout}, SHORT)
        for limit in (0.1, 0.2)
    )
    assert not set(near) & set(far)


def test_the_packages_schedules_are_code_of_a_trial():
    assert CodeReader().modules(["c5snn.training.schedules.OneCycle"]).keys() == {"c5snn/training/schedules.py"}
