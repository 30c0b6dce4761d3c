"""Where results go: odd names work, impossible ones are one line, and nothing is written elsewhere."""

import shutil

import pytest
from lightning.pytorch import Callback

from c5snn.cli import main


@pytest.mark.slow
@pytest.mark.parametrize("name", ["with spaces", "ünïcödé-日本", "a/b/../c", "deep/er"])
def test_odd_folders_are_folders(name, workdir, small):
    assert main(["fit", *small, "--trainer.default_root_dir", name]) == 0
    run = workdir / name / "lightning_logs/spike_gru/version_0"
    assert (run / "best.ckpt").is_file()
    assert main(["test", str(run)]) == 0
    assert [path.name for path in workdir.iterdir()] == [name.split("/")[0]]


@pytest.mark.parametrize("root", ["x" * 300, "a_file", "/proc/nowhere"])
def test_impossible_folders_are_one_line(root, workdir, small, capsys):
    (workdir / "a_file").write_text("not a folder")
    assert main(["fit", *small, "--trainer.default_root_dir", root]) == 1
    error = [line for line in capsys.readouterr().err.splitlines() if line.startswith("c5snn fit")]
    assert len(error) == 1
    assert "--trainer.default_root_dir" in error[0]
    assert [path.name for path in workdir.iterdir()] == ["a_file"]


class RemoveFolder(Callback):
    """Removes the run's folder after the first epoch."""

    def on_train_epoch_start(self, trainer, pl_module):
        del pl_module
        if trainer.current_epoch == 1:
            shutil.rmtree("lightning_logs")


def test_a_folder_removed_during_the_run_is_one_line(workdir, small, capsys, monkeypatch):
    monkeypatch.setenv("C5SNN_ALLOWED_IMPORTS", __name__)
    assert main(["fit", *small, "--trainer.callbacks", f"{__name__}.RemoveFolder"]) == 1
    error = [line for line in capsys.readouterr().err.splitlines() if line.startswith("c5snn fit")]
    assert len(error) == 1
    assert "lightning_logs" in error[0]
    assert list(workdir.iterdir()) == []
