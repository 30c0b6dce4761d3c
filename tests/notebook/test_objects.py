"""What a notebook loads is what the commands say, shown as HTML and SVG."""

import os
import subprocess
import sys
from pathlib import Path
from xml.etree import ElementTree as ET

import pytest
import torch

import c5snn
from c5snn.cli import main
from c5snn.errors import ConfigError
from c5snn.training.evaluation import test_run as score_run
from c5snn.training.prediction import predict_next
from c5snn.training.run import train

SMALL = ["--data.n_events", "400", "--data.window", "3", "--trainer.max_epochs", "2",
         "--trainer.enable_model_summary", "false", "--pictures", "off"]  # fmt: skip


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with two tested runs of the same data."""
    here, place = os.getcwd(), tmp_path_factory.mktemp("notebook")  # noqa: PTH109  # a fixture of a module has no monkeypatch
    os.chdir(place)
    for config in ("gru.yaml", "lag_kernel.yaml"):
        run = train(["--config", config, *SMALL])
        score_run([str(run.folder)])
    yield place
    os.chdir(here)


def elements(markup):
    return ET.fromstring(f"<all>{markup}</all>")  # noqa: S314  # our own


@pytest.mark.slow
def test_a_loaded_run_has_its_record_its_weights_and_its_data(folder):
    run = c5snn.load(folder / "lightning_logs/gru")
    assert run.record.model == "gru"
    weights = torch.load(run.folder / "best.ckpt", weights_only=True)["state_dict"]
    assert all(torch.equal(weights[name], value) for name, value in run.model.state_dict().items() if name in weights)
    assert not run.model.training
    assert run.data.describe().identity == run.record.data.identity


def test_its_prediction_is_that_of_the_command(folder):
    run = c5snn.load(folder / "lightning_logs/gru")
    predicted = predict_next([str(run.folder)], as_of="2000-12-01", top_k=4)
    found = run.predict(as_of="2000-12-01", top_k=4)
    assert found.rows == [tuple(row) for row in predicted.prediction.rows]
    assert found.worth == predicted.worth
    cells = [cell.text for cell in elements(found._repr_html_()).iter("td")]
    assert cells[0] == str(found.rows[0][0])


def test_what_is_shown_is_whole_markup(folder):
    run = c5snn.load(folder / "lightning_logs/gru")
    text = "".join(elements(run._repr_html_()).itertext())
    assert run.record.test.verdict.sentence in text
    assert f"best epoch {run.record.best_epoch + 1}" in text  # counted from 1, as everywhere
    for what in ("curves", "inside"):
        picture = run.plot(what)
        assert ET.fromstring(picture._repr_svg_()).tag == "{http://www.w3.org/2000/svg}svg"  # noqa: S314  # our own
    picture.save(folder / "inside.png")
    assert (folder / "inside.png").read_bytes().startswith(b"\x89PNG")


def test_a_comparison_is_that_of_the_report(folder, capsys):
    found = c5snn.compare(c5snn.load(folder / "lightning_logs/gru"), folder / "lightning_logs/lag_kernel")
    assert main(["report", str(folder / "lightning_logs"), "--output", str(folder / "report.md")]) == 0
    capsys.readouterr()
    plain = (folder / "report.md").read_text().replace("\\", "")
    assert found.sentence.replace("\\", "") in plain
    assert len(found.pairs) == 1
    assert found.sentence in "".join(elements(found._repr_html_()).itertext())
    assert ET.fromstring(found.plot()._repr_svg_()).tag.endswith("svg")  # noqa: S314  # our own


def test_one_configuration_is_no_comparison(folder):
    run = c5snn.load(folder / "lightning_logs/gru")
    with pytest.raises(ConfigError, match="there is 1 tested configuration"):
        c5snn.compare(run, run)


def test_a_sweep_is_a_table_of_typed_trials():
    pd = pytest.importorskip("pandas", reason="needs the extra `notebook`")
    sweep = c5snn.load_sweep(Path(__file__).parents[1] / "results/0.1.0/phase_a")
    table = sweep.table()
    assert isinstance(table, pd.DataFrame)
    assert len(table) == len(sweep.rows())
    assert set(table["seed"]) == {42, 123}
    assert table["val_recall_at_20"].between(0, 1).all()
    assert table["same_as"].isna().all()
    assert f"phase_a: {len(table)} trials" in sweep._repr_html_()
    assert len(list(elements(sweep._repr_html_()).iter("tr"))) == 1 + min(10, len(table))


def test_what_is_no_sweep_is_said(workdir):
    with pytest.raises(ConfigError, match=r"a folder with a `trials\.csv`"):
        c5snn.load_sweep(workdir)


def test_training_from_python_is_as_quiet_as_the_command(small, capfd):
    train(small)
    said = "".join(capfd.readouterr())
    assert "GPU available" not in said
    assert "Tip:" not in said


def test_importing_the_package_imports_nothing_heavy():
    code = "import sys, c5snn; print([n for n in ('torch', 'numpy', 'matplotlib', 'lightning') if n in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"
    assert {"load", "load_sweep", "compare", "train"} <= set(dir(c5snn))
