"""A trial of an adaptive search, from its proposal to what it came to."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from c5snn.sweeps.job import Job, Outcome
from c5snn.sweeps.proposal import Proposal
from c5snn.sweeps.sampling import Known
from c5snn.sweeps.trial_result import TrialResult

__all__ = ["AskedTrial"]


@dataclass
class AskedTrial:
    """A trial that was proposed.

    Args:
        proposal: What it tries.
        job: Its job; None where it is not run.
        duplicate_of: The earlier trial that it equals, whose result is its own.
        is_told: Whether the sampler is told of it; not of values outside the space.
        state: What the sampler pickled when it was asked.
        result: What it came to; None while it runs.
        outcome: How its job ended.
    """

    proposal: Proposal
    job: Job | None
    duplicate_of: "AskedTrial | None" = None
    is_told: bool = True
    state: Mapping[str, str] = field(default_factory=dict)
    result: TrialResult | None = None
    outcome: Outcome | None = None

    @property
    def end(self) -> TrialResult | None:
        """What it or the trial that it equals came to."""
        return self.duplicate_of.end if self.duplicate_of is not None else self.result

    def known(self, *, with_result: bool) -> Known:
        """Return the trial as a later one may know it."""
        proposal = self.proposal
        result = self.end if with_result else None
        return Known(proposal.params, proposal.distributions, proposal.attributes, result, self.state)
