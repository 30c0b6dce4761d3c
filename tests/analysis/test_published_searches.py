"""The published tables of an earlier study, recomputed; with the accuracy over items its strongest effect vanishes."""

import json
from pathlib import Path

import pytest

from c5snn.analysis.directions import directions_of
from c5snn.analysis.metric_check import batch_mean, check_metric
from c5snn.analysis.reading import read_search
from c5snn.cli import main
from c5snn.sweeps.spec_file import read_spec
from tests.analysis.conftest import COUNTS
from tests.analysis.test_metric_check import WEIGHTED

pytestmark = pytest.mark.real_data

COUNTS_WORD = ",".join(map(str, COUNTS))

RHO = {
    "batch_size": (-0.669, 0.0013, 20), "depth": (0.479, 0.0708, 15), "label_smoothing": (-0.407, 0.0750, 20),
    "weight_decay": (0.366, 0.1124, 20), "width_mult": (0.289, 0.2969, 15), "mlp_hidden": (0.232, 0.4053, 15),
    "temperature": (0.205, 0.7406, 5), "lr": (-0.148, 0.5344, 20), "embed_dim": (0.050, 0.8343, 20),
    "ctx_n_head": (0.625, 0.2596, 5), "ctx_dropout": (0.447, 0.4502, 5), "ctx_d_model": (0.344, 0.5707, 5),
    "ctx_pixel_layers": (0.229, 0.7105, 5), "ctx_grid_layers": (-0.177, 0.7761, 5),
}  # fmt: skip
MEANS = {
    ("use_scheduler", True): (0.2751, 15), ("use_scheduler", False): (0.2249, 5), ("use_cosine", False): (0.2665, 15),
    ("use_cosine", True): (0.2508, 5), ("use_coords", False): (0.2812, 11), ("use_coords", True): (0.2467, 4),
    ("demo_agg", "flatten"): (0.2863, 12), ("demo_agg", "mean"): (0.2151, 3), ("encoder_type", "cnn"): (0.2720, 15),
    ("encoder_type", "context"): (0.2341, 5),
}  # fmt: skip


@pytest.fixture
def first_twenty(published, tmp_path):
    """The first 20 trials of the second study, as it analysed them."""
    lines = (published / "v2_trials_full.csv").read_text().splitlines(keepends=True)
    path = tmp_path / "first_twenty.csv"
    path.write_text("".join(lines[:21]))
    return str(path)


def test_the_earlier_analysis_is_reproduced(first_twenty):
    directions = {
        entry.option.name: entry for entry in directions_of(read_search(first_twenty, metric="val_acc").search)
    }
    for name, (rho, p, n) in RHO.items():
        entry = directions[name]
        assert (entry.effect, entry.p, entry.n) == (pytest.approx(rho, abs=5e-4), pytest.approx(p, abs=5e-4), n), name
    means = {(name, c.value): (c.mean, c.n) for name, entry in directions.items() for c in entry.choices}
    for key, (mean, n) in MEANS.items():
        assert means[key] == (pytest.approx(mean, abs=5e-4), n), key


def test_with_the_accuracy_over_items_the_batch_size_has_no_effect(first_twenty):
    read = read_search(first_twenty, metric=WEIGHTED)
    entry = next(entry for entry in directions_of(read.search) if entry.option.name == "batch_size")
    assert entry.effect == pytest.approx(-0.103, abs=1e-3)
    assert entry.p == pytest.approx(0.66, abs=0.01)
    assert check_metric(read.search, COUNTS).status == "holds"
    assert check_metric(read.recorded, COUNTS).status == "fails"


def test_the_constant_predictor_has_four_batch_means():
    assert [batch_mean(COUNTS, 2, size) for size in (8, 16, 32, 64)] == [0.2625, 0.2625, 0.21875, 0.1640625]


def test_the_third_study_is_counted(published):
    search = read_search(str(published / "v3_optimization_results.json")).search
    states = [trial.state for trial in search.trials]
    assert [states.count(state) for state in ("complete", "pruned", "running")] == [84, 83, 4]
    encoders = [trial.params["encoder_type"] for trial in search.trials]
    assert (encoders.count("cnn"), encoders.count("context")) == (167, 4)
    assert (search.best.value, search.best.number) == (0.3625, 10)
    assert sum(trial.value == 0.3625 for trial in search.complete) == 6


def test_in_the_third_study_the_effect_of_the_batch_size_remains(published):
    read = read_search(str(published / "v3_optimization_results.json"), metric=WEIGHTED)
    entry = next(entry for entry in directions_of(read.search) if entry.option.name == "batch_size")
    assert entry.effect == pytest.approx(-0.383, abs=1e-3)
    assert check_metric(read.search, COUNTS).status == "holds"
    assert read.search.best.value == pytest.approx(29 / 73)
    recorded = check_metric(read.recorded, COUNTS)
    assert recorded.status == "fails"
    assert sum(row.n_equal for row in recorded.rows) == 19


def test_the_batch_mean_of_the_second_study_is_no_metric_to_refine_by(published, workdir, capsys):
    table = str(published / "v2_trials_full.csv")
    words = ["refine", table, "--spec", "arc_v2.yaml", "--counts", COUNTS_WORD, "--output", "next.yaml"]
    assert main(words) == 2
    assert "The metric depends on the batch size" in capsys.readouterr().err
    assert not (workdir / "next.yaml").exists()
    assert main([*words, "--metric", WEIGHTED]) == 0
    assert json.loads((workdir / "refinement.json").read_text())["metric_check"] == "holds"


@pytest.mark.slow
@pytest.mark.usefixtures("workdir")
@pytest.mark.parametrize(
    ("table", "spec", "words"),
    [
        ("v2_trials_full.csv", "arc_v2.yaml", ["--metric", WEIGHTED, "--counts", COUNTS_WORD]),
        ("v3_optimization_results.json", "arc_v3.yaml", ["--metric", WEIGHTED, "--counts", COUNTS_WORD]),
    ],
)
def test_the_space_that_is_refined_from_a_published_search_passes_its_checks(published, capsys, table, spec, words):
    assert main(["refine", str(published / table), "--spec", spec, *words, "--output", "next.yaml"]) == 0
    searched = set(read_spec(spec)[1].space)
    assert {entry["option"] for entry in json.loads(Path("refinement.json").read_text())["decisions"]} <= searched
    assert main(["sweep", "next.yaml", "--dry-run"]) == 0
    assert "dry run: nothing was started" in capsys.readouterr().out
