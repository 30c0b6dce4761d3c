"""Every metric, collected from the subclasses of RankingMetric, with events and tied scores to score."""

import inspect
from collections.abc import Callable
from itertools import permutations

import pytest
import torch
from torch import Tensor

from c5snn.metrics import RankingMetric

N_PARTS, N_ACTIVE = 6, 2


def build(metric_class: type[RankingMetric], k: int, n_parts: int = N_PARTS, n_active: int = N_ACTIVE) -> RankingMetric:
    takes_k = "k" in inspect.signature(metric_class).parameters
    shape = {"n_parts": n_parts, "n_active": n_active}
    return metric_class(k=k, **shape) if takes_k else metric_class(**shape)


def build_all(n_parts: int = N_PARTS, n_active: int = N_ACTIVE, ks: tuple[int, ...] = (1, 3, 5)) -> list[RankingMetric]:
    return [build(metric_class, k, n_parts, n_active) for metric_class in RankingMetric.__subclasses__() for k in ks]


def draw_events(n: int, n_parts: int = N_PARTS, n_active: int = N_ACTIVE, seed: int = 0) -> Tensor:
    drawn = torch.rand(n, n_parts, generator=torch.Generator().manual_seed(seed)).topk(n_active).indices
    return torch.zeros(n, n_parts).scatter(1, drawn, 1.0)


def draw_tied_scores(n: int, n_parts: int = N_PARTS, seed: int = 1) -> Tensor:
    return torch.randint(0, 3, (n, n_parts), generator=torch.Generator().manual_seed(seed)).float()


@pytest.fixture(params=build_all(), ids=lambda metric: f"{type(metric).__name__}-{getattr(metric, 'k', '')}")
def metric(request: pytest.FixtureRequest) -> RankingMetric:
    """One metric on 2 active parts of 6, fresh."""
    request.param.reset()
    return request.param


@pytest.fixture(scope="session")
def every_metric() -> Callable[..., list[RankingMetric]]:
    """Builds every metric, for any (n_parts, n_active, ks)."""
    return build_all


@pytest.fixture(scope="session")
def events() -> Callable[..., Tensor]:
    """Draws multi-hot events: (n, n_parts, n_active, seed)."""
    return draw_events


@pytest.fixture(scope="session")
def tied_scores() -> Callable[..., Tensor]:
    """Draws scores of three levels, so that most parts are tied: (n, n_parts, seed)."""
    return draw_tied_scores


@pytest.fixture(scope="session")
def every_ranking() -> Tensor:
    """The strict scores of all 720 rankings of 6 parts."""
    return torch.tensor(list(permutations(range(N_PARTS))), dtype=torch.float32)
