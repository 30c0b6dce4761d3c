"""A neural recording with a known law: leaky integrate-and-fire units with delayed connections and escape noise.

One bin is one step. Unit i has the membrane

    U_i[t] = β U_i[t-1] + I + Σ_j w_ij s_j[t - d_ij] - θ s_i[t-1],    P(s_i[t] = 1 | past) = σ((U_i[t] - θ) / Δ),

and given the past units spike independently of one another. So the log-odds ``(U - θ) / Δ`` are the best prediction
that there is, and the recording carries them as its oracle.

Source: Gerstner, Kistler, Naud & Paninski (2014), Neuronal Dynamics, chapter 9 (escape noise), ISBN 978-1-107-63519-7;
reset by subtraction and one step late, as in snnTorch's ``Leaky``.
"""

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final, NamedTuple, final
from zipfile import BadZipFile

import numpy as np
from jaxtyping import Float64, Int64

from c5snn.data.events.ragged import RaggedHistory
from c5snn.errors import DataError, require
from c5snn.files import located, replacing

__all__ = ["LeakyUnits", "Recording", "oracle_path", "read_oracle", "record", "write_oracle"]

_MAX_CELLS: Final = 40_000_000
_THRESHOLD: Final = 1.0


@final
@dataclass(frozen=True)
class LeakyUnits:
    """The units of a recording and how they are connected.

    Four of five units excite and the fifth inhibits. Each unit listens to ``n_excitatory`` and ``n_inhibitory`` others,
    drawn at random, each connection with a delay of its own.

    Args:
        n_units: How many units, at least 10.
        n_excitatory: Exciting connections to each unit.
        n_inhibitory: Inhibiting connections to each unit.
        max_delay: The longest delay of a connection, in bins.
        weight: What a spike adds to or takes from a membrane, in thresholds.
        beta: How much of a membrane is left after a bin.
        rest: The membrane without input, in thresholds.
        noise: The width Δ of the escape noise, in thresholds.

    Raises:
        ConfigError: An argument is out of its range.
    """

    n_units: int = 100
    n_excitatory: int = 3
    n_inhibitory: int = 2
    max_delay: int = 5
    weight: float = 0.6
    beta: float = 0.6
    rest: float = 0.2
    noise: float = 0.2

    def __post_init__(self) -> None:
        require("10 <= n_units", holds=self.n_units >= 10, n_units=self.n_units)  # noqa: PLR2004
        n_inhibiting = self.n_units // 5
        fits = 0 <= self.n_excitatory < self.n_units - n_inhibiting and 0 <= self.n_inhibitory < n_inhibiting
        require("connections come from different units", holds=fits, n_units=self.n_units)
        require("1 <= max_delay", holds=self.max_delay >= 1, max_delay=self.max_delay)
        require("0 <= beta < 1", holds=0 <= self.beta < 1, beta=self.beta)
        require("0 < noise", holds=self.noise > 0, noise=self.noise)

    def connect(self, random: np.random.Generator) -> "Connections":
        """Draw who listens to whom; no unit listens to itself."""
        exciting = np.arange(self.n_units - self.n_units // 5)
        inhibiting = np.arange(len(exciting), self.n_units)
        sources = np.array(
            [
                [
                    *random.choice(exciting[exciting != unit], self.n_excitatory, replace=False),
                    *random.choice(inhibiting[inhibiting != unit], self.n_inhibitory, replace=False),
                ]
                for unit in range(self.n_units)
            ]
        ).reshape(self.n_units, -1)
        weights = self.weight * np.where(sources < len(exciting), 1.0, -1.0)
        return Connections(sources, random.integers(1, self.max_delay, sources.shape, endpoint=True), weights)


class Connections(NamedTuple):
    """Who listens to whom, one row a listening unit.

    Attributes:
        sources: The units it listens to, from 0.
        delays: After how many bins each of their spikes arrives.
        weights: What it adds to the membrane.
    """

    sources: Int64[np.ndarray, "units inputs"]
    delays: Int64[np.ndarray, "units inputs"]
    weights: Float64[np.ndarray, "units inputs"]


class Recording(NamedTuple):
    """Spikes and what drew them.

    Attributes:
        history: One event a bin, the units that spike in it; bins are numbered from 0.
        oracle: The log-odds of a spike of each unit in each bin, given all bins before it.
        connections: Who listens to whom.
    """

    history: RaggedHistory
    oracle: Float64[np.ndarray, "bins units"]
    connections: Connections


def record(units: LeakyUnits, *, n_bins: int, data_seed: int) -> Recording:
    """Draw a recording.

    Args:
        units: What is recorded.
        n_bins: How many bins; a longer recording begins with the shorter one.
        data_seed: Makes the connections and the luck, at least 0.

    Raises:
        ConfigError: An argument is out of its range.
    """
    require("1 <= n_bins", holds=n_bins >= 1, n_bins=n_bins)
    require("0 <= data_seed", holds=data_seed >= 0, data_seed=data_seed)
    n_cells = n_bins * units.n_units
    require("n_bins * n_units <= 40_000_000", holds=n_cells <= _MAX_CELLS, n_bins=n_bins, n_units=units.n_units)
    wiring, luck = (np.random.default_rng(seed) for seed in np.random.SeedSequence(data_seed).spawn(2))
    connections = units.connect(wiring)
    spikes = np.zeros((n_bins + units.max_delay, units.n_units), dtype=bool)  # before the first bin, silence
    log_odds, membrane = np.empty((n_bins, units.n_units)), np.full(units.n_units, units.rest)
    drive, chance = units.rest * (1 - units.beta), luck.random((n_bins, units.n_units))
    for t in range(n_bins):
        now = t + units.max_delay
        arriving = (connections.weights * spikes[now - connections.delays, connections.sources]).sum(axis=1)
        membrane = units.beta * membrane + drive + arriving - _THRESHOLD * spikes[now - 1]
        log_odds[t] = (membrane - _THRESHOLD) / units.noise
        spikes[now] = chance[t] < 1 / (1 + np.exp(-log_odds[t]))
    rows, parts = np.nonzero(spikes[units.max_delay :])
    offsets = np.searchsorted(rows, np.arange(n_bins + 1))
    return Recording(RaggedHistory(np.arange(n_bins), parts + 1, offsets, units.n_units), log_odds, connections)


def oracle_path(path: Path) -> Path:
    """Return where the oracle of a recording lies: beside it.

    >>> oracle_path(Path("a/spikes.csv.gz")).name, oracle_path(Path("a/spikes.seed1.csv")).name
    ('spikes.oracle.npz', 'spikes.seed1.oracle.npz')
    """
    name = re.sub(r"(\.csv)?(\.gz)?$", "", path.name, flags=re.IGNORECASE)
    return path.with_name(f"{name}.oracle.npz")


def write_oracle(recording: Recording, path: Path) -> None:
    """Write the log-odds and the connections of a recording beside its history.

    Raises:
        OutputError: The file cannot be written; what stood there is unchanged.
    """
    with replacing(oracle_path(path)) as file:
        np.savez_compressed(
            file,
            log_odds=recording.oracle.astype(np.float32),
            sha256=np.array(recording.history.sha256),
            **recording.connections._asdict(),
        )


def read_oracle(history: RaggedHistory, path: Path) -> Float64[np.ndarray, "bins units"] | None:
    """Return the log-odds that drew a history; None where no oracle lies beside it.

    Raises:
        DataError: The oracle cannot be read, or is that of another history.
    """
    beside = located(oracle_path(path))
    if not beside.is_file():
        return None
    try:
        with beside.open("rb") as opened, np.load(opened) as file:
            identity, log_odds = str(file["sha256"]), file["log_odds"].astype(np.float64)
    except (OSError, ValueError, KeyError, EOFError, BadZipFile) as error:
        raise DataError(
            f"`{beside}` cannot be read as the oracle of a recording. Remove it, or make it again."
        ) from error
    if identity != history.sha256 or log_odds.shape != (len(history), history.n_parts):
        raise DataError(f"`{beside}` is the oracle of another history than `{path}`. Remove it, or make both again.")
    return np.asarray(log_odds)
