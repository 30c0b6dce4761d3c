"""No sweep begins on a machine that has no room for its trials and for what it keeps of them."""

import pytest

from c5snn.cli import main
from c5snn.errors import ConfigError
from c5snn.sweeps.room import Need, check_room

GRID = """
base: gru.yaml
space: {model.hidden_size: [2, 3]}
options: {data.n_events: 260, data.window: 5, trainer.max_epochs: 1}
"""


class FakeUsage:
    def __init__(self, free):
        self.free = free


@pytest.mark.parametrize("missing", [0, 1])
def test_a_disk_has_to_hold_the_kept_weights_and_what_runs(tmp_path, monkeypatch, missing):
    free = 512 * 1024**2 + 2 * 24 * 10_000_000 + 4 * 10_000_000 * 40
    monkeypatch.setattr("shutil.disk_usage", lambda _: FakeUsage(free - missing))
    need = [Need(n_parameters=10_000_000, n_checkpoints=40)]
    if not missing:
        check_room(need, tmp_path, n_workers=2, where="the study")
        return
    with pytest.raises(ConfigError, match="the checkpoints that are kept fit the free disk"):
        check_room(need, tmp_path, n_workers=2, where="the study")


@pytest.mark.slow
def test_a_grid_without_room_is_refused_and_a_dry_run_of_it_warns(workdir, monkeypatch, capsys):
    (workdir / "own.yaml").write_text(GRID)
    monkeypatch.setattr("c5snn.sweeps.room.free_memory_bytes", lambda: 10**8)
    assert main(["sweep", "own.yaml", "--workers", "2"]) == 2
    assert "`the trials that run at once fit the free memory` must hold" in capsys.readouterr().err
    assert not (workdir / "sweeps/own").exists()
    assert main(["sweep", "own.yaml", "--workers", "2", "--dry-run"]) == 0
    said = capsys.readouterr().out
    assert "warning: it cannot run here: " in said
    assert "2 of 2 trials of the first stage left to run" in said
