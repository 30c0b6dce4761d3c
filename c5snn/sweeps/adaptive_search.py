"""A search that chooses trials from the results of earlier ones, and repeats whatever the number of workers.

Trial n is asked from a snapshot: the trials of its branch up to n - lag with their results, later ones as running. So
it follows from the definition and from results alone, never from which trial happened to end first.
"""

from bisect import bisect_left
from collections import deque
from collections.abc import Mapping, Sequence
from dataclasses import replace
from itertools import product
from typing import Any, ClassVar, final

import numpy as np

from c5snn.sweeps.asked_trial import AskedTrial
from c5snn.sweeps.branches import QuotaSequence
from c5snn.sweeps.job import Job, Outcome
from c5snn.sweeps.observed import observed_trials
from c5snn.sweeps.optuna_classes import OptunaClass
from c5snn.sweeps.points import Point, trial_key
from c5snn.sweeps.proposal import Past, Proposal, Source
from c5snn.sweeps.sampling import Known, Sampled, is_pickled, sample, versions
from c5snn.sweeps.search import Search, Stage
from c5snn.sweeps.space import BASE, canonical
from c5snn.sweeps.study_job import Snapshot
from c5snn.sweeps.study_plan import StudyPlan
from c5snn.sweeps.trial_result import FAILED, TrialResult

__all__ = ["AdaptiveSearch"]

MAX_ATTEMPTS = 20  # at a proposal that is new
RANDOM = OptunaClass("RandomSampler")


