"""What a sweep saved, from numbers that can be checked by hand."""

import pytest

from benchmarks.sweep import StepTimes, Trained, saved


def test_each_factor_is_the_ratio_of_two_sums_of_seconds():
    times = {(64, 1): StepTimes(own=0.002, loop={"direct": 0.006, "rate_coded": 0.06})}
    points = [
        Trained((64, 1), "direct", "a", 1000),
        Trained((64, 1), "rate_coded", "a", 1000),
        Trained((64, 1), "direct", "b", 500),
    ]
    row = saved(points, times, trials_s=6.0, wall_s=4.0)
    assert row["loop s"] == pytest.approx(6 + 60 + 3)
    assert row["steps ×"] == pytest.approx(69 / 5)
    assert row["direct ×"] == pytest.approx(3)
    assert row["points ×"] == pytest.approx(5 / 3)
    assert row["workers ×"] == pytest.approx(1.5)
    assert row["product ×"] == pytest.approx(69 / 4)
