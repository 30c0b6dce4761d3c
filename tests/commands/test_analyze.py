"""``c5snn analyze`` and ``c5snn refine`` on tables and on a real study of small networks, as a user runs them."""

import csv
import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from c5snn.cli import main
from tests.analysis.conftest import COUNTS, sorted_split_rows, write_table
from tests.analysis.in_process import run_here
from tests.analysis.test_metric_check import WEIGHTED

ROOT = Path(__file__).parents[2]
FILES = {
    "study_overview.csv", "empirical_ranges.yaml", "param_importances.csv", "param_importances.html",
    "directionality_continuous.csv", "directionality_boolean.csv", "directionality_categorical_detail.csv",
    "directionality_categorical_summary.csv", "elite_convergence.csv", "boundary_hits.csv",
    "refined_search_space.yaml", "ANALYSIS_SUMMARY.md",
}  # fmt: skip
COUNTS_WORD = ",".join(map(str, COUNTS))
SPEC = {
    "base": ["gru.yaml", "spike_gru.yaml"],
    "search": {"n_trials": 30, "n_random": 10},
    "space": {
        "base": ["gru.yaml", "spike_gru.yaml"],
        "optimizer.lr": {"low": 1e-4, "high": 1e-2, "log": True},
        "data.batch_size": [8, 16, 32, 64],
        "model.num_layers": {"low": 1, "high": 5, "when": {"base": "gru.yaml"}},
    },
    "options": {"data.n_events": 300, "data.window": 5, "trainer.max_epochs": 1},
    "columns": {
        "encoder_type": {"option": "base", "values": {"cnn": "gru.yaml", "context": "spike_gru.yaml"}},
        "lr": "optimizer.lr", "batch_size": "data.batch_size", "depth": "model.num_layers",
    },
}  # fmt: skip


@pytest.fixture
def table(workdir):
    """A table of an earlier search, and a sweep's file whose columns map it."""
    write_table(workdir / "old.csv", sorted_split_rows(80))
    (workdir / "spec.yaml").write_text(yaml.safe_dump(SPEC, sort_keys=False))
    return workdir


def rows(path):
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def test_a_table_is_analysed_in_eight_steps_and_fifteen_files(table, capsys):
    assert main(["analyze", "old.csv", "--metric", WEIGHTED, "--counts", COUNTS_WORD]) == 0
    printed = capsys.readouterr().out
    for step in (
        "1 Overview",
        "2 Ranges",
        "3 Importances",
        "4 Directions",
        "5 Empirical",
        "6 Refined",
        "7 Inter",
        "8 Sum",
    ):
        assert step in printed
    assert max(map(len, printed.splitlines())) <= 80
    folder = table / "old_analysis"
    written = {path.name for path in folder.iterdir()}
    contours = {name for name in written if name.startswith("contour_data_")}
    assert len(contours) == 3
    assert written == FILES | contours | {"full_analysis.log", "manifest.json"}
    assert (folder / "full_analysis.log").read_text().strip() in printed
    manifest = json.loads((folder / "manifest.json").read_text())
    assert manifest["metric"] == {"name": "accuracy", "mode": "max", "recorded": "val_acc", "check": "holds"}
    for name, digest in manifest["sha256"].items():
        assert hashlib.sha256((folder / name).read_bytes()).hexdigest() == digest
    assert manifest["source"]["sha256"] == hashlib.sha256((table / "old.csv").read_bytes()).hexdigest()
    space = yaml.safe_load((folder / "refined_search_space.yaml").read_text())["space"]
    assert set(space) == {"encoder_type", "lr", "batch_size", "use_scheduler", "depth", "d_model"}


def test_other_pairs_replace_the_contours_of_an_earlier_analysis(table):
    assert main(["analyze", "old.csv", "--output", "out"]) == 0
    assert main(["analyze", "old.csv", "--output", "out", "--pairs", "lr,batch_size"]) == 0
    assert [path.name for path in (table / "out").glob("contour_data*")] == ["contour_data_lr_vs_batch_size.csv"]
    cells = rows(table / "out/contour_data_lr_vs_batch_size.csv")
    assert sum(int(cell["n"]) for cell in cells) == 80


