"""How times are taken: in turns, and again when they are dispersed."""

from itertools import chain, repeat

import pytest

from benchmarks.timing import Effort, Timing, measure, sample


class FakeClock:
    """Time that passes only when work is done."""

    def __init__(self):
        self.now = 0.0
        self.calls = []

    def __call__(self):
        return self.now

    def work(self, name, seconds):
        seconds = iter(seconds)

        def call():
            self.calls.append(name)
            self.now += next(seconds)

        return call


def test_work_is_done_in_turns_back_and_forth():
    clock = FakeClock()
    work = {name: clock.work(name, repeat(1.0)) for name in "ab"}
    measure(work, Effort(n_rounds=3, turn_s=0.0), clock)
    assert "".join(clock.calls) == "aabb" + "ab" + "ba" + "ab"


def test_short_work_is_repeated_until_a_turn_is_long_enough():
    clock = FakeClock()
    work = {"short": clock.work("s", repeat(0.25)), "long": clock.work("l", repeat(2.0))}
    timings = measure(work, Effort(n_rounds=2, turn_s=1.0), clock)
    assert "".join(clock.calls) == "ssll" + "ssssl" + "lssss"
    assert timings == {"short": Timing((0.25, 0.25)), "long": Timing((2.0, 2.0))}


def test_the_first_calls_do_not_count():
    clock = FakeClock()
    timings = measure({"a": clock.work("a", chain([9.0, 9.0], repeat(1.0)))}, Effort(n_rounds=3, turn_s=0.0), clock)
    assert timings == {"a": Timing((1.0, 1.0, 1.0))}


@pytest.mark.parametrize(("n_repeats", "expected"), [(0, (1.0, 8.0, 8.0)), (1, (1.0, 4.0, 4.0)), (9, (2.0, 3.0, 3.0))])
def test_a_dispersed_measurement_is_taken_again_and_the_calmest_counts(n_repeats, expected):
    noisy = iter([1.0, 8.0, 8.0, 1.0, 4.0, 4.0, 1.0, 9.0, 9.0, 2.0, 3.0, 3.0])
    n_calm = []
    samplers = {"noisy": lambda: next(noisy), "calm": lambda: n_calm.append(1) or 1.0}
    timings = sample(samplers, Effort(n_rounds=3, n_repeats=n_repeats, max_dispersion=1.5))
    assert timings["noisy"] == Timing(expected)
    assert len(n_calm) == 12 - len(list(noisy))


def test_dispersion_is_the_median_over_the_minimum():
    assert Timing((3.0, 1.0, 2.0)).dispersion == 2
