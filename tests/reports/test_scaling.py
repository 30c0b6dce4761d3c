"""Loss against size: real runs of five sizes, and what is said of too few sizes."""

from dataclasses import replace

import pytest

from c5snn.records import load_run
from c5snn.reports.collection import Collection
from c5snn.reports.configurations import group_runs
from c5snn.reports.report import document_of, make_report
from c5snn.reports.scaling import ScalingCurve, ScalingPoint, _points, scaling_curve, scaling_section
from c5snn.training.evaluation import test_run as score_test
from c5snn.training.run import train

WORDS = [
    "--data",
    "SeriesDataModule",
    "--data.n_rows",
    "500",
    "--data.n_channels",
    "2",
    "--data.context",
    "24",
    "--data.horizon",
    "6",
]
WORDS += ["--trainer.max_epochs", "1", "--trainer.enable_model_summary", "false", "--data.min_val_windows", "50"]
NETWORK = ["--model", "PatchTST", "--model.patch", "8", "--model.stride", "8", "--model.d_model", "4"]
NETWORK += ["--model.num_layers", "1"]
SIZES = [4, 16, 48, 128, 256]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    folder, found = tmp_path_factory.mktemp("runs"), []
    for size in SIZES:
        root = ["--trainer.default_root_dir", str(folder)]
        run = train([*NETWORK, "--model.ffn_size", str(size), *WORDS, *root])
        score_test([str(run.folder)])
        found.append(run)
    return [load_run(run.folder) for run in found]


@pytest.mark.slow
def test_a_curve_has_a_point_a_size_with_what_was_tested(runs):
    (curve,) = scaling_curve(group_runs(runs))
    assert [point.n_parameters for point in curve.points] == sorted(run.n_parameters for run in runs)
    by_size = {run.n_parameters: run.test.score.value for run in runs}
    assert [point.mean for point in curve.points] == [by_size[point.n_parameters] for point in curve.points]
    assert all(point.interval is None for point in curve.points)
    assert curve.no_skill == runs[0].test.references[0].value
    assert curve.title == "patchtst, horizon 6"


def test_the_origins_of_a_seed_are_one_value(make_run, rankings_of, events):
    runs = [
        make_run(f"{seed}_{origin}", seed=seed, rankings=rankings_of(seed)[part], events=events[part],
                 data={"n_origins": 2, "origin": origin, "n_items": {"train": 300, "val": 150, "test": 150}})
        for seed in (1, 2)
        for origin, part in enumerate((slice(0, 150), slice(150, 300)))
    ]  # fmt: skip
    (point,) = _points(group_runs(runs))
    scores = [run.test.score.value for run in runs]
    assert point.values == pytest.approx([sum(scores[:2]) / 2, sum(scores[2:]) / 2])


@pytest.mark.slow
def test_a_law_needs_five_sizes_and_a_curve_three(runs):
    curves = [scaling_curve(group_runs(runs[:n])) for n in (2, 4, 5)]
    assert curves[0] == []
    assert (curves[1][0].law, curves[1][0].says) == (None, "no curve is fitted to fewer than 5 sizes")
    law = curves[2][0].law
    assert law is not None
    assert ("do not identify a curve" in curves[2][0].says.partition(";")[0]) == law.is_flat


@pytest.mark.slow
def test_a_curve_has_the_operations_of_each_size_and_a_law_in_them(runs):
    (curve,) = scaling_curve(group_runs(runs))
    # patches of 8 every 8 rows of 24, and one of the repeated end; 2 channels; scores, mixtures and four projections
    tokens, width, channels = 4, 4, 2
    layer = [4 * tokens * width**2 + 2 * tokens**2 * width + 2 * tokens * width * size for size in SIZES]
    by_hand = [channels * (tokens * 8 * width + each + tokens * width * 6) for each in layer]
    assert curve.operations == by_hand
    assert curve.law_of_operations is not None
    assert "against multiply-accumulates: " in curve.says


@pytest.mark.slow
def test_runs_without_a_count_have_a_curve_against_parameters_alone(runs):
    earlier = [replace(run, n_multiply_accumulates=None) for run in runs]
    (curve,) = scaling_curve(group_runs(earlier))
    assert (curve.operations, curve.law_of_operations) == ([], None)
    assert "multiply-accumulates" not in curve.says
    figures = [scaling_section(scaling_curve(group_runs(kept))).drawing.draw(600) for kept in (runs, earlier)]
    assert [len(figure.axes) for figure in figures] == [2, 1]


def test_what_is_no_loss_has_no_law_and_is_named():
    points = [ScalingPoint(n, f"size {n}", 0.5, None, (0.5,)) for n in (10, 100, 1_000)]
    recall = ScalingCurve("gru", "Recall@20", points, "popularity baseline", 0.5, None, is_loss=False)
    section = scaling_section([recall])
    assert section.title == "Recall@20 against size"
    assert section.sentences == []
    assert "law" not in section.note


@pytest.mark.slow
def test_curves_of_several_metrics_have_a_section_each(runs):
    report = make_report(Collection(runs, [], {}, {}), n_draws=50)
    other = replace(report.comparisons[0].scaling[0], metric="BCE")
    both = replace(report.comparisons[0], scaling=[*report.comparisons[0].scaling, other])
    titles = [section.title for section in document_of(replace(report, comparisons=[both])).sections]
    assert titles.count("Loss against size") == 2


@pytest.mark.slow
def test_the_report_has_the_section_where_sizes_differ(runs):
    titles = [
        [section.title for section in document_of(make_report(Collection(kept, [], {}, {}), n_draws=50)).sections]
        for kept in (runs, runs[:2])
    ]
    assert ["Loss against size" in found for found in titles] == [True, False]
    section = scaling_section(scaling_curve(group_runs(runs)))
    assert len(section.tables[0].rows) == len(SIZES)
    assert section.drawing.draw(400).axes
