"""A sweep over origins: a configuration is one contender, whatever the number of its origins."""

import json

import pytest

from c5snn.cli import main

SWEEP = """
base: frequency.yaml
space:
  data.n_events: 300
  data.n_origins: 3
  data.origin: [0, 1, 2]
  model.decay: [0.0, 0.5]
seeds: [42]
"""


@pytest.fixture
def swept(workdir):
    (workdir / "origins.yaml").write_text(SWEEP)
    assert main(["sweep", "origins.yaml"]) == 0
    return workdir / "sweeps" / "origins"


@pytest.mark.slow
def test_the_origins_of_a_configuration_are_one_contender(swept):
    models = json.loads((swept / "top2.json").read_text())["models"]
    assert sorted(model["config"]["decay"] for model in models) == [0.0, 0.5]


@pytest.mark.slow
def test_a_sweep_whose_origins_are_not_all_tested_yet_is_no_error(workdir):
    (workdir / "origins.yaml").write_text(SWEEP)
    assert main(["sweep", "origins.yaml", "--max-trials", "4"]) == 0
    written = {path.name for path in (workdir / "sweeps" / "origins").iterdir()}
    assert "trials.csv" in written
    assert "top2.json" not in written
