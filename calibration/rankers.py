"""Untrained rankers: whether a p is valid does not depend on training, so thousands cost seconds."""

from itertools import product

import numpy as np
import torch
from jaxtyping import Float

from c5snn.data import EventDataModule
from c5snn.evidence import list_weights
from c5snn.models import FrequencyBaseline, SpikeGRU
from calibration.judging import K, lists_of

__all__ = ["N_OF_A_KIND", "Lists", "untrained_lists"]

Lists = Float[np.ndarray, "rankers windows parts"]

N_OF_A_KIND = 12
HIDDEN_SIZE = 32
DECAYS = (0.0, 0.6, 0.7, 0.8, 0.9, 0.95)


def untrained_lists(data: EventDataModule) -> dict[str, Lists]:
    """Return what twelve rankers of each of three kinds list for the test windows of a history.

    SpikeGRUs have random weights, new ones for each history, and every readout, a slow and a fast leak, weights that
    fire and weights that hardly do. Decayed counts follow the events closely: an outcome moves the lists of all windows
    that see it, and those of the last event alone are full of ties. Of the fixed lists one is the popularity baseline;
    the others are drawn.

    Args:
        data: The history, set up.
    """
    return {
        "SpikeGRU, random weights": _spiking(data),
        "decayed counts": _counting(data),
        "fixed lists": _listing(data),
    }


def _spiking(data: EventDataModule) -> Lists:
    kinds = list(product(("last", "mean", "membrane"), (0.5, 0.95), ("default", "fluctuation")))
    lists = []
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(data.data_seed)
        for readout, beta, init in kinds:
            model = SpikeGRU(hidden_size=HIDDEN_SIZE, readout=readout, beta=beta, init=init)  # type: ignore[arg-type]  # product forgets the words
            lists.append(lists_of(model, data.test_dataloader()))
    return np.stack(lists)


def _counting(data: EventDataModule) -> Lists:
    models = [FrequencyBaseline(frequency_weight=weight, decay=decay) for weight in (0.0, 1.0) for decay in DECAYS]
    return np.stack([lists_of(model, data.test_dataloader()) for model in models])


def _listing(data: EventDataModule) -> Lists:
    random = np.random.default_rng([data.data_seed, len(data.history)])
    popularity = [data.train_part_counts(), *random.random((N_OF_A_KIND - 1, data.n_parts))]
    lists = list_weights(np.stack(popularity), K)
    return np.repeat(lists[:, None], len(data.splits.test), axis=1)
