"""Ten thousand trials: planned, found done and compared without an hour of waiting."""

import shutil
from pathlib import Path

import pytest
import yaml

from c5snn.cli import main
from c5snn.sweeps.plan import make_plan
from c5snn.sweeps.spec_file import read_spec

SWEEP = {
    "base": "gru.yaml",
    "space": {
        "model.hidden_size": list(range(4, 14)),
        "data.batch_size": list(range(16, 26)),
        "early_stopping.patience": list(range(1, 11)),
        "trainer.gradient_clip_val": [n / 10 for n in range(1, 11)],
    },
    "options": {"data.n_events": 260, "data.window": 5, "trainer.max_epochs": 1},
    "confirm": {"top_k": 1, "seeds": [42]},
}


@pytest.mark.long
@pytest.mark.timeout(3600)
def test_ten_thousand_trials_are_planned_found_and_compared(workdir, capsys):
    (workdir / "own.yaml").write_text(yaml.safe_dump(SWEEP, sort_keys=False))
    assert main(["sweep", "own.yaml", "--max-trials", "1"]) == 0
    (done,) = Path("sweeps/own/trials").iterdir()
    for job in make_plan(read_spec("own.yaml")[1], []).first_jobs():
        if job.key != done.name:  # what decides whether a trial is done
            (done.parent / job.key).mkdir()
            for name in ("config.yaml", "provenance.json", "metrics.csv", "result.json", "trial.json", "commit.json"):
                shutil.copyfile(done / name, done.parent / job.key / name)
    assert main(["sweep", "own.yaml", "--dry-run"]) == 0
    assert "dry run: 0 of 10,000 trials" in capsys.readouterr().out
    assert main(["sweep", "own.yaml"]) == 0
    assert "1 trials run now" in capsys.readouterr().out
    assert len(Path("sweeps/own/screening.csv").read_text().splitlines()) == 10_001
    assert main(["report", "sweeps/own"]) == 0
