"""Searches: whoever runs their jobs, in whatever order they end, however often it stops, the same jobs are run.

Another search is held to all of it by one more subclass of :class:`SearchContract` below. Two toy searches show what a
grid does not need: a job that waits for an earlier one, and jobs that nobody knew of at the start.
"""

import hashlib
import importlib
import json
import pkgutil
from contextlib import closing
from functools import cache
from random import Random
from typing import ClassVar, NamedTuple

import pytest

import c5snn.sweeps
from c5snn.sweeps.adaptive_search import AdaptiveSearch
from c5snn.sweeps.executor import Executor
from c5snn.sweeps.grid_search import GridSearch
from c5snn.sweeps.job import Job
from c5snn.sweeps.ledger import Ledger, write_failure
from c5snn.sweeps.local import LocalBackend
from c5snn.sweeps.loop import SearchLoop
from c5snn.sweeps.plan import make_plan
from c5snn.sweeps.search import Search, Stage
from c5snn.sweeps.spec import Confirm, SweepSpec
from c5snn.sweeps.study_planning import make_study_plan


def job(decay):
    """Return a job that takes a moment: a baseline has nothing to train."""
    config = {
        "seed_everything": 42,
        "model": {"class_path": "FrequencyBaseline", "init_args": {"decay": decay}},
        "data": {"n_events": 260, "window": 5},
    }
    return Job(hashlib.sha256(json.dumps(config).encode()).hexdigest()[:20], config, test=False)


def value(outcome):
    return outcome.result.val["val_recall_at_20"] if outcome.result else None


class SecondToLast(Search):
    """Trial n follows from the result of trial n - 2, and waits for it."""

    reruns_accidents = False
    n_trials = 6
    stage = Stage("search", n_trials)

    def __init__(self):
        self.asked, self.values = [], {}

    @property
    def is_done(self):
        return len(self.values) == self.n_trials

    def ask(self):
        number = len(self.asked)
        if number == self.n_trials or (number >= 2 and self.asked[number - 2] not in self.values):
            return None
        seen = self.values[self.asked[number - 2]] if number >= 2 else None
        following = job(Random(f"{number} {seen}").random())  # noqa: S311
        self.asked.append(following.key)
        return following

    def tell(self, outcome):
        self.values[outcome.key] = value(outcome)


class Generations(Search):
    """Each generation is two trials near the best of the one before, which has to have ended."""

    def __init__(self):
        self.best, self.waiting, self.under_way, self.told = 0.5, [], {}, []
        self.n_generations = 0
        self.breed()

    def breed(self):
        self.n_generations += 1
        reach = 0.3**self.n_generations
        self.waiting = [self.best - reach, self.best + reach]

    @property
    def stage(self):
        return Stage("search", 2 * self.n_generations)

    @property
    def is_done(self):
        return len(self.told) == 6

    def ask(self):
        if not self.waiting:
            return None
        decay = self.waiting.pop(0)
        following = job(decay)
        self.under_way[following.key] = decay
        return following

    def tell(self, outcome):
        self.told.append((value(outcome) or 0.0, self.under_way.pop(outcome.key)))
        if not self.waiting and not self.under_way and not self.is_done:
            self.best = max(self.told)[1]
            self.breed()


class Recorded(Search):
    """Writes down what a search is asked for and told."""

    def __init__(self, search):
        self.search, self.asked, self.told = search, [], []
        self.reruns_accidents = search.reruns_accidents

    @property
    def stage(self):
        return self.search.stage

    @property
    def is_done(self):
        return self.search.is_done

    def ask(self):
        following = self.search.ask()
        if following is not None:
            self.asked.append((following.key, following.test))
        return following

    def tell(self, outcome):
        self.told.append((outcome.key, outcome.result is not None and outcome.result.test is not None))
        self.search.tell(outcome)


def pursue(search, root, *, n_workers=1, max_trials=None):
    """Run what is left of a search, and return the loop."""
    ledger = Ledger(root)
    executor = Executor(ledger, LocalBackend(n_workers), timeout_s=120.0, max_attempts=1)
    loop = SearchLoop(search, executor, ledger, max_trials=max_trials)
    with ledger.lock():
        for stage in loop.stages():
            for _ in stage.run():
                pass
    return loop


