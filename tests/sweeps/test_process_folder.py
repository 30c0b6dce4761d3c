"""A temporary folder of one process: gone at its end, and at that of the next one where it was killed."""

import subprocess
import sys

import pytest

from c5snn.sweeps.process_folder import process_folder


def test_it_is_empty_and_gone_at_the_end(tmp_path):
    with process_folder("kind", str(tmp_path)) as folder:
        assert list(folder.iterdir()) == []
        (folder / "file").touch()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux says which processes there are")
def test_what_a_killed_process_left_is_removed_and_what_a_living_one_uses_is_not(tmp_path):
    ended = subprocess.Popen([sys.executable, "-c", ""])
    ended.wait()
    with process_folder("kind", str(tmp_path)) as mine:
        left = mine.with_name(mine.name.replace(mine.name.split("-")[-2], str(ended.pid)))
        left.mkdir()
        (tmp_path / "c5snn-kind-elsewhere-1-x").mkdir()
        with process_folder("kind", str(tmp_path)) as other:
            assert {path.name for path in tmp_path.iterdir()} == {mine.name, other.name, "c5snn-kind-elsewhere-1-x"}