@pytest.mark.parametrize(
    "words",
    [
        ["nothing"], ["old.csv", "--metric", "a**2"], ["old.csv", "--pairs", "lr,what"], ["old.csv", "--counts", "a"],
        ["old.csv", "--elite-fraction", "0"], ["old.csv", "--min-samples", "1"], ["old.csv", "--export-top", "0"],
        ["old.csv", "--spec", "none.yaml"],
    ],
)  # fmt: skip
def test_wrong_words_are_one_line_and_exit_2(table, words, capsys):
    assert main(["analyze", *words]) == 2
    assert "Traceback" not in capsys.readouterr().err
    assert not (table / "old_analysis").exists()


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"base": 5}, "`base` must be a configuration's file or a list of some, but is 5"),
        ({"base": []}, "`base` must be"), ({"base": ["gru.yaml", 5]}, "`base` must be"),
        ({"columns": ["x"]}, "`columns` must map names to values, but is ['x']"),
        ({"options": ["x"]}, "`options` must map names"), ({"hard_limits": [1]}, "`hard_limits` must map names"),
        ({"space": {"a": {"values": [1, 2], "when": {"b": 1}}, "b": {"values": [1, 2], "when": {"a": 1}}}}, "circle"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_sweep_s_file_is_named(table, change, said, capsys):
    (table / "spec.yaml").write_text(yaml.safe_dump({**SPEC, **change}))
    assert main(["analyze", "old.csv", "--spec", "spec.yaml"]) == 2
    error = capsys.readouterr().err
    assert said in error
    assert "Traceback" not in error


@pytest.mark.slow
def test_the_best_of_a_table_become_runnable_files(table):
    assert main(["analyze", "old.csv", "--spec", "spec.yaml", "--export-top", "2"]) == 0
    listed = yaml.safe_load((table / "old_analysis/top_configs.yaml").read_text())
    assert len(listed) == 2
    whole = yaml.safe_load((table / "old_analysis/top_configs/1.yaml").read_text())
    assert whole["data"]["batch_size"] == listed[0]["data.batch_size"]
    assert whole["optimizer"]["lr"] == listed[0]["optimizer.lr"]
    words = ["--config", "old_analysis/top_configs/1.yaml", "--model.hidden_size", "4"]
    assert main(["fit", *words]) == 0


@pytest.mark.slow
def test_a_foreign_table_is_refined_through_its_columns(table, capsys):
    assert main(["refine", "old.csv", "--output", "next.yaml"]) == 2
    assert "needs `--spec`" in capsys.readouterr().err
    words = ["refine", "old.csv", "--spec", "spec.yaml", "--output", "next.yaml"]
    assert main([*words, "--counts", COUNTS_WORD]) == 2
    assert "--trust-metric" in capsys.readouterr().err
    assert not (table / "next.yaml").exists()
    assert main([*words, "--counts", COUNTS_WORD, "--trust-metric"]) == 0
    text = (table / "next.yaml").read_text()
    above = text[: text.index("data.batch_size:")].rsplit("\n  optimizer.lr:", 1)[1]
    assert "depends on the batch size" in " ".join(above.split())
    assert main([*words, "--metric", WEIGHTED, "--counts", COUNTS_WORD]) == 0
    decisions = {entry["option"]: entry for entry in json.loads((table / "refinement.json").read_text())["decisions"]}
    assert decisions["data.batch_size"]["decision"] in {"keep", "prune"}
    assert all(entry["evidence"] and "n" in entry for entry in decisions.values())
    assert main(["sweep", "next.yaml", "--dry-run"]) == 0


@pytest.mark.slow
def test_one_value_left_for_one_base_is_that_base_s_alone(workdir):
    rows = [
        {"number": i, "value": i % 7 / 100 + (0 if i % 4 else 0.5), "base": "spike_gru" if i % 2 else "gru"}
        | ({} if i % 2 else {"depth": 1 if i % 4 == 0 else 2})
        for i in range(90)
    ]
    write_table(workdir / "old.csv", rows)
    spec = {
        **SPEC,
        "space": {
            "base": SPEC["base"],
            "optimizer.lr": SPEC["space"]["optimizer.lr"],
            "model.num_layers": {"values": [1, 2], "when": {"base": "gru.yaml"}},
        },
        "columns": {"base": "base", "depth": "model.num_layers"},
    }
    (workdir / "spec.yaml").write_text(yaml.safe_dump(spec, sort_keys=False))
    assert main(["refine", "old.csv", "--spec", "spec.yaml", "--output", "next.yaml"]) == 0
    found = yaml.safe_load((workdir / "next.yaml").read_text())["space"]
    assert found["model.num_layers"] == {"values": [1], "when": {"base": "gru.yaml"}}
    assert main(["sweep", "next.yaml", "--dry-run"]) == 0


def test_fewer_than_ten_trials_refine_nothing(workdir, capsys):
    write_table(workdir / "old.csv", sorted_split_rows(9))
    (workdir / "spec.yaml").write_text(yaml.safe_dump(SPEC, sort_keys=False))
    assert main(["refine", "old.csv", "--spec", "spec.yaml", "--output", "next.yaml"]) == 2
    assert "10 <= n_complete" in capsys.readouterr().err


STUDY = {
    "base": ["one_weight.yaml"],
    "search": {"n_trials": 14, "n_random": 14, "lag": 8},
    "space": {
        "model.start": {"low": -1.0, "high": 0.5},
        "model.reach": {"low": 1, "high": 3},
        "data.batch": [1, 2],
        "optimizer.lr": {"low": 0.01, "high": 1.0, "log": True},
    },
    "options": {"trainer.max_epochs": 2},
    "screen": {"monitor": "val_loss"},
    "hard_limits": {"model.reach": [1, 3]},
}
BASE = {
    "model": {"class_path": "tests.sweeps.one_weight.OneWeight"},
    "data": {"class_path": "tests.tasks.toy.ToyData"},
    "optimizer": {"class_path": "torch.optim.SGD", "init_args": {"lr": 0.1}},
    "early_stopping": {"patience": 100},
}


@pytest.fixture(scope="module")
def study(tmp_path_factory):
    """A finished study of the model of one weight, as its command leaves it."""
    folder = tmp_path_factory.mktemp("study")
    (folder / "one_weight.yaml").write_text(yaml.safe_dump(BASE))
    space = {name: entry for name, entry in STUDY["space"].items() if name != "data.batch"}
    (folder / "own.yaml").write_text(yaml.safe_dump({**STUDY, "space": space}, sort_keys=False))
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        patch.setenv("C5SNN_ALLOWED_IMPORTS", "tests")
        patch.setenv("PYTHONPATH", str(ROOT))
        run_here("own.yaml", folder / "sweeps/own")
        (folder / "own.yaml").unlink()  # its folder holds what it ran with
        yield folder


@pytest.mark.slow
def test_a_study_of_ours_is_analysed_refined_and_checked(study, capsys):
    assert main(["analyze", "own", "--export-top", "2"]) == 0
    printed = capsys.readouterr().out
    assert "14 trials of 14 planned: 14 complete." in printed
    assert "The metric can be trusted" in printed
    folder = study / "sweeps/own/analysis"
    best = min(rows(study / "sweeps/own/trials.csv"), key=lambda row: float(row["value"]))
    assert json.loads((folder / "manifest.json").read_text())["metric"]["mode"] == "min"
    listed = yaml.safe_load((folder / "top_configs.yaml").read_text())
    assert listed[0]["optimizer.lr"] == float(best["lr"])
    assert isinstance(listed[0]["model.reach"], int)
    assert main(["refine", "own", "--output", "next.yaml"]) == 0
    assert yaml.safe_load((study / "next.yaml").read_text())["space"].keys() == {
        "model.start", "model.reach", "optimizer.lr",
    }  # fmt: skip
    assert main(["sweep", "next.yaml", "--dry-run"]) == 0
    capsys.readouterr()
    assert main(["sweep", "next.yaml", "--enqueue", str(folder / "top_configs.yaml"), "--dry-run"]) == 0
    assert main(["fit", "--config", str(folder / "top_configs/1.yaml")]) == 0


@pytest.mark.slow
def test_a_running_study_is_analysed_by_what_has_ended(study, tmp_path, capsys):
    copied = tmp_path / "half"
    (copied / "trials").mkdir(parents=True)
    (copied / "study.json").write_bytes((study / "sweeps/own/study.json").read_bytes())
    numbers = {}
    for trial in (study / "sweeps/own/trials").iterdir():
        numbers[json.loads((trial / "proposal.json").read_text())["number"]] = trial
    for number in range(9):
        (copied / "trials" / numbers[number].name).symlink_to(numbers[number])
    assert main(["analyze", str(copied)]) == 0
    assert "9 trials of 14 planned: 9 complete." in capsys.readouterr().out


@pytest.mark.slow
def test_a_study_has_its_sections_in_the_report(study, capsys):
    assert main(["report", "sweeps/own", "--output", "report.html"]) == 0
    page = (study / "report.html").read_text()
    for title in ("The search own", "History of the search", "Importances", "Slices", "Pairs of options",
                  "Parallel coordinates", "Timeline"):  # fmt: skip
        assert re.search(rf"<h\d[^>]*>{title}\s*<", page)
    assert "The search own" in capsys.readouterr().out


WITHOUT_TORCH = """
import sys
from c5snn.cli import main
codes = [main(words.split()) for words in sys.argv[1:]]
sys.exit(any(codes) or "torch" in sys.modules)
"""


@pytest.mark.slow
def test_neither_command_needs_torch(study):
    words = ["analyze own --export-top 1", "refine own --output other.yaml", "report sweeps/own"]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-c", WITHOUT_TORCH, *words]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, env=environment, cwd=study)
    assert ended.returncode == 0, ended.stderr


def test_two_searches_stand_side_by_side(table, capsys):
    write_table(table / "new.csv", sorted_split_rows(50, seed=1))
    assert main(["report", "old.csv", "new.csv", "--output", "both.md"]) == 0
    printed = capsys.readouterr().out
    assert "Searches side by side" in printed
    assert "No model exceeds 0.2 in S1" in printed or "Some model exceeds" in printed
    assert "| category | old: context | old: cnn | new: context | new: cnn |" in (table / "both.md").read_text()
