"""How a synthetic history is drawn: its facts, as they are recorded, and the history itself."""

from dataclasses import asdict, dataclass
from typing import Literal

from c5snn.data.events.reading import SourcedHistory
from c5snn.data.events.shape import EventShape
from c5snn.data.events.signals import Repeat, Signal
from c5snn.data.events.sizes import PoissonSizes, SizeLaw
from c5snn.data.events.synthetic import GeneratorVersion, synthesize
from c5snn.records import Fact

__all__ = ["PlantedHistory"]


@dataclass(frozen=True)
class PlantedHistory:
    """A history that is drawn from a planted signal.

    Args:
        signal: What it repeats; None means ``Repeat(lag=1)``.
        strength: How strongly.
        n_events: How many events it has.
        data_seed: Makes it.
        generator_version: How random numbers become a history.
        n_parts: How many parts there are.
        n_active: How many are active in every event; ``varies`` for events of any size.
        sizes: The law of the sizes where they vary; None means ``PoissonSizes()``.
    """

    signal: Signal | None
    strength: float
    n_events: int
    data_seed: int
    generator_version: GeneratorVersion
    n_parts: int
    n_active: int | Literal["varies"]
    sizes: SizeLaw | None

    def facts(self) -> dict[str, Fact]:
        """Return what is recorded of it."""
        sizes = self._law_of_sizes
        return {
            "signal": _fact(self._signal),
            "strength": float(self.strength),
            "data_seed": self.data_seed,
            "generator_version": self.generator_version,
            "n_events": self.n_events,
            **({} if sizes is None else {"sizes": _fact(sizes)}),
        }

    def draw(self) -> SourcedHistory:
        """Return the history with its oracle."""
        sizes = self._law_of_sizes
        drawn = synthesize(
            self._signal,
            strength=self.strength,
            n_events=self.n_events,
            data_seed=self.data_seed,
            n_parts=self.n_parts,
            n_active=EventShape.n_active if self.n_active == "varies" else self.n_active,
            sizes=sizes,
            version=self.generator_version,
        )
        facts = f"strength {self.strength}, {self.n_events:,} events, data seed {self.data_seed}"
        of_sizes = "" if sizes is None else f", {sizes}"
        return SourcedHistory(*drawn, f"synthetic history {self._signal}, {facts}{of_sizes}")

    @property
    def _signal(self) -> Signal:
        return Repeat(lag=1) if self.signal is None else self.signal

    @property
    def _law_of_sizes(self) -> SizeLaw | None:
        return self.sizes or (PoissonSizes() if self.n_active == "varies" else None)


def _fact(value: Signal | SizeLaw) -> Fact:
    return {"class": type(value).__name__, **asdict(value)}  # type: ignore[call-overload]  # a dataclass, by contract
