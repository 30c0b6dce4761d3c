"""What a network does on chosen items, as plain values: spikes, membranes, what moves its output, its energy.

The record lies in the run's folder and names the checkpoint that it is of; without torch a report reads it from there.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal

from c5snn.files import write_json
from c5snn.records.commit import read_commit
from c5snn.records.run_folder import BEST

__all__ = [
    "ACCUMULATE_PJ",
    "INSPECTION",
    "MULTIPLY_ACCUMULATE_PJ",
    "Effect",
    "EnergyEstimate",
    "Inspection",
    "LayerTrace",
    "Occlusion",
    "UnitTrace",
    "load_inspection",
]

INSPECTION = "inspection.json"

# Source: Horowitz (2014), Computing's energy problem (and what we can do about it), ISSCC, fig. 1.1.9,
# doi:10.1109/ISSCC.2014.6757323: 32-bit floating point at 45 nm; an addition 0.9 pJ, a multiplication 3.7 pJ
ACCUMULATE_PJ = 0.9
MULTIPLY_ACCUMULATE_PJ = 4.6


@dataclass(frozen=True)
class UnitTrace:
    """One unit of a layer on the item that is drawn.

    Args:
        unit: Its index in the layer.
        role: Whether it was chosen as one of the busiest or of the quietest.
        firing_rate: Its spikes per step over all inspected items.
        membranes: Its membrane at each step, before the reset that its spike causes.
        spikes: Its spikes at each step, as in :class:`LayerTrace`.
    """

    unit: int
    role: Literal["busiest", "quietest"]
    firing_rate: float
    membranes: tuple[float, ...]
    spikes: tuple[float, ...]


@dataclass(frozen=True)
class LayerTrace:
    """A spiking layer.

    Args:
        layer: The module's path in the model, such as ``recurrent.layers.0``.
        axis: What a step is: an event of the window, or an encoding step.
        threshold: The membrane above which a unit fires.
        firing_rates: Spikes per step of each unit, over all inspected items.
        units: The units of the raster, by their index; the busiest ones of a wide layer.
        raster: Their spikes on the item that is drawn, a row a unit; a share where a step of the window has several
            encoding steps.
        traces: The busiest and the quietest units.
    """

    layer: str
    axis: Literal["event", "encoding step"]
    threshold: float
    firing_rates: tuple[float, ...]
    units: tuple[int, ...]
    raster: tuple[tuple[float, ...], ...]
    traces: tuple[UnitTrace, ...]

    @property
    def firing_rate(self) -> float:
        """Spikes per unit and step, over all inspected items."""
        return sum(self.firing_rates) / len(self.firing_rates)

    @property
    def n_silent(self) -> int:
        """Units that never fired."""
        return self.firing_rates.count(0.0)

    @property
    def n_saturated(self) -> int:
        """Units that fired in every step."""
        return self.firing_rates.count(1.0)

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "LayerTrace":
        """Return the layer of these values."""
        traces = tuple(
            UnitTrace(**{**trace, "membranes": tuple(trace["membranes"]), "spikes": tuple(trace["spikes"])})
            for trace in fields["traces"]
        )
        plain = {name: tuple(fields[name]) for name in ("firing_rates", "units")}
        return cls(**{**fields, **plain, "raster": tuple(map(tuple, fields["raster"])), "traces": traces})


@dataclass(frozen=True)
class Effect:
    """How far the outputs move without one part of the input.

    Args:
        label: What was taken away: a lag (1 is the latest event), several lags, or a feature by its name.
        change: Mean absolute change of an output over items and outputs.
    """

    label: str
    change: float


@dataclass(frozen=True)
class Occlusion:
    """What moves the outputs: each lag, and each feature, set to zero in turn.

    Args:
        lags: From the latest to the earliest.
        features: By the size of their effect, the largest first.
        n_left_out: Features that were not tried because others are more frequent.
        output_std: Standard deviation of an output over the items, averaged over the outputs; the scale of a change.
    """

    lags: tuple[Effect, ...]
    features: tuple[Effect, ...]
    n_left_out: int
    output_std: float

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "Occlusion":
        """Return the occlusion of these values."""
        effects = {name: tuple(Effect(**effect) for effect in fields[name]) for name in ("lags", "features")}
        return cls(**{**fields, **effects})


@dataclass(frozen=True)
class EnergyEstimate:
    """Operations of one item, and the energy of their arithmetic.

    Args:
        label: Which network, and how it is computed.
        accumulates: Additions of a weight.
        multiply_accumulates: Products of a weight and a value, added.
    """

    label: str
    accumulates: float
    multiply_accumulates: float

    @property
    def nanojoules(self) -> float:
        """The energy of the arithmetic at 45 nm; memory and what is no operation on a weight do not count.

        >>> EnergyEstimate("spikes", accumulates=1000.0, multiply_accumulates=10.0).nanojoules
        0.946
        """
        return (self.accumulates * ACCUMULATE_PJ + self.multiply_accumulates * MULTIPLY_ACCUMULATE_PJ) / 1000


@dataclass(frozen=True)
class Inspection:
    """A network on chosen items.

    Args:
        model: The model's class.
        drawn: The item of rasters and membranes, the last of the inspected ones, such as ``the event after
            2026-01-28``.
        item: What one item is called.
        n_items: How many were inspected.
        layers: The spiking layers; none of a network without spikes.
        occlusion: What moves the outputs; None where the inputs are no rows over time.
        energy: This network first, others for comparison after it; none where it does no operation on a weight.
        checkpoint_sha256: The file of the weights; None for a model without weights.
    """

    model: str
    drawn: str
    item: str
    n_items: int
    layers: tuple[LayerTrace, ...]
    occlusion: Occlusion | None
    energy: tuple[EnergyEstimate, ...]
    checkpoint_sha256: str | None

    def save(self, folder: Path) -> Path:
        """Write the record into a run's folder and return the file."""
        write_json(folder / INSPECTION, asdict(self))
        return folder / INSPECTION

    @classmethod
    def from_json(cls, fields: Mapping[str, Any]) -> "Inspection":
        """Return the record of these values."""
        typed = {
            "layers": tuple(map(LayerTrace.from_json, fields["layers"])),
            "occlusion": fields["occlusion"] and Occlusion.from_json(fields["occlusion"]),
            "energy": tuple(EnergyEstimate(**estimate) for estimate in fields["energy"]),
        }
        return cls(**{**fields, **typed})


def load_inspection(folder: Path) -> Inspection | None:
    """Read what was inspected of a run; None where nothing was, or where it was of other weights or is damaged."""
    try:
        found = Inspection.from_json(json.loads((folder / INSPECTION).read_text(encoding="utf-8")))
    except (OSError, ValueError, KeyError, TypeError, AttributeError):
        return None
    committed = read_commit(folder)
    return found if committed and committed.sha256.get(BEST) == found.checkpoint_sha256 else None
