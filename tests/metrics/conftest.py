"""Every listed metric and the one of CONTRIBUTING's recipe, with events and tied scores to score."""

import re
from collections.abc import Callable
from fractions import Fraction
from itertools import permutations
from pathlib import Path
from typing import final

import pytest
import torch
from jaxtyping import Float
from torch import Tensor

from c5snn.metrics import RANKING_METRICS, RankingMetric, RecallAtK
from c5snn.metrics.ties import TieGroups, probability_dtype

N_PARTS, N_ACTIVE = 6, 2


def follow_the_recipe() -> type[RankingMetric]:
    """Return the metric that CONTRIBUTING.md adds, made from its own lines."""
    text = (Path(__file__).parents[2] / "CONTRIBUTING.md").read_text(encoding="utf-8")
    [code] = re.findall(r"## Add a metric.*?```python\n(.*?)```", text, flags=re.DOTALL)
    known = (Float, Fraction, RankingMetric, RecallAtK, Tensor, TieGroups, final, probability_dtype)
    names = {each.__name__: each for each in known}
    exec(code, names)  # noqa: S102  # our own documentation
    return names["PrecisionAtK"]


RECIPE = follow_the_recipe()
METRICS = (*RANKING_METRICS, RECIPE)


def build_all(n_parts: int = N_PARTS, n_active: int = N_ACTIVE, ks: tuple[int, ...] = (1, 3, 5)) -> list[RankingMetric]:
    return [metric(k, n_parts, n_active) for metric in METRICS for k in (ks if metric.has_depth else (None,))]


def draw_events(n: int, n_parts: int = N_PARTS, n_active: int = N_ACTIVE, seed: int = 0) -> Tensor:
    drawn = torch.rand(n, n_parts, generator=torch.Generator().manual_seed(seed)).topk(n_active).indices
    return torch.zeros(n, n_parts).scatter(1, drawn, 1.0)


def draw_tied_scores(n: int, n_parts: int = N_PARTS, seed: int = 1) -> Tensor:
    return torch.randint(0, 3, (n, n_parts), generator=torch.Generator().manual_seed(seed)).float()


@pytest.fixture(params=build_all(), ids=lambda metric: metric.logged_name)
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


@pytest.fixture(scope="session")
def recipe() -> type[RankingMetric]:
    """The metric that CONTRIBUTING.md adds."""
    return RECIPE