def replay(search, ends, n_workers, random):
    """Tell a search results in a random order of their ends."""
    under_way = []
    while not search.is_done:
        while len(under_way) < n_workers and (following := search.ask()) is not None:
            under_way.append(following)
        ended = under_way.pop(random.randrange(len(under_way)))
        search.tell(ends[ended.key, ended.test])


class Undisturbed(NamedTuple):
    """What one worker has run without a stop: the jobs in their order, and the loop."""

    asked: list
    loop: SearchLoop

    @property
    def values(self):
        return {key: value(outcome) for key, outcome in self.loop.outcomes.items()}


class SearchContract:
    """What the loop expects of every search; a subclass names it and makes one."""

    search_class: ClassVar[type[Search]]

    @classmethod
    def make(cls):
        return cls.search_class()

    @pytest.fixture(scope="class")
    @classmethod
    def undisturbed(cls, tmp_path_factory):
        search = Recorded(cls.make())
        loop = pursue(search, tmp_path_factory.mktemp("undisturbed"))
        return Undisturbed(search.asked, loop)

    @pytest.mark.slow
    def test_nothing_is_asked_for_twice_and_everything_is_told(self, undisturbed):
        search = undisturbed.loop.search
        assert len(set(search.asked)) == len(search.asked) == undisturbed.loop.n_run
        assert search.told == search.asked
        assert search.is_done
        assert search.ask() is None
        assert undisturbed.loop.n_left == 0

    @pytest.mark.slow
    def test_two_workers_run_the_same_jobs_in_the_same_order(self, undisturbed, tmp_path):
        search = Recorded(self.make())
        loop = pursue(search, tmp_path, n_workers=2)
        assert search.asked == undisturbed.asked
        assert {key: value(outcome) for key, outcome in loop.outcomes.items()} == undisturbed.values

    @pytest.mark.parametrize("n_workers", [1, 2, 3, 40])
    def test_the_order_in_which_jobs_end_decides_nothing(self, undisturbed, n_workers):
        ledger = undisturbed.loop.ledger
        ends = {(key, test): ledger.outcome(key, test=test) for key, test in undisturbed.asked}
        for order in range(20):
            search = Recorded(self.make())
            replay(search, ends, n_workers, Random(order))  # noqa: S311
            assert search.asked == undisturbed.asked

    def test_a_search_that_stops_every_two_jobs_runs_each_once(self, undisturbed, tmp_path):
        n_run, n_left = [], None
        while n_left != 0:
            loop = pursue(self.make(), tmp_path, n_workers=2, max_trials=2)
            n_left = loop.n_left
            n_run.append(loop.n_run)
        assert set(n_run[:-1]) <= {2}
        assert sum(n_run) == len(undisturbed.asked)
        assert {key: value(outcome) for key, outcome in loop.outcomes.items()} == undisturbed.values

    def test_a_search_whose_driver_stops_goes_on_to_the_same_end(self, undisturbed, tmp_path):
        ledger = Ledger(tmp_path)
        executor = Executor(ledger, LocalBackend(2), timeout_s=120.0, max_attempts=1)
        with ledger.lock(), closing(next(SearchLoop(self.make(), executor, ledger).stages()).run()) as outcomes:
            first = next(outcomes)
        assert ledger.folder(first.key).is_dir()
        loop = pursue(self.make(), tmp_path, n_workers=2)
        assert 0 < loop.n_run < len(undisturbed.asked)
        assert {key: value(outcome) for key, outcome in loop.outcomes.items()} == undisturbed.values
        assert ledger.keys() == undisturbed.values.keys()
        assert len(list(ledger.trials.iterdir())) == len(undisturbed.values)

    def test_a_search_that_is_done_runs_nothing(self, undisturbed):
        search = Recorded(self.make())
        loop = pursue(search, undisturbed.loop.ledger.root)
        assert loop.n_run == loop.n_left == 0
        assert search.asked == undisturbed.asked
        assert loop.outcomes.keys() == undisturbed.loop.outcomes.keys()

    def test_an_accident_before_a_stop_is_run_again_or_told_as_the_search_says(self, undisturbed, tmp_path):
        ledger, (key, _) = Ledger(tmp_path), undisturbed.asked[0]
        scratch = ledger.scratch(key)
        write_failure(scratch, "killed", "why", attempts=1)
        ledger.commit(key, scratch)
        search = Recorded(self.make())
        loop = pursue(search, tmp_path)
        assert loop.outcomes[key].status == ("finished" if search.reruns_accidents else "killed")
        assert loop.n_run == len(search.asked) - (not search.reruns_accidents)
        assert search.is_done


