"""A run's name: from its configuration or from the user; folder, record, label and later commands go by it."""

from pathlib import Path

import pytest

from c5snn.cli import main
from c5snn.records import load_run
from c5snn.training.run_names import name_of_file

SMALL = ["--data.n_events", "120", "--trainer.max_epochs", "1", "--trainer.enable_model_summary", "false"]
TINY = ["--model.hidden_size", "4", *SMALL]


@pytest.mark.parametrize(
    ("words", "name"),
    [
        (["--config", "spike_gru.yaml"], "spike_gru"),
        (["--config=original/spike_gru.yaml"], "original/spike_gru"),
        (["--config", "configs/original/spike_gru.yaml"], "original/spike_gru"),
        (["--config", "/home/me/configs/mine/a.yaml"], "mine/a"),
        (["--config", "/home/me/a.yaml"], "a"),
        (["--config", "../other/a.yaml"], "a"),
        (["--config", "trials/a b (1).yaml"], "trials/a_b__1_"),
        (["--config", "spike_gru.yaml", "--config", "fast.yml"], "fast"),
        (["--config", "lightning_logs/gru/version_0/config.yaml"], None),
        (["--model", "GRU"], None),
    ],
)
def test_a_configuration_names_its_run_by_its_path_below_configs(words, name):
    assert name_of_file(words) == name


@pytest.fixture(scope="module")
def named(tmp_path_factory):
    """Train one run by a configuration in a folder and one by a name, both of one model; return where."""
    folder = tmp_path_factory.mktemp("named")
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        Path("configs/small").mkdir(parents=True)
        Path("configs/small/net.yaml").write_text("model: {class_path: GRU, init_args: {hidden_size: 4}}")
        assert main(["fit", "--config", "small/net.yaml", *SMALL]) == 0
        assert main(["fit", "--config", "small/net.yaml", "--name", "wide/net-8", "--model.hidden_size=8", *SMALL]) == 0
    return folder


@pytest.mark.slow
def test_folder_and_record_have_the_name(named):
    for name in ("small/net", "wide/net-8"):
        run = load_run(named / "lightning_logs" / name)
        assert (run.name, run.model) == (name, "gru")
        assert list(run.folder.glob("events.*"))


@pytest.mark.slow
def test_later_commands_take_the_name_and_tables_show_it(named, monkeypatch, capsys):
    monkeypatch.chdir(named)
    for name in ("small/net", "wide/net-8"):
        assert main(["test", name]) == 0
        assert capsys.readouterr().out.startswith(f"{name} on ")
    assert main(["report", "lightning_logs"]) == 0
    shown = capsys.readouterr().out
    assert "small/net" in shown
    assert "wide/net-8" in shown
    assert "hidden_size=" not in shown


def test_a_run_goes_on_under_its_name(named, monkeypatch):
    monkeypatch.chdir(named)
    words = ["--config", "small/net.yaml", *SMALL, "--trainer.max_epochs", "2", "--ckpt_path", "last"]
    assert main(["fit", *words]) == 0
    assert load_run("small/net").n_epochs == 2
    assert [path.name for path in Path("lightning_logs/small/net").iterdir()] == ["version_0"]


@pytest.mark.parametrize(
    ("name", "problem"),
    [
        ("/home/me/run", "below `lightning_logs`"),
        ("~/run", "below `lightning_logs`"),
        ("../run", "below `lightning_logs`"),
        ("a/../../b", "below `lightning_logs`"),
        ("a b", "letters, digits"),
        ("a//b", "letters, digits"),
        ("", "letters, digits"),
        (".hidden", "letters, digits"),
        ("a\x1b[31m", "letters, digits"),
        ("a\nb", "letters, digits"),
        ("x" * 101, "100 characters"),
        ("gru/version_0", "version_<n>"),
    ],
)
def test_a_name_that_is_no_folder_is_refused_and_nothing_is_written(name, problem, tmp_path, monkeypatch, capsys):
    monkeypatch.chdir(tmp_path)
    assert main(["fit", "--config", "gru.yaml", f"--name={name}", *TINY]) == 2
    assert problem in capsys.readouterr().err
    assert list(tmp_path.iterdir()) == []