@final
class AdaptiveSearch(Search):
    """Asks a sampler for each trial, then confirms the best.

    Args:
        plan: The definition, checked.
        recorded: Proposals of the ledger by what they follow from; they are taken as they stand.
        foreseen: The jobs that were asked before a stop.
    """

    reruns_accidents: ClassVar[bool] = False

    def __init__(
        self, plan: StudyPlan, recorded: Mapping[str, Proposal] | None = None, foreseen: Sequence[Job] = ()
    ) -> None:
        self.plan = plan
        self.settings, self.space = plan.settings, plan.space
        self.recorded = recorded or {}
        self.trials: list[AskedTrial] = []
        self.chosen: dict[int, list[Point]] = {}  # by the trial's number, best first
        self._past = Past(plan.definition)
        self._quotas = QuotaSequence(self.space.quota.shares if self.space.quota else [1.0])
        self._by_key: dict[str, AskedTrial] = {}
        self._first_of: dict[str, AskedTrial] = {}  # by what they try
        self._unrecorded: list[Proposal] = []  # duplicates since the last trial that is run
        self._n_ended = 0
        self._numbers: list[list[int]] = [[] for _ in self.space.branches]  # of the trials that the sampler is told of
        self._results: list[list[TrialResult]] = [[] for _ in self.space.branches]
        self.observed: list[list[Known]] = [[] for _ in self.space.branches]  # of each branch
        self._foreseen = foreseen
        self._n_duplicates = 0
        self._confirmation: Stage | None = None
        self._confirming: deque[Job] = deque()
        self._under_way: set[str] = set()
        self._confirmed: dict[str, tuple[int, int]] = {}
        for branch, known in observed_trials(plan):
            self.observed[branch].append(known)
            self._results[branch].append(known.result or FAILED)

    @property
    def stage(self) -> Stage:
        """The stage: ``search``, then ``confirm``; a trial that equals an earlier one has no job."""
        if self._confirmation is not None:
            return self._confirmation
        return Stage("search", self.settings.n_trials - self._n_duplicates, self._foreseen)

    @property
    def is_done(self) -> bool:
        """Whether every trial has ended, and what is confirmed, too."""
        return self._n_ended == self.settings.n_trials and not self._confirming and not self._under_way

    def ask(self) -> Job | None:
        """Return the next job; trials that equal an earlier one are counted and not run."""
        if self._confirmation is not None:
            return self._ask_confirmation()
        while (number := len(self.trials)) < self.settings.n_trials and self._may_ask(number):
            trial = self._propose(number)
            self.trials.append(trial)
            if trial.is_told:
                self._numbers[trial.proposal.branch].append(number)
            self._past.tried(trial.proposal.params)
            if trial.job is not None:
                self._by_key[trial.job.key] = trial
                return trial.job
            self._count_ends()
        return None

    def tell(self, outcome: Outcome) -> None:
        """Take in how a job ended; the last trial's end chooses what is confirmed."""
        if self._confirmation is not None:
            self._under_way.remove(outcome.key)
            return
        trial = self._by_key[outcome.key]
        trial.outcome, trial.result = outcome, outcome.ended or FAILED
        self._count_ends()

    def best(self, branch: int | None = None) -> list[AskedTrial]:
        """Return the complete trials, best first; ties: fewer parameters, then the first.

        Args:
            branch: Of this branch alone; None: of all.
        """
        sign = -1.0 if self.plan.mode == "max" else 1.0
        found = [
            (sign * trial.result.value, trial.outcome.result.n_parameters, trial.proposal.number, trial)
            for trial in self.trials
            if trial.result is not None
            and trial.result.state == "complete"
            and trial.result.value is not None
            and trial.outcome is not None
            and trial.outcome.result is not None
            and branch in {None, trial.proposal.branch}
        ]
        return [entry[-1] for entry in sorted(found, key=lambda entry: entry[:3])]

    @property
    def last_duplicates(self) -> Sequence[Proposal]:
        """The proposals after the last trial that is run; they have no folder to be recorded in."""
        return tuple(self._unrecorded)

    def asked(self, key: str) -> AskedTrial | None:
        """Return the trial of a key; None where it is none of the search."""
        return self._by_key.get(key)

    def confirmed(self, key: str) -> tuple[int, int]:
        """Return the trial's number and the seed of a confirming job."""
        return self._confirmed[key]

    def _may_ask(self, number: int) -> bool:
        return self._n_ended > number - self.settings.lag

    def _count_ends(self) -> None:
        """Count the trials that have ended without a gap."""
        while self._n_ended < len(self.trials) and (end := self.trials[self._n_ended].end) is not None:
            trial = self.trials[self._n_ended]
            if trial.is_told:
                self._results[trial.proposal.branch].append(end)
            self._n_ended += 1
        if self._n_ended == self.settings.n_trials and self._confirmation is None and self.plan.spec.confirm:
            self._begin_confirmation()

    def _follows(self, number: int) -> str:
        while self._past.n_results <= number - self.settings.lag:
            result = self.trials[self._past.n_results].end
            self._past.ended(result or FAILED)
        return self._past.follows(number)

    def _propose(self, number: int) -> AskedTrial:
        follows = self._follows(number)
        recorded = self.recorded.get(follows)
        proposal, state = self._again(recorded) if recorded else self._new_proposal(number, follows)
        earlier = self._first_of.get(self._identity(proposal.params))
        is_told = number >= len(self.settings.enqueue) or self._is_inside(proposal.params)
        if earlier is not None:
            self._unrecorded.append(proposal)
            self._n_duplicates += 1
            return AskedTrial(proposal, None, duplicate_of=earlier, is_told=is_told, state=state)
        proposal = replace(proposal, duplicates=tuple(self._unrecorded))
        self._unrecorded = []
        trial = AskedTrial(proposal, self.plan.job(proposal, self._snapshot(number)), is_told=is_told, state=state)
        self._first_of[self._identity(proposal.params)] = trial
        return trial

    def _again(self, recorded: Proposal) -> tuple[Proposal, Mapping[str, str]]:
        """Return a recorded proposal as it stands, with the sampler's state, which is not recorded, computed anew."""
        had_state = any(map(is_pickled, recorded.attributes))
        state = self._sampled(recorded.number, recorded.seed).state if had_state else {}
        return replace(recorded, duplicates=()), state

    def _new_proposal(self, number: int, follows: str) -> tuple[Proposal, Mapping[str, str]]:
        branch, source = self._branch(number), self._source(number)
        for attempt in range(MAX_ATTEMPTS + 1):
            seed = int(np.random.SeedSequence([self.settings.seed, number, attempt]).generate_state(1)[0])
            params, distributions, attributes, state = self._sampled(number, seed)
            if self._is_new(params) or source == "enqueued":
                break
        proposal = Proposal(number, branch, source, params, distributions, attributes, seed, versions(), follows)
        return proposal, state

    def _is_new(self, params: Mapping[str, Any]) -> bool:
        """Say whether nothing equal was tried, nor, where a space asks for diversity, anything as near."""
        if self._identity(params) in self._first_of:
            return False
        architectures = self.plan.architectures
        earlier = [trial.proposal.params for trial in self.trials]
        return architectures is None or not architectures.is_near(params, earlier)

    def _sampled(self, number: int, seed: int) -> Sampled:
        """Return what the sampler proposes for a number, of the trials before it."""
        source, given = self._source(number), dict(self.space.branches[self._branch(number)])
        if source == "enqueued":
            given |= self.settings.enqueue[number]
        return sample(
            self.space,
            self._known(number),
            sampler=self.settings.sampler if source == "sampler" else RANDOM,
            pruner=self.settings.pruner,
            seed=seed,
            direction=self.plan.direction,
            given=given,
            base=str(given.get(BASE, self.plan.first_base)),
        )

    def _branch(self, number: int) -> int:
        """Return the branch of a number: enqueued configurations have their own, the others follow the quotas."""
        n_enqueued = len(self.settings.enqueue)
        if number >= n_enqueued or self.space.quota is None:
            return self._quotas.branch(max(number - n_enqueued, 0))
        value = canonical(self.settings.enqueue[number].get(self.space.quota.option, self.space.quota.values[0]))
        return [canonical(entry) for entry in self.space.quota.values].index(value)

    def _source(self, number: int) -> Source:
        n_enqueued = len(self.settings.enqueue)
        if number < n_enqueued:
            return "enqueued"
        return "random" if self._quotas.place(number - n_enqueued) < self.settings.n_random else "sampler"

    def _known(self, number: int) -> list[Known]:
        """Return the trials of the branch as the trial of a number may know them."""
        branch, n_known = self._branch(number), number - self.settings.lag + 1
        trials = [self.trials[earlier] for earlier in self._numbers[branch]]
        known = [trial.known(with_result=trial.proposal.number < n_known) for trial in trials]
        return [*self.observed[branch], *known]

    def _snapshot(self, number: int) -> Snapshot:
        """Return the same without what the trials tried."""
        branch = self._branch(number)
        n_known = bisect_left(self._numbers[branch], number - self.settings.lag + 1)
        n_running = len(self._numbers[branch]) - n_known
        return Snapshot(self._results[branch], len(self.observed[branch]) + n_known, n_running)

    def _is_inside(self, params: Mapping[str, Any]) -> bool:
        domains = {option.name: option.domain for option in self.space.options}
        return all(domains[name].has(value) for name, value in params.items() if name in domains)

    def _identity(self, params: Mapping[str, Any]) -> str:
        return canonical(dict(params))

    def _begin_confirmation(self) -> None:
        confirm = self.plan.spec.confirm
        branches = range(len(self.space.branches)) if confirm and confirm.per else [None]
        for branch in branches:
            for trial in self.best(branch)[: confirm.top_k if confirm else 0]:
                number = trial.proposal.number
                self.chosen[number] = self.plan.confirmations(number, trial.proposal.params)
        jobs = self.plan.confirming_jobs([point for points in self.chosen.values() for point in points])
        for number, points in reversed(self.chosen.items()):
            for point, seed in product(points, confirm.seeds if confirm else []):
                self._confirmed[trial_key(point, seed)] = (number, seed)
        self._confirmation = Stage("confirm", len(jobs), jobs)
        self._confirming = deque(jobs)

    def _ask_confirmation(self) -> Job | None:
        if not self._confirming:
            return None
        job = self._confirming.popleft()
        self._under_way.add(job.key)
        return job