@cache  # a plan takes longer than its trials
def plan(*, is_confirmed):
    options = {"data.n_events": 260, "data.window": 5}
    if is_confirmed:
        spec = SweepSpec("frequency.yaml", {"model.decay": [0.0, 0.3, 0.6]}, options, confirm=Confirm(1, [42, 7]))
    else:
        spec = SweepSpec("frequency.yaml", {"model.decay": [0.0, 0.3]}, options, seeds=[1, 2])
    return make_plan(spec, [])


class TestGridSearchWithConfirmation(SearchContract):
    search_class = GridSearch

    @classmethod
    def make(cls):
        return GridSearch(plan(is_confirmed=True))

    def test_the_best_are_chosen_when_the_last_screening_has_ended(self, undisturbed):
        search = self.make()
        screening = [search.ask() for _ in range(3)]
        assert search.ask() is None
        assert (search.stage.name, search.chosen) == ("screen", [])
        for asked in screening:
            search.tell(undisturbed.loop.ledger.outcome(asked.key, test=False))
        assert (search.stage.name, search.stage.n_trials, len(search.chosen)) == ("confirm", 2, 1)
        assert [asked.test for asked in (search.ask(), search.ask())] == [True, True]


@pytest.mark.slow
class TestGridSearchWithoutConfirmation(SearchContract):
    search_class = GridSearch

    @classmethod
    def make(cls):
        return GridSearch(plan(is_confirmed=False))


@cache
def study():
    """A study of six trials, three of them drawn at random, whose best is confirmed with two seeds."""
    spec = SweepSpec(
        "frequency.yaml",
        {"model.decay": {"low": 0.0, "high": 0.9}},
        {"data.n_events": 260, "data.window": 5},
        confirm=Confirm(1, [1, 2]),
        search={"n_trials": 6, "n_random": 3, "lag": 2},
    )
    return make_study_plan(spec, [], "own")


@pytest.mark.slow
class TestAdaptiveSearch(SearchContract):
    search_class = AdaptiveSearch

    @classmethod
    def make(cls):
        return AdaptiveSearch(study())

    def test_at_most_lag_trials_are_under_way(self):
        search = self.make()
        assert [search.ask() is None for _ in range(3)] == [False, False, True]


class TestSecondToLast(SearchContract):
    search_class = SecondToLast

    def test_at_most_two_are_under_way(self):
        search = self.make()
        assert [search.ask() is None for _ in range(3)] == [False, False, True]


class TestGenerations(SearchContract):
    search_class = Generations

    def test_the_number_of_trials_grows(self, undisturbed):
        assert self.make().stage.n_trials == 2
        assert undisturbed.loop.search.stage.n_trials == 6


def test_every_search_is_held_to_the_contract():
    for module in pkgutil.iter_modules(c5snn.sweeps.__path__, "c5snn.sweeps."):
        importlib.import_module(module.name)
    ours = {search for search in Search.__subclasses__() if search.__module__.startswith("c5snn.")}
    assert ours <= {contract.search_class for contract in SearchContract.__subclasses__()}


class Broken(SecondToLast):
    """Breaks the contract in one way."""

    def __init__(self, *jobs):
        super().__init__()
        self.jobs = [*jobs]

    def ask(self):
        return self.jobs.pop(0) if self.jobs else None


@pytest.mark.parametrize(
    ("jobs", "reason"), [([], "Broken does neither in its stage `search`"), ([job(0.5), job(0.5)], "again")]
)
def test_a_search_that_breaks_the_contract_stops_with_an_error(jobs, reason, tmp_path):
    with pytest.raises(RuntimeError, match=reason):
        pursue(Broken(*jobs), tmp_path)
