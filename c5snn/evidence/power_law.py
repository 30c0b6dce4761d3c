"""A loss that falls with the number of parameters as a power law, and how far the measurements identify it."""

from typing import Final, NamedTuple

import numpy as np
from jaxtyping import Float

from c5snn.errors import require
from c5snn.evidence.intervals import Interval
from c5snn.evidence.simulation import count_as_high, simulated_p

__all__ = ["MIN_SIZES", "PowerLaw", "fit_power_law"]

MIN_SIZES: Final = 5
EXPONENTS: Final = np.round(np.arange(-300, 301) / 100, 2)  # of the search, in steps of 0.01
N_DRAWS: Final = 1_000
LEVEL: Final = 0.05


class PowerLaw(NamedTuple):
    """L(N) = E + A / N^α.

    Args:
        floor: E, the loss of an infinite model.
        factor: A, at least 0.
        exponent: α.
        interval: The 95 % interval of α.
        p: How often the losses in a random order are fitted as well.
    """

    floor: float
    factor: float
    exponent: float
    interval: Interval
    p: float

    @property
    def is_flat(self) -> bool:
        """Whether the measurements do not tell a fall from a rise, or any law from none.

        The interval alone is too narrow for few runs: of five without a law it leaves out 0 in one case of eight.
        """
        return self.interval.low <= 0 <= self.interval.high or self.p >= LEVEL

    def at(self, n_parameters: Float[np.ndarray, " sizes"]) -> Float[np.ndarray, " sizes"]:
        """Return the loss of models of these sizes."""
        return np.asarray(self.floor + self.factor * n_parameters**-self.exponent)


def fit_power_law(
    n_parameters: Float[np.ndarray, " runs"], losses: Float[np.ndarray, " runs"], *, seed: int = 0
) -> PowerLaw:
    """Fit L = E + A / N^α with A, E ≥ 0 by least squares.

    Given α the other two are linear (variable projection), so α alone is searched, on a grid of 0.01 in [−3, 3]. The
    interval is that of a bootstrap of the residuals, which are scaled by √(n / (n − 3)) for the three fitted numbers;
    where A = 0 fits best, α is 0. p is that of a permutation test with the squared error of the fit.

    Args:
        n_parameters: Parameters of each run's model; at least five sizes.
        losses: The loss of each run.
        seed: Of the bootstrap and the permutations.

    Raises:
        ConfigError: There are fewer sizes.

    Source: Golub & Pereyra (1973), The differentiation of pseudo-inverses and nonlinear least squares problems whose
    variables separate, SIAM J. Numer. Anal. 10:413, doi:10.1137/0710036; the form of the curve is that of Hoffmann et
    al. (2022), Training compute-optimal large language models, arXiv:2203.15556.
    """
    n_sizes = len(np.unique(n_parameters))
    require("min_sizes <= n_sizes", holds=n_sizes >= MIN_SIZES, min_sizes=MIN_SIZES, n_sizes=n_sizes)
    scale = float(np.exp(np.log(n_parameters).mean()))
    powers = (n_parameters / scale)[None, :] ** -EXPONENTS[:, None]
    floors, factors, best, (error,) = _projected(powers, losses[None, :])
    exponent, factor, floor = float(EXPONENTS[best[0]]), float(factors[0]), float(floors[0])
    fitted = floor + factor * powers[best[0]]
    residuals = (losses - fitted) * np.sqrt(len(losses) / (len(losses) - 3))
    generator = np.random.default_rng(seed)
    _, _, resampled, _ = _projected(powers, fitted + generator.choice(residuals, (N_DRAWS, len(losses))))
    low, high = np.quantile(EXPONENTS[resampled], [0.025, 0.975])
    *_, errors = _projected(powers, generator.permuted(np.tile(losses, (N_DRAWS, 1)), axis=1))
    whole = len(losses) * float(losses.var()) or 1.0
    p = simulated_p(count_as_high(-errors / whole, -float(error) / whole), N_DRAWS)
    return PowerLaw(floor, factor * scale**exponent, exponent, Interval(float(low), float(high)), p)


def _projected(
    powers: Float[np.ndarray, "exponents runs"], losses: Float[np.ndarray, "draws runs"]
) -> tuple[Float[np.ndarray, " draws"], Float[np.ndarray, " draws"], np.ndarray, Float[np.ndarray, " draws"]]:
    """Return E, A in units of the scale, the index of the exponent that fit each draw best, and its squared error."""
    centred = powers - powers.mean(axis=1, keepdims=True)
    spread = np.maximum((centred**2).sum(axis=1), 1e-300)
    factors = np.maximum(losses @ centred.T / spread, 0.0)  # (D, E)
    floors = losses.mean(axis=1, keepdims=True) - factors * powers.mean(axis=1)
    through_zero = losses @ powers.T / (powers**2).sum(axis=1)
    is_below = floors < 0
    factors, floors = np.where(is_below, through_zero, factors), np.where(is_below, 0.0, floors)
    errors = (losses**2).sum(axis=1, keepdims=True) - 2 * (
        floors * losses.sum(axis=1, keepdims=True) + factors * (losses @ powers.T)
    )
    errors += floors**2 * losses.shape[1] + 2 * floors * factors * powers.sum(axis=1)
    errors += factors**2 * (powers**2).sum(axis=1)
    errors = np.where(factors > 0, errors, np.inf)  # with A = 0 every exponent is the same curve
    has_none = np.isinf(errors).all(axis=1)
    best = np.where(has_none, int(np.flatnonzero(EXPONENTS == 0)[0]), errors.argmin(axis=1))
    rows = np.arange(len(losses))
    least = np.where(has_none, len(losses.T) * losses.var(axis=1), errors[rows, best])
    return floors[rows, best], factors[rows, best], best, least
