"""Times of several pieces of work, taken in turns, so that what slows the machine down slows all of them.

Time is the processor's, spent by this process: with one thread that is the time of the clock on the wall, less what
other processes take of the machine.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from statistics import median

__all__ = ["Effort", "Timing", "measure", "sample"]

Work = Callable[[], object]


@dataclass(frozen=True)
class Effort:
    """How much is measured.

    Args:
        n_rounds: Turns of each piece of work.
        turn_s: Seconds that one turn lasts at least, so that the clock's grain does not count.
        n_repeats: How often a measurement may be taken again whose dispersion exceeds ``max_dispersion``.
        max_dispersion: The largest median / minimum that is taken as it is.
    """

    n_rounds: int = 7
    turn_s: float = 0.05
    n_repeats: int = 2
    max_dispersion: float = 1.5


@dataclass(frozen=True)
class Timing:
    """The times of one piece of work, in seconds per call, one for each round."""

    seconds: tuple[float, ...]

    @property
    def median_s(self) -> float:
        """The median: what ratios are made of."""
        return median(self.seconds)

    @property
    def dispersion(self) -> float:
        """Median / minimum: 1 on a quiet machine."""
        return self.median_s / min(self.seconds)


def measure(
    work: Mapping[str, Work], effort: Effort, clock: Callable[[], float] = time.process_time
) -> dict[str, Timing]:
    """Return the times of each piece of work, by name.

    Args:
        work: What to call, by name; two calls of each come first and are not counted.
        effort: How often.
        clock: Seconds; another one in tests.
    """
    n_calls = {name: _calls_per_turn(call, effort.turn_s, clock) for name, call in work.items()}
    return sample({name: partial(_time, call, n_calls[name], clock) for name, call in work.items()}, effort)


def sample(samplers: Mapping[str, Callable[[], float]], effort: Effort) -> dict[str, Timing]:
    """Return what each sampler says in every round, by name.

    Rounds in which any of them is dispersed are taken again, all together, because ratios need a common time; of all
    attempts the least dispersed counts.

    Args:
        samplers: Each returns the seconds that its work took just now.
        effort: How often.
    """
    best = _interleave(samplers, effort.n_rounds)
    for _ in range(effort.n_repeats):
        if _dispersion(best) <= effort.max_dispersion:
            break
        best = min(best, _interleave(samplers, effort.n_rounds), key=_dispersion)
    return best


def _calls_per_turn(call: Work, turn_s: float, clock: Callable[[], float]) -> int:
    call()
    return max(1, round(turn_s / max(_time(call, 1, clock), 1e-9)))


def _interleave(samplers: Mapping[str, Callable[[], float]], n_rounds: int) -> dict[str, Timing]:
    # back and forth, because each leaves the caches to the next
    there = list(samplers)
    back = there[::-1]
    rounds = [{name: samplers[name]() for name in (back if i % 2 else there)} for i in range(n_rounds)]
    return {name: Timing(tuple(seconds[name] for seconds in rounds)) for name in samplers}


def _time(call: Work, n_calls: int, clock: Callable[[], float]) -> float:
    start = clock()
    for _ in range(n_calls):
        call()
    return (clock() - start) / n_calls


def _dispersion(timings: Mapping[str, Timing]) -> float:
    return max(timing.dispersion for timing in timings.values())
