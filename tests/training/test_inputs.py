"""The files that a run reads: found from its configuration, and read from copies where the files are not."""

import json
import shutil

import numpy as np
import pytest

from c5snn.cli import main
from c5snn.data import Repeat, synthesize, write_events
from c5snn.data.events.ragged import write_ragged
from c5snn.data.events.recording import LeakyUnits, record, write_oracle
from c5snn.errors import C5Error
from c5snn.files import COPIES, located
from c5snn.sweeps.file_contents import read_files
from c5snn.training.configuration import build_data
from c5snn.training.inputs import input_files


def events(place):
    write_events(synthesize(Repeat(), strength=1.0, n_events=300, data_seed=8).history, place / "events.csv.gz")
    return {
        "class_path": "c5snn.data.EventDataModule",
        "init_args": {"path": str(place / "events.csv.gz"), "window": 5},
    }


def recording(place):
    spikes = record(LeakyUnits(n_units=20), n_bins=300, data_seed=1)
    write_ragged(spikes.history, place / "spikes.csv")
    write_oracle(spikes, place / "spikes.csv")
    names = [f"{number},unit {number}" for number in range(1, 21)]
    (place / "parts.csv").write_text("\n".join(["part,name", *names, ""]))
    shape = {"n_parts": 20, "n_active": "varies", "window": 5}
    return {"class_path": "c5snn.data.EventDataModule", "init_args": {"path": str(place / "spikes.csv"), **shape}}


def series(place):
    rows = [f"2024-01-{1 + n // 24:02} {n % 24:02}:00:00,{np.sin(n):.4f},{n % 7}" for n in range(24 * 28)]
    (place / "series.csv").write_text("\n".join(["time,a,b", *rows, ""]))
    arguments = {"path": str(place / "series.csv"), "context": 24, "horizon": 2}
    return {"class_path": "c5snn.data.SeriesDataModule", "init_args": arguments}


def tasks(place):
    folder, labels = place / "tasks", {f"t{n:02}": ("S1", "C1")[n % 2] for n in range(20)}
    folder.mkdir()
    for number, name in enumerate(labels):
        content = {"train": [{"input": [[1, 2]], "output": [[2, number % 9]]}]}
        (folder / f"{name}.json").write_text(json.dumps(content))
    (folder / "labels.json").write_text(json.dumps(labels))
    arguments = {"path": str(folder), "labels": str(folder / "labels.json")}
    return {"class_path": "c5snn.data.ArcDataModule", "init_args": arguments}


def set_up(config):
    data = build_data(config)
    data.setup("fit")
    return data


@pytest.mark.parametrize("kind", [events, recording, series, tasks])
def test_data_is_the_same_where_only_copies_of_its_files_are(kind, tmp_path, monkeypatch):
    place = tmp_path / "theirs"
    place.mkdir()
    config = kind(place)
    there = set_up(config)
    read_files(input_files({"model": {}, "data": config})).write(tmp_path / "copies")
    shutil.rmtree(place)
    with pytest.raises(C5Error):
        set_up(config)
    monkeypatch.setenv(COPIES, str(tmp_path / "copies"))
    here = set_up(config)
    assert here.describe() == there.describe()
    if kind is recording:
        assert here.part_names == there.part_names
        np.testing.assert_array_equal(here.oracle, there.oracle)


def test_what_a_planted_history_is_drawn_from_is_no_file():
    assert input_files({"model": {}, "data": {"n_events": 300}}) == []


def test_the_weights_that_a_run_starts_from_and_a_model_s_own_file_are_among_them(small_run, tmp_path):
    np.save(tmp_path / "centroids.npy", np.eye(9))
    model = {"class_path": "c5snn.models.ArcCNN", "init_args": {"centroids": str(tmp_path / "centroids.npy")}}
    names = {file.name for file in input_files({"model": model, "init_from": str(small_run.folder)})}
    assert names == {"centroids.npy", "best.ckpt", "best.ckpt.sha256", "config.yaml"}


@pytest.mark.slow
def test_a_run_starts_from_the_copy_of_weights(small, small_run, tmp_path, monkeypatch):
    words = [*small, "--init_from", str(small_run.folder)]
    assert main(["fit", *words, "--trainer.default_root_dir", str(tmp_path / "a")]) == 0
    read_files(input_files({"model": {}, "init_from": str(small_run.folder)})).write(tmp_path / "copies")
    shutil.rmtree(small_run.folder)
    monkeypatch.setenv(COPIES, str(tmp_path / "copies"))
    assert main(["fit", *words, "--trainer.default_root_dir", str(tmp_path / "b")]) == 0
    found = [next((tmp_path / name).rglob("metrics.csv")).read_text().splitlines() for name in "ab"]
    first = [
        [value for name, value in zip(rows[0].split(","), rows[1].split(","), strict=True) if name != "epoch_time_s"]
        for rows in found
    ]
    assert first[0] == first[1]


def test_no_path_leads_out_of_the_copies(tmp_path, monkeypatch):
    (tmp_path / "outside.txt").touch()
    monkeypatch.setenv(COPIES, str(tmp_path / "copies"))
    for path in ("/../outside.txt", "/x/../../outside.txt"):
        assert str(located(path)) == path


def test_without_copies_a_path_is_as_it_is(monkeypatch):
    monkeypatch.delenv(COPIES, raising=False)
    assert str(located("a/../b.csv")) == "a/../b.csv"
