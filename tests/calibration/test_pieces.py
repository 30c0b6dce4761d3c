"""What takes hours goes on where it ended."""

from functools import partial
from typing import NamedTuple

from calibration import pieces
from calibration.effort import Effort
from calibration.pieces import for_each_kept


class Found(NamedTuple):
    number: int
    text: str


def count_and_return(counted, number):
    counted.append(number)
    return Found(number, f"history {number}")


def test_a_history_is_measured_once_however_often_the_command_runs(tmp_path):
    effort, measured = Effort(n_workers=1, pieces=tmp_path), []
    task = partial(count_and_return, measured)
    assert for_each_kept(effort, "a", task, 2, kind=Found) == [Found(0, "history 0"), Found(1, "history 1")]
    assert len(for_each_kept(effort, "a", task, 3, kind=Found)) == 3
    assert measured == [0, 1, 2]


def test_findings_of_other_sizes_are_kept_apart(tmp_path):
    measured = []
    for n_events in (300, 400):
        effort = Effort(n_workers=1, n_events=n_events, pieces=tmp_path)
        for_each_kept(effort, "a", partial(count_and_return, measured), 1, kind=Found)
    assert measured == [0, 0]


def test_findings_of_other_code_are_kept_apart(tmp_path, monkeypatch):
    effort, measured = Effort(n_workers=1, pieces=tmp_path), []
    for code in ("a", "a", "b"):
        monkeypatch.setattr(pieces, "_code", lambda code=code: code)
        for_each_kept(effort, "a", partial(count_and_return, measured), 1, kind=Found)
    assert measured == [0, 0]
