"""Untrained rankers: whether a p is valid does not depend on training, so thousands cost seconds."""

from itertools import product

import numpy as np
import torch
from jaxtyping import Integer

from c5snn.data import EventDataModule
from c5snn.evidence import fixed_list
from c5snn.models import FrequencyBaseline, SpikeGRU
from calibration.judging import rankings_of

__all__ = ["N_OF_A_KIND", "untrained_rankings"]

Rankings = Integer[np.ndarray, "rankers windows parts"]

N_OF_A_KIND = 12
HIDDEN_SIZE = 32
DECAYS = (0.0, 0.3, 0.5, 0.7, 0.8, 0.9)


def untrained_rankings(data: EventDataModule) -> dict[str, Rankings]:
    """Return how twelve rankers of each of three kinds rank the test windows of a history.

    SpikeGRUs have random weights, new ones for each history, and every readout, a slow and a fast leak, weights that
    fire and weights that hardly do. Decayed counts follow the events closely: an outcome moves the rankings of all
    windows that see it. Of the fixed lists one is the product's, by frequency in train; the others are drawn.

    Args:
        data: The history, set up.
    """
    return {
        "SpikeGRU, random weights": _spiking(data),
        "decayed counts": _counting(data),
        "fixed lists": _listing(data),
    }


def _spiking(data: EventDataModule) -> Rankings:
    kinds = list(product(("last", "mean", "membrane"), (0.5, 0.95), ("default", "fluctuation")))
    rankings = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(data.data_seed)
        for readout, beta, init in kinds:
            model = SpikeGRU(hidden_size=HIDDEN_SIZE, readout=readout, beta=beta, init=init)  # type: ignore[arg-type]  # product forgets the words
            rankings.append(rankings_of(model, data.test_dataloader()))
    return np.stack(rankings)


def _counting(data: EventDataModule) -> Rankings:
    models = [FrequencyBaseline(frequency_weight=weight, decay=decay) for weight in (0.0, 1.0) for decay in DECAYS]
    return np.stack([rankings_of(model, data.test_dataloader()) for model in models])


def _listing(data: EventDataModule) -> Rankings:
    random = np.random.default_rng([data.data_seed, len(data.history)])
    popularity = [data.train_part_counts(), *random.random((N_OF_A_KIND - 1, data.n_parts))]
    return np.stack([fixed_list(counts, len(data.splits.test)) for counts in popularity])
