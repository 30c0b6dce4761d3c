"""Hostile definitions of a study: they can be run, or every fault is named, exit 2; never a traceback."""

import json

import numpy as np
import pytest

from c5snn.cli import main
from tests.mutations import mutated

STUDY = {
    "base": ["gru.yaml", "spike_gru.yaml"],
    "search": {
        "sampler": {"class_path": "optuna.samplers.TPESampler", "init_args": {"n_startup_trials": 4}},
        "pruner": {"class_path": "optuna.pruners.HyperbandPruner", "init_args": {"min_resource": 1, "max_resource": 3}},
        "n_trials": 6, "n_random": 2, "seed": 0, "lag": 4,
        "enqueue": [{"base": "gru.yaml", "model.hidden_size": 5, "optimizer.lr": 0.001}],
        "observed": None,
    },
    "space": {
        "base": {"weights": {"gru.yaml": 0.75, "spike_gru.yaml": 0.25}},
        "model.hidden_size": {"low": 4, "high": 8, "step": 2},
        "optimizer.lr": {"low": 0.0001, "high": 0.01, "log": True},
        "data.batch_size": [32, 64],
        "model.slope": {"low": 1.0, "high": 9.0, "when": {"base": "spike_gru.yaml"}},
    },
    "options": {"data.n_events": 260, "data.window": 5, "trainer.max_epochs": 3},
    "screen": {"seed": 1, "monitor": "val_skill", "average_over": {"data.data_seed": [1, 2]}},
    "confirm": {"top_k": 1, "per": "base", "seeds": [1], "options": {"trainer.max_epochs": 2},
                "average_over": {"data.data_seed": [3]}},
    "targets": {"minimum": 0.1, "target": 0.5},
    "each": {"data.strength": [0.5]},
    "allow_inert": True,
}  # fmt: skip


def refuse_or_accept(seeds, workdir, capsys):
    for seed in seeds:
        (workdir / "own.yaml").write_text(mutated(STUDY, np.random.default_rng(seed)), errors="surrogatepass")
        exit_code = main(["sweep", "own.yaml", "--dry-run", "--workers", "1"])
        error = [line for line in capsys.readouterr().err.splitlines() if line.startswith("c5snn ")]
        assert (exit_code, len(error)) in {(0, 0), (2, 1)}, seed
        assert [path.name for path in workdir.iterdir()] == ["own.yaml"], seed


@pytest.mark.slow
def test_the_definition_that_is_changed_is_valid(workdir, capsys):
    (workdir / "own.yaml").write_text(json.dumps(STUDY))
    assert main(["sweep", "own.yaml", "--dry-run", "--workers", "1"]) == 0
    assert "branches by base: gru (75%), spike_gru (25%)" in capsys.readouterr().out


@pytest.mark.long
def test_a_hostile_study_is_refused_or_can_be_run(workdir, capsys):
    refuse_or_accept(range(12), workdir, capsys)


@pytest.mark.long
@pytest.mark.timeout(7200)
def test_three_hundred_hostile_studies_are_refused_or_can_be_run(workdir, capsys):
    refuse_or_accept(range(1_000, 1_300), workdir, capsys)
